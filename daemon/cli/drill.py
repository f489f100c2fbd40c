"""`nightporter drill`: a marked test alert through the whole path, and how long each step of it took."""

import argparse
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from alerts.drill import Outcome, ReadBack
from alerts.drill_steps import StepName, StepState
from alerts.message_text import clean, lasting
from alerts.notification import Delivery
from checks.result import State
from daemon.cli.asking import Porter, who_asks
from daemon.cli.command import CommandError
from daemon.cli.hotels import hotel_of
from daemon.cli.loading import settings
from daemon.words.paint import as_json, noted_table, painted, paragraph
from daemon.words.times import Zones, read, short, span_of

LOOK_EVERY = 0.25
"""Seconds between two looks at how far it has come."""

LONGEST = 600.0
"""Seconds after which a porter that lets a drill go on is not believed any more."""

SAID = {
    StepName.ASKED: "asked for",
    StepName.PLANNED: "planned",
    StepName.STORED: "written down",
    StepName.TAKEN: "accepted",
    StepName.SEEN: "in the mailbox",
    StepName.ACKNOWLEDGED: "acknowledged",
}
COLOURS = {
    StepState.DONE: State.OK,
    StepState.WAITING: State.UNKNOWN,
    StepState.FAILED: State.CRITICAL,
}
OUTCOMES = {
    Outcome.RUNNING: ("under way", State.UNKNOWN),
    Outcome.DELIVERED: ("delivered", State.WARNING),
    Outcome.ACKNOWLEDGED: ("acknowledged", State.OK),
    Outcome.UNDELIVERED: ("not delivered", State.CRITICAL),
}

Document = Mapping[str, Any]


def main(arguments: argparse.Namespace) -> int:
    """Hold a drill, or ask the porter about those that were held."""
    porter = Porter(settings(arguments))
    try:
        return _ACTIONS[arguments.action](arguments, porter)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        # It has answered, in a form that is not ours.
        raise porter.stranger() from None


def _hold(arguments: argparse.Namespace, porter: Porter) -> int:
    """Begin a drill, and follow it until it has arrived or has not, or as long as an answer is waited for."""
    hotel = hotel_of(settings(arguments), arguments.hotel, 1)
    wait = _patience(arguments.wait)
    by, note = who_asks(arguments.by), arguments.note or None
    drill = porter.post("drills", hotel=hotel.id, level=arguments.level, by=by, note=note)
    tell = _silent if arguments.json else _say
    tell(f"Drill {clean(str(drill['id']), 64)}: level {drill['level']} of {hotel.name}")
    for sentence in drill["plan"]:
        tell(paragraph(clean(str(sentence), 500), "  "))
    drill = _waited(porter, drill, tell, wait) if wait else _arrived(porter, drill, tell)
    if not arguments.json:
        _say(f"\n{_table(drill)}\n")
    _say(as_json(drill) if arguments.json else paragraph(clean(str(drill["summary"]), 2000)))
    return _code(drill)


def _code(drill: Document) -> int:
    """Return 0 where everybody's message was accepted, and is not missing in a mailbox that was read."""
    accepted = all(one["state"] == Delivery.SENT for one in drill["messages"] if not one["read_back"])
    return 0 if accepted and drill["read_back"] != ReadBack.ABSENT else 1


def _patience(given: str | None) -> timedelta | None:
    try:
        return span_of(given) if given else None
    except ValueError as error:
        raise CommandError(f"--wait {error}") from None


def _followed(
    porter: Porter,
    drill: Document,
    tell: Callable[[str], None],
    over: Callable[[Document], bool],
    longest: float,
) -> Document:
    """Tell of each step once it is done, until it is over or the seconds are up; return the drill then."""
    told: set[str] = set()
    ends = time.monotonic() + longest
    while True:
        for step in drill["steps"]:
            line = _progress(step)
            if line and line not in told:
                told.add(line)
                tell(paragraph(line, "  "))
        if over(drill) or time.monotonic() >= ends:
            return drill
        time.sleep(LOOK_EVERY)
        drill = porter.get("drills", str(drill["id"]))


