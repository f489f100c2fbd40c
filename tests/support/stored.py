"""Values to store, and a state to store them in."""

import secrets
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, update

from alerts.change import Change, Event
from alerts.incident import (
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    Incident,
    IncidentState,
    Severity,
)
from alerts.notification import MAIL, Kind, Notification
from alerts.standing import Standing
from checks.result import CheckId, Reason, Sign, State
from daemon.clock import Clock
from daemon.store import Store
from daemon.store.schema import hotels, notifications, replicas
from tests.support.clock import START, FakeClock

CHECK = CheckId("grand-harbour", "payment", "health")
DIAGNOSIS = Diagnosis(
    Cause.API_CREDENTIALS_INVALID, "high", "ours", "The gateway rejects our key.", ("Renew it.",)
)


S = TypeVar("S", bound=Store)

NewState = Callable[[], Awaitable[str]]
"""Makes a state without rows, and returns its address."""

LONG_AGO = START - timedelta(days=365)

HOTELS = ("grand-harbour", "h", "other")


def url_of(directory: Path) -> str:
    """Return the address of a state in a directory."""
    return f"sqlite:///{directory / 'state.db'}"


@asynccontextmanager
async def opened(
    where: Path | str, clock: Clock | None = None, held: Collection[str] = HOTELS
) -> AsyncIterator[Store]:
    """Open the state of a directory, or at an address, hold some hotels, and close it at the end."""
    async with opened_as(Store, where, clock, held) as store:
        yield store


@asynccontextmanager
async def opened_as(
    kind: type[S], where: Path | str, clock: Clock | None = None, held: Collection[str] = HOTELS
) -> AsyncIterator[S]:
    """Do the same with a kind of store."""
    url = where if isinstance(where, str) else url_of(where)
    store = await kind.open(url, clock or FakeClock())
    try:
        await hold(store, held)
        yield store
    finally:
        await store.close()


async def hold(store: Store, wanted: Collection[str] = HOTELS) -> None:
    """Have a store hold some hotels, whoever held them before, under a name that no other has used."""
    await all_died(store)
    held = await store.tenure(secrets.token_hex(4), "1", wanted)
    assert held.held == frozenset(wanted)


async def share_out(stores: Mapping[str, Store], wanted: Collection[str]) -> dict[str, frozenset[str]]:
    """Let replicas, by name, share hotels until nobody has anything to give back; return who holds what."""
    while True:
        found = {name: await store.tenure(name, "1", wanted) for name, store in stores.items()}
        for name, tenure in found.items():
            await stores[name].give_back(name, tenure.surplus)
        settled = all(one.replicas == len(stores) and not one.surplus for one in found.values())
        held = {name: tenure.held for name, tenure in found.items()}
        if settled and frozenset().union(*held.values()) == frozenset(wanted):
            return held


async def all_died(store: Store) -> None:
    """Have it seem as if no replica had been heard of for long."""

    def lapse(connection: Connection) -> None:
        connection.execute(update(hotels).values(until=LONG_AGO))
        connection.execute(update(replicas).values(seen_until=LONG_AGO))

    await store._transactions.write(lapse)


async def forsaken(store: Store) -> None:
    """Have all claims run out, as if those who made them had not been heard of for long."""
    gone = update(notifications).values(lease_until=LONG_AGO)
    await store._transactions.write(lambda connection: connection.execute(gone))


def breach(minutes: int = 0) -> Breach:
    """Return a breach whose every field is filled."""
    return Breach(
        CHECK,
        State.CRITICAL,
        Reason.CREDENTIALS,
        "401 Unauthorized",
        START + timedelta(minutes=minutes, microseconds=1),
        last_ok=START - timedelta(minutes=5),
        observed=1234.5,
        limit=1000.0,
        unit="ms",
    )


def incident(
    name: str = "a",
    *,
    key: str = "grand-harbour/payment",
    state: IncidentState = IncidentState.OPEN,
    minutes: int = 0,
    hotel: str = "grand-harbour",
) -> Incident:
    """Return an incident that opened, and if resolved ended, so many minutes after the start."""
    at = START + timedelta(minutes=minutes)
    return Incident(
        id=name,
        key=key,
        hotel=hotel,
        integrations=("payment",),
        breaches=(breach(),),
        diagnosis=DIAGNOSIS,
        severity=Severity.CRITICAL,
        criteria=(Criterion.CRITICAL_SYSTEM_DOWN,),
        title="payment: the gateway rejects our API key",
        state=state,
        opened_at=at,
        resolved_at=at if state is IncidentState.RESOLVED else None,
    )


def notification(
    name: str = "n",
    *,
    of: str = "a",
    recipient: str = "team@hotel.example",
    channel: str = MAIL,
    seconds: float = 0,
    kind: Kind = Kind.PROBLEM,
    epoch: int = 1,
) -> Notification:
    """Return a notification created, and due, so many seconds after the start."""
    at = START + timedelta(seconds=seconds)
    return Notification(
        id=name,
        key=f"{of}/{epoch}/{name}",
        incident=of,
        epoch=epoch,
        kind=kind,
        level="1",
        channel=channel,
        recipient=recipient,
        message=b"Subject: x\r\n\r\nbody\x00\xff\r\n",
        message_id=f"<{name}@hotel.example>",
        created_at=at,
        due_at=at,
    )


def standing(check: CheckId = CHECK, state: State = State.CRITICAL) -> Standing:
    """Return a standing whose every field is filled."""
    return Standing(
        check,
        state,
        Reason.CREDENTIALS,
        "401 Unauthorized",
        START,
        START + timedelta(seconds=60),
        last_ok=START - timedelta(seconds=60),
        bad_runs=3,
        ok_runs=1,
        bad_since=START - timedelta(seconds=30),
        breached=True,
        breached_at=START + timedelta(microseconds=999_999),
        slow=True,
        erring=True,
        blind_runs=2,
        flapping=True,
        history=0b1_0110,
        changed_at=START + timedelta(seconds=30),
        openings=(START - timedelta(minutes=40), START - timedelta(minutes=20), START),
        signs=frozenset({Sign.DATABASE_DOWN, Sign.QUEUE_LONG}),
        observed=1234.5,
        limit=1000.0,
        unit="ms",
    )


def opening(*notifications: Notification, name: str = "a", key: str = "grand-harbour/payment") -> Change:
    """Return the change that opens an incident and tells people of it."""
    return Change(
        incidents=(incident(name, key=key),),
        notifications=notifications,
        events=(Event(name, START, "opened", "The gateway rejects our key."),),
        standings=(standing(),),
    )


async def state(directory: Path) -> Path:
    """Create a sound state with an open incident in it, and return its file."""
    async with opened(directory) as store:
        await store.commit(opening(notification()))
    return directory / "state.db"


def fingerprint(directory: Path) -> dict[str, str]:
    """Return the names and hashes of what is in a directory, but for the lock."""
    return {
        file.name: sha256(file.read_bytes()).hexdigest() if file.is_file() else "directory"
        for file in directory.iterdir()
        if file.suffix != ".lock"
    }


def alter(file: Path, *statements: str) -> None:
    """Change a database behind the store's back."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(";".join(statements))
