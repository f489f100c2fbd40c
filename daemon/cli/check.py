"""`nightporter check`: every check once, as a table or as the owner's JSON."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from statistics import fmean

from alerts.message_text import clean
from checks.check import Check
from checks.result import RESPONSE_TIME, Result, State
from daemon.cli.command import CommandError
from daemon.cli.loading import loop_factory, settings
from daemon.cli.looking import Seen, looking, on_terminal
from daemon.settings import Settings, checks_of
from daemon.words.paint import as_json, noted_table, painted

EXIT = {State.OK: 0, State.WARNING: 1, State.CRITICAL: 2, State.UNKNOWN: 3}
STATUS = {
    State.OK: "healthy",
    State.WARNING: "degraded",
    State.CRITICAL: "unhealthy",
    State.UNKNOWN: "unknown",
}
RANKED = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)


def main(arguments: argparse.Namespace) -> int:
    """Run the checks and print what they saw."""
    configuration = settings(arguments)
    checks = _wanted(checks_of(configuration), arguments.integrations)
    with asyncio.Runner(loop_factory=loop_factory()) as runner:
        seen = runner.run(_run(configuration, checks))
    if arguments.json:
        print(as_json(_owners(seen, several=len(configuration.hotels) > 1)))
    else:
        print(_table(seen))
    return EXIT[worst(result.state for _, result in seen)]


def worst(states: Iterable[State]) -> State:
    """Return the worst of the states; of none, `unknown`: nothing was looked at."""
    found = set(states)
    return next((state for state in RANKED if state in found), State.UNKNOWN)


def _wanted(checks: Sequence[Check], names: Sequence[str]) -> list[Check]:
    known = {name for check in checks for name in _called(check)}
    missing = [name for name in names if name not in known]
    if missing:
        listed = ", ".join(sorted({check.id.integration for check in checks})) or "none"
        raise CommandError(
            f"nothing is watched of {', '.join(missing)}; integrations with checks: {listed}", 3
        )
    if not checks:
        raise CommandError("the configuration holds no check that can be run; see `nightporter validate`", 3)
    return [check for check in checks if not names or _called(check) & set(names)]


def _called(check: Check) -> set[str]:
    """Return what a check may be asked for by: its full name, or its integration's, with the hotel or not."""
    hotel, integration, _ = check.id
    return {str(check.id), f"{hotel}/{integration}", integration}


async def _run(configuration: Settings, checks: Sequence[Check]) -> list[Seen]:
    progress = on_terminal()
    done = 0

    def told(_check: Check, _result: Result) -> None:
        nonlocal done
        done += 1
        if progress:
            print(f"\r{done} of {len(checks)} checks run\x1b[K", end="", file=sys.stderr, flush=True)

    try:
        async with looking(configuration) as look:
            return await look(checks, told)
    finally:
        if progress:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _owners(seen: Sequence[Seen], *, several: bool) -> dict[str, object]:
    """Return the owner's JSON: one object an integration; with several hotels named `hotel/integration`."""
    grouped: dict[str, list[Seen]] = {}
    for check, result in seen:
        name = f"{check.id.hotel}/{check.id.integration}" if several else check.id.integration
        grouped.setdefault(name, []).append((check, result))
    return {name: _integration(group) for name, group in grouped.items()}


def _integration(group: Sequence[Seen]) -> dict[str, object]:
    times = [
        result.measurements[RESPONSE_TIME] for _, result in group if RESPONSE_TIME in result.measurements
    ]
    errors = [
        f"{check.id.check}: {result.message}" for check, result in group if result.state is not State.OK
    ]
    answer: dict[str, object] = {
        "status": STATUS[worst(result.state for _, result in group)],
        "response_time": round(fmean(times), 1) if times else None,
    }
    if errors:
        answer["error"] = "; ".join(errors)
    answer["checks"] = {check.id.check: document(result) for check, result in group}
    return answer


def document(result: Result) -> dict[str, object]:
    """Return what a check saw, for scripts."""
    return {
        "state": str(result.state),
        "reason": str(result.reason) if result.reason else None,
        "message": result.message,
        "duration_ms": round(result.duration * 1000, 1),
        "measurements": dict(result.measurements),
    }


def _table(seen: Sequence[Seen]) -> str:
    rows = [
        (
            painted(str(result.state).upper(), result.state),
            str(check.id),
            f"{result.duration * 1000:.0f} ms",
            clean((f"{result.reason}: " if result.reason else "") + result.message),
        )
        for check, result in sorted(seen, key=lambda one: (RANKED.index(one[1].state), one[0].id))
    ]
    return noted_table(("STATE", "CHECK", "TOOK", "WHAT WAS SEEN"), rows)
