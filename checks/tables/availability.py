"""Probe of availability: a number for every night that can be booked, and no room sold twice.

Nights before the first of all room types are a season in which the hotel is closed, or a table that lost its
beginning: which of them, people must say. The last two nights are not missed, as they are made by night.

A statement of one's own gives one row with the columns `nights` (rows from today on), `missing_soon`
(nights without a number within 30 days), `missing_later` (beyond them), `overbooked` (negative numbers),
`excess` (more than there are rooms; all counts), `first_gap`, `first_overbooked` (a room type and date as a
text, or NULL), `opening` (the first date of all, if nothing is there before it and it is not today, as a
text, or NULL) and `updated` (seconds since the newest change, or NULL); and, where one wants to hear of
nights that are nearly sold out, `scarce` (how many nights within 30 days have few rooms left) and `few` (the
first of them: an array of texts `YYYY-MM-DD LEFT ROOM`).
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated

from pydantic import Field

from checks.check import CheckType
from checks.context import Context
from checks.findings import MOST_SCARCE, Findings, Scarce
from checks.result import Reason, Result, Sign, State, ok
from checks.tables import question
from checks.tables.question import Row, UnreadableError, ago, asking, known, said, verdict
from checks.tables.triage import day
from checks.values import Count

OVERBOOKED = "overbooked"
HORIZON = 365
SOON = 30
LONGEST = 1100
"""Days that are looked at at the most."""
MADE_BY_NIGHT = 2
FEW = 2
"""Rooms left with which a night is scarce."""
_SCARCE = re.compile(r"(\d{4,5}-\d\d-\d\d) (\d{1,6}) (.+)", re.ASCII | re.DOTALL)

STATEMENT = """
WITH today AS (
    SELECT (now() AT TIME ZONE $1)::date AS today
), ahead AS (
    SELECT btrim(room_type_id) AS room, date, available_rooms, physical_rooms, updated_at
    FROM availability, today
    WHERE date >= today AND date < today + $2::int
), opening AS (
    SELECT coalesce((SELECT min(date) FROM ahead), today) AS opening FROM today
), rooms AS (
    SELECT room FROM ahead
    UNION
    SELECT btrim(pms_room_type_id) FROM room_type_mappings WHERE is_active AND btrim(pms_room_type_id) <> ''
), gaps AS (
    SELECT room, date, date - today AS step
    FROM (
        SELECT room, opening + step AS date
        FROM rooms, opening, today, generate_series(0, $2::int - 1) AS step
        WHERE opening + step < today + $2::int
        EXCEPT
        SELECT room, date FROM ahead
    ) AS lacking, today
), scarce AS (
    SELECT room, date, available_rooms AS rooms
    FROM ahead, today
    WHERE available_rooms BETWEEN 0 AND $3::int AND date < today + 30
), figures AS (
    SELECT count(*) AS nights,
           count(*) FILTER (WHERE available_rooms < 0) AS overbooked,
           count(*) FILTER (WHERE available_rooms > physical_rooms) AS excess,
           extract(epoch FROM now() - max(updated_at)) AS updated
    FROM ahead
)
SELECT figures.*,
       (SELECT count(*) FROM gaps WHERE step < 30) AS missing_soon,
       (SELECT count(*) FROM gaps WHERE step >= 30) AS missing_later,
       (SELECT left(room, 30) || ' on ' || date FROM gaps ORDER BY date, room LIMIT 1) AS first_gap,
       (SELECT left(room, 30) || ' on ' || date FROM ahead WHERE available_rooms < 0
        ORDER BY date, room LIMIT 1) AS first_overbooked,
       (SELECT opening::text FROM opening, today WHERE opening > today) AS opening,
       (SELECT count(*) FROM scarce) AS scarce,
       ARRAY(SELECT date || ' ' || rooms || ' ' || left(room, 30) FROM scarce
             ORDER BY date, rooms, room LIMIT 20) AS few
FROM figures
"""


class Options(question.Options):
    """The statement, how many days ahead must have a number, and how few rooms left are few."""

    horizon: Annotated[Count, Field(le=LONGEST)] = HORIZON
    few: Count = FEW


def reach(horizon: int) -> int:
    """Return how many nights must be there: a night's work may add the last ones."""
    return max(1, horizon - MADE_BY_NIGHT)


def closed(what: str, opening: str) -> str:
    """Return the words for nothing before a date."""
    return f"no {what} of any room type before {opening}: closed until then?"


def judge(options: Options, row: Row, context: Context) -> Result:
    """Say what is wrong with the numbers, and which nights are nearly sold out."""
    return replace(_judged(options, row, context), findings=_scarce(options, row))


def _scarce(options: Options, row: Row) -> Findings:
    if not row.has("scarce") or not row.has("few"):
        return Findings()
    found = tuple(_nights(row.texts("few")))
    return Findings(scarce=found[:MOST_SCARCE], scarce_in_all=row.count("scarce"), scarce_at=options.few)


def _nights(texts: tuple[str, ...]) -> Iterator[Scarce]:
    for text in texts:
        match = _SCARCE.fullmatch(text)
        night = day(match[1]) if match else None
        if match is None or night is None:
            raise UnreadableError("column few is not of texts such as 2026-12-24 1 DLX")
        yield Scarce(match[3], night, int(match[2]))


def _judged(options: Options, row: Row, context: Context) -> Result:
    """Say what is overbooked, what cannot be sold, and what cannot be true."""
    nights, overbooked, excess = row.count("nights"), row.count("overbooked"), row.count("excess")
    soon, later, updated = row.count("missing_soon"), row.count("missing_later"), row.age("updated")
    gap, first = row.text_or_none("first_gap"), row.text_or_none("first_overbooked")
    numbers = known(
        **{OVERBOOKED: float(overbooked)},
        nights=float(nights),
        missing_soon=float(soon),
        missing_later=float(later),
        above_physical=float(excess),
        updated_timestamp_seconds=ago(context, updated),
    )
    if overbooked:
        which = f"{said(overbooked, 'night')} overbooked" + (f", the first {first}" if first else "")
        past = (float(overbooked), 0.0, "nights")
        signs = (Sign.NO_INVENTORY,)
        return verdict(State.CRITICAL, Reason.THRESHOLD, which, numbers, past=past, signs=signs)
    if not nights:
        nothing = f"there is no availability from today on, expected {options.horizon} days of it"
        return verdict(State.CRITICAL, Reason.MISSING, nothing, numbers)
    opening = row.text_or_none("opening")
    told = [_gaps(options, soon, later, gap)] if soon or later else []
    told += [closed("availability", opening)] if opening else []
    told += [f"{said(excess, 'night')} with more rooms available than there are"] if excess else []
    if soon:
        return verdict(State.CRITICAL, Reason.MISSING, "; ".join(told), numbers)
    if told:
        return verdict(State.WARNING, Reason.MISMATCH, "; ".join(told), numbers)
    return ok(f"every night of the next {options.horizon} days has a number, none is overbooked", numbers)


def _gaps(options: Options, soon: int, later: int, gap: str | None) -> str:
    first = f", the first {gap}" if gap else ""
    near = f", {soon:,} of them within {SOON} days" if soon else ""
    nights = said(soon + later, "room-night")
    return f"{nights} of the next {options.horizon} days without availability{near}{first}"


CHECK = CheckType("availability", Options, OVERBOOKED, asking(judge), question.target)
