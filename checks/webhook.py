"""Probe of a webhook of the PMS: it must refuse what is not signed as the vendor signs, and take what is.

Only `monitor.ping` is ever sent, with an id that cannot exist: a verifier that is broken must not make a
booking or a payment of it.
"""

import asyncio
import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from yarl import URL

from checks import http
from checks.certificate import Certificate, ends_of
from checks.check import CheckType
from checks.connection import Unreachable
from checks.context import Context
from checks.expectation import text_of
from checks.findings import Findings, set_up
from checks.http_exchange import Response
from checks.http_request import Request, request, standard_fields
from checks.result import RESPONSE_TIME, Phase, Reason, Result, failed
from checks.values import Flag, HttpUrl, Secret, TlsTrust
from checks.webhook_round import Round, recall
from checks.webhook_signing import HEADER, TOLERANCE, Scheme, sign, too_short
from checks.webhook_trial import FORGED, OLD, SHORT, SIGNED, UNSIGNED, Answer, Trial, taken
from checks.webhook_verdict import Seen, fate, verdict

PART = 0.9
"""The part of a run's time that the trials have: what was found must still be told."""

HANGS = 0.5
"""The part of the trials' time after which one that is not answered hangs; else the others took the time."""

LONG_AGO = 2 * TOLERANCE
"""Seconds by which a signature is older than any verifier may take."""

MAX_BYTES = 262_144


class Options(TlsTrust):
    """Where the vendor calls, and how it signs; without the secret only forgeries are tried."""

    url: HttpUrl
    secret: Secret | None = None
    scheme: Scheme = "hmac_sha256_hex"
    ack_before_verify: Flag = False

    @property
    def trials(self) -> tuple[Trial, ...]:
        """What is tried, in this order: what tells most comes first."""
        if self.secret is None:
            return (FORGED, SHORT, UNSIGNED)
        every = (FORGED, SIGNED, SHORT, UNSIGNED)
        return (*every, OLD) if self.scheme == "stripe" else every

    @property
    def mark(self) -> str:
        """Something that tells a change of these options, and nothing of the secret."""
        key = self.secret.get_secret_value().encode() if self.secret else b""
        return hmac.digest(key, f"{self.scheme} {self.url}".encode(), "sha256")[:2].hex()


def target(options: Options) -> str:
    """Return whom a run burdens, as `host:port`."""
    return str(_request(options, UNSIGNED, 0).place)


@dataclass(slots=True)
class Visit:
    """One run: the answers so far, what is being tried since when, and what stopped it."""

    round: Round
    answers: dict[Trial, Answer] = field(default_factory=dict)
    trial: Trial | None = None
    asked: float = 0.0
    trouble: Result | None = None
    page: bool = False
    seconds: float | None = None
    phases: Mapping[Phase, float] = field(default_factory=dict)
    certificate: Certificate | None = None
    retry_after: float | None = None

    def next(self, *, confirm: bool) -> Trial:
        """Return whose turn comes first in the next run: one that is not done with, or after one that hangs.

        With `confirm` a forgery that was taken only once goes before all others.
        """
        once = [one.trial for one in self.answers.values() if one.let_in and not one.twice]
        if once and confirm:
            return once[0]
        if self.trial is None:
            return self.round.trials[0]
        return self.round.after(self.trial) if self.trouble else self.trial


async def probe(options: Options, context: Context) -> Result:
    """Try what must be refused and what must be taken, and tell the worst."""
    now, memory = context.tools.now().timestamp(), context.memory
    visit = Visit(recall(memory.value, options.mark, options.trials, now, context.interval))
    seconds = PART * context.timeout
    try:
        async with asyncio.timeout(seconds):
            await _try_all(options, context, visit)
            visit.page = await _is_page(options, context, visit)
    except Unreachable as unreachable:
        visit.trouble = unreachable.result(context.trace)
    except TimeoutError:
        visit.trouble = _silent(visit, seconds, context)
    answers = list(visit.answers.values())
    earlier = tuple(visit.round.known.values())
    memory.keep(visit.round.kept(answers, visit.next(confirm=not options.ack_before_verify)))
    seen = Seen(options.trials, answers, earlier, visit.trouble, visit.page, options.ack_before_verify)
    return replace(_result(verdict(seen), visit), findings=_set_up(options, seen, visit.certificate))


