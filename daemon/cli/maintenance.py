"""`nightporter maintenance`: what people do again and again, and who did it when."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message_text import clean
from alerts.recurrence import last_day
from checks.result import State
from daemon.cli.asking import Porter, who_asks
from daemon.cli.command import CommandError
from daemon.cli.hotels import hotel_of, named
from daemon.cli.loading import settings
from daemon.settings import Settings
from daemon.words.paint import as_json, noted_table, painted, paragraph
from daemon.words.times import Zones, read, short

UNTICKED = {"overdue": State.CRITICAL, "due": State.WARNING}
"""What is left to do, the worst first, and the colour it stands in."""


NEEDS = {"overdue": State.CRITICAL, "due": State.WARNING, "soon": State.WARNING}


def main(arguments: argparse.Namespace) -> int:
    """Ask the porter, or have it write down that a task was done."""
    configuration = settings(arguments)
    porter, act = Porter(configuration), _ACTIONS[arguments.action]
    try:
        said = act(arguments, porter, configuration)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        # It has answered, in a form that is not ours.
        raise porter.stranger() from None
    print(said)
    return 0


def _list(arguments: argparse.Namespace, porter: Porter, configuration: Settings) -> str:
    found = porter.get("maintenance", hotel=arguments.hotel)
    hotels = found["hotels"]
    if arguments.hotel is not None and arguments.hotel not in hotels:
        there = named(hotel.id for hotel in configuration.hotels)
        raise CommandError(f"there is no hotel {arguments.hotel[:64]!r}; there are {there}")
    if arguments.json:
        return as_json(found)
    zones = Zones(configuration)
    return "\n\n".join(_hotel(one, hotels[one], zones.of(one), len(hotels) > 1) for one in hotels)


def _hotel(hotel: str, sheet: Mapping[str, Any], zone: ZoneInfo, several: bool) -> str:
    """Return a hotel's tasks, what is overdue first; of several hotels each has its name above."""
    order = [*UNTICKED, "done"]
    tasks = sorted(sheet["tasks"], key=lambda one: order.index(one["state"]))
    rows = [(clean(str(one["task"]), 64), _state(one), _day(one, zone), _last(one, zone)) for one in tasks]
    head = [f"{clean(str(sheet['name']), 200)} ({clean(hotel, 64)})"] if several else []
    if not rows:
        return "\n".join([*head, "There are no tasks."])
    told = "\n".join([*head, noted_table(("TASK", "IS", "DUE", "LAST DONE"), rows)])
    seen = [line for one in tasks if one["seen"] for line in (clean(str(one["title"]), 200), *_seen(one))]
    known = ["\n".join(["Seen by itself so far:", *seen])] if seen else []
    parts = [told, *known, _credentials(sheet["credentials"])]
    return "\n\n".join(part for part in parts if part)


def _credentials(found: Sequence[Mapping[str, Any]]) -> str:
    """Return the register of credentials as a table, the next that is due first; nothing of none."""
    rows = [
        (
            clean(str(one["title"]), 60),
            painted(one["state"], NEEDS.get(one["state"], State.OK)),
            clean(str(one["due"]), 20),
            "?" if one["age_days"] is None else f"{int(one['age_days'])} d",
            f"{clean(str(one['owner']), 60)}{_noted(one['note'])}",
        )
        for one in found
    ]
    return noted_table(("CREDENTIAL", "IS", "DUE", "AGE", "OWNER"), rows) if rows else ""


def _noted(note: object) -> str:
    return f": {clean(str(note), 300)}" if note else ""


def _state(one: Mapping[str, Any]) -> str:
    return painted(one["state"], UNTICKED.get(one["state"], State.OK))


def _day(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return the day by whose end a task is due."""
    return last_day(datetime.fromisoformat(one["due_by"]), zone).isoformat()


def _last(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    last = one["last"]
    if last is None:
        return "never"
    by = "by itself" if last["by_itself"] else f"by {clean(str(last['by']), 200)}"
    return f"{short(read(last['at']), zone)} {by}{_noted(last['note'])}"


def _done(arguments: argparse.Namespace, porter: Porter, configuration: Settings) -> str:
    hotel = hotel_of(configuration, arguments.hotel, 1)
    by = who_asks(arguments.by)
    found = porter.post("maintenance", hotel.id, arguments.task, "done", by=by, note=arguments.note or None)
    if arguments.json:
        return as_json(found)
    title, by = clean(str(found["title"]), 200), clean(str(found["last"]["by"]), 200)
    said = paragraph(f"{title}: done by {by}. It is due again by the end of {_day(found, hotel.timezone)}.")
    return "\n".join([said, *_seen(found)])


def _seen(task: Mapping[str, Any]) -> list[str]:
    """Return what the porter has seen of a task by itself."""
    return [paragraph(clean(str(line), 300), "  ", "    ") for line in task["seen"]]


_ACTIONS = {"list": _list, "done": _done}
