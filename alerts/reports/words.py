"""How a report says numbers, times and that there is nothing to say."""

import math
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.message_text import capital, clean, lasting
from alerts.reports.facts import Facts
from alerts.reports.report import Block, Cell, Kind, Point, Section, Table, Tone

NOTHING = "-"
NO_HEADING = ""
NOT_WATCHED = "Not watched here"
MOST_ROWS = 40
"""Rows of a table at the most: what is beyond is named as so many more."""

_HOUR = timedelta(hours=1)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SPAN = {Kind.DAILY: "day", Kind.WEEKLY: "week", Kind.MONTHLY: "month"}
EDGE = {Kind.DAILY: _HOUR, Kind.WEEKLY: _HOUR, Kind.MONTHLY: timedelta(days=2)}
"""By how much later what is known may begin than the time before: of what is long ago whole days are kept."""

BEFORE = {Kind.DAILY: "a week before", Kind.WEEKLY: "the week before", Kind.MONTHLY: "the month before"}


def ms(value: float | None) -> str:
    """Return a response time."""
    return NOTHING if value is None else f"{value:.0f} ms" if value >= 10 else f"{value:.1f} ms"


def percent(value: float | None) -> str:
    """Return a percentage, never rounded up to all of it."""
    if value is None:
        return NOTHING
    # Of what is no more than the error of a float nothing is taken away: 0.29 is no 0.28.
    return f"{math.floor(round(value * 100, 6)) / 100:.2f}".rstrip("0").rstrip(".") + " %"


def count(value: float | None) -> str:
    """Return a whole number."""
    return NOTHING if value is None else f"{value:,.0f}"


def minutes(value: float | None) -> str:
    """Return so many minutes, such as `1 h 5 min`."""
    if value is None:
        return NOTHING
    return lasting(timedelta(minutes=value)) if value else "0 min"


def many(number: int, one: str, more: str = "") -> str:
    """Return a number of things, such as `1 incident` or `2 incidents`."""
    return f"{number} {one if number == 1 else more or one + 's'}"


def when(at: datetime, zone: ZoneInfo) -> str:
    """Return a moment in hotel time, such as `Sun 29 Nov 14:12`."""
    local = at.astimezone(zone)
    return f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]} {local:%H:%M}"


def between(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """Return two moments, the second by its time alone where it is of the same day."""
    alike = begins.astimezone(zone).date() == ends.astimezone(zone).date()
    until = f"{ends.astimezone(zone):%H:%M}" if alike else when(ends, zone)
    return f"{when(begins, zone)} to {until}"


def day(at: datetime, zone: ZoneInfo) -> str:
    """Return a day in hotel time, such as `29 Nov 2026`."""
    local = at.astimezone(zone)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def knows_before(facts: Facts) -> bool:
    """Tell whether anything is known of the time before."""
    return any(one.before.runs or one.before.p95_ms is not None for one in facts.integrations)


def known_since(facts: Facts) -> str:
    """Return since when the time before is known, where that is not from its beginning on; else nothing."""
    since = facts.known_before
    if since is None or since - facts.spans.before.begins < EDGE[facts.kind]:
        return ""
    return f"{capital(BEFORE[facts.kind])} is known from {day(since, facts.zone)} on, and compared as far."


def text(said: str, tone: Tone = Tone.PLAIN) -> Cell:
    """Return a cell of words."""
    return Cell(clean(said), tone)


def figure(said: str, tone: Tone = Tone.PLAIN) -> Cell:
    """Return a cell of a number."""
    return Cell(said, tone, numeric=True)


def section(heading: str, blocks: Iterable[Block], otherwise: str, tone: Tone = Tone.PLAIN) -> Section:
    """Return a section; where there is nothing to show it says so in a line.

    Such a line has no heading where nothing is to be done about it: it stands among others of its kind.
    """
    found = tuple(blocks)
    if found:
        return Section(heading, found)
    return Section(heading if tone in {Tone.FAIR, Tone.BAD} else NO_HEADING, (Point(otherwise, tone),))


def watched(heading: str, blocks: Iterable[Block], name: str) -> Section:
    """Return a section about what a hotel may have or not: where it has not, it is only named as that."""
    found = tuple(blocks)
    return Section(heading, found) if found else Section(NOT_WATCHED, (Point(name),))


def left(span: timedelta) -> str:
    """Return in how long something is."""
    if span <= timedelta(days=-1):
        return f"{many(-span // timedelta(days=1), 'day')} ago"
    if span <= timedelta():
        return "which is past"
    return f"in {many(span.days, 'day')}" if span >= timedelta(days=1) else f"in {lasting(span)}"


def table(
    caption: str, head: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], left_out: int = 0
) -> tuple[Block, ...]:
    """Return a table of so many rows at the most, and a line about what is left out; nothing of no rows."""
    found = list(rows)
    if not found:
        return ()
    beyond = max(0, len(found) - MOST_ROWS) + left_out
    shown = Table(caption, head, tuple(found[:MOST_ROWS]))
    return (shown, Point(f"And {beyond} more.")) if beyond else (shown,)
