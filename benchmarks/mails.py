"""Seconds from a fault to the mail in the inbox, with a real porter, a real vendor and a real SMTP server.

Most of it is the schedule's: a fault is seen with the next look, and told of after as many failed looks as
the configuration wants. The vendor notes when it was asked, so that both parts are known apart: `floor`, from
the fault to the look that decides, and `own`, from that look's answer to the mail that the server has taken.
"""

import asyncio
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from benchmarks.process import running
from benchmarks.setting import Setting
from benchmarks.targets import free_port, wait_for
from tests.support.inbox import Inbox, inbox

HOTELS = 10
CONFIGURATION = """\
hotels_dir: hotels.d
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
control: ["tcp://127.0.0.1:{control}", "tcp://localhost:{control}"]
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels: [{{level: 1, role: Support, email: [support@hotel.example]}}]
"""
HOTEL = """\
hotel: {{id: {name}, name: {name}, timezone: UTC}}
{thresholds}
integrations:
  payment:
    url: http://127.0.0.1:{vendor}/{name}
    checks: {{health: {{{health}}}}}
"""
VARIANTS = {
    "at_once": ("thresholds: {failures: 1}", "interval: 1s", 1),
    "default": ("", "", 3),
}
"""The thresholds, the tuning of the check, and how many failed looks decide."""


class Vendor:
    """Answers 200 until it is broken, then 503; notes when it answered whom from then on."""

    def __init__(self) -> None:
        self.broken_at: float | None = None
        self.seen: set[str] = set()
        self._news = asyncio.Event()
        self.refused: defaultdict[str, list[float]] = defaultdict(list)

    async def seen_by(self, hotels: int) -> None:
        """Wait until so many hotels have looked."""
        while len(self.seen) < hotels:
            await self._news.wait()
            self._news.clear()

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one look."""
        hotel = request.path.split("/")[1]
        self.seen.add(hotel)
        self._news.set()
        if self.broken_at is None:
            return web.json_response({"status": "ok"})
        self.refused[hotel].append(time.monotonic())
        return web.json_response({"status": "down"}, status=503)


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Vendor, int]]:
    """Serve a vendor on a free port while the context lasts."""
    vendor, app = Vendor(), web.Application()
    app.router.add_get("/{path:.*}", vendor.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield vendor, runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def _arrivals(mails: Inbox, hotels: int, within: float) -> dict[str, float]:
    """Return when the problem mail of each hotel came."""
    found: dict[str, float] = {}
    deadline = time.monotonic() + within
    while len(found) < hotels:
        if time.monotonic() > deadline:
            raise TimeoutError(f"{len(found)} of {hotels} mails came")
        for mail in mails.take():
            if mail["X-Nightporter-Kind"] == "problem":
                found.setdefault(mail["X-Nightporter-Hotel"], time.monotonic())
        await asyncio.sleep(0.002)
    return found


async def measured(directory: Path, variant: str, hotels: int) -> dict[str, list[float]]:
    """Break the vendors of some hotels; return the seconds of each hotel, in all and in its two parts."""
    thresholds, health, decides = VARIANTS[variant]
    port = free_port()
    config = directory / "nightporter.yml"
    (directory / "hotels.d").mkdir()
    async with inbox() as mails, serving() as (vendor, at):
        config.write_text(
            CONFIGURATION.format(directory=directory, port=port, relay=mails.port, control=mails.port)
        )
        for number in range(hotels):
            text = HOTEL.format(name=f"hotel-{number}", thresholds=thresholds, vendor=at, health=health)
            (directory / "hotels.d" / f"hotel-{number}.yml").write_text(text)
        with running([sys.executable, "-m", "daemon", "--config", config, "run"]):
            await asyncio.to_thread(wait_for, port, 60.0)
            async with asyncio.timeout(90):
                await vendor.seen_by(hotels)
            vendor.broken_at = broken = time.monotonic()
            came = await _arrivals(mails, hotels, 300.0)
        await asyncio.sleep(0.1)
        mails.take()
    decided = {name: vendor.refused[name][decides - 1] for name in came}
    return {
        "whole": [came[name] - broken for name in came],
        "floor": [decided[name] - broken for name in came],
        "own": [came[name] - decided[name] for name in came],
    }


def area(one: Setting) -> dict[str, Any]:
    """Return the seconds of each hotel, with the quickest settings and the default ones."""
    found = {}
    for variant in ("at_once",) if one.quick else VARIANTS:
        one.say(f"from a fault to the mail, settings {variant}: two minutes and more with the default ones")
        with one.room() as directory:
            found[variant] = asyncio.run(measured(directory, variant, 2 if one.quick else HOTELS))
    return found
