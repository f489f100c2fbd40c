"""`nightporter who`: who would be told of an incident, when and why. Nothing is sent, no daemon is needed."""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from alerts.criteria import RANK, severity
from alerts.incident import Criterion, Severity
from alerts.incident_document import instant
from alerts.message_mail import FRONT_DESK
from alerts.message_text import capital, full_time
from alerts.policy import Policy
from alerts.schedule import Turn, who
from alerts.silence import Silence, active, ends_at
from daemon.cli.command import CommandError
from daemon.cli.hotels import hotel_of
from daemon.cli.loading import settings
from daemon.clock import SystemClock
from daemon.desks import policy_of, silences
from daemon.settings import Hotel, Settings
from daemon.typed_times import instant_of
from daemon.words.paint import as_json, bold, paragraph
from daemon.words.times import zone_name

BAD_ARGUMENTS = 2
COLUMN = 23
"""Where it stands who is told; when stands before it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Who would be told at a moment, and the channels that hear of everything.

    `notes` say how the question was understood.
    """

    hotel: Hotel
    at: datetime
    severity: Severity
    criteria: tuple[Criterion, ...]
    turns: tuple[Turn, ...]
    silences: tuple[Silence, ...]
    notes: tuple[str, ...]
    channels: tuple[str, ...]


def main(arguments: argparse.Namespace) -> int:
    """Print who would be told."""
    answer = _answer(settings(arguments), arguments)
    if arguments.json:
        print(as_json(_document(answer)))
    else:
        print("\n\n".join(_said(answer)))
    return 0


def _answer(configuration: Settings, arguments: argparse.Namespace) -> Answer:
    hotel = hotel_of(configuration, arguments.hotel, BAD_ARGUMENTS)
    at, note = _moment(arguments.at, hotel)
    policy = policy_of(hotel, configuration)
    criteria = tuple(one for one in Criterion if one in arguments.criterion)
    wanted = Severity(arguments.severity) if arguments.severity else None
    grade, risen = _graded(wanted, criteria, policy, at)
    quiet = tuple(one for one in silences(configuration) if _holds(one, hotel, grade, at))
    turns = who(policy, grade, criteria, at)
    notes = tuple(one for one in (note, risen) if one)
    return Answer(hotel, at, grade, criteria, turns, quiet, notes, policy.channels)


def _moment(text: str | None, hotel: Hotel) -> tuple[datetime, str]:
    if text is None:
        return SystemClock().now(), ""
    try:
        return instant_of(text, hotel.timezone)
    except ValueError as error:
        raise CommandError(f"--at: {error}", BAD_ARGUMENTS) from None


def _graded(
    wanted: Severity | None, criteria: Sequence[Criterion], policy: Policy, at: datetime
) -> tuple[Severity, str]:
    """Return how bad the incident is from its opening on, and a note when that is worse than asked for."""
    if not criteria:
        return wanted or Severity.CRITICAL, ""
    least = severity(criteria, at, policy, at)
    if wanted is not None and RANK[wanted] >= RANK[least]:
        return wanted, ""
    if wanted is None and least is Severity.CRITICAL:
        return least, ""
    holds = "holds" if len(criteria) == 1 else "hold"
    return least, f"Where {' and '.join(criteria)} {holds}, it is {_an(least)} at once."


def _an(grade: Severity) -> str:
    return {
        Severity.WARNING: "a warning",
        Severity.CRITICAL: "a critical incident",
        Severity.EMERGENCY: "an emergency",
    }[grade]


def _holds(silence: Silence, hotel: Hotel, grade: Severity, at: datetime) -> bool:
    """Say whether a silence may hold at that time: whom it matches by hotel and severity, if by these."""
    names = {"hotel": hotel.id, "severity": grade.value}
    fits = all(fnmatchcase(names[key], value) for key, value in silence.match.items() if key in names)
    return fits and active(silence, at, hotel.timezone)


def _said(answer: Answer) -> Iterator[str]:
    for note in answer.notes:
        yield paragraph(note)
    when = full_time(answer.at, answer.hotel.timezone)
    reasons = f" ({', '.join(answer.criteria)})" if answer.criteria else ""
    opens = f"When {_an(answer.severity)}{reasons} opens at {answer.hotel.name} on {when}"
    if any(turn.at for turn in answer.turns):
        yield paragraph(f"{opens} and nobody acknowledges it, these are told:")
    else:
        yield paragraph(f"{opens}, nobody is told: `escalation` names nobody.")
    told = sorted((turn for turn in answer.turns if turn.at), key=lambda turn: turn.at or answer.at)
    for turn in (*told, *(turn for turn in answer.turns if turn.at is None)):
        yield "\n".join(_turn(turn, answer))
    if answer.channels:
        yield paragraph(f"Told of every incident, from its opening to its end: {', '.join(answer.channels)}.")
    for one in answer.silences:
        yield paragraph(_silenced(one, answer))


def _turn(turn: Turn, answer: Answer) -> Iterator[str]:
    role = turn.role if turn.level == FRONT_DESK else f"Level {turn.level}, {turn.role}"
    phone = f" ({turn.phone})" if turn.phone else ""
    when = "not told" if turn.at is None else _clock(turn.at, answer)
    yield f"{when:{COLUMN}}{bold(role)}{phone}"
    yield paragraph(f"{capital(turn.why)}.", " " * COLUMN)
    if turn.at is not None:
        yield from (f"{'':{COLUMN}}{address}" for address in turn.addresses)
        yield from (f"{'':{COLUMN}}over the channel {name}" for name in turn.channels)


def _clock(at: datetime, answer: Answer) -> str:
    """Return a time in hotel time, with its weekday and zone."""
    local = at.astimezone(answer.hotel.timezone)
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone_name(local)}"


def _silenced(one: Silence, answer: Answer) -> str:
    zone = answer.hotel.timezone
    end = ends_at(one, answer.at, zone)
    matched = ", ".join(f"{key}={value}" for key, value in one.match.items())
    until = f" until {full_time(end, zone)}" if end else ""
    return f"But a planned silence holds then{until}: nobody is told of what is {matched} ({one.reason})."


def _document(answer: Answer) -> dict[str, Any]:
    return {
        "hotel": answer.hotel.id,
        "at": instant(answer.at),
        "severity": answer.severity,
        "criteria": list(answer.criteria),
        "turns": [
            {
                "level": turn.level,
                "role": turn.role,
                "recipients": list(turn.addresses),
                "channels": list(turn.channels),
                "phone": turn.phone,
                "at": instant(turn.at),
                "why": turn.why,
            }
            for turn in answer.turns
        ],
        "silences": [
            {
                "id": one.id,
                "match": dict(one.match),
                "to": instant(ends_at(one, answer.at, answer.hotel.timezone)),
                "reason": one.reason,
            }
            for one in answer.silences
        ],
        "channels": list(answer.channels),
        "notes": list(answer.notes),
    }
