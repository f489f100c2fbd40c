"""Probe of a TCP port: whether something accepts, and whether it greets as it should."""

import asyncio
from dataclasses import replace

from checks import values
from checks.check import CheckType
from checks.connection import Place, Unreachable, peer_certificate, place
from checks.context import Context
from checks.expectation import excerpt
from checks.result import RESPONSE_TIME, Phase, Reason, Result, failed, ok
from checks.values import Host, Port, Regex, TlsTrust

MAX_GREETING = 4096


class Expect(values.Options):
    """What the greeting must look like."""

    matches: Regex


class Options(TlsTrust):
    """Where to connect, over TLS or not, and what greeting to expect."""

    host: Host
    port: Port
    tls: bool = False
    expect: Expect | None = None

    @property
    def place(self) -> Place:
        """Where to connect."""
        trust = TlsTrust(verify=self.verify, ca_file=self.ca_file) if self.tls else None
        return place(self.host, self.port, trust)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(options.place)


class _Greeting(asyncio.Protocol):
    """Collects what is said first, until it matches, is too long, or ends."""

    def __init__(self, expect: Expect | None) -> None:
        self.heard: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._expect = expect
        self._data = b""

    def data_received(self, data: bytes) -> None:
        if self._expect is None or self.heard.done():
            return
        self._data += data
        text = self._data[:MAX_GREETING].decode("utf-8", "replace")
        if self._expect.matches.search(text) or len(self._data) >= MAX_GREETING:
            self.heard.set_result(text)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.heard.done():
            self.heard.set_result(self._data.decode("utf-8", "replace"))


async def probe(options: Options, context: Context) -> Result:
    """Connect, and listen to the greeting if one is expected."""
    trace, greeting = context.trace, _Greeting(options.expect)
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
        certificate_expiry=certificate.ends.timestamp() if certificate else None,
    )


async def _listen(expect: Expect | None, greeting: _Greeting, context: Context) -> Result:
    if expect is None:
        return ok("accepts connections")
    context.trace.enter(Phase.PROCESSING)
    text = await greeting.heard
    if expect.matches.search(text):
        return ok("greets as expected")
    if not text:
        return failed(Reason.PROTOCOL, "the connection was closed without a greeting")
    return failed(Reason.CONTENT, f"the greeting does not match {expect.matches.pattern}: {excerpt(text)}")


CHECK = CheckType("tcp", Options, RESPONSE_TIME, probe, target)
