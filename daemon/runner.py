"""Runs one check: a place in the gate, one total deadline, a guard -> Result.

What a run saw while the porter itself was late is not known: neither ok nor down.
"""

import asyncio
import re
from collections.abc import Callable

import structlog

from checks.check import Check
from checks.context import Context, Tools, Trace
from checks.findings import Findings, shortened
from checks.log_cards import hide
from checks.memory import Memories
from checks.result import MESSAGE_LENGTH, RESPONSE_TIME, Phase, Reason, Result, State, failed
from checks.revision import revised
from daemon.clock import Clock
from daemon.gate import Gate

log = structlog.get_logger()

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")

OF_TIME = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.PROTOCOL, Reason.QUERY})
"""Reasons that a run may fail for because the porter did not come to it in time."""

SHARE = 0.25
"""How much of a check's timeout, or of a limit on its response time, the porter may be late by."""

MOST = 1.0
"""Seconds the porter may be late by at the most where a response time is measured."""

SEVERAL = 4
"""Pauses that may make up what is too much; shorter ones than that allows are no matter."""

Late = Callable[[float, float], float]
"""Returns the seconds that the porter was late since a moment, in pauses of so many seconds at the least."""

DOING = {
    Phase.RESOLVE: "while looking up the host name",
    Phase.CONNECT: "while connecting",
    Phase.TLS: "in the TLS handshake",
    Phase.PROCESSING: "while waiting for the answer",
    Phase.TRANSFER: "in the middle of the answer",
}


class Runner:
    """Runs checks. `redact` takes secrets out of a text that is about to be shown.

    `late` measures how late the porter was; unless it is given, it never is.
    """

    def __init__(
        self,
        tools: Tools,
        memories: Memories,
        clock: Clock,
        gate: Gate,
        redact: Callable[[str], str],
        *,
        late: Late = lambda _since, _at_least: 0.0,
    ) -> None:
        self._tools = tools
        self._memories = memories
        self._clock = clock
        self._gate = gate
        self.redact = redact
        self._late = late

    async def run(self, check: Check, *, suspect: bool = False) -> Result | None:
        """Return what a run of the check saw, or None when there was no room for it.

        `suspect` says that the check's last run was not answered.
        """
        target = check.type.target(check.options)
        if not self._gate.enter(target, suspect=suspect):
            return None
        try:
            return await self._look(check)
        finally:
            self._gate.leave(target, suspect=suspect)

    async def _look(self, check: Check) -> Result:
        trace = Trace()
        started = self._clock.monotonic()
        result = await self._guarded(check, trace)
        result = check.limits.judge(result, check.type.measurement)
        allowed = allowance(result, check)
        if allowed is not None:
            late = self._late(started - check.type.heard(check.options), allowed / SEVERAL)
            result = unless_late(result, late, allowed)
        return revised(
            result,
            message=self._clean(result.message),
            phases=result.phases or trace.phases,
            duration=self._clock.monotonic() - started,
            findings=self._discreet(result.findings),
        )

    async def _guarded(self, check: Check, trace: Trace) -> Result:
        memory = self._memories.of(check.id)
        context = Context(self._tools, trace, check.interval, check.timeout, memory)
        try:
            async with asyncio.timeout(check.timeout):
                return await check.type.probe(check.options, context)
        except TimeoutError:
            return _timed_out(trace, check.timeout)
        except Exception as error:
            log.exception("check.crashed", check=str(check.id))
            return failed(Reason.INTERNAL, f"the check itself failed: {type(error).__name__}")

    def _clean(self, message: str) -> str:
        """Return the message on one line, without secrets and card numbers, and not too long."""
        text = self._bare(message)
        return text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"

    def _bare(self, text: str) -> str:
        return hide(self.redact(_UNPRINTABLE.sub(" ", text)))

    def _discreet(self, found: Findings) -> Findings:
        """Return findings of which nothing that is kept holds a secret or a card number."""
        if not (found.settings or found.news or found.request):
            return found
        settings = {name: shortened(self._bare(value)) for name, value in found.settings.items()}
        news = {name: shortened(self._bare(value)) for name, value in found.news.items()}
        return revised(found, settings=settings, news=news, request=self._clean(found.request))


def allowance(result: Result, check: Check) -> float | None:
    """Return by how many seconds the porter may have been late for a result to stand.

    None means that no lateness can have made it what it is.
    """
    reason, taken = result.reason, result.measurements.get(RESPONSE_TIME)
    missed = check.type.heard(check.options) > 0 and reason in {Reason.STALE, Reason.MISSING}
    if reason in OF_TIME or missed:
        return check.timeout * SHARE
    if reason is Reason.THRESHOLD and result.unit == "ms" and result.limit is not None:
        return min(MOST, result.limit / 1000 * SHARE)
    if result.state is State.OK and taken is not None and taken / 1000 > check.response_limit:
        return min(MOST, check.response_limit * SHARE)
    return None


def unless_late(result: Result, late: float, allowed: float) -> Result:
    """Return the result, or that it is not known when the porter was late by more than is allowed."""
    if late <= allowed:
        return result
    said = f": {result.message}" if result.message else ""
    return Result(
        State.UNKNOWN,
        Reason.INTERNAL,
        f"not known: the porter itself was late by {late:.1f} s{said}",
        phases=result.phases,
        retry_after=result.retry_after,
        late=late,
    )


def _timed_out(trace: Trace, timeout: float) -> Result:
    phase = trace.current
    trace.end()
    where = f" {DOING[phase]}" if phase else ""
    result = failed(Reason.TIMEOUT, f"no answer within {timeout:g} s{where}")
    return revised(result, failed_phase=phase)
