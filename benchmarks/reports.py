"""What reports of a big hotel take: seconds of CPU, and how long the event loop is late meanwhile.

`python -m benchmarks.reports` fills a state as two weeks of 500 integrations leave it, with five checks each
that run once a minute and 250 open incidents, and makes a daily and a weekly report, with its letters, in
SQLite and in PostgreSQL where a server is installed.
"""

import argparse
import asyncio
import gc
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, delete

from alerts.change import Change, Event
from alerts.reports import periods
from alerts.reports.report import Kind
from daemon.demo.postgres import binaries, postgres
from daemon.history import History
from daemon.nights import Nights
from daemon.recorder import minute_of
from daemon.settings import Settings
from daemon.store import Store
from daemon.store.histories import _insert
from daemon.store.reports import reports
from daemon.store.schema import notifications
from daemon.tally import HOUR, Stored
from tests.support.clock import FakeClock
from tests.support.letters import incident
from tests.support.reported import HOTEL, nights_over, settings_of
from tests.support.stored import hold

from .history import bodies

INTEGRATIONS, INCIDENTS, DAYS, TIMES = 500, 250, 15, 5
MONDAY = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
SWITCH = 0.001
"""Seconds after which a thread makes room for another one, as the daemon has it."""


async def fill(store: Store, integrations: int) -> None:
    """Write the hours that are kept, and the incidents that are open."""
    chance = random.Random(1)
    made = bodies(HOUR, chance)
    end = minute_of(MONDAY)
    for start in range(end - DAYS * 24 * HOUR, end, HOUR):
        rows = [
            Stored(HOTEL, HOUR, start, f"integration-{number:03}", 0, chance.choice(made))
            for number in range(integrations)
        ]
        await store._transactions.write(partial(_insert, rows=rows))
    for number in range(INCIDENTS):
        at = MONDAY - timedelta(minutes=10 * number)
        one = replace(
            incident(),
            id=f"inc-{number}",
            key=str(number),
            hotel=HOTEL,
            opened_at=at,
            integrations=(f"integration-{number:03}",),
        )
        event = Event(one.id, at, "opened", one.title)
        await store.commit(Change(incidents=(one,), events=(event,)))


def porter(store: Store, settings: Settings) -> Nights:
    """Return a porter who has just been started."""
    clock = FakeClock(MONDAY + timedelta(seconds=5))
    return nights_over(store, clock, settings, History(store, clock, lambda: {HOTEL}))


async def late(work: Awaitable[object]) -> tuple[float, float]:
    """Return by how many seconds the event loop was late at the most while some work was done.

    And for how many of them it worked itself; the others went to other threads, and to the neighbours.
    """
    task, worst, busy = asyncio.ensure_future(work), 0.0, 0.0
    while not task.done():
        begun, used = time.perf_counter(), time.thread_time()
        await asyncio.sleep(SWITCH)
        worst = max(worst, time.perf_counter() - begun - SWITCH)
        busy = max(busy, time.thread_time() - used)
    task.result()
    return worst, busy


async def clear(store: Store) -> None:
    """Forget what was made, so that it is made again."""

    def work(connection: Connection) -> None:
        for table in (reports, notifications):
            connection.execute(delete(table))

    await store._transactions.write(work)


Work = Callable[[], Awaitable[object]]


async def measured(name: str, work: Work, after: Work, times: int) -> None:
    """Print the medians of some runs."""
    took, spent, held, busy = [], [], [], []
    for _ in range(times):
        begun, used = time.perf_counter(), time.process_time()
        waited, worked = await late(work())
        held.append(waited)
        busy.append(worked)
        took.append(time.perf_counter() - begun)
        spent.append(time.process_time() - used)
        await after()
    print(
        f"  {name}: {statistics.median(spent):.2f} s of CPU, made in {statistics.median(took):.2f} s, "
        f"the loop late by {1000 * statistics.median(held):.0f} ms, its longest slice "
        f"{1000 * statistics.median(busy):.0f} ms",
        flush=True,
    )


async def measure(address: str, directory: Path, integrations: int, times: int) -> None:
    """Fill a state, and print what its reports take."""
    settings = settings_of(directory)
    store = await Store.open(address, FakeClock(MONDAY))
    await fill(store, integrations)
    gc.collect()
    gc.freeze()
    await hold(store, [HOTEL])
    nights = porter(store, settings)
    (hotel,) = settings.hotels
    for kind in (Kind.DAILY, Kind.WEEKLY):
        spans = periods.scheduled(kind, MONDAY + timedelta(seconds=5), hotel.timezone, hotel.reports.at)
        work = partial(nights.reports._make, hotel, kind, spans)
        await measured(f"{kind}", work, partial(clear, store), times)
    await store.close()


async def main() -> None:
    """Measure both databases."""
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--integrations", type=int, default=INTEGRATIONS)
    wanted.add_argument("--times", type=int, default=TIMES)
    wanted.add_argument("--sqlite", action="store_true", help="leave PostgreSQL out")
    given = wanted.parse_args()
    sys.setswitchinterval(SWITCH)
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        print("SQLite", flush=True)
        await measure(f"sqlite:///{directory}/state.db", directory, given.integrations, given.times)
        if given.sqlite or binaries() is None:
            return
        server = await stack.enter_async_context(postgres(directory))
        print("PostgreSQL", flush=True)
        await measure(server.dsn, directory, given.integrations, given.times)


if __name__ == "__main__":
    asyncio.run(main())
