"""Facts of a hotel, in a few words, for the rules of the diagnosis."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from alerts.diagnosis.grouping import Group, group
from alerts.diagnosis.rule import Rule
from alerts.facts import Fact, Facts
from alerts.incident import Breach, Cause, Diagnosis
from checks.result import STATE_OF_REASON, CheckId, Phase, Reason, Sign, State
from tests.support.clock import START

HOTEL = "h"
KINDS = {
    "booking_engine": "booking_engine",
    "expedia": "ota",
    "payment": "payment",
    "email": "email",
    "channel_manager": "channel_manager",
    "door_locks": "generic",
    "pms": "pms",
    "network": "network",
}
PROVIDERS = {
    "booking_engine": "health",
    "expedia": "health",
    "payment": "health",
    "email": "provider",
    "channel_manager": "health",
}


def fine(name: str, type_: str = "http", **measurements: float) -> Fact:
    """Return the fact of a check that is ok; `name` is `integration/check`."""
    return Fact(_check(name), type_, State.OK, START, measurements=measurements)


def failing(
    name: str,
    reason: Reason,
    *signs: Sign,
    message: str = "it fails",
    type_: str = "http",
    state: State | None = None,
    phase: Phase | None = None,
    breached: bool = True,
    minutes: float = 3.0,
    **measurements: float,
) -> Fact:
    """Return the fact of a check that fails, for `minutes`, breached or not decided yet."""
    check, found = _check(name), state or STATE_OF_REASON[reason]
    since = START - timedelta(minutes=minutes)
    breach = Breach(
        check, found, reason, message, since, since - timedelta(minutes=1), signs=frozenset(signs)
    )
    return Fact(
        check,
        type_,
        found,
        START,
        reason,
        message,
        frozenset(signs),
        phase,
        measurements,
        breach if breached and found is not State.UNKNOWN else None,
    )


def clearing(fact: Fact) -> Fact:
    """Return the fact of a check that is breached, and was well just now."""
    return replace(fact, state=State.OK, reason=None, message="", signs=frozenset())


def a_hotel(*facts: Fact, healthy: bool = True) -> Facts:
    """Return the facts of a hotel; whatever is not given answers, unless nothing is known of it."""
    usual = [fine("network/control", "control")] if healthy else []
    usual += [fine(f"{one}/{check}", "health") for one, check in PROVIDERS.items() if healthy]
    known = {fact.check: fact for fact in (*usual, *facts)}
    return Facts(HOTEL, START, KINDS, known.values())


def no_words(breaches: tuple[Breach, ...], kind: str) -> Diagnosis:
    """Return the words for what no rule explains."""
    return Diagnosis(Cause.UNKNOWN, "unknown", "unknown", f"{kind}: {breaches[0].reason}")


def groups(facts: Facts, rules: Iterable[Rule]) -> tuple[Group, ...]:
    """Return the groups that rules make of facts."""
    return group(facts, tuple(rules), no_words)


def causes(facts: Facts, rules: Iterable[Rule]) -> dict[str, list[str]]:
    """Return the breached checks that each cause accounts for, as `integration/check`."""
    found: dict[str, list[str]] = {}
    for one in groups(facts, rules):
        names = [f"{breach.check.integration}/{breach.check.check}" for breach in one.breaches]
        found.setdefault(str(one.cause), []).extend(sorted(names))
    return found


def _check(name: str) -> CheckId:
    integration, check = name.split("/")
    return CheckId(HOTEL, integration, check)
