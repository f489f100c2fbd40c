"""`nightporter reload`: the running porter reads its configuration again; a bad one changes nothing."""

import argparse
import os
import signal
import sys
from contextlib import suppress

from daemon.cli.asking import Porter
from daemon.cli.command import CommandError
from daemon.cli.loading import settings

PORTER = "MAINPID"
"""The variable by which systemd says which process a reload is about."""


def main(arguments: argparse.Namespace) -> int:
    """Say how it went: 0 applied, 2 refused, 1 when nobody could be asked."""
    try:
        porter = Porter(settings(arguments))
    except CommandError:
        _let_it_see()
        raise
    applied, said = porter.reload()
    print(said, file=sys.stdout if applied else sys.stderr)
    return 0 if applied else 2


def _let_it_see() -> None:
    """Have the porter find out by itself: that its configuration is bad shows in its metrics and its log."""
    pid = os.environ.get(PORTER, "")
    if pid.isascii() and pid.isdecimal() and int(pid) > 1:
        with suppress(OSError):
            os.kill(int(pid), signal.SIGHUP)
