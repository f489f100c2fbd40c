"""An engine over a real store, moved by hand: results in, incidents and letters out."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.correspondence import Correspondent, HotelDesk
from alerts.incident import Incident
from alerts.incidents import REOPENS_WITHIN
from alerts.message import Renderer
from alerts.notification import Notification
from alerts.notifiers import webhook
from alerts.policy import LevelPolicy, Policy
from checks.check import Check, CheckType
from checks.result import CheckId, Result, ok
from checks.values import Options
from daemon.board import Board
from daemon.engine import Engine, Signals
from daemon.ledger import Ledger
from daemon.observer import Observer
from daemon.store import Store
from tests.support.clock import FakeClock

ADDRESSES = ("a@hotel.example", "b@hotel.example")
TECH_LEAD, CTO, DESK = "lead@hotel.example", "cto@hotel.example", "desk@hotel.example"
RENDERER = Renderer()
SUPPORT = LevelPolicy("1", "Support", ADDRESSES)
FIRST_ONLY = Policy(levels=(SUPPORT,))
WHOLE = Policy(
    levels=(SUPPORT, LevelPolicy("2", "Lead", (TECH_LEAD,)), LevelPolicy("3", "CTO", (CTO,))),
    front_desk=(DESK,),
)


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


TYPES = {
    name: CheckType(name, Options, "value", _nothing)
    for name in ("health", "http", "tls", "control", "smtp", "sql", "log")
}


def a_check(
    name: str = "health", integration: str = "payment", kind: str = "payment", type_: str = "health"
) -> Check:
    """Return a check that two failures and two successes decide."""
    check = CheckId("h", integration, name)
    return Check(check, kind, TYPES[type_], Options(), interval=60, timeout=10, failures=2, successes=2)


class Night:
    """One porter's judgement over a store, without its loops."""

    def __init__(
        self,
        store: Store,
        clock: FakeClock,
        checks: Iterable[Check],
        ledger: Ledger | None = None,
        *,
        policy: Policy = FIRST_ONLY,
        zone: str = "UTC",
        names: Mapping[CheckId, Mapping[str, str]] | None = None,
    ) -> None:
        self.store = store
        self.clock = clock
        self.board = Board()
        self.hastened: list[CheckId] = []
        self.posted = 0
        numbers = count(1)
        signals = Signals(self.hastened.extend, lambda: None, self._post)
        self.engine = Engine(self.board, ledger or store, lambda: f"id{next(numbers)}", clock, signals)
        self.observer = Observer(self.board, clock, self.engine.moved)
        self._correspondent = Correspondent("Porter <porter@hotel.example>", RENDERER)
        self._names = names or {}
        self._zone = ZoneInfo(zone)
        self.engine.quiet.configure((), {"h": self._zone})
        self.watch(checks)
        self.employ(policy)

    def employ(self, policy: Policy, *, mail: bool = True) -> None:
        """Tell these people and channels from now on; without mail, only channels can be told."""
        kinds = {view.name: view.kind for view in self.board.hotel("h")}
        desk = HotelDesk("h", "Hotel", self._zone, policy, kinds, {}, {})
        names = {*policy.channels, *(one for level in policy.levels for one in level.channels)}
        sender = self._correspondent.sender if mail else ""
        writer = replace(self._correspondent, sender=sender, voices=dict.fromkeys(names, webhook.render))
        self.engine.configure(writer if mail or names else None, {"h": desk}, self._names)

    def _post(self) -> None:
        self.posted += 1

    def watch(self, checks: Iterable[Check]) -> None:
        """Watch exactly these checks."""
        listed = list(checks)
        gone = set(self.board.tiles) - {check.id for check in listed}
        self.board.watch(listed, {"h": "Hotel"})
        self.engine.forget(gone)

    async def restore(self) -> None:
        """Take up what the store holds, as a start does."""
        recent = await self.store.recent(self.clock.now() - REOPENS_WITHIN)
        self.engine.restore(await self.store.standings(), recent + await self.store.open_incidents())

    async def open(self) -> list[Incident]:
        """Return the open incidents, the oldest first."""
        return await self.store.open_incidents()

    async def wait(self, seconds: float) -> None:
        """Let time pass, and the engine tick."""
        self.clock.advance(seconds)
        await self.engine.tick()

    async def see(self, check: Check, *results: Result) -> None:
        """Let a check see these results, a minute apart, and the engine tick after each."""
        for result in results:
            self.clock.advance(60)
            self.observer.observe(check, result)
            await self.engine.tick()

    async def letters(self, incident: str = "id1", epoch: int = 1) -> list[Notification]:
        """Return the letters of one epoch of an incident."""
        return await self.store.notifications_of(incident, epoch)


@asynccontextmanager
async def a_store(directory: Path, clock: FakeClock) -> AsyncIterator[Store]:
    """Open a real state while the context lasts."""
    store = await Store.open(f"sqlite:///{directory}/state.db", clock)
    try:
        yield store
    finally:
        await store.close()
