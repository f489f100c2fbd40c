"""The arguments of each command of the command line, and of its actions."""

import argparse
from pathlib import Path
from typing import Any

from alerts.reports.report import Kind
from alerts.severity import Criterion, Severity
from daemon import DEFAULT_CONFIGURATION

INCIDENTS = {
    "list": "nightporter incidents --all --json",
    "show": "nightporter incidents show k3x9d2m7qa",
    "ack": "nightporter incidents ack k3x9d2m7qa --until '2026-12-25 09:00'",
    "note": "nightporter incidents note k3x9d2m7qa --text 'the vendor calls back at 10:00'",
    "resolve": "nightporter incidents resolve k3x9d2m7qa --note 'rotated the key'",
    "export": "nightporter incidents export k3x9d2m7qa > incident.md",
    "ticket": "nightporter incidents ticket k3x9d2m7qa",
}
SILENCE = {
    "add": "nightporter silence add --match integration=payment --for 2h --reason 'gateway maintenance'",
    "list": "nightporter silence list",
    "remove": "nightporter silence remove ID",
}
MAINTENANCE = {
    "list": "nightporter maintenance list --json",
    "done": "nightporter maintenance done test-backups --by Ada --note 'restored the one of Monday'",
}
DRILL = {
    "list": "nightporter drill list --hotel grand-harbour",
    "show": "nightporter drill show k3x9d2m7qa",
    "ack": "nightporter drill ack k3x9d2m7qa --by Ada",
}
"""What people type, by action."""


def nothing(_to: argparse.ArgumentParser) -> None:
    """Add nothing."""


def run(to: argparse.ArgumentParser) -> None:
    """Add what `run` takes."""
    to.add_argument(
        "--new-state",
        action="store_true",
        help="move the state file aside, whatever is in it, and start over with a new one",
    )


def check(to: argparse.ArgumentParser) -> None:
    """Add what `check` takes."""
    to.add_argument(
        "integrations",
        nargs="*",
        metavar="INTEGRATION",
        help="only these integrations or checks (default: all)",
    )
    add_json(to)


def diagnose(to: argparse.ArgumentParser) -> None:
    """Add what `diagnose` takes."""
    to.add_argument("integration", metavar="INTEGRATION", help="the integration, or hotel/integration")
    to.add_argument("--hotel", metavar="ID", help="its hotel, where several have it")
    add_json(to)


