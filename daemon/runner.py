"""Runs one check: a place in the gate, one total deadline, a guard -> Result."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace

import structlog

from checks.check import Check
from checks.context import Context, Tools, Trace
from checks.log_cards import hide
from checks.memory import Memories
from checks.result import MESSAGE_LENGTH, Phase, Reason, Result, failed
from daemon.clock import Clock
from daemon.gate import Gate

log = structlog.get_logger()

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]+")

DOING = {
    Phase.RESOLVE: "while looking up the host name",
    Phase.CONNECT: "while connecting",
    Phase.TLS: "in the TLS handshake",
    Phase.PROCESSING: "while waiting for the answer",
    Phase.TRANSFER: "in the middle of the answer",
}


class Runner:
    """Runs checks. `redact` takes secrets out of a text that is about to be shown."""

    def __init__(
        self, tools: Tools, memories: Memories, clock: Clock, gate: Gate, redact: Callable[[str], str]
    ) -> None:
        self._tools = tools
        self._memories = memories
        self._clock = clock
        self._gate = gate
        self.redact = redact

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
        return replace(
            result,
            message=self._clean(result.message),
            phases=result.phases or trace.phases,
            duration=self._clock.monotonic() - started,
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
        text = hide(self.redact(_UNPRINTABLE.sub(" ", message)))
        return text if len(text) <= MESSAGE_LENGTH else text[: MESSAGE_LENGTH - 1] + "…"


def _timed_out(trace: Trace, timeout: float) -> Result:
    phase = trace.current
    trace.end()
    where = f" {DOING[phase]}" if phase else ""
    result = failed(Reason.TIMEOUT, f"no answer within {timeout:g} s{where}")
    return replace(result, failed_phase=phase)
