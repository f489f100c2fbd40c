"""The daemon as it is, over a store that ends its process at an exact point, or notes what commits take.

`python -m tests.support.torture_daemon --config PATH [--doom POINT:PASS] [--timings PATH]`
"""

import argparse
import asyncio
import faulthandler
import json
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from alerts.change import Change
from alerts.notification import Kind
from alerts.outbox import Claim
from daemon import logs
from daemon.app import App
from daemon.cli.loading import loop_factory
from daemon.cli.run import _on_duty
from daemon.clock import SystemClock
from daemon.settings import load
from daemon.store import Store


class Point(StrEnum):
    """A moment at which a process may die."""

    OPENING = "before the commit that opens an incident"
    OPENED = "after the commit that opens an incident, before anybody is woken"
    CLAIMED = "after the claim, before the conversation"
    JOURNALED = "after the journal says data, before DATA"
    TAKEN = "after the relay took the message, before it is marked"
    SENT = "after the message was marked as sent"
    RESUMING = "at the start, before what was being sent is taken up"
    RESUMED = "at the start, after what was being sent was taken up"


@dataclass(slots=True)
class Doom:
    """Death at the n-th pass of a point."""

    point: Point
    passes: int

    def passed(self, point: Point) -> None:
        """Die, if this is the moment: as by any SIGKILL, nothing more is done."""
        if point is self.point:
            self.passes -= 1
            if self.passes == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalStore(Store):
    """A store in which a process may die. It does what any store does until then."""

    doom: Doom

    async def commit(self, change: Change) -> None:
        opens = any(one.kind is Kind.PROBLEM for one in change.notifications)
        if opens:
            self.doom.passed(Point.OPENING)
        await super().commit(change)
        if opens:
            self.doom.passed(Point.OPENED)

    async def claim(self, *what: Any, **more: Any) -> list[Claim]:
        claims = await super().claim(*what, **more)
        if claims:
            self.doom.passed(Point.CLAIMED)
        return claims

    async def journal(self, claim: Claim, phase: str) -> bool:
        held = await super().journal(claim, phase)
        self.doom.passed(Point.JOURNALED)
        return held

    async def sent(self, claim: Claim) -> bool:
        self.doom.passed(Point.TAKEN)
        held = await super().sent(claim)
        self.doom.passed(Point.SENT)
        return held

    async def resume(self) -> int:
        self.doom.passed(Point.RESUMING)
        resumed = await super().resume()
        self.doom.passed(Point.RESUMED)
        return resumed


class TimedStore(Store):
    """A store that writes down, a JSON line each, how long letters took to be committed."""

    timings: Path

    async def commit(self, change: Change) -> None:
        await super().commit(change)
        now = self._clock.now()
        if change.notifications:
            decided = change.notifications[0].created_at
            breached = [one.since for incident in change.incidents for one in incident.breaches]
            self._note(now, decided, min(breached, default=decided), len(change.notifications))

    def _note(self, now: datetime, decided: datetime, breached: datetime, letters: int) -> None:
        line = {
            "to_enqueue": (now - decided).total_seconds(),
            "since_breach": (now - breached).total_seconds(),
            "letters": letters,
        }
        with self.timings.open("a") as file:
            file.write(json.dumps(line) + "\n")


async def _run(config: Path, doom: Doom | None, timings: Path | None) -> None:
    settings = load(config, os.environ)
    redactor = logs.Redactor(settings.secrets)
    logs.configure(settings.log.level, settings.log.format, redactor)
    clock = SystemClock()
    store: Store
    if doom is not None:
        store = mortal = await MortalStore.open(settings.state, clock)
        mortal.doom = doom
    elif timings is not None:
        store = timed = await TimedStore.open(settings.state, clock)
        timed.timings = timings
    else:
        store = await Store.open(settings.state, clock)
    try:
        await _on_duty(App(settings, store, clock, redactor, lambda: load(config, os.environ)))
    finally:
        await store.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Be on duty until a signal, or the doom, ends it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--doom")
    parser.add_argument("--timings", type=Path)
    options = parser.parse_args(argv)
    doom = None
    if options.doom is not None:
        name, _, passes = options.doom.partition(":")
        doom = Doom(Point[name], int(passes))
    faulthandler.register(signal.SIGUSR1)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        runner.run(_run(options.config, doom, options.timings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
