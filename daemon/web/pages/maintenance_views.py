"""The ledger as people read it: what is overdue first, and days by the clocks of the hotel."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo

from alerts.credentials import Keeping, Need
from alerts.maintenance import Entry, Evidence, Standing
from alerts.message_text import clean
from alerts.recurrence import Due, Rhythm, last_day
from daemon.maintenance import Sheet

SYMBOLS = {Due.OVERDUE: "✕", Due.DUE: "▲", Due.DONE: "✓"}
TONES = {Due.OVERDUE: "bad", Due.DUE: "fair", Due.DONE: "good"}
DUE = {Due.OVERDUE: "was to be done by", Due.DUE: "by the end of", Due.DONE: "again by the end of"}
HEADINGS = {
    Rhythm.DAILY: "Every day",
    Rhythm.WEEKLY: "Every week",
    Rhythm.MONTHLY: "Every month",
    Rhythm.QUARTERLY: "Every quarter",
    Rhythm.YEARLY: "Every year",
}
NEED_SYMBOLS = {Need.FINE: "✓", Need.SOON: "▲", Need.DUE: "▲", Need.OVERDUE: "✕"}
NEED_TONES = {Need.FINE: "good", Need.SOON: "fair", Need.DUE: "fair", Need.OVERDUE: "bad"}
NEED_DUE = {
    Need.FINE: "good until",
    Need.SOON: "to be changed by",
    Need.DUE: "to be changed today,",
    Need.OVERDUE: "was to be changed by",
}
MOST_LINES = 100
"""Lines of what was seen that are shown at the most."""

SEEN = {
    Evidence.WHOLE: "Night Porter watches what this needs, and ticks it when a report has seen all of it.",
    Evidence.PART: "Night Porter watches a part of what this needs; the rest is for a person.",
    Evidence.NONE: "",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Who did a task and when, with the moment for programs, what they say of it, and what was seen."""

    at: str
    moment: str
    by: str
    note: str
    by_itself: bool
    seen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """A credential: how it stands, in words by which `day`, and who looks after it; never what it is."""

    title: str
    state: Need
    symbol: str
    tone: str
    due: str
    day: str
    about: str
    note: str


@dataclass(frozen=True, slots=True)
class Row:
    """A task: how it stands, in words by which `day`, and who did it last."""

    id: str
    title: str
    what: str
    seen: str
    every: str
    state: Due
    symbol: str
    tone: str
    due: str
    day: str
    last: Line | None


@dataclass(frozen=True, slots=True)
class Group:
    """The tasks of one rhythm."""

    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A hotel's page of the ledger."""

    hotel: str
    name: str
    zone: str
    state: Due
    counts: str
    groups: tuple[Group, ...]
    keys: tuple[Key, ...]


@dataclass(frozen=True, slots=True)
class HotelRow:
    """A hotel among many."""

    id: str
    name: str
    state: Due
    symbol: str
    tone: str
    counts: str


def page(sheet: Sheet) -> Page:
    """Return a hotel's page."""
    found = [row(one, sheet.zone) for one in sheet.tasks]
    groups = [
        Group(heading, tuple(one for one in found if one.every == rhythm))
        for rhythm, heading in HEADINGS.items()
    ]
    return Page(
        hotel=sheet.hotel,
        name=clean(sheet.name, 200),
        zone=str(sheet.zone),
        state=_worst(sheet),
        counts=_counts(sheet),
        groups=tuple(group for group in groups if group.rows),
        keys=tuple(_key(one) for one in sheet.credentials),
    )


def hotels(sheets: Iterable[Sheet]) -> tuple[list[HotelRow], list[HotelRow]]:
    """Return the hotels with something to do, those with most overdue first, and those without."""

    def rank(one: Sheet) -> tuple[int, int, str]:
        return -one.keys_overdue - one.count(Due.OVERDUE), -one.count(Due.DUE), one.name.lower()

    order = sorted(sheets, key=rank)
    rows = [_hotel(one) for one in order]
    return [one for one in rows if one.state is not Due.DONE], [one for one in rows if one.state is Due.DONE]


def row(one: Standing, zone: tzinfo) -> Row:
    """Return a task as it is shown."""
    task = one.task
    return Row(
        id=task.id,
        title=clean(task.title, 200),
        what=clean(task.what, 2000),
        seen=SEEN[task.evidence],
        every=task.every,
        state=one.state,
        symbol=SYMBOLS[one.state],
        tone=TONES[one.state],
        due=DUE[one.state],
        day=_day(last_day(one.due_by, zone)),
        last=line(one.last, zone) if one.last else None,
    )


def lines(entries: Sequence[Entry], zone: tzinfo) -> list[Line]:
    """Return entries as they are shown."""
    return [line(one, zone) for one in entries]


def line(entry: Entry, zone: tzinfo) -> Line:
    """Return an entry as it is shown."""
    local = entry.at.astimezone(zone)
    return Line(
        at=f"{_day(local)}, {local:%H:%M}",
        moment=local.isoformat(timespec="seconds"),
        by=clean(entry.by, 200),
        note=clean(entry.note, 2000),
        by_itself=entry.by_itself,
        seen=told(entry.evidence),
    )


def told(seen: str) -> tuple[str, ...]:
    """Return what was seen of a task as lines."""
    return tuple(clean(line, 500) for line in seen.splitlines()[:MOST_LINES])


def _key(one: Keeping) -> Key:
    known = one.credential
    age = "" if one.age is None else f"{one.age} {'day' if one.age == 1 else 'days'} old"
    about = (
        f"looked after by {clean(known.owner, 200)}",
        f"for {known.integration}" if known.integration else "",
        age,
    )
    return Key(
        title=clean(known.title, 200),
        state=one.need,
        symbol=NEED_SYMBOLS[one.need],
        tone=NEED_TONES[one.need],
        due=NEED_DUE[one.need],
        day=_day(one.due),
        about=", ".join(part for part in about if part),
        note=clean(known.note, 2000),
    )


def verdict(sheets: Iterable[Sheet]) -> tuple[Due, str]:
    """Return how the ledger of several hotels stands, and a sentence about it."""
    states = [_worst(one) for one in sheets]
    overdue, due = states.count(Due.OVERDUE), states.count(Due.DUE)
    if overdue:
        return Due.OVERDUE, f"In {_hotels(overdue)} something is overdue"
    if due:
        return Due.DUE, f"Nothing is overdue; {_hotels(due)} {'has' if due == 1 else 'have'} something due"
    return Due.DONE, "Everything is done"


def _hotels(number: int) -> str:
    return "1 hotel" if number == 1 else f"{number} hotels"


def _worst(sheet: Sheet) -> Due:
    if sheet.keys_overdue:
        return Due.OVERDUE
    return next((state for state in SYMBOLS if sheet.count(state)), Due.DONE)


def _counts(sheet: Sheet) -> str:
    """Return how many tasks stand how, such as `2 overdue, 10 done`."""
    found = [f"{number} {state}" for state in SYMBOLS if (number := sheet.count(state))]
    keys = [_keys_overdue(sheet.keys_overdue)] if sheet.keys_overdue else []
    return ", ".join([*keys, *found]) or "no tasks"


def _keys_overdue(number: int) -> str:
    return "1 credential overdue" if number == 1 else f"{number} credentials overdue"


def _hotel(sheet: Sheet) -> HotelRow:
    state = _worst(sheet)
    name = clean(sheet.name, 200)
    return HotelRow(sheet.hotel, name, state, SYMBOLS[state], TONES[state], _counts(sheet))


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b %Y}"
