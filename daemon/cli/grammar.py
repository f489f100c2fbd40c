"""The command line's grammar: commands, their arguments, and an example of each."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from alerts.incident import Criterion, Severity
from daemon import DEFAULT_CONFIGURATION, __version__

EXAMPLES = {
    "run": "nightporter --config porter.yml run",
    "validate": "nightporter validate --config porter.yml",
    "check": "nightporter check payment --json",
    "diagnose": "nightporter diagnose payment",
    "status": "nightporter status --json",
    "incidents": "nightporter incidents ack k3x9d2m7qa --for 2h --note 'on the phone with the vendor'",
    "silence": "nightporter silence add --match integration=payment --for 2h --reason 'gateway maintenance'",
    "who": "nightporter who --at '2026-12-25 03:00' --severity critical",
    "maintenance": "nightporter maintenance done test-backups --by Ada --note 'restored the one of Monday'",
    "schema": "nightporter schema > nightporter.schema.json",
    "bounce": "nightporter bounce bounces+LETTER@hotel.example --config porter.yml",
    "demo": "nightporter demo --fault smtp-credentials-invalid",
}
"""What people type, by command."""

INCIDENTS = {
    "list": "nightporter incidents --all --json",
    "show": "nightporter incidents show k3x9d2m7qa",
    "ack": "nightporter incidents ack k3x9d2m7qa --until '2026-12-25 09:00'",
    "note": "nightporter incidents note k3x9d2m7qa --text 'the vendor calls back at 10:00'",
    "resolve": "nightporter incidents resolve k3x9d2m7qa --note 'rotated the key'",
    "export": "nightporter incidents export k3x9d2m7qa > incident.md",
}
SILENCE = {
    "add": EXAMPLES["silence"],
    "list": "nightporter silence list",
    "remove": "nightporter silence remove ID",
}
MAINTENANCE = {"list": "nightporter maintenance list --json", "done": EXAMPLES["maintenance"]}


TRY_AGAIN = 75
"""The exit code by which a mail server knows that it shall try again later (EX_TEMPFAIL)."""

REFUSED = {
    "check": 3,
    "diagnose": 3,
    "status": 3,
    "incidents": 1,
    "silence": 1,
    "maintenance": 1,
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
    _add_config(top, Path(config))
    top.add_argument("--version", action="version", version=f"nightporter {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _run(commands.add_parser("run", help="be on duty, in the foreground; SIGHUP reloads, SIGTERM ends it"))
    commands.add_parser("validate", help="read the configuration, name every problem, list what is watched")
    _check(commands.add_parser("check", help="run every check once and print a table"))
    _diagnose(commands.add_parser("diagnose", help="look at an integration now: what is wrong, what to do"))
    status = commands.add_parser("status", help="ask the running porter how everything is")
    _add_json(status)
    _incidents(
        commands.add_parser("incidents", help="list, show, acknowledge, note, resolve or export incidents")
    )
    _silence(commands.add_parser("silence", help="times in which nobody is told of what matches"))
    _who(commands.add_parser("who", help="who would be told of an incident, when and why; nothing is sent"))
    _maintenance(commands.add_parser("maintenance", help="recurring tasks: what is due, and who did it when"))
    _bounce(commands.add_parser("bounce", help="take in a mail that says that one of ours came back"))
    commands.add_parser("schema", help="print the JSON Schema of the configuration")
    _demo(commands.add_parser("demo", help="a simulated hotel and the porter watching it, on loopback"))
    for name, one in commands.choices.items():
        # Both `nightporter --config X check` and `nightporter check --config X` are what people type.
        _finish(one, EXAMPLES[name])
    return top


def _run(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--new-state",
        action="store_true",
        help="move the state file aside, whatever is in it, and start over with a new one",
    )


def _check(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "integrations",
        nargs="*",
        metavar="INTEGRATION",
        help="only these integrations or checks (default: all)",
    )
    _add_json(to)


def _diagnose(to: argparse.ArgumentParser) -> None:
    to.add_argument("integration", metavar="INTEGRATION", help="the integration, or hotel/integration")
    to.add_argument("--hotel", metavar="ID", help="its hotel, where several have it")
    _add_json(to)


def _incidents(to: argparse.ArgumentParser) -> None:
    actions = _actions(to, "list")
    found = {
        "list": actions.add_parser("list", help="those that are not resolved (the default)"),
        "show": actions.add_parser("show", help="all of one: diagnosis, evidence, timeline, who was told"),
        "ack": actions.add_parser("ack", help="look after it: nobody further is told unless it gets worse"),
        "note": actions.add_parser("note", help="write something into its timeline; nobody is told"),
        "resolve": actions.add_parser("resolve", help="end it, whatever its checks say"),
        "export": actions.add_parser("export", help="print its story as Markdown"),
    }
    # What `list` takes is taken without the word, too.
    for one, default in ((to, None), (found["list"], argparse.SUPPRESS)):
        everything = False if default is None else default
        one.add_argument("--all", action="store_true", default=everything, help="resolved ones, too")
        one.add_argument("--hotel", metavar="ID", default=default, help="those of this hotel only")
        one.add_argument(
            "--limit",
            type=int,
            metavar="N",
            default=100 if default is None else default,
            help="how many at the most, the newest first (default: 100)",
        )
    _add_json(to)
    for name, one in found.items():
        if name != "list":
            one.add_argument("id", metavar="ID", help="the incident's id")
        if name != "export":
            _add_json(one, argparse.SUPPRESS)
        if name in {"ack", "note", "resolve"}:
            _add_by(one)
        if name == "note":
            one.add_argument("--text", metavar="TEXT", required=True, help="what you found or did")
        elif name in {"ack", "resolve"}:
            one.add_argument("--note", metavar="TEXT", default="", help="what you found or did")
        _finish(one, INCIDENTS[name])
    until = found["ack"].add_mutually_exclusive_group()
    until.add_argument("--for", dest="lasts", metavar="2h", help="for so long (default: 1h)")
    until.add_argument("--until", metavar="TIME", help="until then: RFC 3339, or YYYY-MM-DD HH:MM")


def _silence(to: argparse.ArgumentParser) -> None:
    actions = _actions(to, "list")
    _add_json(to)
    add = actions.add_parser("add", help="have nobody told of what matches, for some time")
    add.add_argument(
        "--match",
        nargs="+",
        action="extend",
        required=True,
        metavar="KEY=VALUE",
        help="hotel, integration, check, cause or severity; * stands for anything; all must fit",
    )
    until = add.add_mutually_exclusive_group(required=True)
    until.add_argument("--for", dest="lasts", metavar="2h", help="for so long")
    until.add_argument("--until", metavar="TIME", help="until then: RFC 3339, or YYYY-MM-DD HH:MM")
    add.add_argument("--from", dest="begins", metavar="TIME", help="from then on (default: now)")
    add.add_argument("--reason", required=True, metavar="TEXT", help="what is planned")
    _add_by(add)
    _add_json(add, argparse.SUPPRESS)
    _finish(add, SILENCE["add"])
    listed = actions.add_parser("list", help="those there are (the default)")
    _add_json(listed, argparse.SUPPRESS)
    _finish(listed, SILENCE["list"])
    remove = actions.add_parser("remove", help="end one now")
    remove.add_argument("id", metavar="ID", help="the silence's id, as `silence list` shows it")
    _finish(remove, SILENCE["remove"])


def _maintenance(to: argparse.ArgumentParser) -> None:
    actions = _actions(to, "list")
    listed = actions.add_parser("list", help="what is overdue, due and done (the default)")
    done = actions.add_parser("done", help="write down that you have just done a task")
    done.add_argument("task", metavar="TASK", help="the task, as `maintenance list` shows it")
    _add_by(done)
    done.add_argument("--note", metavar="TEXT", default="", help="what you found or did")
    for one, default in ((to, None), (listed, argparse.SUPPRESS), (done, argparse.SUPPRESS)):
        one.add_argument("--hotel", metavar="ID", default=default, help="of this hotel")
        _add_json(one, default=False if default is None else default)
    _finish(listed, MAINTENANCE["list"])
    _finish(done, MAINTENANCE["done"])


def _who(to: argparse.ArgumentParser) -> None:
    to.add_argument("--at", metavar="TIME", help="RFC 3339, or YYYY-MM-DD HH:MM in hotel time (default: now)")
    to.add_argument("--severity", choices=[one.value for one in Severity], help="default: critical")
    to.add_argument(
        "--criterion",
        nargs="+",
        action="extend",
        default=[],
        choices=[one.value for one in Criterion],
        metavar="C",
        help=f"reasons to escalate: {', '.join(Criterion)}",
    )
    to.add_argument("--hotel", metavar="ID", help="the hotel, where there are several")
    _add_json(to)


def _bounce(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "recipient",
        nargs="?",
        metavar="ADDRESS",
        help="the address it came to (default: what the mail server says, or its headers)",
    )


def _demo(to: argparse.ArgumentParser) -> None:
    to.add_argument("--list", action="store_true", help="name what can go wrong in it, and end")
    to.add_argument(
        "--tour", action="store_true", help="walk through six faults, print what came of each, and end"
    )
    to.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME",
        help="what goes wrong (default: the payment gateway fails); with --tour as often as wanted",
    )
    to.add_argument("--once", action="store_true", help="end after the first resolved mail")
    to.add_argument(
        "--port",
        type=int,
        metavar="PORT",
        help="serve the status page there, and the switchboard on the next (default: any)",
    )


def _actions(to: argparse.ArgumentParser, default: str) -> Any:
    found = to.add_subparsers(dest="action", metavar="ACTION")
    to.set_defaults(action=default)
    return found


def _add_by(to: argparse.ArgumentParser) -> None:
    to.add_argument("--by", metavar="WHO", help="who you are (default: your login name)")


def _add_json(to: argparse.ArgumentParser, default: Any = False) -> None:
    to.add_argument("--json", action="store_true", default=default, help="print JSON for scripts")


def _finish(one: argparse.ArgumentParser, example: str) -> None:
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    one.epilog = f"example:\n  {example}"
    _add_config(one, argparse.SUPPRESS)


def _add_config(to: argparse.ArgumentParser, default: Any) -> None:
    to.add_argument(
        "--config",
        type=_file,
        default=default,
        metavar="PATH",
        help=f"the configuration (default: $NIGHTPORTER_CONFIG, or {DEFAULT_CONFIGURATION})",
    )


def _file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("names no file")
    return Path(text)
