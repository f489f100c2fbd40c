"""What the history of 1,000 checks takes: room for ever, time to write, to make wider, and to ask.

`python -m benchmarks.history` fills a state as 400 days would leave it, the last three of them minute by
minute, in SQLite and in PostgreSQL where a server is installed.
"""

import asyncio
import math
import random
import sys
import tempfile
import time
import tracemalloc
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import text

from checks.check import Check
from checks.result import QUEUE_PENDING, RESPONSE_TIME, ok
from daemon.buckets import Span
from daemon.demo.postgres import binaries, postgres
from daemon.history import History
from daemon.recorder import minute_of
from daemon.store import Store
from daemon.store.histories import KEPT, _insert
from daemon.tally import DAY, HOUR, MINUTE, Stored, Tally, body_of
from tests.support.boards import check
from tests.support.clock import FakeClock

HOTELS, INTEGRATIONS, CHECKS = 40, 5, 5
BEGIN = datetime(2026, 11, 25, tzinfo=UTC)
LIVED = 3 * DAY
VARIANTS = 50


def checks(hotels: int) -> list[Check]:
    """Return checks, each of which runs once a minute: four of five time an answer, one counts a queue."""
    made = []
    for hotel in range(hotels):
        for integration in range(INTEGRATIONS):
            for number in range(CHECKS):
                one = check(f"integration-{integration}", f"check-{number}", hotel=f"hotel-{hotel:03}")
                counts = replace(one.type, name="queue", measurement=QUEUE_PENDING)
                made.append(replace(one, type=counts) if number == 0 else one)
    return made


def result(one: Check, chance: random.Random) -> Any:
    """Return what a healthy check sees."""
    if one.type.name == "queue":
        return replace(ok("", {QUEUE_PENDING: float(chance.randrange(900))}), duration=0.004)
    return ok("", {RESPONSE_TIME: 1000 * chance.lognormvariate(-2, 0.5)})


def bodies(width: int, chance: random.Random) -> list[bytes]:
    """Return what rows of a width hold: an integration whose checks ran once a minute."""
    some = checks(1)[:CHECKS]
    found = []
    for _ in range(VARIANTS):
        tallies = {}
        for one in some:
            tally = tallies[one.id.check] = Tally()
            for _ in range(width):
                seen = result(one, chance)
                tally.add(one, seen, seen, BEGIN.timestamp())
        found.append(body_of(tallies))
    return found


async def fill(store: Store, width: int, chance: random.Random) -> None:
    """Write what is kept of a width, but for the days that are lived, in the order of time."""
    end = minute_of(BEGIN)
    made = bodies(width, chance)
    for start in range(end - KEPT[width] + LIVED, end, width):
        rows = [
            Stored(f"hotel-{hotel:03}", width, start, f"integration-{number}", 0, chance.choice(made))
            for hotel in range(HOTELS)
            for number in range(INTEGRATIONS)
        ]
        await store._transactions.write(partial(_insert, rows=rows))


async def live(store: Store, chance: random.Random) -> dict[str, float]:
    """Live through some days; return the CPU milliseconds of a minute and of a hotel's hour."""
    made = bodies(MINUTE, chance)
    spent = {"minute": 0.0, "hour": 0.0}
    ends: dict[str, Any] = {}
    begin = minute_of(BEGIN)
    for now in range(begin + 1, begin + LIVED + 1):
        rows = [
            Stored(
                f"hotel-{hotel:03}",
                MINUTE,
                now - 1,
                f"integration-{number}",
                now % 99_991 + 1,
                chance.choice(made),
            )
            for hotel in range(HOTELS)
            for number in range(INTEGRATIONS)
        ]
        at = time.process_time()
        await store.history.add(rows, ends, now)
        spent["minute"] += time.process_time() - at
        if now % HOUR == 2:
            at = time.process_time()
            for hotel in range(HOTELS):
                name = f"hotel-{hotel:03}"
                ends[name] = await store.history.settle(name, now - 2, now)
            spent["hour"] += time.process_time() - at
    return {
        "minute": 1000 * spent["minute"] / LIVED,
        "hour": 1000 * spent["hour"] / (LIVED / HOUR) / HOTELS,
    }


async def ask(store: Store, clock: FakeClock) -> None:
    """Print what questions take, and how long the loop is held at the most."""
    clock.jump((BEGIN + timedelta(minutes=LIVED) - clock.now()).total_seconds())
    history = History(store, clock, set)
    for span in Span:
        for name, width in (("strip", span.cell), ("chart", span.point)):
            only = "integration-2" if name == "chart" else None
            took, held = await timed(
                lambda only=only, span=span, width=width: history.integrations(
                    "hotel-017", only, since=clock.now() - span.length, until=clock.now(), width=width
                )
            )
            of = "an integration" if only else "a hotel's integrations"
            print(
                f"  {span.value} {name} of {of}: {1000 * took:.1f} ms of CPU, loop held {1000 * held:.1f} ms"
            )


