"""Arguments -> the command that serves them."""

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType

from daemon.cli.grammar import TRY_AGAIN, parsed

FAULT = {"check": 3, "diagnose": 3, "status": 3, "bounce": TRY_AGAIN}
"""Exit codes for a fault of our own where 1 means something else: nothing could be looked at, or taken in."""


class CommandError(Exception):
    """A command cannot do its work: a sentence for the user, and the exit code."""

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(message)
        self.code = code


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; return its exit code (contract, section 3)."""
    arguments = parsed(argv)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # What a terminal's encoding cannot show is shown escaped, and stops nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        # What a command needs takes a moment to load, in which it can be interrupted, too.
        command = _loaded(arguments.command)
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


def _loaded(name: str) -> ModuleType:
    # To look for garbage in what is being loaded takes a sixth of the time, and finds none.
    gc.disable()
    try:
        return import_module(f"daemon.cli.{name}")
    finally:
        gc.enable()
