"""The command line's grammar: commands, their arguments, and an example of each."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from daemon import DEFAULT_CONFIGURATION, __version__
from daemon.cli import arguments

EXAMPLES = {
    "run": "nightporter --config porter.yml run",
    "validate": "nightporter validate --config porter.yml",
    "reload": "nightporter reload",
    "check": "nightporter check payment --json",
    "diagnose": "nightporter diagnose payment",
    "status": "nightporter status --json",
    "incidents": "nightporter incidents ack k3x9d2m7qa --for 2h --note 'on the phone with the vendor'",
    "silence": "nightporter silence add --match integration=payment --for 2h --reason 'gateway maintenance'",
    "who": "nightporter who --at '2026-12-25 03:00' --severity critical",
    "drill": "nightporter drill --level 2 --wait 15m --note 'before the season'",
    "maintenance": "nightporter maintenance done test-backups --by Ada --note 'restored the one of Monday'",
    "report": "nightporter report weekly --html week.html",
    "schema": "nightporter schema > nightporter.schema.json",
    "bounce": "nightporter bounce bounces+LETTER@hotel.example --config porter.yml",
    "demo": "nightporter demo --fault smtp-credentials-invalid",
}
"""What people type, by command."""

COMMANDS: Mapping[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "run": ("be on duty, in the foreground; SIGHUP reloads, SIGTERM ends it", arguments.run),
    "validate": ("read the configuration, name every problem, list what is watched", arguments.nothing),
    "reload": ("have the running porter read its configuration again; say how it went", arguments.nothing),
    "check": ("run every check once and print a table", arguments.check),
    "diagnose": ("look at an integration now: what is wrong, what to do", arguments.diagnose),
    "status": ("ask the running porter how everything is", arguments.add_json),
    "incidents": (
        "list, show, acknowledge, note, resolve or export incidents, write to a vendor",
        arguments.incidents,
    ),
    "silence": ("times in which nobody is told of what matches", arguments.silence),
    "who": ("who would be told of an incident, when and why; nothing is sent", arguments.who),
    "drill": ("send a marked test alert by the way of real alarms, and time it", arguments.drill),
    "maintenance": ("recurring tasks: what is due, and who did it when", arguments.maintenance),
    "report": ("what broke, what is open, what will break: of a day, week or month", arguments.report),
    "bounce": ("take in a mail that says that one of ours came back", arguments.bounce),
    "schema": ("print the JSON Schema of the configuration", arguments.nothing),
    "demo": ("a simulated hotel and the porter watching it, on loopback", arguments.demo),
}
"""What each command does, and the arguments it takes, in the order of the help."""

TRY_AGAIN = 75
"""The exit code by which a mail server knows that it shall try again later (EX_TEMPFAIL)."""

REFUSED = {
    "check": 3,
    "diagnose": 3,
    "status": 3,
    "incidents": 1,
    "silence": 1,
    "drill": 1,
    "maintenance": 1,
    "report": 1,
    "bounce": TRY_AGAIN,
}
"""Exit codes for arguments or a configuration that cannot be used, where 2 says something else."""

BAD_USAGE = 2


class Grammar(argparse.ArgumentParser):
    """A grammar whose refusals end with the exit code of the command they are about."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end."""
        self.refuse(self.prog.split()[1] if " " in self.prog else "", message)

    def refuse(self, command: str, message: str) -> NoReturn:
        """Say what is wrong with a command's arguments, and end with its code."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED.get(command, BAD_USAGE), f"{self.prog}: error: {message}\n")


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """Return the arguments, or end with a sentence about what is wrong with them."""
    top = parser()
    found, left = top.parse_known_args(argv)
    if left:
        top.refuse(found.command, f"unrecognized arguments: {' '.join(left)}")
    return found


def parser() -> Grammar:
    """Return the command line's grammar."""
    top = Grammar(
        prog="nightporter",
        description="Watches a hotel's integrations and tells the right person what broke and what to do.",
    )
    config = os.environ.get("NIGHTPORTER_CONFIG") or DEFAULT_CONFIGURATION
    arguments.add_config(top, Path(config))
    top.add_argument("--version", action="version", version=f"nightporter {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, (says, take) in COMMANDS.items():
        one = commands.add_parser(name, help=says)
        take(one)
        # Both `nightporter --config X check` and `nightporter check --config X` are what people type.
        arguments.finish(one, EXAMPLES[name])
    return top
