"""The conditions that rules are made of: questions to the facts, answered yes, no or not known."""

from collections.abc import Callable, Iterable

from alerts.diagnosis.rule import Condition, View
from alerts.facts import Fact, Truth
from checks.result import Phase, Reason, Sign, State

ON_THE_WAY = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT})
"""Reasons of a run that did not get through to an answer."""

OUR_OWN = frozenset({"pms", "network"})
"""Integrations that exist without a vendor."""


def shows(check: str, text: str, *reasons: Reason, signs: Iterable[Sign] = ()) -> Condition:
    """Hold when a check fails with one of `reasons` (any, if none is named) and one of `signs` (likewise)."""
    wanted, marks = frozenset(reasons), frozenset(signs)

    def holds(view: View) -> Truth:
        fact = view.fact(check)
        if fact is None or (fact.state is State.UNKNOWN and fact.reason not in wanted):
            return None
        return _fits(fact, wanted, marks)

    return Condition(text, holds, check)


def some(text: str, fits: Callable[[Fact], bool], unknown: str = "") -> Condition:
    """Hold when a breached check of the integration, not just about to clear, fits."""

    def holds(view: View) -> Truth:
        return any(map(fits, view.facts.lasting(view.integration)))

    return Condition(text, holds, unknown)


def sign(text: str, *signs: Sign) -> Condition:
    """Hold when a breached check of the integration has one of these signs."""
    marks = frozenset(signs)
    return some(text, lambda fact: bool(marks & signs_of(fact)))


def reason(text: str, *reasons: Reason, checks: Iterable[str] = ()) -> Condition:
    """Hold when a breached check (of `checks`, if any are named) fails for one of these reasons."""
    wanted, names = frozenset(reasons), frozenset(checks)
    return some(text, lambda fact: why(fact) in wanted and (not names or fact.check.check in names))


def fine(check: str, text: str) -> Condition:
    """Hold when a check of the integration is ok, fail when it is not, else it is not known."""

    def holds(view: View) -> Truth:
        fact = view.fact(check)
        if fact is None or fact.state is State.UNKNOWN:
            return None
        return fact.state is State.OK

    return Condition(text, holds, check)


def control_answers() -> Condition:
    """Hold when the control targets answer: the hotel's own connection works."""

    def holds(view: View) -> Truth:
        fact = view.facts.get("network", "control")
        if fact is None or fact.state is State.UNKNOWN:
            return None
        return not {Sign.CONTROL_LOST, Sign.NAMES_LOST} & fact.signs

    return Condition("the control targets answer, so the hotel's connection works", holds, "control targets")


def others_answer() -> Condition:
    """Hold when another vendor's system answers, fail when all that are known do not."""

    def holds(view: View) -> Truth:
        seen = (
            answered(fact)
            for name in view.facts.integrations
            if name != view.integration and name not in OUR_OWN
            for fact in view.facts.of(name)
            if not fact.stale
            and fact.type in {"http", "health", "smtp", "tcp", "cache", "channels", "ota_auth"}
        )
        found: Truth = None
        for one in seen:
            if one:
                return True
            found = found if one is None else one
        return found

    return Condition("other integrations answer", holds)


def no(condition: Condition, text: str) -> Condition:
    """Turn a condition round."""

    def holds(view: View) -> Truth:
        held = condition.holds(view)
        return None if held is None else not held

    return Condition(text, holds, condition.unknown)


def either(text: str, *conditions: Condition) -> Condition:
    """Hold when one of the conditions does; not known when none does but one is not known."""

    def holds(view: View) -> Truth:
        answers = [one.holds(view) for one in conditions]
        return True if True in answers else None if None in answers else False

    return Condition(text, holds, next((one.unknown for one in conditions if one.unknown), ""))


def answered(fact: Fact) -> Truth:
    """Say whether the other side of a network check answered at all."""
    if fact.state is State.UNKNOWN:
        return None
    return fact.state is State.OK or why(fact) not in ON_THE_WAY


def why(fact: Fact) -> Reason | None:
    """Return the reason a check fails for: that of its last run, or of its breach while that is clearing."""
    return fact.reason if fact.reason is not None or fact.breach is None else fact.breach.reason


def got_through(fact: Fact) -> bool:
    """Say whether the run got a secure connection at least: it failed after that, or not at all."""
    return fact.failed_phase in {None, Phase.PROCESSING, Phase.TRANSFER}


def signs_of(fact: Fact) -> frozenset[Sign]:
    """Return the signs of a check's last run, or of its breach when that run had none."""
    return fact.signs or (fact.breach.signs if fact.breach else fact.signs)


def _fits(fact: Fact, reasons: frozenset[Reason], signs: frozenset[Sign]) -> bool:
    if fact.state is State.OK:
        return False
    return (not reasons or fact.reason in reasons) and (not signs or bool(signs & fact.signs))
