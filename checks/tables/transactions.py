"""Probe of payments: faults, declines, attacks and what is in doubt, each for itself.

A statement of one's own gives a row for each outcome and code with the columns `outcome` (`succeeded`,
`pending` or `failed`; `unreadable` with statuses as the `code` if none is known), `code` (of a failed one, or
NULL), `recent` (within the rate window; of pending ones those of 24 hours), `burst` (within 10 minutes),
`burst_known` (of these, with an amount), `burst_small` (of these, with one below 5), `week` (within 7 days;
all counts), `amount`, `burst_amount` (sums, the second of the small ones, or NULL), `newest` and `oldest`
(seconds of age within the 7 days, or NULL).
"""

from zoneinfo import ZoneInfo

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import LAST, SUCCESS_RATIO, Reason, Result, Sign, State, ok
from checks.tables import question
from checks.tables.payment_codes import FAULTS, Outcome
from checks.tables.question import Row, ago, asking_rows, known, said, signs_of, verdict, within
from checks.tables.silences import with_silence
from checks.tables.takings import Takings, Tally

AUTH_LASTS = 600.0
"""Seconds a refused login counts after payments go through again."""
BURST, BURST_TIMES = 10, 5.0
LEAST_PUZZLING, LEAST_UNCONFIRMED = 5, 3
RISE, RISE_TIMES = 20, 3.0
TEN_MINUTES = 600.0
LEAST_KNOWN = 86_400.0
"""Seconds of history without which nothing is called a rise."""


class Options(question.Options):
    """The statement, the window of the rate in seconds, its limit as a share, and its least sample.

    `rhythm` asks for the hours in which payments came, in the hotel's zone.
    """

    window: float
    limit: float
    least: int
    timezone: ZoneInfo = ZoneInfo("UTC")
    rhythm: question.Options | None = None


async def probe(options: Options, context: Context) -> Result:
    """Judge the payments, and say how unusual it is that none has come for a while."""
    result = await _judged(options, context)
    last = result.measurements.get(LAST)
    silent = None if last is None else context.tools.now().timestamp() - last
    return await with_silence(result, options.rhythm, context, silent, options.timezone)


def judge(options: Options, rows: list[Row], context: Context) -> Result:
    """Say what is wrong with payments, the gravest first."""
    takings = Takings.of(rows)
    numbers, judged = _numbers(takings, context), takings.succeeded + takings.faults
    for look in (_attacked, _locked_out, _faulty, _puzzling, _in_doubt, _declined):
        found = look(options, takings, numbers)
        if found is not None:
            return found
    share = [(100 * takings.faults / judged, 100 * options.limit, "%")] if judged else []
    return within(ok(_summary(options, takings), numbers), *share)


def _numbers(takings: Takings, context: Context) -> dict[str, float]:
    judged = takings.succeeded + takings.faults
    failed = takings.failed
    return known(
        **{
            SUCCESS_RATIO: takings.succeeded / judged if judged else None,
            LAST: ago(context, takings.last),
        },
        succeeded=float(takings.succeeded),
        faults=float(takings.faults),
        declines=float(failed[Outcome.DECLINE].recent),
        auth_faults=float(failed[Outcome.AUTH].recent),
        request_faults=float(failed[Outcome.REQUEST].recent),
        throttled=float(failed[Outcome.THROTTLED].recent),
        unknown_outcome=float(failed[Outcome.TIMEOUT].recent),
        unknown_codes=float(failed[Outcome.UNKNOWN].recent),
        unconfirmed=float(takings.unconfirmed),
        amount_at_risk=sum(failed[one].amount for one in FAULTS),
    )


