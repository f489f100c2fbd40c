"""What a state holds, read beside the porter: as it was left by a crash, and whole for the audit."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import URL, and_, exists, func, inspect, make_url, select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from daemon.store.schema import UNDELIVERED, UNRESOLVED, events, incidents, notifications, standings
from daemon.store.sqlite_file import SCHEME


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
    async with _reading(state) as connection:
        rows = await connection.execute(
            select(*(notifications.c[name] for name in LETTER)).order_by(notifications.c.seq)
        )
        letters = tuple(Letter(*row) for row in rows)
        found = await connection.execute(select(*(incidents.c[name] for name in CASE), EXPLAINED))
        return Picture(letters, tuple(Case(**row) for row in found.mappings()))


async def waiting(state: str) -> Waiting:
    """Return which letters are not marked as done."""
    async with _reading(state) as connection:
        if not await connection.run_sync(lambda one: inspect(one).has_table(notifications.name)):
            # The process died before there was a state.
            return Waiting(frozenset(), frozenset())
        query = select(notifications.c.message_id, notifications.c.phase).where(UNDELIVERED)
        rows = (await connection.execute(query)).all()
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
    async with _reading(state, live=True) as connection:
        letters = await connection.scalar(select(func.count()).select_from(notifications).where(waits))
        cases = await connection.scalar(select(func.count()).select_from(incidents).where(open_))
    return letters or 0, cases or 0


async def openings(state: str) -> int:
    """Return how often an incident has opened."""
    async with _reading(state, live=True) as connection:
        return await connection.scalar(select(func.sum(incidents.c.epoch))) or 0


async def breached(state: str) -> int:
    """Return how many checks are breached."""
    async with _reading(state, live=True) as connection:
        return await connection.scalar(select(func.count()).where(standings.c.breached)) or 0


@asynccontextmanager
async def _reading(state: str, *, live: bool = False) -> AsyncIterator[AsyncConnection]:
    """Connect for reading. Unless `live`, a copy of an SQLite file is read: a look must mend nothing."""
    with tempfile.TemporaryDirectory(prefix="np-audit-") as place:
        url = make_url(state).set(drivername="postgresql+asyncpg")
        if state.startswith(SCHEME):
            file = Path(state.removeprefix(SCHEME))
            if not live:
                file = await asyncio.to_thread(_copied, file, Path(place))
            query = {"mode": "ro" if live else "rwc", "uri": "true"}
            url = URL.create("sqlite+aiosqlite", database=f"file:{file}", query=query)
        engine = create_async_engine(url, poolclass=NullPool)
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()


def _copied(file: Path, place: Path) -> Path:
    for name in (file.name, f"{file.name}-wal"):
        one = file.with_name(name)
        if one.exists():
            shutil.copyfile(one, place / name)
    return place / file.name
