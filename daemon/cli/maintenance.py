"""`nightporter maintenance`: what people do again and again, and who did it when."""

import argparse
from collections.abc import Mapping
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
from daemon.cli.paint import as_json, noted_table, painted, paragraph
from daemon.cli.times import Zones, read, short
from daemon.settings import Settings

UNTICKED = {"overdue": State.CRITICAL, "due": State.WARNING}
"""What is left to do, the worst first, and the colour it stands in."""


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
    return "\n".join([*head, noted_table(("TASK", "IS", "DUE", "LAST DONE"), rows)])


def _state(one: Mapping[str, Any]) -> str:
    return painted(one["state"], UNTICKED.get(one["state"], State.OK))


def _day(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return the day by whose end a task is due."""
    return last_day(datetime.fromisoformat(one["due_by"]), zone).isoformat()


def _last(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    last = one["last"]
    if last is None:
        return "never"
    note = f": {clean(str(last['note']), 300)}" if last["note"] else ""
    return f"{short(read(last['at']), zone)} by {clean(str(last['by']), 200)}{note}"


def _done(arguments: argparse.Namespace, porter: Porter, configuration: Settings) -> str:
    hotel = hotel_of(configuration, arguments.hotel, 1)
    by = who_asks(arguments.by)
    found = porter.post("maintenance", hotel.id, arguments.task, "done", by=by, note=arguments.note or None)
    if arguments.json:
        return as_json(found)
    title, by = clean(str(found["title"]), 200), clean(str(found["last"]["by"]), 200)
    return paragraph(f"{title}: done by {by}. It is due again by the end of {_day(found, hotel.timezone)}.")


_ACTIONS = {"list": _list, "done": _done}
