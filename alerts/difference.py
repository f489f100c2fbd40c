"""What is new about an incident, in the words of its timeline."""

from collections.abc import Iterator

from alerts.incident import Incident
from checks.result import CheckId

MOST_NAMED = 5
"""Checks that are named of one kind of news."""


def difference(before: Incident, after: Incident) -> str:
    """Say how severe an incident is and what it is, and what of its checks is otherwise than before."""
    if after.parent is not None and before.parent is None:
        return f"explained by incident {after.parent}, which is told of in its place"
    return "; ".join((f"{after.severity}: {after.title}", *_checks(before, after)))


def _checks(before: Incident, after: Incident) -> Iterator[str]:
    old = {one.check: (one.state, one.reason) for one in before.breaches}
    new = {one.check: (one.state, one.reason) for one in after.breaches}
    if joined := [check for check in new if check not in old]:
        yield f"now also {_named(joined)}"
    if left := [check for check in old if check not in new]:
        yield f"no longer {_named(left)}"
    other = [check for check, seen in new.items() if check in old and old[check] != seen]
    for check in other[:MOST_NAMED]:
        state, reason = new[check]
        yield f"{_named([check])} is {state} ({reason})"


def _named(checks: list[CheckId]) -> str:
    names = [f"{one.integration}/{one.check}" for one in checks[:MOST_NAMED]]
    more = [f"{len(checks) - MOST_NAMED} more"] if len(checks) > MOST_NAMED else []
    return ", ".join([*names, *more])
