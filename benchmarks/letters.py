"""What telling people costs: microseconds a letter, and milliseconds from a breach to committed rows.

The incidents are those of hotels whose integrations all fail at once, over a state in SQLite: two people on
level 1 and the front desk are told at once, level 2 after a quarter of an hour, and all of them of the end.
"""

import argparse
import asyncio
import logging
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.message import Mail
from alerts.notification import Kind
from checks.check import Check
from checks.result import CheckId, Reason, Result, failed, ok
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import RENDERER, WHOLE, Night, a_check
from tests.support.letters import NEXT, at_the_desk, cut_off, problem, resolved

UPDATE = problem(kind=Kind.UPDATE, reason="it is an emergency now: open for 60 min", next_step=NEXT)
LETTERS = {
    "problem, to engineers": problem(),
    "problem, to the desk": at_the_desk(problem(next_step=NEXT)),
    "update, to engineers": UPDATE,
    "update, to the desk": at_the_desk(UPDATE),
    "resolved, to engineers": resolved(),
    "resolved, to the desk": at_the_desk(resolved()),
    "five integrations, to engineers": cut_off(),
}
DOWN = failed(Reason.SERVER_ERROR, "answered 503, an error of the server")
SETTLED, QUARTER = 6.0, 901.0
"""Seconds until a new breach waits no longer, and until level 2 is told."""


class Running(FakeClock):
    """A clock that goes by itself, and is set forward by hand."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.perf_counter()

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=time.perf_counter() - self._began)

    def monotonic(self) -> float:
        return super().monotonic() + time.perf_counter() - self._began


class Watched(Store):
    """A store that notes of each letter how many seconds after the decision it was committed."""

    waits: list[float]

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        now = self._clock.now()
        self.waits += [(now - one.created_at).total_seconds() for one in change.notifications]


@dataclass
class Step:
    """What a step took, in seconds: of CPU, until letters were committed, and that the loop was late."""

    spent: float = 0.0
    waits: list[float] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


@dataclass
class Chain:
    """A porter of some hotels, judged by hand."""

    clock: Running
    store: Watched
    night: Night

    async def live(self, checks: Sequence[Check]) -> dict[str, Step]:
        """Let checks fail, nobody act, and all be well again."""
        count = len(checks)
        self._see(DOWN, checks)
        opened = await self._tick_until(3 * count)
        self.clock.advance(QUARTER)
        self.night.engine.review()
        escalated = await self._tick_until(count)
        self._see(ok(), checks)
        resolved = await self._tick_until(4 * count)
        return {
            "opened: 3 letters": opened,
            "escalated: 1 letter": escalated,
            "resolved: 4 letters": resolved,
        }

    def _see(self, result: Result, checks: Sequence[Check]) -> None:
        for _ in range(2):
            self.clock.advance(60)
            for check in checks:
                self.night.observer.observe(check, result)
        self.clock.advance(SETTLED)

    async def _tick_until(self, letters: int) -> Step:
        """Tick until so many letters are committed."""
        step = Step()
        self.store.waits = step.waits
        lag = asyncio.create_task(_measure(step.pauses))
        began = time.process_time()
        while len(step.waits) < letters:
            await self.night.engine.tick()
        step.spent = time.process_time() - began
        lag.cancel()
        with suppress(asyncio.CancelledError):
            await lag
        return step


async def _measure(pauses: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0.001)
        pauses.append(time.perf_counter() - began - 0.001)


async def incidents(hotels: int, integrations: int) -> None:
    """Let all integrations fail, escalate and heal; print what each of it takes."""
    names = [f"i{number}" for number in range(integrations)]
    checks = [a_check_of(f"h{hotel}", name) for hotel in range(hotels) for name in names]
    # What is done for the first time takes longer, and a storm is hardly a porter's first incident.
    first = a_check_of("first", "i0")
    with tempfile.TemporaryDirectory() as directory:
        clock = Running()
        store = await Watched.open(f"sqlite:///{directory}/state.db", clock)
        try:
            night = Night(store, clock, [first, *checks])
            kinds = dict.fromkeys(names, "payment")
            desks = {
                one.id.hotel: HotelDesk(one.id.hotel, "Grand Harbour", ZoneInfo("UTC"), WHOLE, kinds, {}, {})
                for one in (first, *checks)
            }
            night.engine.configure(Correspondent("Porter <porter@hotel.example>", RENDERER), desks, {})
            chain = Chain(clock, store, night)
            await chain.live([first])
            for what, step in (await chain.live(checks)).items():
                report(what, step, len(checks))
        finally:
            await store.close()


def a_check_of(hotel: str, integration: str) -> Check:
    """Return the health check of an integration."""
    return replace(a_check("health", integration), id=CheckId(hotel, integration, "health"))


def report(what: str, step: Step, count: int) -> None:
    """Print what a step took."""
    waits, pauses = (f"{_quantile(ones, 0.5)} {_quantile(ones, 0.99)}" for ones in (step.waits, step.pauses))
    print(
        f"{what:31} {step.spent / count * 1e3:6.2f} ms of CPU an incident; p50 and p99, ms: "
        f"{waits} from the decision to the commit,{pauses} the loop is late"
    )


def _quantile(values: Sequence[float], share: float) -> str:
    return f"{sorted(values)[int(share * (len(values) - 1))] * 1e3:5.0f}"


def rendering(mail: Mail, rounds: int) -> float:
    """Return the CPU seconds of a letter."""
    began = time.process_time()
    for _ in range(rounds):
        RENDERER.render(mail)
    return (time.process_time() - began) / rounds


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--hotels", type=int, default=50)
    parser.add_argument("--integrations", type=int, default=20)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    for name, mail in LETTERS.items():
        cost = statistics.median(rendering(mail, options.rounds) for _ in range(options.runs))
        print(f"{name:31} {cost * 1e6:6.0f} us of CPU a letter")
    asyncio.run(incidents(options.hotels, options.integrations))


if __name__ == "__main__":
    main()
