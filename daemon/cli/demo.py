"""`nightporter demo`: something to look at within a minute."""

import argparse
from importlib import import_module

from daemon.cli.command import CommandError


def main(arguments: argparse.Namespace) -> int:
    """Run the demo until it is interrupted."""
    try:
        demo = import_module("daemon.demo")
    except ModuleNotFoundError as error:
        raise CommandError(
            f"the demo needs the package {error.name}: install it with pip install 'nightporter[demo]'"
        ) from error
    code: int = demo.main(once=arguments.once, port=arguments.port)
    return code
