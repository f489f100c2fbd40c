"""Which breaches a cause accounts for: the `explains` of rules."""

from collections.abc import Callable

from alerts.diagnosis.conditions import why
from alerts.diagnosis.rule import View
from alerts.facts import Fact
from checks.result import Reason, Sign

Explains = Callable[[Fact, View], bool]


def checks(*names: str) -> Explains:
    """Account for checks by name."""
    wanted = frozenset(names)
    return lambda fact, _view: fact.check.check in wanted


def reasons(*found: Reason) -> Explains:
    """Account for whatever fails for one of these reasons."""
    wanted = frozenset(found)
    return lambda fact, _view: why(fact) in wanted


def signs(*found: Sign) -> Explains:
    """Account for whatever has one of these signs."""
    wanted = frozenset(found)
    return lambda fact, _view: bool(
        wanted & (fact.signs or (fact.breach.signs if fact.breach else fact.signs))
    )


def either(*ways: Explains) -> Explains:
    """Account for what one of these accounts for."""
    return lambda fact, view: any(way(fact, view) for way in ways)


def both(*ways: Explains) -> Explains:
    """Account for what all of these account for."""
    return lambda fact, view: all(way(fact, view) for way in ways)
