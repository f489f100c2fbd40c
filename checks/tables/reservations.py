"""Probe of new reservations: how long there was none, against what is usual at this hour of this weekday.

A statement of one's own gives one row with the columns `made` (reservations in the 28 days before the
newest, a count), `closed` (1 if no room can be sold within 30 days, else 0), `known` (seconds of those days
that are covered, or NULL), `silent` (seconds since the newest, or NULL) and `usual` (seconds of the longest
gap at this hour of this weekday in them, or NULL).
"""

from zoneinfo import ZoneInfo

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import LAST, Reason, Result, State, ok
from checks.tables import question
from checks.tables.question import Row, ago, asking, known, said, verdict

SILENT = "silent_seconds"
LEAST_DAYS, LEAST_RESERVATIONS = 14, 30
TIMES = 5.0
"""How often the longest usual gap is a silence: three times gave a false alarm a month, five none in five."""
LEAST_SILENCE = 6 * 3600.0
DAY = 86_400.0

STATEMENT = """
WITH newest AS (
    SELECT max(created_at) AS at FROM reservations WHERE created_at <= now()
), made AS (
    SELECT created_at, lag(created_at) OVER (ORDER BY created_at) AS before
    FROM reservations, newest
    WHERE created_at > newest.at - interval '28 days' AND created_at <= newest.at
), moments AS (
    SELECT (now() AT TIME ZONE $1 - week * interval '7 days') AT TIME ZONE $1 AS at
    FROM generate_series(1, 520) AS week
), ahead AS (
    SELECT bool_or(available_rooms > 0 AND date < (now() AT TIME ZONE $1)::date + 30) AS sold
    FROM availability
    WHERE date >= (now() AT TIME ZONE $1)::date
)
SELECT count(*) AS made,
       (SELECT CASE WHEN sold IS FALSE THEN 1 ELSE 0 END FROM ahead) AS closed,
       extract(epoch FROM max(created_at) - min(created_at)) AS known,
       extract(epoch FROM now() - max(created_at)) AS silent,
       (SELECT extract(epoch FROM max(made.created_at - made.before))
        FROM made, moments, newest
        WHERE moments.at > newest.at - interval '28 days' AND moments.at < newest.at
          AND made.before < moments.at + interval '1 hour'
          AND made.created_at > moments.at - interval '1 hour') AS usual
FROM made
"""


class Options(question.Options):
    """The statement, and where the hotel's weekdays and hours are."""

    timezone: ZoneInfo


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say whether it has been silent for longer than the hotel's own rhythm explains."""
    made, covered = row.count("made"), row.age("known")
    silent, usual = row.age("silent"), row.age("usual")
    numbers = known(
        **{SILENT: silent, LAST: ago(context, silent)}, usual_gap_seconds=usual, reservations=float(made)
    )
    if silent is None:
        return ok("there is no reservation yet: too little is known to judge silence", numbers)
    since = f"the newest reservation was made {span(silent)} ago"
    if usual is None or made < LEAST_RESERVATIONS or (covered or 0.0) < LEAST_DAYS * DAY:
        days = (covered or 0.0) / DAY
        told = (
            f"{since}; too little is known to judge silence ({said(made, 'reservation')} in {days:.0f} days)"
        )
        return ok(told, numbers)
    if row.count("closed"):
        return ok(f"{since}; no room can be sold within 30 days, so nobody is expected to book", numbers)
    here = context.tools.now().astimezone(options.timezone)
    limit = max(TIMES * usual, LEAST_SILENCE)
    rhythm = f"around {here:%H}:00 on a {here:%A} the longest usual gap is {span(usual)}"
    if silent > limit:
        told = f"no new reservation for {span(silent)}; {rhythm}, expected one within {span(limit)}"
        return verdict(State.WARNING, Reason.STALE, told, numbers, past=(silent, limit, "s"))
    return ok(f"{since}; {rhythm}", numbers)


CHECK = CheckType("reservations", Options, SILENT, asking(judge), question.target)