def incidents(to: argparse.ArgumentParser) -> None:
    """Add what `incidents` takes."""
    actions = _actions(to, "list")
    found = {
        "list": actions.add_parser("list", help="those that are not resolved (the default)"),
        "show": actions.add_parser("show", help="all of one: diagnosis, evidence, timeline, who was told"),
        "ack": actions.add_parser("ack", help="look after it: nobody further is told unless it gets worse"),
        "note": actions.add_parser("note", help="write something into its timeline; nobody is told"),
        "resolve": actions.add_parser("resolve", help="end it, whatever its checks say"),
        "export": actions.add_parser("export", help="print the incident note as Markdown, to be filed"),
        "ticket": actions.add_parser("ticket", help="print the letter to the vendor, ready to send"),
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
    add_json(to)
    for name, one in found.items():
        if name != "list":
            one.add_argument("id", metavar="ID", help="the incident's id")
        if name != "export":
            add_json(one, argparse.SUPPRESS)
        if name in {"ack", "note", "resolve"}:
            _add_by(one)
        if name == "note":
            one.add_argument("--text", metavar="TEXT", required=True, help="what you found or did")
        elif name in {"ack", "resolve"}:
            one.add_argument("--note", metavar="TEXT", default="", help="what you found or did")
        finish(one, INCIDENTS[name])
    until = found["ack"].add_mutually_exclusive_group()
    until.add_argument("--for", dest="lasts", metavar="2h", help="for so long (default: 1h)")
    until.add_argument("--until", metavar="TIME", help="until then: RFC 3339, or YYYY-MM-DD HH:MM")


def silence(to: argparse.ArgumentParser) -> None:
    """Add what `silence` takes."""
    actions = _actions(to, "list")
    add_json(to)
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
    add_json(add, argparse.SUPPRESS)
    finish(add, SILENCE["add"])
    listed = actions.add_parser("list", help="those there are (the default)")
    add_json(listed, argparse.SUPPRESS)
    finish(listed, SILENCE["list"])
    remove = actions.add_parser("remove", help="end one now")
    remove.add_argument("id", metavar="ID", help="the silence's id, as `silence list` shows it")
    finish(remove, SILENCE["remove"])


def maintenance(to: argparse.ArgumentParser) -> None:
    """Add what `maintenance` takes."""
    actions = _actions(to, "list")
    listed = actions.add_parser("list", help="what is overdue, due and done (the default)")
    done = actions.add_parser("done", help="write down that you have just done a task")
    done.add_argument("task", metavar="TASK", help="the task, as `maintenance list` shows it")
    _add_by(done)
    done.add_argument("--note", metavar="TEXT", default="", help="what you found or did")
    for one, default in ((to, None), (listed, argparse.SUPPRESS), (done, argparse.SUPPRESS)):
        one.add_argument("--hotel", metavar="ID", default=default, help="of this hotel")
        add_json(one, default=False if default is None else default)
    finish(listed, MAINTENANCE["list"])
    finish(done, MAINTENANCE["done"])


def report(to: argparse.ArgumentParser) -> None:
    """Add what `report` takes."""
    to.add_argument("kind", choices=[one.value for one in Kind], help="of a day, a week or a month")
    to.add_argument("--hotel", metavar="ID", help="of this hotel, where there are several")
    which = to.add_mutually_exclusive_group()
    which.add_argument("--stored", action="store_true", help="the latest that was made (default: as of now)")
    which.add_argument("--to", metavar="TIME", help="the one that was made of a time that ends then")
    which.add_argument("--mail", action="store_true", help="mail the one as of now to whom it usually goes")
    how = to.add_mutually_exclusive_group()
    how.add_argument("--html", type=_file, metavar="FILE", help="write it there, as a page that stands alone")
    add_json(how)
    _add_by(to)


def drill(to: argparse.ArgumentParser) -> None:
    """Add what `drill` takes."""
    actions = _actions(to, "hold")
    to.add_argument("--level", choices=("1", "2", "3"), default="1", help="who is told (default: 1)")
    to.add_argument("--wait", metavar="15m", help="wait so long until somebody acknowledges it")
    to.add_argument("--note", metavar="TEXT", default="", help="what it is for")
    _add_by(to)
    found = {
        "list": actions.add_parser("list", help="those that were held"),
        "show": actions.add_parser("show", help="how each step of one went"),
        "ack": actions.add_parser("ack", help="acknowledge one, as its link does"),
    }
    for name, one in found.items():
        add_json(one, argparse.SUPPRESS)
        if name != "list":
            one.add_argument("id", metavar="ID", help="the drill's id")
        finish(one, DRILL[name])
    for one, default in ((to, None), (found["list"], argparse.SUPPRESS)):
        one.add_argument("--hotel", metavar="ID", default=default, help="of this hotel")
    found["list"].add_argument("--limit", type=int, metavar="N", default=20, help="how many (default: 20)")
    found["ack"].add_argument("--by", metavar="WHO", default=argparse.SUPPRESS, help="who you are")
    found["ack"].add_argument("--note", metavar="TEXT", default=argparse.SUPPRESS, help="anything to say")
    add_json(to)


def who(to: argparse.ArgumentParser) -> None:
    """Add what `who` takes."""
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
    add_json(to)


def bounce(to: argparse.ArgumentParser) -> None:
    """Add what `bounce` takes."""
    to.add_argument(
        "recipient",
        nargs="?",
        metavar="ADDRESS",
        help="the address it came to (default: what the mail server says, or its headers)",
    )


def demo(to: argparse.ArgumentParser) -> None:
    """Add what `demo` takes."""
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


def add_json(to: argparse._ActionsContainer, default: Any = False) -> None:
    """Add `--json`."""
    to.add_argument("--json", action="store_true", default=default, help="print JSON for scripts")


def finish(one: argparse.ArgumentParser, example: str) -> None:
    """Add what every command takes, and an example of it."""
    one.formatter_class = argparse.RawDescriptionHelpFormatter
    one.epilog = f"example:\n  {example}"
    add_config(one, argparse.SUPPRESS)


def add_config(to: argparse.ArgumentParser, default: Any) -> None:
    """Add `--config`."""
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
