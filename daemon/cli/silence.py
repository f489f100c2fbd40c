"""`nightporter silence`: times in which the running porter tells nobody of what matches."""

import argparse
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.incident_document import instant
from alerts.message_text import clean, lasting
from alerts.silence import KEYS
from daemon.cli.asking import Porter, who_asks
from daemon.cli.command import CommandError
from daemon.cli.loading import settings
from daemon.clock import SystemClock
from daemon.typed_times import instant_of
from daemon.words.paint import as_json, paragraph, table
from daemon.words.times import Zones, read, short, span_of

UTC_ZONE = ZoneInfo("UTC")
_OFFSET = re.compile(r"([Zz]|[+-]\d{2}:\d{2})\s*$")


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


def _add(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    match = _matched(arguments.match)
    zone = _zone(match, zones)
    begins, ends, notes = _window(arguments, zone)
    found = porter.post(
        "silences",
        match=match,
        **{"from": begins},
        to=ends,
        by=who_asks(arguments.by),
        reason=arguments.reason,
    )
    if arguments.json:
        return as_json(found)
    said = (
        f"Nobody is told of what is {_matching(found)}, {_when(found, zone or UTC_ZONE)}. It is "
        f"recorded all the same. To end it: nightporter silence remove {clean(str(found['id']), 64)}"
    )
    return "\n\n".join(paragraph(one) for one in (*notes, said))


def _matched(pairs: Sequence[str]) -> dict[str, str]:
    """Return what is to be silenced, from words such as `integration=payment`."""
    match: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not value or key not in KEYS:
            raise CommandError(
                f"--match {pair[:80]!r}: write KEY=VALUE, the key being one of {', '.join(sorted(KEYS))}"
            )
        if key in match:
            raise CommandError(f"--match: {key} is there twice")
        match[key] = value
    return match


def _zone(match: Mapping[str, str], zones: Zones) -> ZoneInfo | None:
    """Return by whose clocks times are meant; None where the hotels have different ones."""
    hotel = match.get("hotel")
    return zones.shared([hotel] if hotel else [])


def _window(
    arguments: argparse.Namespace, zone: ZoneInfo | None
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return a window as the API takes it, its begin None for now, and what is to be said of it."""
    try:
        begins, first = _typed(arguments.begins, zone) if arguments.begins else (None, "")
        start = begins or SystemClock().now()
        if arguments.until:
            ends, second = _typed(arguments.until, zone)
        else:
            ends, second = start + span_of(arguments.lasts), ""
    except ValueError as error:
        raise CommandError(str(error)) from None
    return instant(begins), instant(ends), tuple(one for one in (first, second) if one)


def _typed(text: str, zone: ZoneInfo | None) -> tuple[datetime, str]:
    if zone is None and not _OFFSET.search(text):
        raise ValueError(f"{text[:60]!r}: the hotels' clocks differ; write the offset from UTC, too")
    return instant_of(text, zone or UTC_ZONE)


def _list(arguments: argparse.Namespace, porter: Porter, zones: Zones) -> str:
    found = porter.get("silences")["silences"]
    if arguments.json:
        return as_json({"silences": found})
    if not found:
        return "There is no silence."
    lines = []
    rows = [(clean(str(one["id"]), 64), "now" if one["active"] else "later", _matching(one)) for one in found]
    head, *table_lines = table(("SILENCE", "HOLDS", "MATCHES"), rows).splitlines()
    for one, line in zip(found, table_lines, strict=True):
        zone = _zone(one["match"], zones) or UTC_ZONE
        said = f"{_when(one, zone)}: {clean(str(one['reason']), 300)} ({clean(str(one['by']), 200)})"
        lines += [line, paragraph(said, "  ")]
    return "\n".join([head, *lines])


def _matching(one: Mapping[str, Any]) -> str:
    return ", ".join(f"{clean(str(key), 20)}={clean(str(value), 200)}" for key, value in one["match"].items())


def _when(one: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return when a silence holds, in hotel time; of one that recurs, its current or next window."""
    if one.get("cron"):
        lasts = lasting(timedelta(seconds=one["for_seconds"]))
        coming = one.get("next")
        if one["ends_at"]:
            now = f"now until {short(read(one['ends_at']), zone)}"
        else:
            now = f"next at {short(read(coming['from']), zone)}" if coming else "never again"
        return f"every {clean(str(one['cron']), 100)} for {lasts}, {now}"
    begins, ends = read(one["from"]), read(one["to"])
    if begins is None or ends is None:
        raise ValueError("a silence without a window")
    return f"from {short(begins, zone)} until {short(ends, zone)}"


def _remove(arguments: argparse.Namespace, porter: Porter, _zones: Zones) -> str:
    porter.delete("silences", arguments.id)
    ended = clean(arguments.id, 64)
    return paragraph(f"The silence {ended} has ended. Of what is open all the same, those due are told now.")


_ACTIONS = {"add": _add, "list": _list, "remove": _remove}
