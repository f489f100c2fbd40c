"""The service manager: told that the porter is ready, what it does, and that it ticks (sd_notify(3))."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from alerts.message_text import clean
from daemon.readiness import Readiness

LOOK_EVERY, LOOK_EVERY_AT_FIRST = 5.0, 0.5
"""Seconds between two looks at how things are, once the porter is ready and before."""

LOOK_AGAIN = 0.5
"""Seconds until one that did not tick is looked at again: after a pause it does at once."""

BEATS = 3
"""Signs of life within the time after which silence kills: one may be lost, or late."""

MICROSECOND = 1e-6


class ServiceManager:
    """Whoever started the porter and listens for word of it; where nobody does, nothing is said.

    `address` is that of a datagram socket, a path or an abstract name (`@…`); `patience` the seconds after
    which a porter that says nothing is killed, None where nobody waits.
    """

    def __init__(self, address: str = "", patience: float | None = None) -> None:
        self.address = address
        self.patience = patience

    @classmethod
    def of(cls, environment: Mapping[str, str], pid: int) -> "ServiceManager":
        """Return who listens, as the environment of the process `pid` says."""
        meant_for = environment.get("WATCHDOG_PID", "")
        patience = environment.get("WATCHDOG_USEC", "") if meant_for in {"", str(pid)} else ""
        waits = patience.isascii() and patience.isdecimal() and int(patience) > 0
        return cls(environment.get("NOTIFY_SOCKET", ""), int(patience) * MICROSECOND if waits else None)

    def tell(self, *words: str) -> None:
        """Send assignments such as `READY=1`; that nobody takes them is no failure of ours."""
        if not self.address:
            return
        name = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        # ValueError: a path with a NUL in it.
        with (
            suppress(OSError, ValueError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as one,
        ):
            one.setblocking(False)
            one.sendto("\n".join(words).encode("utf-8", "replace"), name)

    @asynccontextmanager
    async def patient(self, doing: str) -> AsyncIterator[None]:
        """Have whoever listens wait for as long as something takes before the porter is ready."""

        async def ask() -> None:
            while True:
                self.tell(f"EXTEND_TIMEOUT_USEC={2 * LOOK_EVERY / MICROSECOND:.0f}", f"STATUS={doing}")
                await asyncio.sleep(LOOK_EVERY)

        asking = asyncio.create_task(ask())
        try:
            yield
        finally:
            asking.cancel()


class Watchdog:
    """Keeps the service manager informed. `status` says in one line what the porter does."""

    def __init__(self, manager: ServiceManager, ready: Readiness, status: Callable[[], str]) -> None:
        self._manager = manager
        self._ready = ready
        self._status = status
        self._begun = False

    async def run(self) -> None:
        """Tell what is news, and that the porter ticks, until cancelled."""
        await asyncio.gather(self._report(), self._beat())

    def reloading(self, monotonic: float) -> None:
        """Tell that the configuration is being read anew; one that is not ready yet begins anyway."""
        if self._begun:
            self._manager.tell("RELOADING=1", f"MONOTONIC_USEC={monotonic / MICROSECOND:.0f}")

    def reloaded(self) -> None:
        """Tell that it has been read."""
        if self._begun:
            self._manager.tell("READY=1")

    def stopping(self) -> None:
        """Tell that the porter leaves."""
        self._manager.tell("STOPPING=1", "STATUS=leaving")

    async def _report(self) -> None:
        said = ""
        while True:
            reason = await self._ready()
            line = self._status() if reason is None else f"not ready: {reason}"
            words = [f"STATUS={clean(line)}"] if line != said else []
            if reason is None and not self._begun:
                self._begun = True
                words.append("READY=1")
            if words:
                self._manager.tell(*words)
            said = line
            await asyncio.sleep(LOOK_EVERY if self._begun else LOOK_EVERY_AT_FIRST)

    async def _beat(self) -> None:
        """Say that the porter lives, for as long as its loops come to the end of their ticks."""
        if self._manager.patience is None:
            return
        pause = self._manager.patience / BEATS
        while True:
            ticks = self._ready.ticking
            if ticks:
                self._manager.tell("WATCHDOG=1")
            await asyncio.sleep(pause if ticks else min(pause, LOOK_AGAIN))
