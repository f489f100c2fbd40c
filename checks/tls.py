"""Probe of a TLS certificate: whether it is accepted, and how long it lasts, relative to its lifetime.

Only the host's own certificate is looked at: Python 3.11 offers no way to read the others of a chain.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from pydantic import Field

from checks.certificate import Certificate, findings_of, limits
from checks.check import CheckType
from checks.connection import Place, Unreachable, peer_certificate, place
from checks.context import Context
from checks.result import Reason, Result, Sign, State, failed, ok
from checks.values import Host, Port, TlsTrust

DAYS_LEFT = "days_left"
DAY = timedelta(days=1)


class Options(TlsTrust):
    """Whose certificate to look at; `server_name` is asked for and held against it, default `host`."""

    host: Host = Field(description="where to connect")
    port: Port = Field(443, description="the port to connect to")
    server_name: Host | None = Field(
        None, description="the name that is asked for and that the certificate must be for; default: `host`"
    )

    @property
    def place(self) -> Place:
        """Where to connect."""
        trust = TlsTrust(verify=self.verify, ca_file=self.ca_file)
        return place(self.host, self.port, trust, self.server_name)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(options.place)


async def probe(options: Options, context: Context) -> Result:
    """Shake hands, and judge the certificate."""
    trace, now, to = context.trace, context.tools.now(), options.place
    try:
        transport = await context.tools.connector.open(to, asyncio.Protocol(), trace, now)
    except Unreachable as unreachable:
        return unreachable.result(trace)
    trace.end()
    try:
        certificate = peer_certificate(transport)
    finally:
        transport.abort()
    if certificate is None:
        return failed(Reason.TLS, f"the certificate of {to} cannot be read")
    return judge(certificate, to, now)


def judge(certificate: Certificate, to: Place, now: datetime) -> Result:
    """Return whether a certificate lasts long enough, for its lifetime."""
    left = certificate.ends - now
    warning, critical = limits(certificate.lifetime)
    ends = f"the certificate of {to} expires on {certificate.ends:%Y-%m-%d %H:%M} UTC"
    if left <= timedelta(0):
        said = f"the certificate of {to}: it expired on {certificate.ends:%Y-%m-%d %H:%M} UTC"
        result = failed(Reason.TLS, said, signs=(Sign.CERTIFICATE_EXPIRED,))
    elif left < critical:
        result = _ending(State.CRITICAL, ends, left, critical)
    elif left < warning:
        result = _ending(State.WARNING, ends, left, warning)
    else:
        result = ok(f"{ends}, in {_span(left)}")
    return replace(
        result,
        measurements={DAYS_LEFT: round(left / DAY, 3)},
        certificate_expiry=certificate.ends.timestamp(),
        findings=findings_of(certificate),
    )


def _ending(state: State, ends: str, left: timedelta, limit: timedelta) -> Result:
    return Result(
        state,
        Reason.TLS,
        f"{ends}, in {_span(left)}; it should have been renewed with {_span(limit)} left",
        observed=round(left / DAY, 1),
        limit=round(limit / DAY, 1),
        unit="days",
        signs=frozenset({Sign.CERTIFICATE_EXPIRING}),
    )


def _span(time: timedelta) -> str:
    return f"{time / DAY:.0f} days" if time >= 2 * DAY else f"{time / timedelta(hours=1):.0f} hours"


CHECK = CheckType("tls", Options, DAYS_LEFT, probe, target)
