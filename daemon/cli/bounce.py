"""`nightporter bounce`: takes in, as a mail server's pipe, a mail that says that one of ours came back.

It answers nobody, so that no two machines write to each other for ever. What a mail server can do nothing
about ends with 0; where it shall try again later, the exit code is 75 (EX_TEMPFAIL).
"""

import argparse
import os
import sys
from typing import Any

from alerts.bounce import token_in
from alerts.delivery_status import read
from alerts.message_text import clean
from daemon.cli.asking import Porter
from daemon.cli.command import CommandError
from daemon.cli.grammar import TRY_AGAIN
from daemon.cli.loading import settings

LARGEST = 1024 * 1024
"""Bytes of a mail that are looked at: what is reported comes before the mail that it is about."""

TOLD_BY = ("ORIGINAL_RECIPIENT", "EXTENSION", "RECIPIENT", "LOCAL_PART_SUFFIX")
"""Variables in which Postfix, and Exim in the last one, say which address a mail was for."""


def main(arguments: argparse.Namespace) -> int:
    """Hand a report on to the running porter, and say what came of it."""
    configuration = settings(arguments)
    bounces = configuration.mail.bounces if configuration.mail else None
    message = _message()
    if bounces is None:
        raise CommandError("mail.bounces is not configured: it names this mailbox", TRY_AGAIN)
    came_to, report = read(message)
    told = [os.environ[name].removeprefix("+") for name in TOLD_BY if name in os.environ]
    token = token_in([arguments.recipient or "", *told, *came_to], bounces.address)
    if token is None:
        return _ignored(f"no address of the form {bounces.address.replace('@', '+LETTER@')} is in it")
    if report is None:
        return _ignored("it is no report of a delivery that failed or is late (RFC 3464)")
    porter = Porter(configuration, TRY_AGAIN)
    answer: Any = porter.post(
        "bounces",
        token=token,
        action="failed" if report.failed else "delayed",
        status=report.status,
        recipient=report.recipient,
        diagnostic=report.diagnostic,
    )
    if not isinstance(answer, dict) or not isinstance(answer.get("message"), str):
        raise porter.stranger()
    print(clean(answer["message"], 1000))
    return 0


def _message() -> bytes:
    """Return the beginning of a mail, and read all of it: mail servers do not like a pipe that is closed."""
    message = sys.stdin.buffer.read(LARGEST)
    while sys.stdin.buffer.read(LARGEST):
        continue
    return message


def _ignored(why: str) -> int:
    print(f"nightporter: this mail is ignored: {why}")
    return 0
