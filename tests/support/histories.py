"""A hotel to which anything happens, in any order: results, people, reloads, restarts, a clock that jumps.

The judgement is the porter's whole own, over a ledger in memory; its letters have no words in them.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from alerts.acknowledgement import acknowledge
from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.decision import Decision
from alerts.facts import Facts
from alerts.incident import Incident, IncidentState
from alerts.incidents import REOPENS_WITHIN, resolved
from alerts.message import Mail, Renderer
from alerts.notification import Notification
from alerts.policy import Policy
from alerts.silence import Silence, Source, Span
from checks.check import Check, CheckType
from checks.result import CheckId, Result, ok
from checks.values import Options
from daemon.board import Board
from daemon.engine import Engine, Signals
from daemon.facts import facts_of
from daemon.ledger import Ledger
from daemon.observer import Observer
from daemon.store.errors import StateError
from tests.support.clock import FakeClock
from tests.support.desk import a_check
from tests.support.month_ledger import BROKEN, MemoryLedger

Deed = Callable[[Incident, datetime], Decision]

ZONE = ZoneInfo("Europe/Lisbon")
KINDS = {
    "booking_engine": "booking_engine",
    "expedia": "ota",
    "payment": "payment",
    "email": "email",
    "pms": "pms",
    "network": "network",
}
TYPES = {
    "booking_engine/health": "health",
    "booking_engine/sync_log": "log",
    "expedia/health": "health",
    "payment/health": "health",
    "payment/log": "log",
    "email/smtp": "smtp",
    "email/provider": "health",
    "pms/database": "database",
    "network/control": "control",
}
"""The checks there are, and their types."""

REST = 200.0
"""Seconds after which everything is settled if nothing more happens."""


class Wordless(Renderer):
    """Writes letters without a word: what they say is tested elsewhere."""

    def render(self, mail: Mail) -> bytes:
        """Return whom it is for."""
        return mail.recipient.encode()


def checks(without: str = "") -> list[Check]:
    """Return the checks of the hotel, but for those of an integration."""
    return [
        _check(name, kind)
        for name, kind in TYPES.items()
        if not without or not name.startswith(f"{without}/")
    ]


def _check(name: str, kind: str) -> Check:
    integration, _, check = name.partition("/")
    plain = a_check(check, integration, KINDS[integration])
    made = CheckType(kind, Options, "value", plain.type.probe)
    return Check(
        plain.id, plain.kind, made, plain.options, plain.interval, plain.timeout, failures=2, successes=2
    )


@contextmanager
def may_break() -> Iterator[None]:
    """Let a commit fail that was made to fail, and no other."""
    try:
        yield
    except StateError as error:
        if str(error) != BROKEN:
            raise


class House:
    """The hotel, its porter, and how things really are: `truth` is what a look at a check shows now."""

    def __init__(
        self, policy: Policy, renderer: Renderer, moods: Callable[[MemoryLedger], Ledger] | None = None
    ) -> None:
        self.clock = FakeClock()
        self.ledger = MemoryLedger()
        self._moody = self.ledger if moods is None else moods(self.ledger)
        self.truth: dict[CheckId, Result] = {}
        self.policy = policy
        self.watched = checks()
        self._renderer = renderer
        self._ids = count(1)
        self._silences = count(1)
        self._hastened: list[CheckId] = []
        self._begin()

    def _begin(self) -> None:
        self.board = Board()
        signals = Signals(self._hastened.extend, lambda: None, lambda: None)
        self.engine = Engine(self.board, self._moody, lambda: f"i{next(self._ids)}", self.clock, signals)
        self._observer = Observer(self.board, self.clock, self.engine.moved)
        self.engine.quiet.configure((), {"h": ZONE})
        self.board.watch(self.watched, {"h": "Hotel"})
        self.employ(self.policy)

    async def restart(self) -> None:
        """End the porter, whatever it was about to do, and let another take up what is in the ledger."""
        self._hastened.clear()
        self._begin()
        now = self.clock.now()
        self.engine.quiet.restore(await self.ledger.silences(now))
        known = await self.ledger.recent(now - REOPENS_WITHIN) + await self.ledger.open_incidents()
        self.engine.restore(await self.ledger.standings(), known)

    def employ(self, policy: Policy) -> None:
        """Tell these people from now on."""
        self.policy = policy
        desk = HotelDesk("h", "Hotel", ZONE, policy, KINDS, {}, {})
        names = {*policy.channels, *(one for level in policy.levels for one in level.channels)}
        writer = Correspondent(
            "Porter <porter@h.example>", self._renderer, voices=dict.fromkeys(names, lambda *_: b"")
        )
        self.engine.configure(writer, {"h": desk}, {})

    def watch(self, without: str) -> None:
        """Watch everything but an integration; nothing is left out for an empty name."""
        self.watched = checks(without)
        gone = set(self.board.tiles) - {check.id for check in self.watched}
        self.board.watch(self.watched, {"h": "Hotel"})
        self.engine.forget(gone)

    def see(self, name: str, result: Result) -> None:
        """Let it be so from now on, and a check look at it; one that is not watched does not."""
        integration, _, check = name.partition("/")
        self.truth[CheckId("h", integration, check)] = result
        self._look([CheckId("h", integration, check)])

    def _look(self, wanted: Iterable[CheckId]) -> None:
        for one in dict.fromkeys(wanted):
            tile = self.board.tiles.get(one)
            if tile is not None:
                self._observer.observe(tile.check, self.truth.get(one, ok()))

    async def passes(self, seconds: float, *, looks: bool = False) -> None:
        """Let time pass and the engine tick; when it `looks`, every check does so, too."""
        self.clock.advance(seconds)
        if looks:
            self._look([check.id for check in self.watched])
        await self.tick()

    async def tick(self) -> None:
        """Let the engine tick, and once more after what it wants looked at; a commit may fail."""
        for _ in range(2):
            with may_break():
                await self.engine.tick()
            wanted, self._hastened[:] = list(self._hastened), []
            self._look(wanted)

    async def rests(self) -> None:
        """Let nothing more happen until everything is settled."""
        self.ledger.broken = 0
        for number in range(int(REST / 5)):
            await self.passes(5, looks=number % 12 == 0)

    async def acknowledges(self, which: int, minutes: int) -> None:
        """Let somebody promise to look after an open incident."""
        until = self.clock.now() + timedelta(minutes=minutes)
        for one in self.some(which):
            await self._acts(one, lambda incident, now: acknowledge(incident, "Ann", "", until, now))

    async def resolves(self, which: int) -> None:
        """Let somebody say that an open incident is over, whatever its checks say."""
        for one in self.some(which):
            await self._acts(one, lambda incident, now: resolved(incident, "done", now, dismissed=True))

    async def _acts(self, incident: Incident, make: Deed) -> None:
        with may_break():
            await self.engine.act(incident.id, make)

    async def silences(self, integration: str, minutes: int) -> None:
        """Let somebody ask for silence about an integration."""
        now = self.clock.now()
        span = Span(now, now + timedelta(minutes=minutes))
        name = f"s{next(self._silences)}"
        made = Silence(name, {"integration": integration}, span, "work", "Ann", Source.PERSON)
        with may_break():
            await self.engine.silence(Change(silences=(made,)))

    async def speaks(self) -> None:
        """Let all silences end."""
        found = await self.ledger.silences(self.clock.now())
        with may_break():
            await self.engine.silence(Change(removed_silences=tuple(one.id for one in found)))

    def delivers(self, *, refused: bool = False) -> None:
        """Deliver every letter that waits; or have those of level 1 refused for good."""
        for letter in self.ledger.waiting():
            if refused and letter.level == "1":
                self.ledger.refuse(letter)
            else:
                self.ledger.deliver(letter, self.clock.now())

    def some(self, which: int) -> Iterator[Incident]:
        """Yield one of the open incidents, if there is any."""
        found = self.open()
        if found:
            yield found[which % len(found)]

    def open(self) -> list[Incident]:
        """Return the open incidents, as they are stored."""
        return [one for one in self.ledger.incidents.values() if one.state is not IncidentState.RESOLVED]

    def facts(self) -> Facts:
        """Return what is known now."""
        now = self.clock.now()
        recent = [
            one
            for one in self.ledger.incidents.values()
            if one.resolved_at is not None and now - one.resolved_at <= REOPENS_WITHIN
        ]
        return facts_of(self.board, "h", {}, recent, now)

    def letters(self, incident: Incident) -> list[Notification]:
        """Return the letters of an incident's current epoch."""
        found = self.ledger.letters.values()
        return [one for one in found if (one.incident, one.epoch) == (incident.id, incident.epoch)]

    @property
    def staff(self) -> frozenset[str]:
        """All addresses and channels that are configured."""
        levels = (one for level in self.policy.levels for one in (*level.addresses, *level.channels))
        return frozenset((*levels, *self.policy.front_desk, *self.policy.channels))
