"""Measure everything: `python -m benchmarks`; `--quick` shows in two minutes that all of it works."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.machine import environment
from benchmarks.peers import PACKAGES
from benchmarks.setting import Setting, missing, setting
from benchmarks.targets import NGINX

AREAS = {
    "probes": "probes",
    "growth": "growth",
    "sizes": "sizes",
    "startup": "first_looks",
    "mails": "mails",
    "minutes": "minutes",
}
"""The areas of the results, and the modules that measure them."""

LATEST = Path(__file__).parent / "results" / "latest.json"


def measured(areas: Sequence[str], one: Setting) -> Iterator[dict[str, Any]]:
    """Yield after each area where it was measured, and what was found so far."""
    found: dict[str, Any] = {
        "measured": datetime.now(UTC).date().isoformat(),
        "quick": one.quick,
        "runs": one.runs,
        "machine": environment(),
        "days": {},
        "loads": {},
    }
    for name in areas:
        one.say(f"{name} ...")
        found["days"][name] = datetime.now(UTC).date().isoformat()
        found["loads"][name] = os.getloadavg()[0]
        found[name] = import_module(f"benchmarks.{AREAS[name]}").area(one)
        yield found


def rounded(value: Any) -> Any:
    """Return a result with five digits of each number: the rest is noise."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(one) for one in value]
    return float(f"{value:.5g}") if isinstance(value, float) else value


def joined(before: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """Return what was found, and the areas that were measured in the same way on the same machine before."""
    if any(before.get(key) != found[key] for key in ("machine", "runs", "quick")):
        return found
    return before | found | {key: before.get(key, {}) | found[key] for key in ("days", "loads")}


def main() -> int:
    """Measure, and write the results."""
    arguments = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    arguments.add_argument("--quick", action="store_true", help="the least of everything, in two minutes")
    arguments.add_argument("--runs", type=int, help="runs of each side (default 3; with --quick 1)")
    arguments.add_argument(
        "--only", nargs="+", choices=AREAS, default=list(AREAS), help="measure these areas"
    )
    arguments.add_argument("--output", type=Path, help="where the results go")
    given = arguments.parse_args()
    if NGINX is None:
        print("nginx is needed (Debian: nginx-light)", file=sys.stderr)
        return 1
    for program, package in PACKAGES.items():
        if missing(program):
            print(f"{program} is not installed (Debian: {package}): it is not measured", file=sys.stderr)
    output = given.output or (Path("build/benchmarks.json") if given.quick else LATEST)
    output.parent.mkdir(parents=True, exist_ok=True)
    before: dict[str, Any] = {}
    if set(given.only) != set(AREAS) and output.exists():
        before = json.loads(output.read_text())
    with setting(quick=given.quick, runs=given.runs or (1 if given.quick else 3)) as one:
        # Kept after each area: what was measured is not lost with what could not be.
        for found in measured(given.only, one):
            output.write_text(json.dumps(rounded(joined(before, found)), indent=1) + "\n")
    print(f"written to {output}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
