"""What the status page costs with many hotels: milliseconds to answer, bytes, how long others wait meanwhile,
and how soon a browser paints it.

Each hotel has six integrations with eight checks; one in forty has one that fails. The browser is Debian's
`chromium`, without a window, asked over its debugging protocol.
"""

import argparse
import asyncio
import re
import statistics
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from aiohttp import ClientSession, ClientWebSocketResponse

from daemon.board import Board
from tests.support.boards import answered, check, put, shown, timed_out
from tests.support.clock import FakeClock
from tests.support.letters import incident
from tests.support.web import House, serving

INTEGRATIONS = ("booking_engine", "expedia", "payment", "email", "channel_manager", "pms")
CHECKS, EVERY, TIMES = 8, 40, 20
PAINT = """
new Promise((done) => {
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
    before = time.perf_counter()
    while True:
        await asyncio.sleep(0)
        now = time.perf_counter()
        _GAPS.append(1000 * (now - before))
        before = now


@asynccontextmanager
async def chromium() -> AsyncIterator[ClientWebSocketResponse]:
    """Run a browser, and yield a conversation with its page."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        options = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")
        browser = await asyncio.create_subprocess_exec(
            "chromium", *options, f"--user-data-dir={profile}", "about:blank", stdout=DEVNULL, stderr=PIPE
        )
        try:
            async with asyncio.timeout(30), ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{await _port(browser)}/json/list") as listed:
                    pages = [one for one in await listed.json() if one["type"] == "page"]
                async with session.ws_connect(pages[0]["webSocketDebuggerUrl"], max_msg_size=0) as page:
                    yield page
        finally:
            with suppress(ProcessLookupError):
                browser.kill()
            await browser.wait()


async def _port(browser: asyncio.subprocess.Process) -> str:
    assert browser.stderr is not None
    while line := await browser.stderr.readline():
        if found := re.search(rb"ws://127\.0\.0\.1:(\d+)/", line):
            return found[1].decode()
    raise RuntimeError("the browser does not say where it listens")


async def paints(house: House, path: str) -> list[float]:
    """Return how many milliseconds after the click something was to be seen, some times over."""
    found = []
    async with chromium() as page:
        for number in range(7):
            await _ask(page, 2 * number, "Page.navigate", url=house.url + path)
            said = await _ask(
                page,
                2 * number + 1,
                "Runtime.evaluate",
                expression=PAINT,
                awaitPromise=True,
                returnByValue=True,
            )
            found.append(float(said["result"]["value"]))
    return found[1:]


async def _ask(
    page: ClientWebSocketResponse, number: int, method: str, **params: object
) -> dict[str, dict[str, float]]:
    await page.send_json({"id": number, "method": method, "params": params})
    while True:
        said = await page.receive_json()
        if said.get("id") == number:
            result: dict[str, dict[str, float]] = said["result"]
            return result


async def measure(hotels: int) -> None:
    """Print what is measured."""
    async with serving() as house:
        fill(house.deps.board, house.clock, hotels)
        print(f"{hotels} hotels, {len(house.deps.board.tiles):,} checks")
        for path in ("/", "/?status=unwell", "/hotels/hotel-0000", "/hotels/hotel-0000/payment"):
            took, size, longest = await answers(house, path)
            painted = await paints(house, path)
            print(
                f"{path:28} {took:6.1f} ms  {size / 1000:6.1f} kB  others wait {longest:5.1f} ms at most  "
                f"first paint {statistics.median(painted):5.0f} ms (worst {max(painted):.0f})"
            )


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--hotels", type=int, default=500)
    asyncio.run(measure(arguments.parse_args().hotels))
