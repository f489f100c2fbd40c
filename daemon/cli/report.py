"""`nightporter report`: what broke, what is open and what will break, of a day, a week or a month."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from alerts.message_text import clean
from alerts.reports.heading import called, title
from alerts.reports.page import Pages
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Report
from alerts.reports.report_json import read_report
from daemon.cli.asking import Porter, who_asks
from daemon.cli.command import CommandError
from daemon.cli.hotels import hotel_of, named
from daemon.cli.loading import settings
from daemon.settings import Hotel
from daemon.typed_times import instant_of
from daemon.words.paint import as_json, paragraph

STRANGE = (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError)
"""What reading an answer raises that is none of a porter."""


def main(arguments: argparse.Namespace) -> int:
    """Ask the porter for a report and print it, write it to a file, or have it mailed."""
    configuration = settings(arguments)
    hotel, porter = hotel_of(configuration, arguments.hotel, 1), Porter(configuration)
    if sys.stderr.isatty():
        print(f"asking the porter on {porter.address} …", file=sys.stderr)
    try:
        if arguments.mail:
            said, page, report = _mailed(arguments, porter, hotel), "", None
        else:
            said, page, report = _read(arguments, _asked(arguments, porter, hotel))
    except (*STRANGE, OSError):
        # It has answered, in a form that is not ours.
        raise porter.stranger() from None
    print(_kept(arguments.html, page, report) if arguments.html and report else said)
    return 0


def _read(arguments: argparse.Namespace, answer: Any) -> tuple[str, str, Report | None]:
    """Return an answer as it is printed and as it is written to a file, and the report in it."""
    if arguments.json:
        return as_json(answer), "", None
    report = read_report(json.dumps(answer))
    return plain_text(report).rstrip("\n"), Pages().alone(report) if arguments.html else "", report


def _asked(arguments: argparse.Namespace, porter: Porter, hotel: Hotel) -> Any:
    """Return the report that is asked for, as the porter tells it."""
    to = None
    if arguments.stored:
        found = porter.get("reports", hotel=hotel.id, kind=arguments.kind, limit=1)["reports"]
        if not found:
            raise CommandError(
                f"no {arguments.kind} report of {hotel.id} was made yet; without --stored it is made now"
            )
        to = str(found[0]["to"])
    elif arguments.to is not None:
        try:
            at, note = instant_of(arguments.to, hotel.timezone)
        except ValueError as error:
            raise CommandError(f"--to: {error}") from None
        if note:
            print(note, file=sys.stderr)
        to = at.isoformat()
    return porter.get("reports", hotel.id, arguments.kind, to=to)


def _mailed(arguments: argparse.Namespace, porter: Porter, hotel: Hotel) -> str:
    found = porter.post("reports", hotel.id, arguments.kind, by=who_asks(arguments.by))
    if arguments.json:
        return as_json(found)
    people = named(clean(str(one), 200) for one in found["recipients"])
    return paragraph(f"The {arguments.kind} report of {clean(hotel.name, 200)} is on its way to {people}.")


def _kept(file: Path, page: str, report: Report) -> str:
    """Write a page to a file, all of it or nothing; say so."""
    try:
        target = file.resolve()
        if target.exists() and not target.is_file():
            raise CommandError(f"{file} is no file")
        aside = target.with_name(f".{target.name}.{os.getpid()}")
        try:
            aside.write_text(page, encoding="utf-8")
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise CommandError(f"{file} cannot be written: {why}") from None
    return paragraph(f"{title(report)}, {called(report)}: written to {file}")
