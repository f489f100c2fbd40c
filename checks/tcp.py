"""Probe of a TCP port: whether something accepts, and whether it greets as it should."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

from pydantic import Field

from checks import values
from checks.certificate import ends_of, findings_of
from checks.check import CheckType
from checks.connection import Place, Unreachable, peer_certificate, place
from checks.context import Context
from checks.expectation import excerpt
from checks.result import RESPONSE_TIME, Phase, Reason, Result, failed, ok
from checks.values import Flag, Host, Port, Regex, TlsTrust

MAX_GREETING = 4096

_GOES_ON = re.compile(r"\d{3}-", re.ASCII)


class Expect(values.Options):
    """What the greeting must look like."""

    matches: Regex = Field(description="what the greeting must match, somewhere")


class Options(TlsTrust):
    """Where to connect, over TLS or not, and what greeting to expect."""

    host: Host = Field(description="where to connect")
    port: Port = Field(description="the port to connect to")
    tls: Flag = Field(False, description="whether the connection speaks TLS from the start")
    expect: Expect | None = Field(
        None, description="what greeting to wait for; without it a connection is enough"
    )

    @property
    def place(self) -> Place:
        """Where to connect."""
        trust = TlsTrust(verify=self.verify, ca_file=self.ca_file) if self.tls else None
        return place(self.host, self.port, trust)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(options.place)


class _Greeting(asyncio.Protocol):
    """Collects what is said first."""

    def __init__(self) -> None:
        self._data = b""
        self._ended = False
        self._news = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._data = (self._data + data)[:MAX_GREETING]
        self._news.set()

    def connection_lost(self, _error: Exception | None) -> None:
        self._ended = True
        self._news.set()

    async def read(self, enough: Callable[[str], bool]) -> str:
        """Return what was said, once it is enough, too long, or over."""
        while True:
            text = self._data.decode("utf-8", "replace")
            if self._ended or len(self._data) >= MAX_GREETING or enough(text):
                return text
            self._news.clear()
            await self._news.wait()


async def probe(options: Options, context: Context) -> Result:
    """Connect, and listen to the greeting if one is expected."""
    trace, greeting = context.trace, _Greeting()
    to = options.place
    try:
        transport = await context.tools.connector.open(to, greeting, trace, context.tools.now())
        try:
            certificate = peer_certificate(transport)
            result = await _listen(options.expect, greeting, context)
        finally:
            transport.abort()
    except Unreachable as unreachable:
        return unreachable.result(trace)
    trace.end()
    return replace(
        result,
        measurements={RESPONSE_TIME: round(sum(trace.phases.values()) * 1000, 3)},
        certificate_expiry=ends_of(certificate),
        findings=findings_of(certificate),
    )


async def _listen(expect: Expect | None, greeting: _Greeting, context: Context) -> Result:
    if expect is None:
        return ok("accepts connections")
    context.trace.enter(Phase.PROCESSING)
    text = await greeting.read(lambda said: bool(expect.matches.search(said)) or _whole(said))
    if expect.matches.search(text):
        return ok("greets as expected")
    if not text:
        return failed(Reason.PROTOCOL, "the connection was closed without a greeting")
    return failed(Reason.CONTENT, f"the greeting does not match {expect.matches.pattern}: {excerpt(text)}")


def _whole(text: str) -> bool:
    """Say whether a server has said its line: one that goes on (`220-`) is none yet."""
    *lines, _ = text.split("\n")
    return bool(lines) and not _GOES_ON.match(lines[-1])


CHECK = CheckType("tcp", Options, RESPONSE_TIME, probe, target)
