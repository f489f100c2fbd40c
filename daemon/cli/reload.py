"""`nightporter reload`: the running porter reads its configuration again; a bad one changes nothing."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from daemon.cli.asking import Porter
from daemon.cli.command import CommandError
from daemon.cli.loading import settings
from daemon.settings.filling import handed_to

PORTER = "MAINPID"
"""The variable by which systemd says which process a reload is about."""

PATIENCE, PAUSE = 10.0, 0.2
"""Seconds that a porter has to take in a token that it has been told of, and between two questions."""


def main(arguments: argparse.Namespace) -> int:
    """Say how it went: 0 applied, 2 refused, 1 when nobody could be asked or it takes a restart."""
    try:
        porter = Porter(settings(arguments))
    except CommandError:
        # That its configuration is bad shows in its metrics and its log.
        _let_it_see()
        raise
    applied, said = _reload(porter)
    print(said, file=sys.stdout if applied else sys.stderr)
    if not applied:
        return 2
    old = list(_handed_before(arguments.config, os.environ))
    if old:
        them = f"{', '.join(map(str, old))}: changed since systemd handed it over"
        print(f"{them}; that takes `systemctl restart nightporter`", file=sys.stderr)
    return 1 if old else 0


def _reload(porter: Porter) -> tuple[bool, str]:
    """Have it reload; one that runs with another token or address is told by a signal."""
    try:
        return porter.reload()
    except CommandError as error:
        if not _let_it_see():
            raise CommandError(f"{error} Where `web` or `listen` was changed, send it SIGHUP.") from None
    end = time.monotonic() + PATIENCE
    while True:
        time.sleep(PAUSE)
        try:
            return porter.reload()
        except CommandError as error:
            if time.monotonic() > end:
                raise CommandError(
                    f"{error} It was sent SIGHUP, and its log says how that went; "
                    "a change of `listen` takes a restart."
                ) from None


def _let_it_see() -> bool:
    """Have the porter find out by itself, where somebody says which process it is; return whether it does."""
    pid = os.environ.get(PORTER, "")
    if not (pid.isascii() and pid.isdecimal() and int(pid) > 1):
        return False
    with suppress(OSError, OverflowError):
        os.kill(int(pid), signal.SIGHUP)
        return True
    return False


def _handed_before(config: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    """Return the secrets that are others than those that the porter was handed at its start."""
    with suppress(OSError):
        for folder in sorted(one for one in config.absolute().parent.iterdir() if one.is_dir()):
            yield from _changed(folder, environ)


def _changed(folder: Path, environ: Mapping[str, str]) -> Iterator[Path]:
    with suppress(OSError):
        for file in sorted(folder.iterdir()):
            copy = _as_seen_there(handed_to(file, environ))
            if copy.is_file() and file.is_file() and copy.read_bytes() != file.read_bytes():
                yield file


def _as_seen_there(path: Path) -> Path:
    """Return a path as the porter sees it: systemd hides its secrets from whoever has it reload."""
    there = Path(f"/proc/{os.environ.get(PORTER, 'self')}/root{path}")
    return there if there.is_file() else path