def _set_up(options: Options, seen: Seen, certificate: Certificate | None) -> Findings:
    """Return how the webhook is set up: where it is, and what it does with each kind of event.

    What was answered to an event by something else, or not at all, says nothing of it.
    """
    url = URL(options.url)
    told = {f"event.{one.trial.name}": fate(one.last) for one in seen.counting if one.tells}
    here = {"url": str(url.with_user(None).with_query(None).with_fragment(None))}
    fates = {name: said for name, said in told.items() if said}
    return set_up(here | fates | (certificate.settings if certificate else {}))


async def _try_all(options: Options, context: Context, visit: Visit) -> None:
    for trial in visit.round.order:
        visit.trial = trial
        answer = await _send(options, trial, context, visit)
        # Noted before anything else can fail: a forgery that was taken must not be lost.
        visit.answers[trial] = answer
        if answer.let_in and not answer.twice and not options.ack_before_verify:
            repeated = await _send(options, trial, context, visit)
            answer = replace(answer, again=repeated.status, wait=repeated.wait)
            visit.answers[trial] = answer
        if answer.sent_away:
            return
    visit.trial = None


async def _send(options: Options, trial: Trial, context: Context, visit: Visit) -> Answer:
    """Post one event, and return how it was answered; the body of the answer is of no interest."""
    now = context.tools.now()
    visit.asked = asyncio.get_running_loop().time()
    asked = _request(options, trial, int(now.timestamp()))
    response, certificate = await http.exchange(asked, context, MAX_BYTES, head_only=True)
    context.trace.end()
    if visit.seconds is None:
        visit.phases = dict(context.trace.phases)
        visit.seconds, visit.certificate = sum(visit.phases.values()), certificate
    wait = http.retry_after(response, now) if response.status in {429, 503} else None
    visit.retry_after = wait
    return Answer(
        trial,
        response.status,
        before=visit.round.before(trial),
        wait=wait is not None,
        kind=_media_type(response),
        guarded=response.header("cf-mitigated") is not None,
    )


def _media_type(response: Response) -> str:
    return (response.header("content-type") or "").partition(";")[0].strip().lower()[:40]


async def _is_page(options: Options, context: Context, visit: Visit) -> bool:
    """Say whether every event was answered alike, and with a web page: what is there is no webhook.

    Asked once more, for the body: there are verifiers that say HTML and mean "OK".
    """
    answers = list(visit.answers.values())
    if visit.trial is not None or len({one.status for one in answers}) != 1:
        return False
    if not all(taken(one.status) and "html" in one.kind for one in answers):
        return False
    with suppress(Unreachable):
        asked = _request(options, UNSIGNED, 0)
        response, _ = await http.exchange(asked, context, MAX_BYTES)
        start = text_of(response).lstrip()[:14].lower()
        return taken(response.status) and start.startswith(("<!doctype html", "<html"))
    return False


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


def _silent(visit: Visit, seconds: float, context: Context) -> Result | None:
    """Return that the event last sent was not answered; None when the others took the time it needed."""
    trial, phase = visit.trial, context.trace.current
    context.trace.end()
    waited = asyncio.get_running_loop().time() - visit.asked
    if trial is None or (visit.answers and waited <= HANGS * seconds):
        return None
    result = failed(Reason.TIMEOUT, f"no answer within {seconds:g} s, at last to an event with {trial.words}")
    return replace(result, failed_phase=phase)


def _result(result: Result, visit: Visit) -> Result:
    found = dict(result.measurements)
    if visit.seconds is not None:
        found[RESPONSE_TIME] = round(visit.seconds * 1000, 3)
    return replace(
        result,
        measurements=found,
        phases=visit.phases if result.failed_phase is None else {},
        certificate_expiry=ends_of(visit.certificate),
        retry_after=visit.retry_after,
    )


CHECK = CheckType("webhook", Options, RESPONSE_TIME, probe, target)
