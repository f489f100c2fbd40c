"""The web application on a real socket, with a store of lists behind it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry

from alerts.ack_link import AckLinks
from alerts.act import Act
from alerts.bounce import BounceAddresses
from alerts.change import Change, Event
from alerts.incident import Incident, IncidentState
from alerts.message_mail import Mail
from alerts.notification import Notification
from checks.result import CheckId, Reason, failed, ok
from daemon.board import Board
from daemon.bounces import Bounces
from daemon.counter import Counter, Remember
from daemon.directory import Directory
from daemon.judging import Bench
from daemon.maintenance import Maintenance
from daemon.metrics import Metrics
from daemon.quiet import Quiet
from daemon.store import StateError
from daemon.web.app import Deps, ReloadOutcome, build
from daemon.web.deps import Desk, Drilling, HistorySource
from daemon.web.front import Front
from tests.support.boards import ordinary
from tests.support.bucketed import Past
from tests.support.clock import FakeClock
from tests.support.conforming import Listener
from tests.support.desk import WHOLE, Night, a_check, a_store
from tests.support.drills import NoDrills, drillmaster
from tests.support.reporting import Reporter
from tests.support.upkeep import Blank, Place

BOUNCES = BounceAddresses(b"the key of a shelf", "bounces@hotel.example")


@dataclass(frozen=True)
class Stored:
    """An incident as a store returns it."""

    incident: Incident
    notifications: Sequence[Notification] = ()
    events: Sequence[Event] = ()


@dataclass
class Shelf:
    """A store of lists, newest first."""

    records: list[Stored] = field(default_factory=list)
    broken: bool = False
    away: bool = False

    async def list_incidents(
        self,
        *,
        state: IncidentState | None = None,
        hotel: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> list[Stored]:
        if self.broken:
            raise RuntimeError("the secret inside of the shelf")
        if self.away:
            raise StateError("the shelf is away")
        ids = [record.incident.id for record in self.records]
        start = ids.index(before) + 1 if before in ids else 0
        found = [
            record
            for record in self.records[start:]
            if state in {None, record.incident.state} and hotel in {None, record.incident.hotel}
        ]
        return found[:limit]

    async def incident(self, incident: str) -> Stored | None:
        return next((record for record in self.records if record.incident.id == incident), None)

    async def commit(self, change: Change) -> None:
        raise AssertionError(f"nothing is to be written: {change}")

    async def came_back(self, letter: str, error: str) -> tuple[Notification | None, bool]:
        raise AssertionError(f"nothing is to be given up: {letter}, {error}")


class Idle:
    """A counter at which nobody asks anything."""

    def __init__(self, remember: Remember) -> None:
        self.quiet = Quiet()
        self._remember = remember

    async def remember(self, check: CheckId, what: Mapping[str, Any]) -> None:
        await self._remember(check, what)

    async def act(self, incident: Incident, act: Act) -> Incident | None:
        raise AssertionError(f"nobody acts on {incident}: {act}")

    async def silence(self, change: Change) -> None:
        raise AssertionError(f"nobody silences: {change}")


@dataclass
class House:
    """A running application and what is behind it."""

    deps: Deps
    shelf: Shelf
    past: Past
    reporter: Reporter
    clock: FakeClock
    url: str = ""
    port: int = 0
    reason: str | None = None
    outcome: ReloadOutcome = field(default_factory=lambda: ReloadOutcome(ok=True, lines=[]))
    reloads: int = 0
    dead: list[Notification] = field(default_factory=list)
    remembered: list[tuple[CheckId, Mapping[str, Any]]] = field(default_factory=list)
    forgetful: str = ""
    token: str | None = None
    answered: Mapping[tuple[str, str, int], int] = field(default_factory=dict)
    public_url: str | None = None
    everywhere: Board | None = None


def _brief(
    bench: Bench,
    clock: FakeClock,
    incident: Incident,
    rows: Sequence[Notification],
    statuses: Mapping[str, str],
) -> Mail:
    return bench.brief(incident, rows, statuses, clock.now())


@asynccontextmanager
async def serving(
    token: str | None = None,
    *,
    first_request: float = 10.0,
    night: Night | None = None,
    clock: FakeClock | None = None,
    history: HistorySource | None = None,
    public_url: str | None = None,
    most: int = 256,
    patience: float = 10.0,
    reporter: Reporter | None = None,
    drills: Drilling | None = None,
) -> AsyncIterator[House]:
    """Serve the application on a free port of 127.0.0.1; with a night, over its store and engine.

    What the API answers must be what its document says.
    """
    clock = night.clock if night else clock or FakeClock()
    shelf, past, reporter = Shelf(), Past(), reporter or Reporter()
    numbers = count(1)

    async def ready() -> str | None:
        return house.reason

    async def reload() -> ReloadOutcome:
        house.reloads += 1
        return house.outcome

    async def remember(check: CheckId, what: Mapping[str, Any]) -> None:
        if house.forgetful:
            raise StateError(house.forgetful)
        house.remembered.append((check, what))

    async def whole() -> Board:
        return house.everywhere or board

    def new_id() -> str:
        return f"new{next(numbers)}"

    dead: list[Notification] = []
    board = night.board if night else ordinary(clock)
    desk: Desk = Idle(remember)
    if night:
        desk = Counter(night.engine, night.store, clock, new_id, holds=lambda _hotel: True, remember=remember)
    bounces = Bounces(night.store if night else shelf, dead.append)
    bounces.addresses = BOUNCES
    maintenance = Maintenance(night.store.maintenance if night else Blank(), clock, new_id)
    maintenance.configure(Place(hotel, name) for hotel, name in board.hotels.items())
    deps = Deps(
        board=board,
        whole=whole,
        hotels=lambda: board.hotels,
        directory=Directory(),
        metrics=Metrics(CollectorRegistry(), "1.2.3", clock.now),
        store=night.store if night else shelf,
        history=history or past,
        owed=night.engine.beliefs.books.backlog.accounts if night else dict,
        brief=night.engine.brief if night else partial(_brief, Bench(board, Quiet(), new_id), clock),
        desk=desk,
        links=AckLinks(await night.store.secret() if night else b"the key of a shelf"),
        clock=clock,
        token=lambda: house.token,
        public_url=lambda: house.public_url,
        ready=ready,
        reload=reload,
        bounced=bounces.take,
        maintenance=maintenance,
        reports=reporter,
        drills=drills or NoDrills(),
        new_id=new_id,
        version="1.2.3",
    )
    app, listener = build(deps, patience=patience), Listener()
    house = House(
        deps,
        shelf,
        past,
        reporter,
        clock,
        dead=dead,
        token=token,
        public_url=public_url,
        answered=listener.answered,
    )
    # Outside of what makes answers of refusals, and inside of what sends them.
    app.middlewares.insert(2, listener.middleware())
    front = Front(app, first_request=first_request, most=most)
    house.port = await front.open("127.0.0.1", 0)
    house.url = f"http://127.0.0.1:{house.port}"
    try:
        yield house
    finally:
        await front.close()
    assert listener.unfit == []


DOWN = failed(Reason.SERVER_ERROR, "answered 500")
HEALTH = a_check()


@dataclass
class Shift:
    """A night with one open incident `id1`, told to level 1, and its application."""

    night: Night
    house: House

    @property
    def links(self) -> AckLinks:
        """What makes the links of its letters."""
        return self.house.deps.links

    async def deliver(self) -> None:
        """Deliver every letter that is due, as a perfect relay would."""
        while claims := await self.night.store.claim(10):
            for claim in claims:
                assert await self.night.store.sent(claim)

    async def now(self) -> Incident:
        """Return the incident as it is stored."""
        record = await self.night.store.incident("id1")
        assert record is not None
        return record.incident


@asynccontextmanager
async def on_shift(directory: Path, public_url: str | None = None, zone: str = "UTC") -> AsyncIterator[Shift]:
    """Serve over a real store and engine, with a payment gateway that has just failed."""
    clock = FakeClock()
    async with a_store(directory, clock) as store:
        night = Night(store, clock, [HEALTH], policy=WHOLE, zone=zone)
        await night.see(HEALTH, ok(), DOWN, DOWN)
        async with serving(night=night, public_url=public_url, drills=drillmaster(store, clock)) as house:
            shift = Shift(night, house)
            await shift.deliver()
            yield shift
