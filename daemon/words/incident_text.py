"""Incidents as the porter's API shows them -> words on a screen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid
from alerts.aids.aid_json import aids_of
from alerts.aids.telling import lines
from alerts.message_mail import FRONT_DESK
from alerts.message_text import capital, clean, full_time, hotel_time, number
from alerts.openings import Openings, openings
from checks.result import State
from daemon.words.diagnosis_text import listed, spoken
from daemon.words.paint import bold, painted, pairs, paragraph, table
from daemon.words.times import Zones, read, short

ROOM = 20
"""Columns that the names of integrations have in a list."""

COLOURS = {"warning": State.WARNING, "critical": State.CRITICAL, "emergency": State.CRITICAL}


def listing(incidents: Sequence[Mapping[str, Any]], zones: Zones, now: datetime) -> str:
    """Return incidents as a table; under each stand its title and what comes next."""
    rows = [_row(one, zones.of(one["hotel"])) for one in incidents]
    head, *lines = table(("INCIDENT", "SINCE", "SEVERITY", "STATE", "INTEGRATIONS"), rows).splitlines()
    found = [head]
    for one, line in zip(incidents, lines, strict=True):
        found.append(line)
        found.append(paragraph(title_of(one), "  "))
        found.append(paragraph(coming(one, zones.of(one["hotel"]), now), "  "))
    return "\n".join(found)


def _row(one: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str, str, str, str]:
    return (
        clean(str(one["id"]), 64),
        short(read(one["opened_at"]), zone),
        _severity(one),
        clean(str(one["state"]), 20),
        _few([clean(str(name), 64) for name in one["integrations"]]),
    )


def _severity(one: Mapping[str, Any]) -> str:
    found = clean(str(one["severity"]), 20)
    return painted(found, COLOURS.get(found, State.UNKNOWN))


def _few(names: list[str]) -> str:
    """Return as many names as there is room for, and how many more there are."""
    for count in range(len(names), 1, -1):
        more = f" +{len(names) - count}" if count < len(names) else ""
        if len(shown := ", ".join(names[:count]) + more) <= ROOM:
            return shown
    return (names[0] if names else "-") + (f" +{len(names) - 1}" if len(names) > 1 else "")


def title_of(one: Mapping[str, Any]) -> str:
    """Return an incident's title; it begins with a capital letter unless with an integration's name."""
    title = clean(str(one["title"]), 300)
    named = any(title.startswith(str(name)) for name in one["integrations"])
    return title if named else capital(title)


def level_of(level: str) -> str:
    """Return a level as people say it."""
    return "the front desk" if level == FRONT_DESK else f"level {clean(level, 20)}"


def coming(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """Return what comes next of an incident, or why nothing does."""
    if one["resolved_at"]:
        return f"Resolved at {short(read(one['resolved_at']), zone)}."
    step = one["next_step"]
    if step:
        at = read(step["at"]) or now
        reason = clean(str(step["reason"]), 300)
        return f"Next: {level_of(str(step['level']))} at {hotel_time(at, now, zone)}. {reason}"
    why = clean(str(one.get("standstill") or "no further step is planned"), 300)
    return f"Next: nothing, {why}."


def story(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """Return all of an incident: what it is, the diagnosis, the evidence, what happened and who was told."""
    return "\n\n".join(_story(one, zone, now))


def _story(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    yield bold(paragraph(title_of(one)))
    yield pairs([*facts(one, zone, now), ("Next", coming(one, zone, now).removeprefix("Next: "))])
    looks = [seen(breach, lambda at: hotel_time(at, now, zone)) for breach in ordered(one)]
    yield from listed("What was seen", looks)
    yield from spoken(one["diagnosis"])
    for aid in helped(one):
        yield from listed(clean(aid.heading, 100), list(lines(aid, now, zone)))
    yield from listed("Who was told", [told(row, zone) for row in one["notifications"]])
    events = [(short(read(event["at"]), zone), clean(str(event["text"]), 2100)) for event in one["timeline"]]
    if events:
        yield f"{bold('Timeline')}\n{pairs(events)}"


def helped(one: Mapping[str, Any]) -> list[Aid]:
    """Return what helps with an incident; an older porter knows of nothing."""
    return list(aids_of(one.get("aids", ())))


def facts(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> list[tuple[str, str]]:
    """Return the facts of an incident as names and values."""
    ended, opened = read(one["resolved_at"]), openings_of(one)
    rows = [
        ("Incident", clean(str(one["id"]), 64)),
        ("Hotel", clean(str(one["hotel"]), 64)),
        ("Integrations", ", ".join(clean(str(name), 64) for name in one["integrations"])),
        ("Severity", clean(str(one["severity"]), 20)),
        ("Criteria", ", ".join(clean(str(name), 64) for name in one["criteria"]) or "none"),
        ("State", clean(str(one["state"]), 20)),
    ]
    if opened:
        rows.append(("Opened", full_time(opened.first, zone)))
    if opened and opened.times > 1:
        times = "once" if opened.times == 2 else f"{opened.times - 1} times"
        rows.append(("Came back", f"{times}, the last time {full_time(opened.last, zone)}"))
    if one["acknowledged_by"]:
        until = read(one["acknowledged_until"])
        promise = f", until {full_time(until, zone)}" if until else ""
        rows.append(("In the care of", clean(str(one["acknowledged_by"]), 200) + promise))
    if ended:
        outcome = clean(str(one.get("outcome") or ""), 2100)
        rows.append(("Resolved", full_time(ended, zone) + (f": {outcome}" if outcome else "")))
    if opened:
        rows.append(("Lasted" if ended else "Lasts", opened.lasted(now)))
    return rows


def openings_of(one: Mapping[str, Any]) -> Openings | None:
    """Return when an incident was open, all times; None where that is not said."""
    began = read(one["opened_at"])
    if began is None:
        return None
    lines = ((at, str(event["kind"])) for event in one["timeline"] if (at := read(event["at"])))
    return openings(lines, began, read(one["resolved_at"]), int(one["epoch"]))


def ordered(one: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what the checks saw, integration by integration; the hotel, the same in all, is left out."""
    hotel = f"{one['hotel']}/"
    found = [{**breach, "check": str(breach["check"]).removeprefix(hotel)} for breach in one["evidence"]]
    names = [str(name) for name in one["integrations"]]
    return sorted(found, key=lambda breach: _place(names, breach["check"].partition("/")[0]))


