"""`nightporter demo`: something to look at within a minute."""

import argparse
from importlib import import_module
from typing import Any

from daemon.cli.command import CommandError
from daemon.settings.plain import suggestion

UNKNOWN = 2


def main(arguments: argparse.Namespace) -> int:
    """Run the demo until it is interrupted, or list what can go wrong in it."""
    known = _part("faults")
    if arguments.list:
        print(_listed(known.FAULTS))
        return 0
    name = arguments.fault or known.STORY
    if name not in known.FAULTS:
        hint = suggestion(name, known.FAULTS) or "; `nightporter demo --list` names all"
        raise CommandError(f"there is no fault {name}{hint}", UNKNOWN)
    code: int = _part("show").main(known.FAULTS[name], once=arguments.once, port=arguments.port)
    return code


def _part(name: str) -> Any:
    try:
        return import_module(f"daemon.demo.{name}")
    except ModuleNotFoundError as error:
        raise CommandError(
            f"the demo needs the package {error.name}: install it with pip install 'nightporter[demo]'"
        ) from error


def _listed(faults: Any) -> str:
    width = max(map(len, faults))
    return "\n".join(f"{name:{width}}  {fault.sentence}." for name, fault in faults.items())
