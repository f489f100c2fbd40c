"""What the status page costs with many hotels: milliseconds to answer, bytes, how long others wait meanwhile,
and how soon a browser paints it.

Each hotel has six integrations with eight checks; one in forty has one that fails. The browser is Debian's
`chromium`, without a window; `/login` shows what a page of a few lines costs it.
"""

import argparse
import asyncio
import gc
import statistics
import time
from dataclasses import replace

from aiohttp import ClientSession
from playwright.async_api import Browser

from daemon.board import Board
from tests.support.boards import answered, check, put, shown, timed_out
from tests.support.chromium import chromium, tab
from tests.support.clock import FakeClock
from tests.support.letters import incident
from tests.support.web import House, serving

INTEGRATIONS = ("booking_engine", "expedia", "payment", "email", "channel_manager", "pms")
CHECKS, EVERY, TIMES = 8, 40, 20
PAINT = """
() => new Promise((done) => {
  const told = () => {
    const paint = performance.getEntriesByName("first-contentful-paint")[0];
    paint ? done(paint.startTime) : requestAnimationFrame(told);
  };
  told();
})
"""


def fill(board: Board, clock: FakeClock, hotels: int) -> None:
    """Put up hotels, some of them with trouble."""
    names = {f"hotel-{number:04}": f"Hotel Number {number}" for number in range(hotels)}
    checks = [
        check(integration, f"check{number}", integration, hotel)
        for hotel in names
        for integration in INTEGRATIONS
        for number in range(CHECKS)
    ]
    board.watch(checks, names)
    for one in checks:
        put(board, one, answered(), clock)
    for number, hotel in enumerate(list(names)[::EVERY]):
        put(board, next(one for one in checks if one.id.hotel == hotel), timed_out(), clock)
        shown(replace(incident(), id=f"inc-{number}", hotel=hotel), board)


async def answers(house: House, path: str) -> tuple[float, int, float]:
    """Return the median milliseconds of an answer, its bytes, and the longest that others had to wait."""
    took, size, longest = [], 0, 0.0
    async with ClientSession() as session:
        for _ in range(TIMES):
            watching = asyncio.create_task(_longest_turn())
            await asyncio.sleep(0)
            began = time.perf_counter()
            async with session.get(house.url + path) as answer:
                size = len(await answer.read())
            took.append(1000 * (time.perf_counter() - began))
            watching.cancel()
            longest = max(longest, *_GAPS)
            _GAPS[:] = [0.0]
    return statistics.median(took), size, longest


_GAPS = [0.0]


async def _longest_turn() -> None:
    # By the time of this thread: what others do to this machine meanwhile is not the page's.
    before = time.thread_time()
    while True:
        await asyncio.sleep(0)
        now = time.thread_time()
        _GAPS.append(1000 * (now - before))
        before = now


async def paints(house: House, browser: Browser, path: str) -> list[float]:
    """Return how many milliseconds after the click something was to be seen, some times over."""
    found = []
    async with tab(browser) as looking:
        for _ in range(TIMES + 1):
            await looking.page.goto(house.url + path)
            found.append(float(await looking.page.evaluate(PAINT)))
    return found[1:]


async def measure(hotels: int) -> None:
    """Print what is measured."""
    async with serving() as house, chromium() as browser:
        fill(house.deps.board, house.clock, hotels)
        # What the board itself holds is gone through now and then, whether anybody looks at a page or not.
        gc.freeze()
        print(f"{hotels} hotels, {len(house.deps.board.tiles):,} checks")
        for path in ("/", "/?status=unwell", "/hotels/hotel-0000", "/hotels/hotel-0000/payment", "/login"):
            took, size, longest = await answers(house, path)
            painted = await paints(house, browser, path)
            print(
                f"{path:28} {took:6.1f} ms  {size / 1000:6.1f} kB  others wait {longest:5.1f} ms at most  "
                f"first paint {statistics.median(painted):5.0f} ms (from {min(painted):.0f})"
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hotels", type=int, default=500)
    asyncio.run(measure(arguments.parse_args().hotels))