def _place(names: list[str], name: str) -> int:
    return names.index(name) if name in names else len(names)


def seen(breach: Mapping[str, Any], shown: Callable[[datetime], str]) -> str:
    """Return what a check saw, against which limit, and since when; `shown` puts times into words."""
    measured = ""
    if breach["observed"] is not None and breach["limit"] is not None:
        unit = clean(str(breach["unit"] or ""), 20)
        measured = f"{number(breach['observed'], unit)}, limit {number(breach['limit'], unit)}; "
    since, last_ok = read(breach["since"]), read(breach["last_ok"])
    times = f"since {shown(since)}" if since else ""
    times += f", last ok {shown(last_ok)}" if last_ok else ", not seen ok yet"
    return (
        f"{clean(str(breach['check']), 200)} is {clean(str(breach['state']), 20)} "
        f"({clean(str(breach['reason']), 40)}): {clean(str(breach['message']))} ({measured}{times})"
    )


def told(row: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return who was told, of what, and when; or why not."""
    level, channel = level_of(str(row["level"])), clean(str(row["channel"]), 64)
    who = f"{clean(str(row['recipient']), 254)} ({level}, {channel})"
    state, kind = clean(str(row["state"]), 20), clean(str(row["kind"]), 20)
    if state == "sent":
        return f"{capital(kind)} to {who}: {short(read(row['sent_at']), zone)}"
    trouble = f": {clean(str(row['last_error']), 200)}" if row["last_error"] else ""
    return f"{capital(kind)} to {who}: {state} since {short(read(row['created_at']), zone)}{trouble}"
