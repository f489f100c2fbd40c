"""A DNS server on loopback that answers, fails, truncates or keeps silent as the test wants."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from checks.check import CheckType
from checks.context import Tools
from checks.memory import Memories
from checks.resolver import Resolver
from checks.result import Result
from daemon.clock import SystemClock
from daemon.demo.dns_transport import HOST, served
from tests.support.probing import look

OLD_LIMIT = 512


@dataclass(eq=False)
class DnsServer:
    """Serves `records`; a name in `rcodes` fails that way, one in `silent` is not answered.

    `asked` lists questions as (name, type, transport). `flags` are set in every answer.
    """

    port: int = 0
    records: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    rcodes: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    lost: int = 0
    truncates: bool = False
    follows: bool = True
    flags: int = dns.flags.RA
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, name: str, kind: str, *values: str) -> None:
        """Add records, as a zone file writes them."""
        self.records.setdefault((name.lower(), kind), []).extend(values)

    def txt(self, name: str, *texts: str) -> None:
        """Replace the TXT records of a name; long ones are split into strings of 255 characters."""
        self.records[(name.lower(), "TXT")] = [
            " ".join(_quoted(text[at : at + 255]) for at in range(0, max(len(text), 1), 255))
            for text in texts
        ]

    def remove(self, name: str, kind: str) -> None:
        """Take the records of a kind away."""
        self.records.pop((name.lower(), kind), None)

    def wire(self, data: bytes, transport: str) -> bytes | None:
        """Return the answer to a message, None for silence."""
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind, transport))
        if name in self.silent:
            return None
        if self.lost:
            self.lost -= 1
            return None
        response = dns.message.make_response(query)
        response.flags |= self.flags
        if name in self.rcodes:
            response.set_rcode(dns.rcode.from_text(self.rcodes[name]))
        elif self.truncates and transport == "udp":
            response.flags |= dns.flags.TC
        else:
            self._fill(response, name, kind)
        return self._fitted(query, response, transport)

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        for _ in range(20):
            values = self.records.get((name, kind))
            if values:
                response.answer.append(dns.rrset.from_text(_absolute(name), 60, "IN", kind, *values))
                return
            alias = self.records.get((name, "CNAME"))
            if not alias:
                break
            response.answer.append(dns.rrset.from_text(_absolute(name), 60, "IN", "CNAME", *alias))
            name = alias[0].lower().rstrip(".")
            if not self.follows:
                return
        if not any(known == name or known.endswith("." + name) for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def _fitted(self, query: dns.message.Message, response: dns.message.Message, transport: str) -> bytes:
        limit = 65535 if transport == "tcp" else max(query.payload, OLD_LIMIT)
        wire = response.to_wire(max_size=65535)
        if len(wire) <= limit:
            return wire
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()


@asynccontextmanager
async def dns_server() -> AsyncIterator[DnsServer]:
    """Serve over UDP and TCP, on one free port, while the context lasts."""
    found = DnsServer()
    async with served(found.wire) as port:
        found.port = port
        yield found


def tools_for(server: DnsServer, later: timedelta = timedelta(0)) -> Tools:
    """Return tools that ask this server, with a clock that is ahead by `later`."""
    clock = SystemClock()
    tools = Tools.new(lambda: clock.now() + later)
    tools.resolver.configure([HOST], server.port)
    return tools


class Eyes:
    """Looks with one type of check, again and again, and remembers as the daemon does."""

    def __init__(self, server: DnsServer, check: CheckType, **options: Any) -> None:
        self._server, self._check, self._options = server, check, options
        self.memories = Memories()

    async def look(self, *, later: timedelta = timedelta(0), deadline: float = 5.0, **options: Any) -> Result:
        """Return what a run sees, so much later; `options` differ from the usual ones."""
        return await look(
            self._check,
            tools=tools_for(self._server, later),
            memories=self.memories,
            deadline=deadline,
            **(self._options | options),
        )


def system_resolver(path: str) -> Resolver:
    """Return a resolver that takes its servers from this file."""
    return Resolver(system=path)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _absolute(name: str) -> dns.name.Name:
    return dns.name.from_text(name)
