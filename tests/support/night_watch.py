"""A porter by night that may be killed, started again, and whose state may have a blot."""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from alerts.change import Change
from daemon.history import History
from daemon.nights import Nights
from daemon.settings import Settings
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.inbox import Inbox
from tests.support.reported import HOTEL, HOUR, deliver, nights_over, outbox_of, settings_of

FRIDAY = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
DAY = timedelta(days=1)


class KilledError(BaseException):
    """The porter is killed: that is no failure that it could live on with."""


@dataclass
class Dying:
    """A state at whose commits the porter is killed: before, within or after each, as `deaths` says."""

    store: Store
    deaths: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    async def commit_with(
        self, change: Change, also: Callable[[Connection], None], of: Collection[str] = ()
    ) -> None:
        death = self.deaths.pop(0) if self.deaths and of else ""
        if death == "before":
            raise KilledError

        def work(connection: Connection) -> None:
            also(connection)
            if death == "within":
                raise KilledError

        await self.store.commit_with(change, work, of)
        if death == "after":
            raise KilledError


@dataclass
class Blotted:
    """A state in which something of hotel `a` cannot be read."""

    store: Store

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    @property
    def happenings(self) -> "Blotted":
        return self

    async def between(self, hotel: str, begins: datetime, ends: datetime) -> object:
        if hotel == "a":
            raise ZeroDivisionError
        return await self.store.happenings.between(hotel, begins, ends)

    async def opened(self, hotel: str, begins: datetime, ends: datetime) -> int:
        return await self.store.happenings.opened(hotel, begins, ends)


@dataclass
class Night:
    """A porter by night, as it is after each start."""

    store: Store
    clock: FakeClock
    directory: Path
    more: str = ""
    nights: Nights = field(init=False)
    settings: Settings = field(init=False)

    def __post_init__(self) -> None:
        self.settings = settings_of(self.directory, more=self.more)
        self.start()

    def start(self, deaths: list[str] | None = None) -> None:
        """Begin anew, remembering nothing."""
        store = self.store if deaths is None else Dying(self.store, deaths)
        history = History(self.store, self.clock, lambda: {HOTEL})
        self.nights = nights_over(store, self.clock, self.settings, history)  # type: ignore[arg-type]  # it stands in for one

    async def live(self, span: timedelta, step: timedelta = HOUR) -> None:
        """Let time pass, and have what is due made."""
        for _ in range(span // step):
            self.clock.advance(step.total_seconds())
            await self.nights.tick()

    async def made(self) -> list[str]:
        """Return which reports there are, the oldest first."""
        found = await self.store.reports.ends(HOTEL)
        return [f"{kind} {ends:%d %H:%M}" for kind, ends in sorted(found, key=lambda one: (one[1], one[0]))]

    async def mailed(self, relay: Inbox) -> Counter[tuple[str, str]]:
        """Deliver what is due, and return what has come: to whom, and what time its subject names."""
        await deliver(outbox_of(self.store, self.clock, relay.port))
        mails = [one for one in relay.take() if one["X-Nightporter-Kind"] == "report"]
        names = (str(one["Subject"]).split(": ")[1].partition(", ")[2] for one in mails)
        return Counter(zip((one["To"] for one in mails), names, strict=True))


async def a_night(store: Store, clock: FakeClock, directory: Path, more: str = "") -> Night:
    """Return a porter who has just been set up."""
    found = Night(store, clock, directory, more)
    await found.nights.tick()
    return found
