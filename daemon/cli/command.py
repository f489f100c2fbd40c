"""Arguments -> the command that serves them."""

import argparse
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from daemon import __version__

DEFAULT_CONFIG = "/etc/nightporter/nightporter.yml"


FAULT = {"check": 3, "status": 3}
"""Exit codes for a fault of our own where 1 means a warning: nothing could be looked at."""


class CommandError(Exception):
    """A command cannot do its work: a sentence for the user, and the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def parser() -> argparse.ArgumentParser:
    """Return the command line's grammar."""
    top = argparse.ArgumentParser(
        prog="nightporter",
        description="Watches a hotel's integrations and tells the right person what broke and what to do.",
    )
    config = os.environ.get("NIGHTPORTER_CONFIG") or DEFAULT_CONFIG
    _add_config(top, Path(config))
    top.add_argument("--version", action="version", version=f"nightporter {__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("run", help="be on duty, in the foreground; SIGHUP reloads, SIGTERM ends it")
    commands.add_parser("validate", help="read the configuration, name every problem, list what is watched")
    check = commands.add_parser("check", help="run every check once and print a table")
    check.add_argument(
        "integrations",
        nargs="*",
        metavar="INTEGRATION",
        help="only these integrations or checks (default: all)",
    )
    check.add_argument("--json", action="store_true", help="print JSON for scripts")
    status = commands.add_parser("status", help="ask the running porter how everything is")
    status.add_argument("--json", action="store_true", help="print JSON for scripts")
    commands.add_parser("schema", help="print the JSON Schema of the configuration")
    demo = commands.add_parser("demo", help="a simulated hotel and the porter watching it, on loopback")
    demo.add_argument("--list", action="store_true", help="name what can go wrong in it, and end")
    demo.add_argument("--fault", metavar="NAME", help="what goes wrong (default: the payment gateway fails)")
    demo.add_argument("--once", action="store_true", help="end after the first resolved mail")
    demo.add_argument("--port", type=int, metavar="PORT", help="serve the status page there (default: any)")
    for one in commands.choices.values():
        # Both `nightporter --config X check` and `nightporter check --config X` are what people type.
        _add_config(one, argparse.SUPPRESS)
    return top


def _add_config(to: argparse.ArgumentParser, default: Any) -> None:
    to.add_argument(
        "--config",
        type=_file,
        default=default,
        metavar="PATH",
        help=f"the configuration (default: $NIGHTPORTER_CONFIG, or {DEFAULT_CONFIG})",
    )


def _file(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("names no file")
    return Path(text)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code (contract, section 3)."""
    arguments = parser().parse_args(argv)
    command = import_module(f"daemon.cli.{arguments.command}")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding cannot show is shown escaped, and stops nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        code: int = command.main(arguments)
        sys.stdout.flush()
    except CommandError as failure:
        print(f"nightporter: {failure}", file=sys.stderr)
        return failure.code
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        # Nobody reads any more, or there is no room for the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print(f"nightporter: the output cannot be written: {error.strerror}", file=sys.stderr)
        return FAULT.get(arguments.command, 1)
    except Exception as error:  # noqa: BLE001 - the last guard: users read sentences, not tracebacks
        # Its text may quote anything, secrets too; where it happened is what helps to mend it.
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} in {Path(place.filename).name}:{place.lineno}"
        print(f"nightporter: a fault of its own: {where}; please report this line", file=sys.stderr)
        return FAULT.get(arguments.command, 1)
    return code
