"""An incident as Markdown: the document that the owner's guide wants of every incident."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message_text import clean, full_time
from daemon.cli.diagnosis_text import cause_of, fault_of, texts
from daemon.cli.incident_text import facts, level_of, ordered, seen, title_of
from daemon.cli.times import read, short

DONE = frozenset({"note", "acknowledged", "resolved", "silenced"})
"""Kinds of events that people make happen."""

_SPECIAL = re.compile(r"([\\`*_\[\]<>|~&#!$])")
_BEGINNING = re.compile(r"^(\d{1,9}(?=[.)])|(?=[-+=]))")
_LINK = re.compile(r"(?i)(:)(?=//)|(?<=www)(\.)")


def escaped(text: object, length: int = 2100) -> str:
    """Return a text as one line that Markdown shows as it is: no markup, no HTML, no links, no cells."""
    plain = _SPECIAL.sub(r"\\\1", clean(str(text), length))
    unlinked = _LINK.sub(lambda found: f"\\{found[0]}", plain)
    return _BEGINNING.sub(r"\1\\", unlinked)


def markdown(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> str:
    """Return an incident's story."""
    return "\n\n".join(_parts(one, zone, now))


def _parts(one: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> Iterator[str]:
    yield f"# {escaped('[' + str(one['severity']).upper() + ']')} {escaped(title_of(one))}"
    diagnosis = one["diagnosis"]
    cause = [("Cause", cause_of(diagnosis)), ("Whose fault", fault_of(diagnosis))]
    yield _table(("", ""), [*facts(one, zone, now), *cause])
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
    yield "## Timeline"
    yield _table(("When", "What"), [_event(event, zone) for event in one["timeline"]])
    yield "## Who was told"
    yield _told(one["notifications"], zone)
    yield "## What was done"
    done = [_event(event, zone) for event in one["timeline"] if event["kind"] in DONE]
    yield _table(("When", "What"), done) if done else "Nobody has written anything down."
    yield f"Written by Night Porter, {escaped(full_time(now, zone))}."


def _event(event: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, str]:
    return short(read(event["at"]), zone), str(event["text"])


def _told(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> str:
    lines = [
        (
            short(read(row["sent_at"] or row["created_at"]), zone),
            str(row["recipient"]),
            level_of(str(row["level"])),
            str(row["kind"]),
            str(row["channel"]),
            str(row["state"]) + (f": {row['last_error']}" if row["last_error"] else ""),
        )
        for row in rows
    ]
    head = ("When", "Who", "Level", "What", "Over", "State")
    return _table(head, lines) if lines else "Nobody was told."


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
