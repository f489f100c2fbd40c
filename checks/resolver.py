"""DNS look-ups with servers and a deadline of our own."""

import asyncio
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.name
import dns.rcode
import dns.rdata
import dns.rdtypes.ANY.TXT
import dns.resolver

from checks.resolver_server import MOST_RECORDS, Server
from checks.result import Reason

SHARE = 0.9
"""How much of a run's time look-ups may take: we end them, not the runner, so that we can say what failed."""
LONGEST_TRY = 2.0
"""Seconds after which an unanswered question is asked again, at the next server if there is one."""
MOST_ALIASES = 8
"""How many aliases in a row are followed from question to question."""
SYSTEM = "/etc/resolv.conf"

_PAYLOAD = 1232
"""Bytes of UDP that arrive unfragmented nearly everywhere; what is longer comes over TCP."""
_FOR_EVER = 86_400.0


class Unanswered(Exception):  # noqa: N818 - it says what happened, as Unreachable does
    """No name server gave an answer: each failed, refused or kept silent."""

    def __init__(self, reason: Reason, why: str) -> None:
        super().__init__(why)
        self.reason, self.why = reason, why


class Found(NamedTuple):
    """The records of a kind at a name, as sorted text (servers shuffle them), and whether the name exists.

    `more` says that there are more than `MOST_RECORDS`, of which these are some.
    """

    records: tuple[str, ...]
    exists: bool = True
    more: bool = False


NO_SUCH_NAME = Found((), exists=False)


class Lookups:
    """The look-ups of one run: one deadline for all of them, and no question asked twice."""

    def __init__(self, resolver: dns.asyncresolver.Resolver, seconds: float) -> None:
        self._resolver = resolver
        self._until = asyncio.get_running_loop().time() + seconds * SHARE
        self._known: dict[tuple[str, str], Found] = {}

    async def find(self, name: str, kind: str) -> Found:
        """Return the records of a kind; host names in them are lower case without the last dot.

        A name that cannot be one does not exist. Raises `Unanswered` when no server says yes or no.
        """
        key = (name.lower(), kind)
        if key not in self._known:
            self._known[key] = await self._ask(name, kind)
        return self._known[key]

    async def all(self, name: str, kind: str) -> tuple[str, ...]:
        """Return the records of a kind; raises `Unanswered` also when they are too many to read them all."""
        found = await self.find(name, kind)
        if found.more:
            why = f"{name[:80]} has more than {MOST_RECORDS} {kind} records, and no more are read"
            raise Unanswered(Reason.DNS, why)
        return found.records

    async def _ask(self, name: str, kind: str) -> Found:
        try:
            asked = dns.name.from_text(name)
        except (dns.exception.DNSException, ValueError):
            return NO_SUCH_NAME
        try:
            async with asyncio.timeout_at(self._until):
                return await self._follow(asked, kind)
        except dns.resolver.NXDOMAIN:
            return NO_SUCH_NAME
        except (TimeoutError, dns.exception.Timeout) as error:
            raise Unanswered(Reason.TIMEOUT, "the name server does not answer") from error
        except dns.resolver.NoNameservers as error:
            raise Unanswered(Reason.DNS, _why(error)) from error
        except (dns.exception.DNSException, OSError) as error:
            raise Unanswered(Reason.DNS, f"the answer is unusable ({type(error).__name__})") from error

    async def _follow(self, name: dns.name.Name, kind: str) -> Found:
        """Ask, and go on asking where a server leaves an alias for us to follow."""
        for _ in range(MOST_ALIASES + 1):
            answer = await self._resolver.resolve(name, kind, raise_on_no_answer=False)
            if answer.rrset is not None:
                records = sorted(_text(one) for one in islice(answer.rrset, MOST_RECORDS))
                return Found(tuple(records), more=len(answer.rrset) > MOST_RECORDS)
            if answer.canonical_name == name:
                if not answer.response.flags & (dns.flags.AA | dns.flags.RA):
                    raise Unanswered(Reason.DNS, "the name server only refers to others")
                return Found(())
            name = answer.canonical_name
        raise Unanswered(Reason.DNS, f"more than {MOST_ALIASES} aliases in a row")


class Resolver:
    """Asks the configured name servers, or the system's when there are none."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53, system: str = SYSTEM) -> None:
        self._system = system
        self.configure(servers, port)

    def configure(self, servers: Sequence[str], port: int) -> None:
        """Ask these servers from now on."""
        self.servers, self.port = tuple(servers), port

    def lookups(self, seconds: float) -> Lookups:
        """Return the means for one run's look-ups, of these seconds in all; raises `Unanswered`."""
        asks = dns.asyncresolver.Resolver(configure=False)
        try:
            if self.servers:
                asks.nameservers, asks.port = list(self.servers), self.port
            else:
                asks.read_resolv_conf(self._system)
        except dns.resolver.NoResolverConfiguration as error:
            raise Unanswered(Reason.DNS, f"{self._system} names no name server") from error
        except ValueError as error:
            raise Unanswered(Reason.DNS, "a configured name server is not an IP address") from error
        asks.nameservers = [Server(str(server), asks.port) for server in asks.nameservers]
        asks.use_edns(0, 0, _PAYLOAD)
        asks.cache = None
        asks.timeout = min(LONGEST_TRY, seconds / 3)
        # The deadline is ours, on a clock that does not jump.
        asks.lifetime = _FOR_EVER
        return Lookups(asks, seconds)


def _text(record: dns.rdata.Rdata) -> str:
    if isinstance(record, dns.rdtypes.ANY.TXT.TXT):
        return b"".join(record.strings).decode("utf-8", "replace")
    return record.to_text().lower().removesuffix(".")


def _why(error: dns.resolver.NoNameservers) -> str:
    """Return what the last server said or did."""
    *_, (_server, _tcp, _port, what, _response) = error.kwargs["errors"] or [("", False, 0, "nothing", None)]
    said = what if isinstance(what, str) else type(what).__name__
    return f"the name server answers {said}" if isinstance(what, str) else f"the name server fails ({said})"
