"""The form by which one silences: what it matches, from when to when, and what that would hold back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.incident import Cause, Incident, Severity
from alerts.message_text import capital, clean, full_time, lasting
from alerts.silence import Silence, Source, Span, matches, of_check
from alerts.wall_clock import moment
from daemon.board import Board
from daemon.typed_times import instant_of
from daemon.web import silencing
from daemon.web.answer import RefusedError
from daemon.web.pages.silence_views import MOST_HELD, matching
from daemon.web.sheets import Sheet
from daemon.web.silencing import Moment

MATCHED = ("hotel", "integration", "check", "cause", "severity")
FIELDS = (*MATCHED, "lasts", "from", "to", "zone", "by", "reason")
MORNING = time(8)
FOR = {"1h": timedelta(hours=1), "4h": timedelta(hours=4)}
LASTS = (*FOR, "morning", "times")
"""How long it may last: an hour, four, until tomorrow at eight, or from one time to another."""

MOST_OFFERED = 300
"""Names that a field offers at the most."""

MOST_NAMED = 12
UTC_NAME = "UTC"
"""What the clocks are called that no hotel has."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the fields offer: names that are there, the closed sets, and clocks by which times are meant."""

    hotels: tuple[tuple[str, str], ...]
    integrations: tuple[str, ...]
    checks: tuple[str, ...]
    causes: tuple[str, ...]
    severities: tuple[str, ...]
    zones: tuple[str, ...]
    zone: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a silence would hold back: when, which open incidents, and which checks it is for.

    `further` is how many incidents there are beside those, `more` how many checks.
    """

    match: str
    when: str
    notes: tuple[str, ...]
    incidents: tuple[tuple[str, str], ...]
    further: int
    checks: tuple[str, ...]
    more: int
    narrow: bool


def offer(said: Mapping[str, str], at: Moment) -> Offer:
    """Return what the fields offer to who has typed this."""
    board, zones = at.board, zones_of(at)
    names = {view.name for view in board.integrations.values()}
    checks = {f"{one.integration}/{one.check}" for one in board.tiles}
    hotel = said.get("hotel", "")
    own = at.quiet.zone(hotel).key if hotel in board.hotels else next(iter(zones))
    return Offer(
        hotels=tuple(
            (name, clean(shown, 200)) for name, shown in sorted(board.hotels.items())[:MOST_OFFERED]
        ),
        integrations=tuple(sorted(names)[:MOST_OFFERED]),
        checks=tuple(sorted(checks)[:MOST_OFFERED]),
        causes=tuple(sorted(Cause)),
        severities=tuple(Severity),
        zones=tuple(zones),
        zone=said.get("zone", own),
    )


def zones_of(at: Moment) -> dict[str, ZoneInfo]:
    """Return the clocks by which times can be meant: those of the hotels, and UTC."""
    found = {zone.key: zone for zone in (at.quiet.zone(hotel) for hotel in at.board.hotels)}
    return {**dict(sorted(found.items())), UTC_NAME: ZoneInfo(UTC_NAME)}


def read(sheet: Sheet, at: Moment, name: str) -> tuple[Silence | None, tuple[str, ...]]:
    """Return the silence that a form asks for, and what is to be said of its times; None if it is wrong."""
    match = _match(sheet, at.board)
    window, notes = _window(sheet, at)
    reason, by = sheet.note("reason", "The reason", required=True), sheet.name("by", "Your name")
    if sheet.errors or window is None:
        return None, notes
    return Silence(name, match, window, reason, by, Source.PERSON), notes


def draft(sheet: Sheet, at: Moment) -> tuple[Silence | None, tuple[str, ...]]:
    """Return what a form would silence, whoever asks for it and why."""
    match = _match(sheet, at.board)
    window, notes = _window(sheet, at)
    if sheet.errors or window is None:
        return None, notes
    return Silence("", match, window, "", "", Source.PERSON), notes


def _match(sheet: Sheet, board: Board) -> dict[str, str]:
    found = {key: sheet.name(key, key.capitalize()) for key in MATCHED if sheet.said.get(key, "").strip()}
    if not found:
        sheet.errors["match"] = "Say what to silence: one field at least."
    for key in found:
        if key in sheet.errors:
            continue
        known = {name: value for name, value in found.items() if name not in sheet.errors}
        try:
            silencing.check_match(known, board, key)
        except RefusedError as refused:
            sheet.errors[key] = capital(str(refused).removeprefix(f"match.{key}: "))
    return found


def _window(sheet: Sheet, at: Moment) -> tuple[Span | None, tuple[str, ...]]:
    lasts, zone = sheet.said.get("lasts", "1h"), zones_of(at).get(sheet.said.get("zone", UTC_NAME))
    typed = any(sheet.said.get(field, "").strip() for field in ("from", "to"))
    if lasts not in LASTS:
        sheet.errors["lasts"] = "Say for how long."
    elif typed and lasts != "times":
        sheet.errors["lasts"] = "Choose “from one time until another”, or leave the times empty."
    if zone is None:
        sheet.errors["zone"] = "Say by which clocks times are meant."
    if "lasts" in sheet.errors or zone is None:
        return None, ()
    if lasts in FOR:
        return Span(at.now, at.now + FOR[lasts]), ()
    if lasts == "morning":
        return Span(at.now, morning(at.now, zone)), ()
    return _typed(sheet, zone, at.now)


def morning(now: datetime, zone: ZoneInfo) -> datetime:
    """Return tomorrow at eight by the clocks of a zone."""
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return moment(datetime.combine(tomorrow, MORNING), zone)


def _typed(sheet: Sheet, zone: ZoneInfo, now: datetime) -> tuple[Span | None, tuple[str, ...]]:
    begins, first = _instant(sheet, "from", zone)
    ends, second = _instant(sheet, "to", zone)
    notes = tuple(one for one in (first, second) if one)
    if "from" in sheet.errors or "to" in sheet.errors:
        return None, notes
    try:
        return silencing.window(begins, ends, now), notes
    except RefusedError as refused:
        words = str(refused)
        field = "from" if words.startswith("from") else "to"
        sheet.errors[field] = _WINDOW_WORDS.get(words.partition(":")[0].rstrip("."), capital(words))
        return None, notes


_WINDOW_WORDS = {
    "to is missing": "Say when it ends.",
    "to is past": "That is past: say when it ends.",
    "from must be before to": "It must begin before it ends.",
}


def _instant(sheet: Sheet, field: str, zone: ZoneInfo) -> tuple[datetime | None, str]:
    text = sheet.said.get(field, "").strip()
    if not text:
        return None, ""
    try:
        return instant_of(text, zone)
    except ValueError as error:
        sheet.errors[field] = f"{capital(clean(str(error)))}."
        return None, ""


def preview(silence: Silence, notes: tuple[str, ...], at: Moment, zone: ZoneInfo) -> Preview:
    """Return what a silence would hold back."""
    checks = [str(one) for one in at.board.tiles if of_check(silence, one)]
    incidents = list(held(silence, at.board))
    return Preview(
        match=matching(silence),
        when=_when(silence, zone),
        notes=notes,
        incidents=tuple((one.id, clean(one.title)) for one in incidents[:MOST_HELD]),
        further=max(0, len(incidents) - MOST_HELD),
        checks=tuple(sorted(checks)[:MOST_NAMED]),
        more=max(0, len(checks) - MOST_NAMED),
        narrow={"cause", "severity"}.isdisjoint(silence.match),
    )


def _when(silence: Silence, zone: ZoneInfo) -> str:
    window = silence.window
    if not isinstance(window, Span):
        return ""
    long = lasting(window.ends - window.begins)
    return f"from {full_time(window.begins, zone)} until {full_time(window.ends, zone)}, for {long}"


def held(silence: Silence, board: Board) -> Iterator[Incident]:
    """Return the open incidents that a silence is about."""
    return (one for one in board.incidents.values() if one.resolved_at is None and matches(silence, one))
