"""Facts with more to them: breaches that are slow, flapping or old, and the places that checks look at."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from alerts.facts import Fact
from checks.result import Reason, Sign, State
from tests.support.clock import START
from tests.support.facts import failing, fine

LOST = failing("network/control", Reason.CONNECT, Sign.CONTROL_LOST, type_="control")
DEAF = failing("network/control", Reason.DNS, Sign.NAMES_LOST, type_="control")


def shaped(fact: Fact, **changes: Any) -> Fact:
    """Return a fact whose breach differs in some fields."""
    assert fact.breach is not None
    return replace(fact, breach=replace(fact.breach, **changes))


def at(fact: Fact, minutes: float) -> Fact:
    """Return a fact that was last looked at so many minutes ago."""
    return replace(fact, at=START - timedelta(minutes=minutes))


def of(fact: Fact, **values: str) -> Fact:
    """Return a fact with names for words and places."""
    return replace(fact, values=values)


def slow(name: str, type_: str = "health") -> Fact:
    """Return the fact of a check whose answers are too slow on average."""
    found = failing(name, Reason.THRESHOLD, type_=type_, state=State.WARNING)
    return shaped(found, unit="ms", observed=1400.0, limit=1000.0)


def blind(name: str, reason: Reason, *signs: Sign, type_: str = "queue") -> Fact:
    """Return the fact of a check that could not look for so long that it is a breach."""
    seen = failing(name, reason, *signs, type_=type_, state=State.WARNING)
    return replace(seen, state=State.UNKNOWN)


def queue(*signs: Sign, name: str = "channel_manager/queue") -> Fact:
    """Return the fact of a queue that is past its limits."""
    return failing(name, Reason.THRESHOLD, *signs, type_="queue")


def process(name: str, *, started: float) -> Fact:
    """Return the fact of a process that was started so many minutes ago."""
    began = (START - timedelta(minutes=started)).timestamp()
    return fine(name, "process", online=1.0, started_timestamp_seconds=began)
