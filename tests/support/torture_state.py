"""What a state holds, read beside the porter: as it was left by a crash, and whole for the audit."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import URL, Connection, Select, and_, create_engine, exists, func, inspect, make_url, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from daemon.state_address import SCHEME
from daemon.store.schema import UNDELIVERED, UNRESOLVED, events, incidents, notifications, standings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of the outbox. `number` grows with each that is written; `bundle` is the id of its digest."""

    number: int
    id: str
    incident: str
    epoch: int
    kind: str
    recipient: str
    state: str
    message: bytes
    message_id: str
    bundle: str | None


@dataclass(frozen=True, slots=True)
class Case:
    """An incident, as far as the audit is concerned; one that is `explained` had another key before."""

    id: str
    key: str
    hotel: str
    state: str
    severity: str
    epoch: int
    opened_at: datetime
    resolved_at: datetime | None
    explained: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A whole state."""

    letters: tuple[Letter, ...]
    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is under way at a moment, by Message-ID: what waits, and what may have been handed over."""

    unmarked: frozenset[str]
    handed_over: frozenset[str]


LETTER = ("seq", "id", "incident", "epoch", "kind", "recipient", "state", "message", "message_id", "bundle")
CASE = ("id", "key", "hotel", "state", "severity", "epoch", "opened_at", "resolved_at")

EXPLAINED = (
    exists().where(events.c.incident == incidents.c.id, events.c.kind == "explained").label("explained")
)


async def picture(state: str) -> Picture:
    """Return all that a state holds of incidents and letters."""
    return await _read(state, _picture)


def _picture(connection: Connection) -> Picture:
    rows = connection.execute(
        select(*(notifications.c[name] for name in LETTER)).order_by(notifications.c.seq)
    )
    letters = tuple(Letter(*row) for row in rows)
    found = connection.execute(select(*(incidents.c[name] for name in CASE), EXPLAINED))
    return Picture(letters, tuple(Case(**row) for row in found.mappings()))


async def waiting(state: str) -> Waiting:
    """Return which letters are not marked as done."""
    return await _read(state, _waiting)


def _waiting(connection: Connection) -> Waiting:
    if not inspect(connection).has_table(notifications.name):
        # The process died before there was a state.
        return Waiting(frozenset(), frozenset())
    query = select(notifications.c.message_id, notifications.c.phase).where(UNDELIVERED)
    rows = connection.execute(query).all()
    return Waiting(
        frozenset(name for name, _ in rows), frozenset(name for name, phase in rows if phase is not None)
    )


async def unfinished(
    state: str, *, but_held: bool = False, but_about: Collection[str] = ()
) -> tuple[int, int]:
    """Return how many letters wait, and how many incidents are open.

    `but_held` leaves out what waits for a bundle, `but_about` incidents with these keys.
    """
    waits = and_(UNDELIVERED, notifications.c.held_at.is_(None)) if but_held else UNDELIVERED
    open_ = and_(UNRESOLVED, incidents.c.key.not_in(but_about))
    letters = select(func.count()).select_from(notifications).where(waits)
    cases = select(func.count()).select_from(incidents).where(open_)
    return await _number(state, letters), await _number(state, cases)


async def openings(state: str) -> int:
    """Return how often an incident has opened."""
    return await _number(state, select(func.sum(incidents.c.epoch)))


async def breached(state: str) -> int:
    """Return how many checks are breached."""
    return await _number(state, select(func.count()).where(standings.c.breached))


async def _number(state: str, query: Select[int]) -> int:
    return await _read(state, lambda connection: connection.scalar(query) or 0, live=True)


async def _read(state: str, work: Callable[[Connection], T], *, live: bool = False) -> T:
    """Read something. Unless `live`, a copy of an SQLite file is read: a look must mend nothing."""
    if state.startswith(SCHEME):
        return await asyncio.to_thread(_read_file, Path(state.removeprefix(SCHEME)), work, live=live)
    engine = create_async_engine(make_url(state).set(drivername="postgresql+asyncpg"), poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


def _read_file(file: Path, work: Callable[[Connection], T], *, live: bool) -> T:
    with tempfile.TemporaryDirectory(prefix="np-audit-") as place:
        seen = file if live else _copied(file, Path(place))
        query = {"mode": "ro" if live else "rwc", "uri": "true"}
        engine = create_engine(URL.create("sqlite", database=f"file:{seen}", query=query), poolclass=NullPool)
        with engine.connect() as connection:
            return work(connection)


def _copied(file: Path, place: Path) -> Path:
    for name in (file.name, f"{file.name}-wal"):
        one = file.with_name(name)
        if one.exists():
            shutil.copyfile(one, place / name)
    return place / file.name
