"""Probe of a webhook of the PMS: it must refuse what is not signed as the vendor signs, and take what is.

Only `monitor.ping` is ever sent, with an id that cannot exist: a verifier that is broken must not make a
booking or a payment of it.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from yarl import URL

from checks import http
from checks.check import CheckType
from checks.connection import Unreachable
from checks.context import Context
from checks.http_request import Request, request, standard_fields
from checks.result import RESPONSE_TIME, Phase, Reason, Result, failed
from checks.values import HttpUrl, Secret, TlsTrust
from checks.webhook_signing import HEADER, TOLERANCE, Scheme, sign, too_short
from checks.webhook_verdict import FORGED, OLD, SHORT, SIGNED, UNSIGNED, Answer, Trial, verdict

PART = 0.9
"""The part of a run's time that the trials have: what was found must still be told."""

LONG_AGO = 2 * TOLERANCE
"""Seconds by which a signature is older than any verifier may take."""

MAX_BYTES = 65_536


class Options(TlsTrust):
    """Where the vendor calls, and how it signs; without the secret only forgeries are tried."""

    url: HttpUrl
    secret: Secret | None = None
    scheme: Scheme = "hmac_sha256_hex"

    @property
    def trials(self) -> tuple[Trial, ...]:
        """What is tried, in this order."""
        forgeries = (FORGED, SHORT, UNSIGNED)
        if self.secret is None:
            return forgeries
        return (*forgeries, SIGNED, OLD) if self.scheme == "stripe" else (*forgeries, SIGNED)


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(_request(options, UNSIGNED, 0).place)


@dataclass(slots=True)
class Visit:
    """One run: the answers so far, and what stopped it."""

    answers: list[Answer] = field(default_factory=list)
    trouble: Result | None = None
    seconds: float | None = None
    phases: Mapping[Phase, float] = field(default_factory=dict)
    expiry: float | None = None
    retry_after: float | None = None


async def probe(options: Options, context: Context) -> Result:
    """Try what must be refused, then what must be taken, and tell the worst."""
    visit = Visit()
    seconds = PART * context.timeout
    try:
        async with asyncio.timeout(seconds):
            await _try_all(options, context, visit)
    except Unreachable as unreachable:
        visit.trouble = unreachable.result(context.trace)
    except TimeoutError:
        visit.trouble = _silent(options.trials[len(visit.answers)], seconds, context)
    return _result(visit)


async def _try_all(options: Options, context: Context, visit: Visit) -> None:
    for trial in options.trials:
        status, again = await _send(options, trial, context, visit), None
        if trial.forged and 200 <= status < 300:
            again = await _send(options, trial, context, visit)
        visit.answers.append(Answer(trial, status, again, wait=visit.retry_after is not None))
        if 429 in {status, again} or visit.retry_after is not None:
            return


async def _send(options: Options, trial: Trial, context: Context, visit: Visit) -> int:
    """Post one event, and return the status of the answer; its body is of no interest."""
    now = context.tools.now()
    asked = _request(options, trial, int(now.timestamp()))
    response, expiry = await http.exchange(asked, context, MAX_BYTES, head_only=True)
    context.trace.end()
    if visit.seconds is None:
        visit.phases = dict(context.trace.phases)
        visit.seconds, visit.expiry = sum(visit.phases.values()), expiry
    if response.status in {429, 503}:
        visit.retry_after = http.retry_after(response, now)
    return response.status


def _request(options: Options, trial: Trial, now: int) -> Request:
    body = f'{{"event":"monitor.ping","id":"nightporter-probe-{secrets.token_hex(8)}"}}'.encode()
    fields = standard_fields() | {"Content-Type": "application/json"}
    signature = _signature(options, trial, body, now)
    if signature is not None:
        fields[HEADER[options.scheme]] = signature
    trust = TlsTrust(verify=options.verify, ca_file=options.ca_file)
    return request("POST", URL(options.url), fields, body, trust)


def _signature(options: Options, trial: Trial, body: bytes, now: int) -> str | None:
    if trial is UNSIGNED:
        return None
    if trial is SHORT:
        return too_short(options.scheme, now)
    key = secrets.token_bytes(32)
    if trial is not FORGED and options.secret is not None:
        key = options.secret.get_secret_value().encode()
    at = now - LONG_AGO if trial is OLD else now
    return sign(options.scheme, key, options.url, body, at)


def _silent(trial: Trial, seconds: float, context: Context) -> Result:
    phase = context.trace.current
    context.trace.end()
    result = failed(Reason.TIMEOUT, f"no answer within {seconds:g} s, at last to an event with {trial.words}")
    return replace(result, failed_phase=phase)


def _result(visit: Visit) -> Result:
    result = verdict(visit.answers, visit.trouble)
    found = dict(result.measurements)
    if visit.seconds is not None:
        found[RESPONSE_TIME] = round(visit.seconds * 1000, 3)
    return replace(
        result,
        measurements=found,
        phases=visit.phases if result.failed_phase is None else {},
        certificate_expiry=visit.expiry,
        retry_after=visit.retry_after,
    )


CHECK = CheckType("webhook", Options, RESPONSE_TIME, probe, target)
