"""Checks run by hand, once: what `check` and `diagnose` share."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from checks.check import Check
from checks.context import Tools
from checks.memory import Memories
from checks.result import Result
from daemon import logs
from daemon.cli.command import CommandError
from daemon.cli.logins import learn
from daemon.clock import SystemClock
from daemon.gate import Gate
from daemon.logs import Redactor
from daemon.runner import Runner
from daemon.settings import Settings, checks_of

AT_ONCE = 50
"""Checks run at the same time."""

Seen = tuple[Check, Result]
Told = Callable[[Check, Result], None]
"""Called with every check as it ends."""

Look = Callable[[Sequence[Check], Told], Awaitable[list[Seen]]]


@asynccontextmanager
async def looking(configuration: Settings) -> AsyncIterator[Look]:
    """Give a way to run checks while the context lasts; logins are as rare as the daemon's."""
    clock = SystemClock()
    redactor = Redactor(configuration.secrets)
    # What a check logs of itself must not stand among what is printed.
    logs.configure("error", "console", redactor)
    tools = Tools.new(clock.now)
    tools.resolver.configure(configuration.dns.servers, configuration.dns.port)
    memories = Memories()
    processes = [check.id for check in checks_of(configuration) if check.type.name == "process"]
    await learn(memories, configuration.state, processes)
    runner = Runner(tools, memories, clock, Gate(per_target=AT_ONCE), redactor)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(check: Check, told: Told) -> Seen:
        async with places:
            result = await runner.run(check)
        if result is None:
            raise CommandError("more checks at once than there is room for")
        told(check, result)
        return check, result

    async def look(checks: Sequence[Check], told: Told) -> list[Seen]:
        return list(await asyncio.gather(*(one(check, told) for check in checks)))

    try:
        yield look
    finally:
        await tools.close()


def on_terminal() -> bool:
    """Say whether somebody watches: progress is for them."""
    return sys.stderr.isatty()
