"""`nightporter incidents`: list, show, acknowledge, note, resolve and export what the porter has open."""

import argparse
import sys
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alerts.incident_document import instant
from alerts.message_text import clean, full_time
from daemon.cli.asking import Porter, who_asks
from daemon.cli.command import CommandError
from daemon.cli.hotels import named
from daemon.cli.loading import settings
from daemon.clock import SystemClock
from daemon.typed_times import instant_of
from daemon.words.incident_markdown import markdown, plain
from daemon.words.incident_text import helped, listing, story, title_of
from daemon.words.paint import as_json, paragraph
from daemon.words.times import Zones, read, span_of

PAGE = 500
"""Incidents asked for at once at the most."""

MOST = 10_000


def main(arguments: argparse.Namespace) -> int:
    """Ask the porter, or have it do something."""
    configuration = settings(arguments)
    porter, zones = Porter(configuration), Zones(configuration)
    act = _ACTIONS[arguments.action]
    try:
        said = act(arguments, porter, zones)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError):
        # It has answered, in a form that is not ours.
        raise porter.stranger() from None
    print(said)
    return 0


def _list(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    if not 1 <= arguments.limit <= MOST:
        raise CommandError(f"--limit must be a whole number from 1 to {MOST}")
    states = (None,) if arguments.all else ("open", "acknowledged")
    found = [one for state in states for one in _pages(porter, state, arguments)]
    if not found and arguments.hotel is not None and arguments.hotel not in zones.hotels:
        raise CommandError(f"there is no hotel {arguments.hotel[:64]!r}; there are {named(zones.hotels)}")
    found.sort(key=lambda one: str(one["opened_at"]), reverse=True)
    left_out = len(found) > arguments.limit
    shown = found[: arguments.limit]
    if arguments.json:
        return as_json({"incidents": shown})
    if not shown:
        return "There are no incidents." if arguments.all else "No incident is open."
    more = [paragraph(f"Older ones are left out: --limit {arguments.limit} is reached.")] if left_out else []
    return "\n\n".join([listing(shown, zones, SystemClock().now()), *more])


def _pages(porter: Porter, state: str | None, arguments: argparse.Namespace) -> list[Mapping[str, Any]]:
    """Return the newest incidents in a state, one more than wanted where there are more."""
    wanted = arguments.limit + 1
    found: list[Mapping[str, Any]] = []
    before: str | None = None
    while len(found) < wanted:
        count = min(PAGE, wanted - len(found))
        page = porter.get("incidents", state=state, hotel=arguments.hotel, limit=count, before=before)
        found += page["incidents"]
        before = page["next"]
        if before is None or not page["incidents"]:
            break
    return found


def _show(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    found = porter.get("incidents", arguments.id)
    return _json(found) if arguments.json else story(found, zones.of(found["hotel"]), SystemClock().now())


def _export(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    found = porter.get("incidents", arguments.id)
    hotel = str(found["hotel"])
    return markdown(found, zones.of(hotel), SystemClock().now(), zones.called(hotel))


def _ticket(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    found = porter.get("incidents", arguments.id)
    tickets = [aid.ticket for aid in helped(found) if aid.ticket is not None]
    if not tickets:
        raise CommandError("there is no letter to a vendor: the fault is not theirs, as far as it is known")
    (one,) = tickets
    if found["resolved_at"]:
        ended = full_time(read(found["resolved_at"]) or SystemClock().now(), zones.of(found["hotel"]))
        print(
            f"{_name(found)} is over since {ended}; the letter says what was so until then.", file=sys.stderr
        )
    if arguments.json:
        return _json({"to": one.to, "subject": one.subject, "body": one.body})
    to, subject = clean(one.to, 254) or "their support", clean(one.subject, 200)
    return "\n".join((f"To: {to}", f"Subject: {subject}", "", *plain(one.body)))


def _ack(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    by = who_asks(arguments.by)
    until = _until(arguments, porter, zones)
    found = porter.post(
        "incidents", arguments.id, "ack", by=by, note=arguments.note or None, until=instant(until)
    )
    if arguments.json:
        return _json(found)
    promised = read(found["acknowledged_until"])
    when = f" until {full_time(promised, zones.of(found['hotel']))}" if promised else ""
    return paragraph(
        f"{_name(found)} is in the care of {clean(str(found['acknowledged_by']), 200)}{when}. Nobody further "
        "is told meanwhile, unless it becomes worse."
    )


def _note(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    by = who_asks(arguments.by)
    found = porter.post("incidents", arguments.id, "note", by=by, note=arguments.text)
    if arguments.json:
        return _json(found)
    return paragraph(f"Your note stands in the timeline of incident {clean(str(found['id']), 64)}.")


def _resolve(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    by = who_asks(arguments.by)
    found = porter.post("incidents", arguments.id, "resolve", by=by, note=arguments.note or None)
    if arguments.json:
        return _json(found)
    ended = read(found["resolved_at"])
    when = f" since {full_time(ended, zones.of(found['hotel']))}" if ended else ""
    return paragraph(f"{_name(found)} is resolved{when}. Those who were told of it are told.")


def _name(found: Mapping[str, Any]) -> str:
    return f"Incident {clean(str(found['id']), 64)} ({title_of(found)})"


def _until(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> datetime | None:
    """Return until when somebody looks after an incident; None where they leave that to the porter."""
    try:
        if arguments.lasts:
            return SystemClock().now() + span_of(arguments.lasts)
        if arguments.until:
            zone = zones.shared()
            if zone is None:
                # By which hotel's clocks it is meant, the incident says.
                zone = zones.of(porter.get("incidents", arguments.id)["hotel"])
            return instant_of(arguments.until, zone)[0]
    except ValueError as error:
        raise CommandError(str(error)) from None
    return None


def _json(found: Any) -> str:
    return as_json(found)


_ACTIONS = {
    "list": _list,
    "show": _show,
    "ack": _ack,
    "note": _note,
    "resolve": _resolve,
    "export": _export,
    "ticket": _ticket,
}
