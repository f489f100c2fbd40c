"""Probe of new reservations: how long there was none, against the hotel's rhythm of the 8 weeks before.

A statement of one's own gives a row for each day of the hotel on which reservations were made, with the
columns `day` (such as 2026-11-27), `came` (the hours in which any was made and in how many of their quarters,
such as `9:2 14:1 23:4`), and in each row the same `made` (reservations in the 56 days before the newest, a
count), `known` (seconds of those days that are covered, or NULL), `silent` (seconds since the newest, or
NULL) and `closed` (1 if no room can be sold within 30 days, else 0); without any day, one row in which the
first two are NULL. Or it gives one row with `made`, `known`, `silent`, `closed` and `usual` (seconds of the
longest gap at this hour of this weekday, or NULL): then five times that, and at least six hours, is silence.
"""

from zoneinfo import ZoneInfo

from checks.check import CheckType
from checks.context import Context
from checks.log import span
from checks.result import LAST, SILENT, Reason, Result, State, ok
from checks.tables import question, usual_gap
from checks.tables.question import Row, ago, asking_rows, known, only, verdict
from checks.tables.rhythm_statement import with_came
from checks.tables.silences import Hours, Silence

RARE = 1e6
"""One silence in so many is told of: in 1,002 simulated months of honest hotels none was so rare."""
LEAST_SILENCE = 3 * 3600.0
FEW = 4.0
"""Reservations a day of which a silence says little for days."""

STATEMENT = with_came(
    """
WITH newest AS (
    SELECT max(created_at) AS at FROM reservations WHERE created_at <= now()
), days AS ({came}), ahead AS (
    SELECT bool_or(available_rooms > 0 AND date < (now() AT TIME ZONE $1)::date + 30) AS sold
    FROM availability
    WHERE date >= (now() AT TIME ZONE $1)::date
), figures AS (
    SELECT count(*) AS made, extract(epoch FROM max(created_at) - min(created_at)) AS known,
           extract(epoch FROM now() - max(created_at)) AS silent,
           (SELECT CASE WHEN sold IS FALSE THEN 1 ELSE 0 END FROM ahead) AS closed
    FROM reservations, newest
    WHERE created_at > newest.at - interval '56 days' AND created_at <= newest.at
)
SELECT figures.*, days.day::text AS day, days.came
FROM figures LEFT JOIN days ON true
""",
    "reservations",
)


class Options(question.Options):
    """The statement, and where the hotel's weekdays and hours are."""

    timezone: ZoneInfo


def judge(options: Options, rows: list[Row], context: Context) -> Result:
    """Say whether it has been silent for longer than the hotel's own rhythm explains."""
    now = context.tools.now()
    if not rows or not rows[0].has("day"):
        row = only(rows)
        return usual_gap.judge(row, now.astimezone(options.timezone), _numbers(row, context))
    hours = Hours.of(rows)
    numbers = _numbers(rows[0], context)
    if hours.silent is None:
        return ok("there is no reservation yet: too little is known to judge silence", numbers)
    since = f"the newest reservation was made {span(hours.silent)} ago"
    silence = hours.until(now, options.timezone)
    if silence is None:
        return ok(f"{since}; too little is known to judge silence ({hours.seen('reservation')})", numbers)
    numbers |= silence.numbers()
    if rows[0].count("closed"):
        return ok(f"{since}; no room can be sold within 30 days, so nobody is expected to book", numbers)
    return _judge(silence, since, numbers)


def _judge(silence: Silence, since: str, numbers: dict[str, float]) -> Result:
    limit = max(LEAST_SILENCE, silence.rhythm.rare_after(silence.newest, RARE))
    if silence.seconds >= limit:
        told = (
            f"no new reservation for {span(silence.seconds)}, {silence.expected:.0f} were to be expected; "
            f"{silence.words()}: either nobody books, or bookings get lost"
        )
        past = (silence.seconds, limit, "s")
        return verdict(State.WARNING, Reason.STALE, told, numbers, past=past)
    daily = silence.daily
    few = f"; at {daily:.1f} a day a silence says little before {span(limit)}" if daily < FEW else ""
    return ok(f"{since}; {silence.words()}{few}", numbers)


def _numbers(row: Row, context: Context) -> dict[str, float]:
    silent = row.age("silent")
    return known(**{SILENT: silent, LAST: ago(context, silent)}, reservations=float(row.count("made")))


CHECK = CheckType("reservations", Options, SILENT, asking_rows(judge), question.target)
