"""Probe of the hotel's mails of the last 24 hours: whether they leave and arrive, and bounces are heeded.

A statement of one's own gives one row with the columns `mails`, `delivered` (or sent), `failed`, `bounced`,
`hard` (bounces for good), `no_recipient` (5.1.1), `unauthenticated` (5.7.26), `over_quota` (5.4.5), `refused`
(4.7.0), `ignored` (addresses that bounced for good, were not suppressed, and were written to again),
`messages` and `recipients` (what counts towards the quota), `hour` (messages of the last hour), `leaving`
(messages that stop counting within an hour; all counts), `newest` (seconds since one went out, or NULL) and
`free_in` (seconds until there is room in the quota again, or NULL while there is).
"""

from typing import NamedTuple

from checks.check import CheckType
from checks.context import Context
from checks.database import DatabaseError
from checks.log import span
from checks.result import BOUNCED_RATIO, DELIVERED_RATIO, LAST, Reason, Result, State, failed, ok
from checks.tables import question
from checks.tables.question import Row, UnreadableError, ago, ask, known, only, said, verdict

LEAST_MAILS = 50
HARD_WARNING, HARD_CRITICAL = 0.04, 0.08
QUIET = 3600.0
"""Seconds without a mail after which we look whether there was reason for one."""
LEAST_UNCONFIRMED = 3
WITHOUT_MAIL = "reservations_without_mail"

MEANINGS = {
    "no_recipient": "no such recipient (5.1.1)",
    "unauthenticated": "not authenticated (5.7.26)",
    "over_quota": "over the quota (5.4.5)",
    "refused": "refused for now (4.7.0)",
}

STATEMENT = r"""
WITH day AS (
    SELECT status, left(response, 200) AS response, lower(recipient) AS recipient, recipients, created_at,
           status = 'bounced' AND coalesce(bounce_type = 'hard', response !~ '^4', true) AS hard
    FROM email_logs
    WHERE created_at > now() - interval '24 hours'
), figures AS (
    SELECT count(*) AS mails,
           count(*) FILTER (WHERE status IN ('sent', 'delivered')) AS delivered,
           count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'bounced') AS bounced,
           count(*) FILTER (WHERE hard) AS hard,
           count(*) FILTER (WHERE response ~ '\m5\.1\.1\M') AS no_recipient,
           count(*) FILTER (WHERE response ~ '\m5\.7\.26\M') AS unauthenticated,
           count(*) FILTER (WHERE response ~ '\m5\.4\.5\M') AS over_quota,
           count(*) FILTER (WHERE response ~ '\m4\.7\.0\M') AS refused,
           count(*) FILTER (WHERE status <> 'failed') AS messages,
           coalesce(sum(greatest(recipients, 0)) FILTER (WHERE status <> 'failed'), 0) AS recipients,
           count(*) FILTER (WHERE status <> 'failed' AND created_at > now() - interval '1 hour') AS hour,
           count(*) FILTER (WHERE status <> 'failed' AND created_at < now() - interval '23 hours') AS leaving,
           max(created_at) FILTER (WHERE status IN ('sent', 'delivered')) AS went
    FROM day
)
SELECT mails, delivered, failed, bounced, hard, no_recipient, unauthenticated, over_quota, refused,
       messages, recipients, hour, leaving,
       extract(epoch FROM now() - coalesce(
           went, (SELECT max(created_at) FROM email_logs WHERE status IN ('sent', 'delivered'))
       )) AS newest,
       CASE WHEN messages >= $1 THEN (
           SELECT extract(epoch FROM created_at + interval '24 hours' - now())
           FROM day WHERE status <> 'failed' ORDER BY created_at OFFSET messages - $1 LIMIT 1
       ) END AS free_in,
       (SELECT count(*) FROM (
           SELECT DISTINCT lower(recipient)
           FROM email_logs AS old
           WHERE status = 'bounced' AND bounce_type = 'hard' AND suppressed_at IS NULL
             AND created_at BETWEEN now() - interval '7 days' AND now() - interval '1 hour'
             AND EXISTS (
                 SELECT FROM day
                 WHERE day.recipient = lower(old.recipient)
                   AND day.created_at > old.created_at + interval '1 hour'
             )
           LIMIT 1001
       ) AS few) AS ignored
FROM figures
"""
"""Of `$1` messages allowed in 24 hours."""

