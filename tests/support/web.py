"""The web application on a real socket, with a store of lists behind it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry

from alerts.change import Event
from alerts.incident import Incident, IncidentState
from alerts.notification import Notification
from checks.result import CheckId
from daemon.metrics import Metrics
from daemon.store import StateError
from daemon.web.app import Deps, ReloadOutcome, build
from daemon.web.front import Front
from tests.support.boards import ordinary
from tests.support.clock import FakeClock


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


@dataclass
class House:
    """A running application and what is behind it."""

    deps: Deps
    shelf: Shelf
    clock: FakeClock
    url: str = ""
    port: int = 0
    reason: str | None = None
    outcome: ReloadOutcome = field(default_factory=lambda: ReloadOutcome(ok=True, lines=[]))
    reloads: int = 0
    remembered: list[tuple[CheckId, Mapping[str, Any]]] = field(default_factory=list)
    forgetful: str = ""


@asynccontextmanager
async def serving(token: str | None = None, first_request: float = 10.0) -> AsyncIterator[House]:
    """Serve the application on a free port of 127.0.0.1."""
    clock, shelf = FakeClock(), Shelf()

    async def ready() -> str | None:
        return house.reason

    async def reload() -> ReloadOutcome:
        house.reloads += 1
        return house.outcome

    async def remember(check: CheckId, what: Mapping[str, Any]) -> None:
        if house.forgetful:
            raise StateError(house.forgetful)
        house.remembered.append((check, what))

    deps = Deps(
        board=ordinary(clock),
        metrics=Metrics(CollectorRegistry(), "1.2.3"),
        store=shelf,
        clock=clock,
        token=lambda: token,
        ready=ready,
        reload=reload,
        remember=remember,
        version="1.2.3",
    )
    house = House(deps, shelf, clock)
    front = Front(build(deps), first_request=first_request)
    house.port = await front.open("127.0.0.1", 0)
    house.url = f"http://127.0.0.1:{house.port}"
    try:
        yield house
    finally:
        await front.close()
