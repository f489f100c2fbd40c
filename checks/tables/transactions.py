"""Probe of payments: faults, declines, attacks and what is in doubt, each for itself.

A statement of one's own gives a row for each outcome and code with the columns `outcome` (`succeeded`,
`pending` or `failed`), `code` (of a failed one, or NULL), `recent` (within the rate window), `burst` (within
10 minutes), `week` (within 7 days; all counts), `amount`, `burst_amount` (sums, or NULL), `newest` and
`oldest` (seconds of age within the 7 days, or NULL).
"""

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import LAST, SUCCESS_RATIO, Reason, Result, State, ok
from checks.tables import question
from checks.tables.payment_codes import FAULTS, Outcome
from checks.tables.question import Row, ago, asking_rows, known, said, verdict
from checks.tables.takings import Takings

AUTH_LASTS = 600.0
"""Seconds a refused login counts after payments go through again."""
BURST, BURST_TIMES, SMALL = 10, 5.0, 5.0
RISE, RISE_TIMES = 20, 3.0
TEN_MINUTES = 600.0
LEAST_KNOWN = 86_400.0
"""Seconds of history without which nothing is called a rise."""

STATEMENT = """
SELECT 'failed' AS outcome, code, recent, burst, week, amount, burst_amount, newest, oldest
FROM (
    SELECT left(error_code, 60) AS code,
           count(*) FILTER (WHERE created_at > now() - make_interval(secs => $1)) AS recent,
           count(*) FILTER (WHERE created_at > now() - interval '10 minutes') AS burst,
           count(*) AS week,
           sum(amount) FILTER (WHERE created_at > now() - make_interval(secs => $1)) AS amount,
           sum(amount) FILTER (WHERE created_at > now() - interval '10 minutes') AS burst_amount,
           extract(epoch FROM now() - max(created_at)) AS newest,
           extract(epoch FROM now() - min(created_at)) AS oldest
    FROM payment_failures
    WHERE created_at > now() - interval '7 days'
    GROUP BY left(error_code, 60)
) AS failures
UNION ALL
SELECT 'succeeded', NULL, count(*) FILTER (WHERE created_at > now() - make_interval(secs => $1)), 0, count(*),
       NULL, NULL,
       extract(epoch FROM now() - coalesce(
           max(created_at), (SELECT max(created_at) FROM payments WHERE status = 'succeeded')
       )),
       extract(epoch FROM now() - min(created_at))
FROM payments
WHERE status = 'succeeded' AND created_at > now() - interval '7 days'
UNION ALL
SELECT 'pending', NULL, count(*), 0, count(*), sum(amount), NULL, NULL, NULL
FROM payments
WHERE status = 'pending'
  AND created_at BETWEEN now() - interval '24 hours' AND now() - make_interval(secs => $2)
"""


class Options(question.Options):
    """The statement, the window of the rate in seconds, its limit as a share, and its least sample."""

    window: float
    limit: float
    least: int


def judge(options: Options, rows: list[Row], context: Context) -> Result:
    """Say what is wrong with payments, the gravest first."""
    takings = Takings.of(rows)
    numbers = _numbers(takings, context)
    for look in (_attacked, _locked_out, _faulty, _declined):
        found = look(options, takings, numbers)
        if found is not None:
            return found
    return ok(_summary(options, takings), numbers)


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
    tally = takings.probing
    usual = tally.before(TEN_MINUTES, takings.history)
    if tally.burst < BURST or tally.burst < BURST_TIMES * usual or tally.burst_amount is None:
        return None
    mean = tally.burst_amount / tally.burst
    if mean >= SMALL:
        return None
    told = (
        f"{tally.burst} cards refused within 10 minutes, over {mean:.2f} on average: stolen cards are tried"
    )
    return verdict(
        State.CRITICAL, Reason.SECURITY, told, numbers, past=(float(tally.burst), float(BURST), "cards")
    )


def _locked_out(options: Options, takings: Takings, numbers: dict[str, float]) -> Result | None:
    """Say when the gateway refuses us, from the first time until payments have gone through for a while."""
    tally = takings.failed[Outcome.AUTH]
    if not tally.recent or tally.newest is None:
        return None
    if tally.newest > AUTH_LASTS and takings.last is not None and takings.last < tally.newest:
        return None
    told = f"the gateway refused us in {said(tally.recent, 'payment')} of the last {span(options.window)}"
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
        f"({share:.0f}%, at most {limit:g}% are expected): {shown}"
    )
    doubtful = takings.failed[Outcome.TIMEOUT].recent
    told += f"; {doubtful} may have been charged all the same" if doubtful else ""
    return verdict(State.CRITICAL, Reason.THRESHOLD, told, numbers, past=(share, limit, "%"))


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
    return verdict(State.WARNING, Reason.THRESHOLD, told, numbers, past=(float(tally.recent), limit, "cards"))


def _summary(options: Options, takings: Takings) -> str:
    declines = takings.failed[Outcome.DECLINE].recent
    parts = [
        f"within {span(options.window)}: {said(takings.succeeded, 'payment')}",
        said(takings.faults, "fault"),
        said(declines, "decline"),
    ]
    odd = takings.failed[Outcome.UNKNOWN].recent
    if odd:
        parts.append(f"{odd} with codes we do not know ({', '.join(sorted(set(takings.odd))[:3])})")
    if takings.unconfirmed:
        parts.append(f"{takings.unconfirmed} still unconfirmed")
    return ", ".join(parts)


CHECK = CheckType("transactions", Options, "faults", asking_rows(judge), question.target)
