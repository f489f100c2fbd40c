"""An incident as Markdown: the document that the owner's guide wants of every incident, ready to file."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.aids.aid import Aid, Due
from alerts.message_headline import WORKS_AGAIN
from alerts.message_text import capital, clean, full_time, lasting
from daemon.words.diagnosis_text import cause_of, fault_of, texts
from daemon.words.incident_text import facts, helped, level_of, openings_of, ordered, seen, title_of
from daemon.words.times import exact, read, short

DONE = frozenset({"note", "acknowledged", "resolved", "silenced"})
"""Kinds of events that people make happen."""

BY_HAND = "resolved: resolved by"
"""How a line begins that says who resolved it."""
UNWRITTEN = "Nobody has written anything down."
WELL = "Nothing was written down; its checks are ok again."

CARED = frozenset({"acknowledged"})
UNSAID = "What it means for guests and sales is not known."
BETTER = (
    "Was the runbook right? What was missing or wrong in it?",
    "Was the cause the probable one, or another?",
    "Was it noticed in time, and were the right people told?",
    "Which guests, bookings or payments had to be put right, and is that done?",
    "What is done so that it does not come back? By whom, until when?",
)
"""What only people know; the runbook comes first."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#!$])")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))")
_LINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)")


def escaped(text: object, length: int = 2100) -> str:
    """Return a text as one line that Markdown shows as it is: no markup, no HTML, no links, no cells."""
    plain = _SPECIAL.sub(r"\\\1", clean(str(text), length))
    unlinked = _LINK.sub(lambda found: f"\\{found[0]}", plain)
    return _BEGINNING.sub(r"\1\\", unlinked)


def markdown(one: Mapping[str, Any], zone: ZoneInfo, now: datetime, hotel: str = "") -> str:
    """Return an incident's story; `hotel` is the name of the hotel."""
    return "\n\n".join(_parts(one, zone, now, hotel))


def _parts(one: Mapping[str, Any], zone: ZoneInfo, now: datetime, hotel: str) -> Iterator[str]:
    yield f"# {escaped('[' + str(one['severity']).upper() + ']')} {escaped(title_of(one))}"
    diagnosis = one["diagnosis"]
    cause = [("Cause", cause_of(diagnosis)), ("Whose fault", fault_of(diagnosis))]
    about = dict(facts(one, zone, now))
    if hotel and hotel != one["hotel"]:
        about["Hotel"] = f"{clean(hotel, 200)} ({about['Hotel']})"
    yield _table(("", ""), [*about.items(), *cause])
    yield from _impact(one, zone, now)
    yield from _cause(one, zone)
    yield "## Timeline"
    yield _table(("When", "What"), [_event(event, zone) for event in one["timeline"]])
    yield "## Who was told"
    yield _told(one["notifications"], zone)
    yield "## Who looked after it"
    yield _done(one, zone, CARED, "Nobody has acknowledged it.")
    yield "## What was done"
    yield _done(one, zone, DONE, WELL if one.get("outcome") == WORKS_AGAIN else UNWRITTEN)
    yield "## How it ended"
    yield escaped(_end(one, zone, now))
    yield from _tickets(helped(one))
    yield "## What could be better"
    yield "To be filled in by hand:"
    yield "\n".join(f"- [ ] {question}" for question in BETTER)
    yield f"Written by Night Porter, {escaped(full_time(now, zone))}."


