"""One rule against the facts: whether it fits, how sure that is, and what shows it."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from alerts.diagnosis.rule import THEIRS, Rule, Scope, View
from alerts.facts import Fact, Facts
from alerts.incident import Diagnosis
from alerts.message_text import clean

LIKELY = 0.6
"""The score from which on a cause is likely rather than possible."""

MISTAKES = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
"""What a rule raises that has a mistake in it, or meets facts that nobody has thought of."""

OUR_OWN_KINDS = frozenset({"pms", "network"})
WITHOUT_VENDOR = OUR_OWN_KINDS | {"generic"}


Report = Callable[[Rule, Exception], None]
"""Told of a rule that has a mistake in it: the others go on without it."""


def ignore(_rule: Rule, _error: Exception) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Match:
    """A rule that fits. `claimed` are the breached checks it accounts for, the most telling first."""

    rule: Rule
    view: View
    claimed: tuple[Fact, ...]
    evidence: tuple[str, ...]
    missing: tuple[str, ...]
    score: float


class _Values(dict[str, str]):
    """The names that words may use; one without a value shows in capitals."""

    def __missing__(self, key: str) -> str:
        return key.upper()


def matches(rules: Iterable[Rule], facts: Facts, report: Report = ignore) -> list[Match]:
    """Return every rule that fits and accounts for a breach, in the order of the rules."""
    troubled = dict.fromkeys(breach.check.integration for breach in facts.breaches())
    found: list[Match] = []
    for rule in rules:
        for view in _views(rule, facts, troubled):
            try:
                match = fit(rule, view)
            except MISTAKES as error:
                report(rule, error)
                continue
            if match is not None:
                found.append(match)
    return found


def _views(rule: Rule, facts: Facts, troubled: Iterable[str]) -> list[View]:
    if rule.scope is Scope.HOTEL:
        return [View(facts)]
    views = (View(facts, name) for name in troubled)
    return [view for view in views if not rule.kinds or view.kind in rule.kinds]


def fit(rule: Rule, view: View) -> Match | None:
    """Return the match of a rule in a view, or None when it does not fit or accounts for nothing."""
    if not all(one.holds(view) is True for one in rule.needs):
        return None
    held = {one: one.holds(view) for one in (*rule.unless, *rule.supports)}
    if any(held[one] is True for one in rule.unless):
        return None
    claimed = tuple(sorted((one for one in _breached(rule, view) if rule.explains(one, view)), key=_telling))
    if not claimed:
        return None
    for_it = [*rule.needs, *(one for one in rule.supports if held[one] is True)]
    against = sum(held[one] is False for one in rule.supports)
    unknown = [one for one in held if held[one] is None]
    return Match(
        rule,
        view,
        claimed,
        evidence=tuple(one.text for one in for_it if one.text),
        missing=tuple(dict.fromkeys(one.unknown for one in unknown if one.unknown)),
        score=rule.prior * len(for_it) / (len(for_it) + len(unknown) + against),
    )


def _breached(rule: Rule, view: View) -> list[Fact]:
    names = view.facts.integrations if rule.scope is Scope.HOTEL else (view.integration,)
    return [fact for name in names for fact in view.facts.lasting(name)]


def _telling(fact: Fact) -> tuple[object, ...]:
    breach = fact.breach
    assert breach is not None  # noqa: S101 - breached facts only
    return (breach.state != "critical", breach.since, breach.check)


def diagnosis(match: Match, rivals: Iterable[Match] = ()) -> Diagnosis:
    """Return the diagnosis of a match; the first rival with another cause is the runner-up."""
    rule = match.rule
    other = next((one.rule.cause for one in rivals if one.rule.cause is not rule.cause), None)
    values = _values(match)
    return Diagnosis(
        cause=rule.cause,
        confidence="likely" if match.score >= LIKELY else "possible",
        fault=_fault(rule, match.view.kind),
        summary=_fill(rule.words.summary, values),
        steps=tuple(_fill(step, values) for step in rule.words.steps),
        title=_fill(rule.words.whole or f"{{who}}: {rule.words.title}", values) + _quoted(rule, match),
        sentence=_fill(rule.words.whole or rule.words.sentence, values),
        whole=bool(rule.words.whole),
        evidence=tuple(_fill(text, values) for text in match.evidence),
        missing=match.missing,
        runner_up=other,
        next_test=_fill(rule.test, values),
    )


def _values(match: Match) -> _Values:
    values = _Values()
    for fact in reversed(match.claimed):
        values |= {name: clean(value, 200) for name, value in fact.values.items()}
    first = match.claimed[0]
    values |= {"who": match.view.integration or first.check.integration, "check": first.check.check}
    return values


def _fill(text: str, values: Mapping[str, str]) -> str:
    return text.format_map(values)


def _quoted(rule: Rule, match: Match) -> str:
    """Return the protocol code that the most telling check quotes, if the rule wants it in the title."""
    if not rule.codes:
        return ""
    found = next(
        (hit for fact in match.claimed if (hit := re.search(rf"\b({rule.codes})\b", _said(fact)))), None
    )
    return f" ({found[1]})" if found else ""


def _said(fact: Fact) -> str:
    return fact.message or (fact.breach.message if fact.breach else "")


def _fault(rule: Rule, kind: str) -> str:
    if rule.fault != THEIRS:
        return rule.fault
    if kind in OUR_OWN_KINDS:
        return "us"
    return "unknown" if kind in WITHOUT_VENDOR else "vendor"
