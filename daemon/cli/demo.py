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
    faults = [_fault(known.FAULTS, name) for name in arguments.fault]
    play = _play(arguments, known, faults)
    ends = bool(arguments.tour or arguments.once)
    code: int = _part("show").main(play, ends=ends, port=arguments.port)
    return code


def _play(arguments: argparse.Namespace, known: Any, faults: list[Any]) -> Any:
    if arguments.tour:
        return _part("tour").over(faults)
    if len(faults) > 1:
        raise CommandError("the story is about one fault; with --tour there may be several", UNKNOWN)
    (fault,) = faults or [known.FAULTS[known.STORY]]
    return _part("story").of(fault, once=arguments.once)


def _fault(known: Any, name: str) -> Any:
    if name not in known:
        hint = suggestion(name, known) or "; `nightporter demo --list` names all"
        raise CommandError(f"there is no fault {name}{hint}", UNKNOWN)
    return known[name]


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
