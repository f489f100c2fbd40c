"""From what the porter measures of itself to incidents, over a real state."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from checks.lookup import Lookups
from checks.result import CheckId, Reason, failed
from daemon.metrics import Metrics
from daemon.overload import BLIND, Strain
from daemon.readiness import Readiness
from daemon.runner import unless_late
from daemon.self_watch import AUDIT_EVERY, EVERY, LETTERS_EVERY, SelfWatch
from daemon.settings import load
from daemon.watchdog import ServiceManager
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, Night, a_check, a_store
from tests.support.servers import http, server

VOID = unless_late(failed(Reason.TIMEOUT, "no answer"), 5.0, 2.5)
PEOPLE = """\
hotel: {{id: h, name: H, timezone: UTC}}
mail: {{from: porter@h.example, relays: [{{host: relay.example}}]}}
escalation: {{levels: [{{level: 1, role: Team, email: [{people}]}}]}}
"""
A, B = ADDRESSES


class Word(Readiness):
    """Says what it is told to say."""

    reason: str | None = None
    fault: Exception | None = None

    async def __call__(self) -> str | None:
        if self.fault is not None:
            raise self.fault
        return self.reason


class Porter:
    """A night with the porter's watch over itself, moved by hand."""

    def __init__(self, night: Night, directory: Path) -> None:
        self.night = night
        self.registry = CollectorRegistry()
        metrics = Metrics(self.registry, "1", night.clock.now)
        self.strain = Strain(metrics, night.clock)
        self._config = directory / "c.yml"
        self.ready = Word([], None, night.store, night.clock, lambda text: text)  # type: ignore[arg-type]  # not asked
        self.watch = SelfWatch(
            night.store,
            night.board,
            night.clock,
            self.ready,
            self.strain,
            observe=night.observer.observe,
            forget=night.engine.forget,
            lookups=Lookups(),
            manager=ServiceManager(),
            metrics=metrics,
        )
        self.configure(A, B)

    def configure(self, *people: str, more: str = "") -> None:
        """Work with these addresses, and whatever else is configured, from now on."""
        self._config.write_text(PEOPLE.format(people=", ".join(people)) + more)
        self.watch.configure(load(self._config, {}))

    async def ping(self) -> float:
        """Ping, and return in how many seconds that is done again."""
        await self.watch.ping()
        return self.watch._switch.period

    async def live(self, seconds: float, lag: float = 0.0) -> None:
        """Let time pass, in which every tick of the event loop is late by as much."""
        for _ in range(round(seconds / EVERY)):
            self.strain.ticked(lag)
            self.night.clock.advance(EVERY)
            await self.watch.tick()
            await self.night.engine.tick()

    def shows(self, name: str, **labels: str) -> float | None:
        """Return a metric."""
        return self.registry.get_sample_value(f"nightporter_{name}", labels)

    async def causes(self) -> list[tuple[str, str]]:
        """Return the open incidents, as hotel and cause."""
        return [(one.hotel, str(one.diagnosis.cause)) for one in await self.night.open()]


@asynccontextmanager
async def on_duty(directory: Path) -> AsyncIterator[Porter]:
    clock = FakeClock()
    async with a_store(directory, clock) as store:
        yield Porter(Night(store, clock, [a_check()]), directory)


