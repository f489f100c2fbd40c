"""An engine over a real store, moved by hand: results in, incidents and letters out."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts import wording
from alerts.correspondence import Correspondent, HotelDesk
from alerts.escalation import Contact
from alerts.incidents import REOPENS_WITHIN, Judgement
from alerts.message import Renderer
from alerts.notification import Notification
from checks.check import Check, CheckType
from checks.result import CheckId, Result, ok
from checks.values import Options
from daemon.board import Board
from daemon.engine import Engine, Ledger, Signals
from daemon.observer import Observer
from daemon.store import Store
from tests.support.clock import FakeClock

ADDRESSES = ("a@hotel.example", "b@hotel.example")
RENDERER = Renderer()


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


TYPE = CheckType("nothing", Options, "value", _nothing)


def a_check(name: str = "health", integration: str = "payment", kind: str = "payment") -> Check:
    """Return a check that two failures and two successes decide."""
    check = CheckId("h", integration, name)
    return Check(check, kind, TYPE, Options(), interval=60, timeout=10, failures=2, successes=2)


class Night:
    """One porter's judgement over a store, without its loops."""

    def __init__(
        self, store: Store, clock: FakeClock, checks: Iterable[Check], ledger: Ledger | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.board = Board()
        self.hastened: list[CheckId] = []
        self.posted = 0
        numbers = count(1)
        judgement = Judgement(wording.diagnose, wording.title, lambda: f"id{next(numbers)}")
        signals = Signals(self.hastened.extend, lambda: None, self._post)
        self.engine = Engine(self.board, ledger or store, judgement, clock, signals)
        self.observer = Observer(self.board, clock, self.engine.moved)
        contact = Contact("1", "Support", ADDRESSES)
        desk = HotelDesk("h", "Hotel", ZoneInfo("UTC"), (contact,), {"payment": "payment"}, {}, {})
        self.engine.configure(Correspondent("Porter <porter@hotel.example>", RENDERER), {"h": desk})
        self.watch(checks)

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