UNCONFIRMED = """
SELECT count(*) AS unconfirmed FROM (
    SELECT FROM reservations
    WHERE created_at BETWEEN now() - make_interval(secs => $1) AND now() - interval '15 minutes'
    LIMIT 1001
) AS few
"""


class Options(question.Options):
    """The statement, and the share of failing mails that is borne from a least sample on."""

    limit: float
    least: int


class Share(NamedTuple):
    """What happened to some mails, and the share of all at which that is too many."""

    state: State
    some: int
    what: str
    limit: float


async def probe(options: Options, context: Context) -> Result:
    """Judge the mails, and whether reservations stay without one."""
    try:
        row = only(await ask(options, context))
        result = judge(options, row, context)
        newest = row.age("newest")
    except DatabaseError as error:
        return error.result
    except UnreadableError as error:
        return failed(Reason.QUERY, str(error))
    if result.state is State.OK and newest is not None and newest > QUIET:
        return await _confirmed(options, context, newest, result)
    return result


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say what is wrong with the mails, the gravest first."""
    mails, lost, hard, ignored = (row.count(name) for name in ("mails", "failed", "hard", "ignored"))
    numbers = _numbers(row, context)
    answers = [f"{row.count(name)} {words}" for name, words in MEANINGS.items() if row.count(name)]
    why = f": {', '.join(answers)}" if answers else ""
    if mails >= max(1, options.least) and lost / mails > options.limit:
        return _share(Share(State.CRITICAL, lost, "failed", options.limit), mails, why, numbers)
    if mails >= LEAST_MAILS and hard / mails >= HARD_WARNING:
        grave = hard / mails >= HARD_CRITICAL
        state, limit = (State.CRITICAL, HARD_CRITICAL) if grave else (State.WARNING, HARD_WARNING)
        return _share(Share(state, hard, "came back for good", limit), mails, why, numbers)
    if ignored:
        which = said(ignored, "address", 1001, "addresses")
        told = f"{which} bounced for good, not suppressed, and written to again"
        return verdict(State.WARNING, Reason.MISMATCH, told, numbers)
    if not mails:
        return ok("no mail in the last 24 h", numbers)
    told = f"{row.count('delivered')} of {said(mails, 'mail')} of the last 24 h went out"
    return ok(f"{told}, {lost} failed, {row.count('bounced')} came back{why}", numbers)


def _numbers(row: Row, context: Context) -> dict[str, float]:
    mails = row.count("mails")
    counted = ("failed", "bounced", "hard", "ignored", *MEANINGS)
    return {name: float(row.count(name)) for name in counted} | known(
        **{
            DELIVERED_RATIO: row.count("delivered") / mails if mails else None,
            BOUNCED_RATIO: row.count("bounced") / mails if mails else None,
            LAST: ago(context, row.age("newest")),
        },
        mails=float(mails),
    )


def _share(share: Share, mails: int, why: str, numbers: dict[str, float]) -> Result:
    percent, limit = 100 * share.some / mails, 100 * share.limit
    told = (
        f"{share.some} of {mails} mails of the last 24 h {share.what} ({percent:.3g}%, "
        f"less than {limit:g}% are expected){why}"
    )
    return verdict(share.state, Reason.THRESHOLD, told, numbers, past=(percent, limit, "%"))


async def _confirmed(options: Options, context: Context, newest: float, result: Result) -> Result:
    """Say when reservations were made and nobody was written to; no verdict where that cannot be asked."""
    # Whole minutes, so that the question stays the same for a while and can be shared.
    since = 60.0 * (newest // 60)
    asked = options.model_copy(update={"query": UNCONFIRMED, "values": (since,)})
    try:
        waiting = only(await ask(asked, context)).count("unconfirmed")
    except (DatabaseError, UnreadableError):
        return result
    numbers = {**result.measurements, WITHOUT_MAIL: float(waiting)}
    if waiting < LEAST_UNCONFIRMED:
        return ok(result.message, numbers)
    told = f"{said(waiting, 'reservation', 1001)} made since the last mail went out, {span(newest)} ago"
    return verdict(State.WARNING, Reason.STALE, told, numbers)


CHECK = CheckType("delivery", Options, DELIVERED_RATIO, probe, question.target)