async def test_lasting_lateness_opens_one_warning_and_calm_ends_it(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.live(120)
        assert await porter.causes() == []
        await porter.live(60, lag=1.6)
        assert await porter.causes() == [("h", "monitor-overloaded")]
        await porter.live(300, lag=1.6)
        (one,) = await porter.night.open()
        assert one.severity == "warning"
        assert "up to 1.6 s late" in one.breaches[0].message
        assert len(await porter.night.letters(one.id)) == len(ADDRESSES)
        await porter.live(90)
        assert await porter.causes() == []


async def test_several_hotels_have_one_incident_of_it(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        board = porter.night.board
        board.watch([tile.check for tile in board.tiles.values()], {"h": "H", "i": "I"})
        await porter.live(120, lag=2.0)
        assert await porter.causes() == [("h", "monitor-overloaded")]


async def test_a_check_that_cannot_be_judged_any_more_says_that_the_porter_is_too_late(
    tmp_path: Path,
) -> None:
    async with on_duty(tmp_path) as porter:
        check = a_check()
        for _ in range(BLIND - 1):
            porter.night.observer.observe(check, VOID)
        await porter.live(30)
        assert await porter.causes() == []
        porter.night.observer.observe(check, VOID)
        await porter.live(30)
        assert await porter.causes() == [("h", "monitor-overloaded")]


async def refuse(porter: Porter, recipient: str) -> None:
    """Open an incident, and have the letters to one recipient refused and all others taken."""
    check = a_check()
    down = failed(Reason.CONNECT, "connection refused")
    await porter.night.see(check, down, down)
    await porter.live(10)
    for claim in await porter.night.store.claim(99):
        if claim.notification.recipient == recipient:
            await porter.night.store.dead(claim, "recipient_refused: 550 no such user")
        else:
            await porter.night.store.sent(claim)


async def test_a_refused_recipient_is_a_warning_until_it_is_configured_no_more(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await refuse(porter, A)
        porter.watch.look_for_letters()
        await porter.live(20)
        assert ("h", "monitor-misconfigured") in await porter.causes()
        shown = porter.night.board.tiles[CheckId("h", "network", "mail")]
        refused = "recipient_refused: 550 no such user"
        assert shown.values == {"address": A, "answer": refused, "recipients": A}
        porter.configure(B)
        await porter.live(20)
        assert ("h", "monitor-misconfigured") not in await porter.causes()


async def test_a_dead_letter_is_told_of_for_a_day(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await refuse(porter, A)
        await porter.live(LETTERS_EVERY + 20)
        assert ("h", "monitor-misconfigured") in await porter.causes()
        porter.night.clock.advance(24 * 3600)
        await porter.live(LETTERS_EVERY + 20)
        assert ("h", "monitor-misconfigured") not in await porter.causes()


async def test_whom_messages_do_not_reach_is_counted(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.live(LETTERS_EVERY + 10)
        assert porter.shows("recipients_unreached", hotel="h") == 0
        await refuse(porter, A)
        porter.watch.look_for_letters()
        await porter.live(20)
        assert porter.shows("recipients_unreached", hotel="h") == 1
        porter.configure(B)
        await porter.live(20)
        assert porter.shows("recipients_unreached", hotel="h") == 0


async def test_whether_it_can_work_and_neglects_nothing_is_shown(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        assert (porter.shows("ready"), porter.shows("self_audit_successful")) == (0, 0)
        await porter.live(10)
        await porter.ping()
        assert (porter.shows("ready"), porter.shows("self_audit_successful")) == (1, 1)
        porter.ready.reason = "the state cannot be written"
        await porter.live(10)
        await porter.ping()
        assert (porter.shows("ready"), porter.shows("self_audit_successful")) == (0, 0)


async def test_an_audit_that_does_not_end_has_passed_nothing(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.ping()
        assert porter.shows("self_audit_successful") == 1
        porter.ready.fault = RuntimeError("a fault of its own")
        with pytest.raises(RuntimeError):
            await porter.ping()
        assert porter.shows("self_audit_successful") == 0


async def test_a_ping_that_was_not_heard_is_made_up_for_long_before_the_next_one(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter, server(http("503 Unavailable")) as listener:
        porter.configure(A, more=f"dead_man: {{url: '{listener.url()}', interval: 6h}}\n")
        assert await porter.ping() == AUDIT_EVERY
        listener.answer = http()
        assert await porter.ping() == 6 * 3600
        porter.ready.reason = "the state cannot be written"
        assert await porter.ping() == AUDIT_EVERY
        porter.configure(A, more=f"dead_man: {{url: '{listener.url()}', interval: 5s}}\n")
        assert await porter.ping() == 5
    assert len(listener.requests) == 2
