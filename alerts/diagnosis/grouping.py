"""Breaches -> groups that share one cause: what one incident is about."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from alerts.diagnosis.rule import Rule, Scope
from alerts.diagnosis.table import MISTAKES, Match, Report, diagnosis, ignore, matches
from alerts.facts import Fact, Facts
from alerts.incident import Breach, Cause, Diagnosis
from checks.result import CheckId

FAMILY = {
    Cause.VENDOR_OUTAGE: "reach",
    Cause.VENDOR_UNREACHABLE: "reach",
}
"""Causes that are the same trouble seen twice: one that comes back as another is the same incident."""

Unknown = Callable[[tuple[Breach, ...], str], Diagnosis]
"""Words for breaches of an integration of a kind that no rule explains."""


@dataclass(frozen=True, slots=True)
class Group:
    """Breaches that share one cause. `touched` are integrations that fail from it, breached already or not.

    `key` is what the incident about it is known by; a `root` explains more than one integration.
    """

    key: str
    cause: Cause
    integrations: tuple[str, ...]
    breaches: tuple[Breach, ...]
    diagnosis: Diagnosis
    touched: frozenset[str] = frozenset()
    root: bool = False


def group(
    facts: Facts, rules: Sequence[Rule], unknown: Unknown, report: Report = ignore
) -> tuple[Group, ...]:
    """Return the groups of all breaches that were not about to clear when last looked at.

    The rules are in order: the first that accounts for a breach has it. A rule with a mistake in it is
    reported, and explains nothing.
    """
    left = {fact.check: fact.breach for fact in facts if fact.breach is not None and not fact.clearing}
    found = matches(rules, facts, report)
    claims: dict[CheckId, list[Match]] = {}
    for match in found:
        for fact in match.claimed:
            claims.setdefault(fact.check, []).append(match)
    groups: dict[str, Group] = {}
    for match in found:
        taken = tuple(fact for fact in match.claimed if fact.check in left)
        if not taken:
            continue
        try:
            made = _made(
                facts, match, taken, [one for one in claims[match.claimed[0].check] if one is not match]
            )
        except MISTAKES as error:
            report(match.rule, error)
            continue
        for fact in taken:
            del left[fact.check]
        before = groups.get(made.key)
        groups[made.key] = _joined(before, made) if before else made
    by_integration: dict[str, list[Breach]] = {}
    for breach in sorted(left.values(), key=_worst_first):
        by_integration.setdefault(breach.check.integration, []).append(breach)
    for name, breaches in by_integration.items():
        made = _unexplained(facts, name, tuple(breaches), unknown)
        groups[made.key] = made
    return tuple(groups.values())


def _made(facts: Facts, match: Match, taken: Iterable[Fact], rivals: list[Match]) -> Group:
    rule, view = match.rule, match.view
    breaches = tuple(sorted((fact.breach for fact in taken if fact.breach), key=_worst_first))
    hotel_wide = rule.scope is Scope.HOTEL
    touched = frozenset(
        fact.check.integration for fact in facts if hotel_wide and fact.failing and rule.explains(fact, view)
    )
    names = dict.fromkeys((*(one.check.integration for one in breaches), *sorted(touched)))
    place = "*" if hotel_wide else view.integration
    return Group(
        key=f"{facts.hotel}/{place}/{FAMILY.get(rule.cause, rule.cause)}",
        cause=rule.cause,
        integrations=_ordered(names),
        breaches=breaches,
        diagnosis=diagnosis(match, rivals),
        touched=touched,
        root=hotel_wide,
    )


def _joined(first: Group, second: Group) -> Group:
    """Return two groups of one cause in one place as one; the first one's words stay."""
    breaches = tuple(sorted((*first.breaches, *second.breaches), key=_worst_first))
    return Group(
        first.key,
        first.cause,
        _ordered(dict.fromkeys((*first.integrations, *second.integrations))),
        breaches,
        first.diagnosis,
        first.touched | second.touched,
        first.root,
    )


def _unexplained(facts: Facts, name: str, breaches: tuple[Breach, ...], unknown: Unknown) -> Group:
    said = unknown(breaches, facts.kinds.get(name, "generic"))
    return Group(f"{facts.hotel}/{name}/{said.cause}", said.cause, (name,), breaches, said)


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    """Return names as they come, our own network last: it is never what a reader looks for first."""
    return tuple(sorted(names, key=lambda name: name == "network"))


def _worst_first(breach: Breach) -> tuple[object, ...]:
    return (breach.state != "critical", breach.since, breach.check)
