"""The decision table -> `docs/diagnosis.md`: its rules as tables, in the order they are asked."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from types import ModuleType

from alerts.criteria import WARNINGS_AT_MOST, Case, criteria
from alerts.diagnosis import decision_table
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.rule import THEIRS, Condition, Rule, Scope
from alerts.facts import Facts
from alerts.incident import Breach, Cause, Criterion
from alerts.policy import Policy
from checks.integrations import KINDS
from checks.result import CheckId, Reason, State
from tests.pages.markdown import codes, table

COLUMNS = ("cause", "of", "as mails say it", "what shows it", "whose fault", "criteria")
FAULTS = {
    "us": "ours",
    "vendor": "vendor's",
    "network": "network's",
    "guest": "guest's",
    "unknown": "not known",
    THEIRS: "whoever runs it",
}
NOW = datetime(2026, 11, 25, 8, tzinfo=UTC)
PLACES = {
    "": CheckId("hotel", "vendor", "other"),
    " on the PMS's own host": CheckId("hotel", "pms", "other"),
}
"""Checks that a criterion may depend on, and how a reader is told so."""


def tables() -> str:
    """Return a table for each area, in the order in which its rules are asked."""
    parts = [
        f"### {heading_of(area)}\n\n{table(COLUMNS, map(_row, rules))}"
        for area, rules in groupby(RULES, key=area_of)
    ]
    return "\n\n".join([*parts, _without_rules()])


def area_of(rule: Rule) -> ModuleType:
    """Return the file that a rule stands in."""
    modules = [one for one in vars(decision_table).values() if isinstance(one, ModuleType)]
    return next(one for one in modules if any(rule is each for each in _rules_in(one)))


def _rules_in(module: ModuleType) -> Iterator[Rule]:
    for value in vars(module).values():
        if isinstance(value, Rule):
            yield value
        elif isinstance(value, tuple):
            yield from (one for one in value if isinstance(one, Rule))


def heading_of(area: ModuleType) -> str:
    """Return what a file of rules is about, by the first line of its docstring."""
    said = (area.__doc__ or "").partition("\n")[0].rstrip(".")
    for opening in ("Rules about ", "Rules of the decision table: "):
        said = said.removeprefix(opening)
    said = said.partition(":")[0]
    return said[:1].upper() + said[1:]


def _row(rule: Rule) -> tuple[str, ...]:
    return (
        f"[`{rule.cause}`](causes.md#{rule.cause})",
        concerned(rule),
        rule.words.whole or rule.words.title,
        _shown_by(rule),
        FAULTS[rule.fault],
        criteria_of(rule.cause),
    )


def _without_rules() -> str:
    shown = {rule.cause for rule in RULES} | {Cause.UNKNOWN}
    return f"Causes that no rule shows: {codes(one for one in Cause if one not in shown) or 'none'}."


def concerned(rule: Rule) -> str:
    """Return whose trouble a rule is about."""
    if rule.scope is Scope.HOTEL:
        return "the whole hotel"
    if not rule.kinds:
        return "any"
    missing = set(KINDS) - rule.kinds
    if len(missing) < 3 and rule.kinds <= set(KINDS):
        return f"any vendor but {_listed(missing)}" if missing else "any vendor"
    return _listed(rule.kinds)


def _shown_by(rule: Rule) -> str:
    """Return what has to hold, what must not, and what makes it surer."""
    needs, supports, unless = (_texts(one) for one in (rule.needs, rule.supports, rule.unless))
    said = "; ".join(needs) if needs else f"one of: {'; '.join(supports)}"
    if unless:
        said += f". Not where {' or '.join(unless)}"
    if needs and supports:
        said += f". Surer where {'; '.join(supports)}"
    return said


def _texts(conditions: Iterable[Condition]) -> list[str]:
    return [one.text for one in conditions if one.text]


def criteria_of(cause: Cause) -> str:
    """Return the criteria that the cause alone makes hold, and where it has to be for that."""
    if cause in WARNINGS_AT_MOST:
        return "none ever: a warning at most"
    found: dict[Criterion, str] = {}
    for state, how in ((State.WARNING, ""), (State.CRITICAL, ", while critical")):
        for place, check in PLACES.items():
            for one in _held(cause, check, state):
                found.setdefault(one, how + place)
    return ", ".join(f"`{one}`{how}" for one, how in found.items()) or "-"


def _held(cause: Cause, check: CheckId, state: State) -> tuple[Criterion, ...]:
    breach = Breach(check, state, Reason.CONTENT, "", since=NOW)
    return criteria(Case(cause, (breach,), Facts(check.hotel, NOW, {}, ()), Policy(), NOW), NOW)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