def _progress(step: Document) -> str:
    """Return what is said of a step while it goes on; nothing of those that are over at once."""
    name, state = StepName(step["step"]), StepState(step["state"])
    text = clean(str(step["text"]), 500)
    if name in {StepName.ASKED, StepName.PLANNED} or (name is StepName.ACKNOWLEDGED and state != "done"):
        return ""
    if state is StepState.DONE and step["after_seconds"] is not None:
        return f"{text} after {_took(step['after_seconds'])}"
    # What only waits is said once there is a reason to give.
    return text if state is StepState.FAILED or (state is StepState.WAITING and "failed" in text) else ""


def _arrived(porter: Porter, drill: Document, tell: Callable[[str], None]) -> Document:
    """Follow a drill until it has arrived, or has not."""
    drill = _followed(porter, drill, tell, _known, LONGEST)
    if not _known(drill):
        raise CommandError("the porter does not bring the drill to an end: see its log")
    return drill


def _waited(porter: Porter, drill: Document, tell: Callable[[str], None], wait: timedelta) -> Document:
    """Follow a drill until all of it is known, an acknowledgement included, or the time is up."""
    tell(f"Waiting for somebody to acknowledge, {lasting(wait)} at the most")
    tell("(Ctrl-C ends the waiting, not the drill) ...")

    def over(one: Document) -> bool:
        return _known(one) and one["acknowledged_at"] is not None

    try:
        return _followed(porter, drill, tell, over, wait.total_seconds())
    except KeyboardInterrupt:
        found: Document = porter.get("drills", str(drill["id"]))
        return found


def _known(drill: Document) -> bool:
    return bool(drill["outcome"] != Outcome.RUNNING)


def _table(drill: Document) -> str:
    rows = []
    for step in drill["steps"]:
        name, state = StepName(step["step"]), StepState(step["state"])
        after = "-" if step["after_seconds"] is None else _took(step["after_seconds"])
        rows.append((SAID[name], painted(state, COLOURS[state]), after, clean(str(step["text"]), 500)))
    return noted_table(("STEP", "IS", "AFTER", ""), rows)


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else lasting(timedelta(seconds=seconds))


def _list(arguments: argparse.Namespace, porter: Porter) -> int:
    found = porter.get("drills", hotel=arguments.hotel, limit=arguments.limit)
    if arguments.json:
        _say(as_json(found))
        return 0
    zones = Zones(settings(arguments))
    rows = [
        (
            clean(str(one["id"]), 64),
            clean(str(one["hotel"]), 64),
            clean(str(one["level"]), 8),
            short(read(one["asked_at"]), zones.of(one["hotel"])),
            _outcome(one),
            clean(str(one["summary"]), 1000),
        )
        for one in found["drills"]
    ]
    head = ("DRILL", "HOTEL", "LEVEL", "ASKED FOR", "IS", "")
    _say(noted_table(head, rows) if rows else "No drill has been held yet.")
    return 0


def _outcome(one: Document) -> str:
    return painted(*OUTCOMES[Outcome(one["outcome"])])


def _show(arguments: argparse.Namespace, porter: Porter) -> int:
    drill = porter.get("drills", arguments.id)
    if arguments.json:
        _say(as_json(drill))
    else:
        _say(f"{_table(drill)}\n\n{paragraph(clean(str(drill['summary']), 2000))}")
    return 0 if drill["outcome"] == Outcome.RUNNING else _code(drill)


def _ack(arguments: argparse.Namespace, porter: Porter) -> int:
    by, note = who_asks(arguments.by), arguments.note or None
    drill = porter.post("drills", arguments.id, "ack", by=by, note=note)
    _say(as_json(drill) if arguments.json else paragraph(clean(str(drill["summary"]), 2000)))
    return 0


def _say(line: str) -> None:
    # Whoever waits wants to see how far it has come, through a pipe too.
    print(line, flush=True)


def _silent(_line: str) -> None:
    """Say nothing: programs read the end alone."""


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Porter], int]] = {
    "hold": _hold,
    "list": _list,
    "show": _show,
    "ack": _ack,
}
