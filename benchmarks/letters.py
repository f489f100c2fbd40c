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
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
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
class Chain:
    """A porter of some hotels, judged by hand."""

    checks: list[Check]
    clock: Running
    store: Watched
    night: Night
    pauses: list[float] = field(default_factory=list)

    def see(self, result: Result, times: int) -> None:
        """Let every check see a result, a minute apart."""
        for _ in range(times):
            self.clock.advance(60)
            for check in self.checks:
                self.night.observer.observe(check, result)

    async def tick_until(self, letters: int) -> float:
        """Tick until so many letters are committed; return the CPU seconds that took."""
        self.store.waits, self.pauses = [], []
        lag = asyncio.create_task(self._measure())
        began = time.process_time()
        while len(self.store.waits) < letters:
            await self.night.engine.tick()
        spent = time.process_time() - began
        lag.cancel()
        with suppress(asyncio.CancelledError):
            await lag
        return spent

    async def _measure(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(0.001)
            self.pauses.append(time.perf_counter() - began - 0.001)


async def incidents(hotels: int, integrations: int) -> None:
    """Let all integrations fail, escalate and heal; print what each of it takes."""
    count = hotels * integrations
    with tempfile.TemporaryDirectory() as directory:
        chain = await _chain(Path(directory), hotels, integrations)
        try:
            chain.see(DOWN, 2)
            chain.clock.advance(SETTLED)
            report("opened: 3 letters", count, await chain.tick_until(3 * count), chain)
            chain.clock.advance(QUARTER)
            chain.night.engine.review()
            report("escalated: 1 letter", count, await chain.tick_until(count), chain)
            chain.see(ok(), 2)
            report("resolved: 4 letters", count, await chain.tick_until(4 * count), chain)
        finally:
            await chain.store.close()


async def _chain(directory: Path, hotels: int, integrations: int) -> Chain:
    pairs = [(f"h{hotel}", f"i{number}") for hotel in range(hotels) for number in range(integrations)]
    checks = [
        replace(a_check("health", name, "payment"), id=CheckId(hotel, name, "health"))
        for hotel, name in pairs
    ]
    clock = Running()
    store = await Watched.open(f"sqlite:///{directory}/state.db", clock)
    store.waits = []
    night = Night(store, clock, checks)
    desks = {
        hotel: HotelDesk(
            hotel, "Grand Harbour", ZoneInfo("UTC"), WHOLE, {name: "payment" for _, name in pairs}, {}, {}
        )
        for hotel, _ in pairs
    }
    night.engine.configure(Correspondent("Porter <porter@hotel.example>", RENDERER), desks, {})
    return Chain(checks, clock, store, night)


def report(what: str, count: int, spent: float, chain: Chain) -> None:
    """Print what a step took."""
    waits, pauses = sorted(chain.store.waits), sorted(chain.pauses)
    print(
        f"{what:31} {spent / count * 1e3:6.2f} ms of CPU an incident, committed after "
        f"{_p99(waits) * 1e3:5.0f} ms (p99), loop late by {_p99(pauses) * 1e3:4.0f} ms (p99), "
        f"{max(pauses) * 1e3:4.0f} ms (most)"
    )


def _p99(ordered: list[float]) -> float:
    return ordered[int(0.99 * (len(ordered) - 1))]


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