async def timed(work: Any) -> tuple[float, float]:
    """Return the CPU seconds of the quickest of three runs, and for how long nobody else had a turn."""
    took = math.inf
    for _ in range(3):
        begin = time.process_time()
        await work()
        took = min(took, time.process_time() - begin)
    return took, min([await longest_turn(work()) for _ in range(3)])


async def longest_turn(work: Any) -> float:
    """Return the seconds for which some work held the loop at the most."""
    task, worst, last = asyncio.ensure_future(work), 0.0, time.perf_counter()
    while not task.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        worst, last = max(worst, now - last), now
    task.result()
    return worst


def some_more(history: History, some: list[Check], chance: random.Random) -> None:
    """Have each check run once."""
    for one in some:
        seen = result(one, chance)
        history.note(one, seen, seen)


@dataclass(frozen=True, slots=True)
class Written:
    """CPU seconds of a run noted and of a minute written, bytes kept of a check, seconds of a held loop."""

    checks: int
    note: float
    minute: float
    kept: float
    held: float


async def write(hotels: int, address: str, chance: random.Random) -> Written:
    """Return what a minute of many checks takes, from the runs to the commit."""
    clock = FakeClock(BEGIN)
    store = await Store.open(address, clock)
    history, some = History(store, clock, set), checks(hotels)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for one in some:
        seen = result(one, chance)
        history.note(one, seen, seen)
    kept = (tracemalloc.get_traced_memory()[0] - before) / len(some)
    tracemalloc.stop()
    at = time.process_time()
    for one in some:
        history.note(one, ok("", {RESPONSE_TIME: 90.0}), ok())
    note = (time.process_time() - at) / len(some)
    clock.advance(60)
    begin = time.process_time()
    await history.tick()
    written = time.process_time() - begin
    some_more(history, some, chance)
    worst = math.inf
    for _ in range(3):
        clock.advance(60)
        worst = min(worst, await longest_turn(history.tick()))
        some_more(history, some, chance)
    await store.close()
    return Written(len(some), note, written, kept, worst)


async def measure(address: str, size: Any, fresh: Any) -> None:
    """Fill a state, and print what it takes."""
    chance = random.Random(1)
    for hotels in (HOTELS, 10 * HOTELS):
        seen = await write(hotels, await fresh(), chance)
        print(
            f"  {seen.checks} checks: a run {1e6 * seen.note:.1f} us of CPU, "
            f"{seen.kept:.0f} bytes a check in memory; "
            f"a minute written in {1000 * seen.minute:.0f} ms of CPU, loop held {1000 * seen.held:.1f} ms"
        )
    clock = FakeClock(BEGIN)
    store = await Store.open(address, clock)
    for width in (DAY, HOUR):
        await fill(store, width, chance)
    spent = await live(store, chance)
    print(
        f"  a minute of 1,000 checks {spent['minute']:.1f} ms of CPU, a hotel's hour {spent['hour']:.1f} ms"
    )
    await ask(store, clock)
    count = text("SELECT width, count(*), sum(length(body)) FROM history GROUP BY width ORDER BY width")
    found = await store._transactions.read(lambda connection: connection.execute(count).all())
    for width, rows, held in found:
        print(f"  rows of {width} min: {rows}, {held / 1e6:.1f} MB of bodies")
    await store.close()
    print(f"  in all: {await size() / 1e6:.1f} MB")


def room(directory: Path) -> float:
    """Return the bytes that the main state takes."""
    return float(sum(one.stat().st_size for one in directory.glob("main.db*")))


async def main() -> None:
    """Measure both databases."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        number = iter(range(99))

        async def file() -> str:
            return f"sqlite:///{directory}/{next(number)}.db"

        async def bytes_of() -> float:
            return room(directory)

        if "postgresql" not in sys.argv:
            print("SQLite")
            await measure(f"sqlite:///{directory}/main.db", bytes_of, file)
        if binaries() is None or "sqlite" in sys.argv:
            return
        server = await stack.enter_async_context(postgres(directory))
        await over_postgres(server)


async def over_postgres(server: Any) -> None:
    """Measure a database of a local server."""
    import asyncpg  # noqa: PLC0415 - only where there is a server

    admin = await asyncpg.connect(server.dsn)
    number = iter(range(99))

    async def fresh() -> str:
        name = f"history{next(number)}"
        await admin.execute(f"CREATE DATABASE {name}")
        return str(server.to(name))

    main = await fresh()

    async def bytes_of() -> float:
        connection = await asyncpg.connect(main)
        await connection.execute("VACUUM history")
        found = await connection.fetchval("SELECT pg_total_relation_size('history')")
        await connection.close()
        return float(found)

    print("PostgreSQL")
    await measure(main, bytes_of, fresh)
    await admin.close()


if __name__ == "__main__":
    asyncio.run(main())
