"""The torture, entry point of `make torture`: is the promise kept, whatever happens?

Each part lives in processes, sockets and databases of its own, says how it goes, and ends with its figures as
sentences. The exit code is 0 when nothing was wrong anywhere.
"""

import argparse
import asyncio
import json
import logging
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import pytest
import structlog

from daemon.demo.postgres import PostgresError
from tests.torture import hour, sieges, storm
from tests.torture.outcome import Outcome, Say

Part = Callable[[Path, int, Say], Awaitable[Outcome]]

PARTS: Mapping[str, Part] = {
    "sqlite": sieges.on_sqlite,
    "postgresql": sieges.on_postgresql,
    "replicas": sieges.with_replicas,
    "clock": sieges.with_clock,
    "hour": hour.without_relay,
    "storm": storm.rage,
}


def tell(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _say(name: str, started: float, text: str) -> None:
    tell(f"{name}, {time.monotonic() - started:.0f} s: {text}")


def _run(name: str, seed: int) -> Mapping[str, object]:
    """Run one part, and return what is to be written of it."""
    started = time.monotonic()
    _say(name, started, "begins")
    found = Outcome({}, (), ())
    skipped = None
    with tempfile.TemporaryDirectory(prefix=f"np-{name}-", ignore_cleanup_errors=True) as directory:
        try:
            found = asyncio.run(_part(PARTS[name], Path(directory), seed, partial(_say, name, started)))
        except (pytest.skip.Exception, PostgresError) as reason:
            skipped = str(reason)
        except (AssertionError, ExceptionGroup) as failure:
            found = Outcome({}, (), [f"came to no end: {failure!r}"])
    for sentence in (*found.sentences, *(f"WRONG: {one}" for one in found.wrong)):
        _say(name, started, sentence)
    if skipped:
        _say(name, started, f"skipped: {skipped}")
    seconds = round(time.monotonic() - started)
    return {"seconds": seconds, "figures": found.figures, "wrong": found.wrong, "skipped": skipped}


async def _part(part: Part, directory: Path, seed: int, say: Say) -> Outcome:
    return await part(directory, seed, say)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the parts one after the other; return 1 when anything is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="these parts")
    parser.add_argument("--seed", type=int, default=1, help="what everything random is drawn from")
    parser.add_argument("--json", type=Path, help="where the figures are written, too")
    options = parser.parse_args(argv)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    parts = {name: _run(name, options.seed) for name in options.only}
    if options.json:
        options.json.write_text(json.dumps({"seed": options.seed, "parts": parts}, indent=2) + "\n")
    wrong = [name for name, part in parts.items() if part["wrong"]]
    skipped = [name for name, part in parts.items() if part["skipped"]]
    tell(f"{len(parts) - len(skipped)} parts, seed {options.seed}: " + _verdict(wrong, skipped))
    return 1 if wrong else 0


def _verdict(wrong: Sequence[str], skipped: Sequence[str]) -> str:
    said = f"something is wrong with {', '.join(wrong)}" if wrong else "the promise was kept"
    return f"{said}; skipped: {', '.join(skipped)}" if skipped else said
