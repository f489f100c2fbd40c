"""Reading the configuration for a command."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable
from importlib.util import find_spec

from daemon.cli.command import CommandError
from daemon.cli.grammar import BAD_USAGE, REFUSED
from daemon.settings import ConfigError, Settings, load


def settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings, or fail with every problem named."""
    try:
        return load(arguments.config, os.environ)
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        count = len(error.problems)
        raise CommandError(
            f"{count} problem{'s' if count != 1 else ''} in the configuration",
            REFUSED.get(arguments.command, BAD_USAGE),
        ) from None


def loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return uvloop's event loop where it is installed, None for asyncio's own."""
    if find_spec("uvloop") is None:
        return None
    import uvloop  # noqa: PLC0415 - not there on every platform

    return uvloop.new_event_loop