def _attacked(_options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when somebody tries stolen cards: many refusals in minutes, over tiny amounts."""
    little, probing = takings.over_little, takings.probing
    if _is_burst(little, little.burst_small, takings):
        tried = little.burst_small
        told = (
            f"{tried} cards refused within 10 minutes, over {little.burst_amount / tried:.2f} on average: "
            "stolen cards are tried"
        )
        past = (float(tried), float(BURST), "cards")
        return verdict(State.CRITICAL, Reason.SECURITY, told, numbers, past=past, signs=(Sign.STOLEN_CARDS,))
    if _is_burst(probing, probing.burst, takings) and 2 * probing.burst_known < probing.burst:
        told = (
            f"{probing.burst} cards refused within 10 minutes, over amounts that are not known: whether "
            "stolen cards are tried cannot be told"
        )
        past = (float(probing.burst), float(BURST), "cards")
        return verdict(State.WARNING, Reason.THRESHOLD, told, numbers, past=past, signs=(Sign.DECLINES,))
    return None


def _is_burst(tally: Tally, count: int, takings: Takings) -> bool:
    return count >= BURST and count >= BURST_TIMES * tally.before(TEN_MINUTES, takings.history)


def _locked_out(options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when the gateway refuses us, from the first time until payments have gone through for a while."""
    tally = takings.failed[Outcome.AUTH]
    if tally.newest is None:
        return None
    if tally.newest > AUTH_LASTS and takings.last is not None and takings.last < tally.newest:
        return None
    told = (
        f"the gateway refused us in {said(tally.recent, 'payment')} of the last {span(options.window)}"
        if tally.recent
        else f"the gateway refused us {span(tally.newest)} ago, and no payment has gone through since"
    )
    return verdict(State.CRITICAL, Reason.CREDENTIALS, f"{told}: key, account or permission", numbers)


def _faulty(options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when too large a share of payments fails by a fault."""
    judged = takings.succeeded + takings.faults
    if judged < max(1, options.least) or takings.faults / judged <= options.limit:
        return None
    share, limit = 100 * takings.faults / judged, 100 * options.limit
    kinds = [f"{takings.failed[one].recent} {one}" for one in Outcome if one in FAULTS]
    shown = ", ".join(kind for kind in kinds if not kind.startswith("0 "))
    told = (
        f"{takings.faults} of {judged} payments failed by a fault within {span(options.window)} "
        f"({share:.3g}%, at most {limit:g}% are expected): {shown}"
    )
    doubtful = takings.failed[Outcome.TIMEOUT].recent
    told += f"; {doubtful} may have been charged all the same" if doubtful else ""
    theirs = takings.failed[Outcome.GATEWAY].recent + doubtful
    signs = {Sign.PAYMENTS_FAILED: 2 * theirs >= takings.faults, Sign.PAYMENTS_UNCERTAIN: doubtful}
    past = (share, limit, "%")
    return verdict(State.CRITICAL, Reason.THRESHOLD, told, numbers, past=past, signs=signs_of(signs))


def _puzzling(options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when payments fail for reasons we cannot read, and none goes through."""
    unknown = takings.failed[Outcome.UNKNOWN].recent
    if unknown < LEAST_PUZZLING or takings.succeeded:
        return None
    told = (
        f"no payment within {span(options.window)} went through, and {unknown} failed with codes "
        f"we do not know ({_odd(takings)})"
    )
    return verdict(State.WARNING, Reason.CONTENT, told, numbers)


def _in_doubt(_options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when more payments than usual are neither confirmed nor refused."""
    unconfirmed = takings.unconfirmed
    usual = max(0, takings.unconfirmed_week - unconfirmed) / 6
    limit = max(LEAST_UNCONFIRMED, 2 * usual)
    if unconfirmed < limit:
        return None
    told = f"{unconfirmed} payments of the last 24 h still unconfirmed, usually {usual:.3g}: charged or not?"
    past = (float(unconfirmed), float(limit), "payments")
    signs = (Sign.PAYMENTS_UNCERTAIN,)
    return verdict(State.WARNING, Reason.THRESHOLD, told, numbers, past=past, signs=signs)


def _declined(options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when many more cards are declined than usual."""
    tally = takings.failed[Outcome.DECLINE]
    usual = tally.before(options.window, takings.history)
    limit = max(RISE, RISE_TIMES * usual)
    if takings.history < LEAST_KNOWN or tally.recent < limit:
        return None
    told = (
        f"{tally.recent} declined cards within {span(options.window)}, usually {usual:.1f}; "
        f"{said(takings.faults, 'fault')}: not an outage"
    )
    past = (float(tally.recent), limit, "cards")
    return verdict(State.WARNING, Reason.THRESHOLD, told, numbers, past=past, signs=(Sign.DECLINES,))


def _summary(options: Options, takings: Takings) -> str:
    declines = takings.failed[Outcome.DECLINE].recent
    parts = [
        f"within {span(options.window)}: {said(takings.succeeded, 'payment')}",
        said(takings.faults, "fault"),
        said(declines, "decline"),
    ]
    odd = takings.failed[Outcome.UNKNOWN].recent
    if odd:
        parts.append(f"{odd} with codes we do not know ({_odd(takings)})")
    if takings.unconfirmed:
        parts.append(f"{takings.unconfirmed} still unconfirmed")
    return ", ".join(parts)


def _odd(takings: Takings) -> str:
    return ", ".join(sorted(set(takings.odd))[:3])


_judged = asking_rows(judge)
CHECK = CheckType("transactions", Options, "faults", probe, question.target)