def _impact(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Yield what it means for guests and sales, the deadlines, and what else there was to help."""
    yield "## Impact"
    yield from (escaped(sentence) for sentence in texts(one, "impact")) if one.get("impact") else (UNSAID,)
    end = read(one["resolved_at"]) or now
    for aid in helped(one):
        dues = [_due(due, end, zone, over=bool(one["resolved_at"])) for due in aid.due]
        yield from _list(escaped(aid.heading, 100), [*dues, *(clean(line, 400) for line in aid.lines)])


def _due(due: Due, end: datetime, zone: ZoneInfo, *, over: bool) -> str:
    """Return a deadline, and whether it passed before the incident ended."""
    what = f"{clean(due.who, 100)}: {clean(due.what, 200)} from {short(due.at, zone)}"
    if due.at <= end:
        before = "before it was over" if over else "ago"
        return f"{what}: passed, {lasting(end - due.at)} {before}"
    return f"{what}: {'not reached' if over else f'{lasting(due.at - end)} left'}"


def _cause(one: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    diagnosis = one["diagnosis"]
    yield "## Diagnosis"
    if diagnosis["summary"]:
        yield escaped(diagnosis["summary"])
    yield from _list("What shows it", texts(diagnosis, "evidence"))
    yield from _list("Not known", texts(diagnosis, "missing"))
    yield from _list("What to do", texts(diagnosis, "steps"), numbered=True)
    if diagnosis.get("runner_up"):
        test = f" To tell the two apart: {diagnosis['next_test']}" if diagnosis.get("next_test") else ""
        yield escaped(f"If it is not that, it may be {diagnosis['runner_up']}.{test}")
    yield "## Evidence"
    yield (
        _items(seen(breach, lambda at: short(at, zone)) for breach in ordered(one))
        or "Nothing is kept of it."
    )


def _done(one: Mapping[str, Any], zone: ZoneInfo, kinds: frozenset[str], nobody: str) -> str:
    done = [_event(event, zone) for event in one["timeline"] if event["kind"] in kinds and _by_hand(event)]
    return _table(("When", "What"), done) if done else nobody


def _by_hand(event: Mapping[str, Any]) -> bool:
    """Say whether a person made it happen: most incidents end by themselves."""
    return event["kind"] != "resolved" or str(event["text"]).startswith(BY_HAND)


def _end(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    ended, opened = read(one["resolved_at"]), openings_of(one)
    lasted = opened.lasted(now) if opened else ""
    if ended is None:
        return f"It is not over: it lasts for {lasted} now." if lasted else "It is not over."
    outcome = capital(clean(str(one.get("outcome") or "its checks are ok again"), 2100)).removesuffix(".")
    return f"{outcome}, at {full_time(ended, zone)}{f', after {lasted}' if lasted else ''}."


def _tickets(found: Iterable[Aid]) -> Iterator[str]:
    """Yield the letters to vendors as they are: what is set in shows no markup."""
    for aid in found:
        if aid.ticket is not None:
            yield f"## {escaped(aid.heading, 100)}"
            to, subject = clean(aid.ticket.to, 254) or "their support", clean(aid.ticket.subject, 200)
            head = (f"To: {to}", f"Subject: {subject}", "")
            yield "\n".join(f"    {line}".rstrip() for line in (*head, *plain(aid.ticket.body)))


def plain(body: str) -> Iterator[str]:
    """Yield the lines of a letter, made harmless; what is set in stays so."""
    return (" " * (len(line) - len(line.lstrip(" "))) + clean(line, 600) for line in body.split("\n"))


def _event(event: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str]:
    return exact(read(event["at"]), zone), str(event["text"])


def _told(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> str:
    lines = [
        (
            short(read(row["sent_at"] or row["created_at"]), zone),
            str(row["recipient"]),
            level_of(str(row["level"])),
            str(row["kind"]),
            str(row["channel"]),
            _took(row),
            str(row["state"]) + (f": {row['last_error']}" if row["last_error"] else ""),
        )
        for row in rows
    ]
    head = ("When", "Who", "Level", "What", "Over", "Delivered after", "State")
    return _table(head, lines) if lines else "Nobody was told."


def _took(row: Mapping[str, Any]) -> str:
    """Return how long a message took from when it was written until it was accepted."""
    seconds = row.get("delivery_seconds")
    return lasting(timedelta(seconds=seconds)) if seconds is not None else ""


def _list(heading: str, lines: list[str], *, numbered: bool = False) -> Iterator[str]:
    if lines:
        yield f"### {heading}"
        yield _items(lines, numbered=numbered)


def _items(lines: Iterable[str], *, numbered: bool = False) -> str:
    return "\n".join(
        f"{f'{number}.' if numbered else '-'} {escaped(line)}" for number, line in enumerate(lines, 1)
    )


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = tuple(head)
    lines = [names, ("---",) * len(names), *(tuple(escaped(cell) for cell in row) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
