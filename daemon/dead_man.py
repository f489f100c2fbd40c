"""The dead man's switch: a watchdog elsewhere that raises the alarm when it is not pinged any more."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

import aiohttp
import structlog
from aiohttp.abc import AbstractResolver, ResolveResult

from checks.lookup import Lookups
from daemon import __version__

log = structlog.get_logger()

DEADLINE = 10.0


class DeadMan:
    """Fetches a URL while all is well. The URL says who we are to that watchdog: no log shows it.

    `deadline` is how many seconds a ping may take.
    """

    def __init__(
        self, audit: Callable[[], Awaitable[bool]], lookups: Lookups, deadline: float = DEADLINE
    ) -> None:
        self._audit = audit
        self._lookups = lookups
        self._deadline = deadline
        self._failure: str | None = None
        self.url: str | None = None

    async def tick(self) -> bool:
        """Audit the porter, and ping when all is well; say whether that was heard, if anybody is to hear it.

        A ping that fails is logged when that is news.
        """
        if not await self._audit():
            return False
        if self.url is None:
            return True
        before, self._failure = self._failure, await self._ping(self.url)
        if self._failure is not None and self._failure != before:
            log.warning("dead_man.failed", reason=self._failure)
        if before is not None and self._failure is None:
            log.info("dead_man.recovered")
        return self._failure is None

    async def _ping(self, url: str) -> str | None:
        """Return None when the ping was taken, or why it was not, without a word of the URL."""
        connector = aiohttp.TCPConnector(resolver=_Resolver(self._lookups), force_close=True)
        agent = {"User-Agent": f"nightporter/{__version__}"}
        try:
            async with (
                asyncio.timeout(self._deadline),
                aiohttp.ClientSession(connector=connector, headers=agent) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                return None if 200 <= answer.status < 300 else f"answered {answer.status}"
        except TimeoutError:
            return f"no answer within {self._deadline:g} s"
        except aiohttp.ClientSSLError:
            return "its certificate is not accepted"
        except aiohttp.ClientConnectorDNSError:
            return "its host name cannot be looked up"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return f"it cannot be reached: {type(error).__name__}"


class _Resolver(AbstractResolver):
    """Looks names up as all of the porter does: a dead name server holds up nobody else."""

    def __init__(self, lookups: Lookups) -> None:
        self._lookups = lookups

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return a host's addresses, or raise OSError."""
        return [
            ResolveResult(hostname=host, host=address, port=port, family=found, proto=0, flags=0)
            for found, address in await self._lookups(host)
            if family in {socket.AF_UNSPEC, found}
        ]

    async def close(self) -> None:
        """Keep nothing open."""
