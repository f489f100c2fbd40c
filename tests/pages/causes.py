"""Rules, wording and the demo's faults -> `docs/causes.md`: a chapter for each cause."""

from collections.abc import Iterator

from alerts.criteria import SECURITY_CAUSES, WARNINGS_AT_MOST, Case, severity
from alerts.criteria import criteria as criteria_held
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.rule import Rule, Scope, Words
from alerts.facts import Fact, Facts
from alerts.incident import Breach, Cause, Severity
from alerts.policy import Policy
from alerts.wording import KINDS as WORDS_OF
from alerts.wording_causes import GROUPS
from alerts.wording_control import CONTROL
from alerts.wording_criteria import CRITERIA
from alerts.wording_means import DESK_NO_INTERNET, NO_INTERNET, at_the_desk, means
from alerts.wording_reasons import BACKUP, ROWS, Row
from checks.integrations import KINDS, OWN_SIDE
from checks.result import CheckId, State
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS as OF_THE_DEMO
from daemon.demo.faults import NOT_SHOWN
from tests.pages.diagnosis import FAULTS, NOW, concerned, criteria_of
from tests.pages.markdown import anchor, code, codes, fenced, readable, sentence, table


class _Capitals(dict[str, str]):
    """What a text leaves open, in capitals, as mails do it where they do not know."""

    def __missing__(self, key: str) -> str:
        return "INTEGRATION" if key == "who" else key.upper()


def index() -> str:
    """Return all causes, by what they are about."""
    parts = []
    for heading, causes in GROUPS.items():
        lines = [f"- [{cause}](#{cause}): {said}" for cause, said in causes.items()]
        parts.append(f"**{heading}**\n\n" + "\n".join(lines))
    parts.append("**And when no rule fits**\n\n- [unknown](#unknown): what fails is known, why is not.")
    return "\n\n".join(parts)


def chapters() -> str:
    """Return a chapter for each cause."""
    parts = []
    for heading, causes in GROUPS.items():
        parts.append(f"## {heading}")
        parts += [_chapter(cause, said) for cause, said in causes.items()]
    return "\n\n".join(parts)


def unexplained() -> str:
    """Return what is said, and to be done, of what no rule explains: by the reason of the check."""
    rows = [(code(reason), *_row(row)) for reason, row in ROWS.items()]
    rows += [(f"{code(reason)} of the PMS's backup", *_row(row)) for reason, row in BACKUP.items()]
    rows += [(f"{code(reason)} of the control targets", *_row(row)) for reason, row in CONTROL.items()]
    return table(("reason", "the subject says", "what to do"), rows)


def failures() -> str:
    """Return what it means when a whole integration fails, and what the desk does meanwhile."""
    parts = []
    for kind, words in WORDS_OF.items():
        desk = "\n".join(f"- {step}" for step in words.desk)
        after = f"Afterwards: {words.after}"
        parts.append(f"### {_name(kind)}\n\n{sentence(words.down)}\n\nAt the desk:\n\n{desk}\n\n{after}")
    return "\n\n".join(parts)


def _chapter(cause: Cause, said: str) -> str:
    rules = [rule for rule in RULES if rule.cause is cause]
    parts = [f"### {cause}", said, _facts(cause, rules), _meaning(cause, rules)]
    ways = _ways(rules)
    titles = [_subject(some[0]) for some in ways]
    for some in ways:
        twice = titles.count(_subject(some[0])) > 1
        parts += _way(some, " (" + concerned(some[0]).replace("_", " ") + ")" if twice else "")
    return "\n\n".join(part for part in (*parts, _demo(cause)) if part)


def _ways(rules: list[Rule]) -> list[list[Rule]]:
    """Return rules by what is said when they fit."""
    said: dict[Words, list[Rule]] = {}
    for rule in rules:
        said.setdefault(rule.words, []).append(rule)
    return list(said.values())


def _facts(cause: Cause, rules: list[Rule]) -> str:
    faults = " or ".join(dict.fromkeys(FAULTS[rule.fault] for rule in rules))
    return f"**Whose fault:** {faults}. **Seen at:** {_seen_at(rules)}. **How bad:** {_severity(cause)}."


def _seen_at(rules: list[Rule]) -> str:
    """Return whose trouble it is, all rules taken together."""
    found = dict.fromkeys("the whole hotel" for rule in rules if rule.scope is Scope.HOTEL)
    within = [rule for rule in rules if rule.scope is Scope.INTEGRATION]
    kinds = {kind for rule in within for kind in rule.kinds}
    if any(not rule.kinds for rule in within):
        return ", ".join([*found, "any integration"])
    if set(KINDS) <= kinds:
        found["any vendor"] = None
        kinds -= set(KINDS)
    return ", ".join([*found, *(_name(kind) for kind in sorted(kinds))])


def _severity(cause: Cause) -> str:
    """Return how bad it is by itself, and by which criteria."""
    if cause in WARNINGS_AT_MOST:
        return "a warning, however long it lasts"
    held = criteria_of(cause)
    if cause in SECURITY_CAUSES:
        return f"an emergency ({held}): levels 1, 2 and 3 at once"
    if held == "-":
        return _as_a_rule(cause) or "a warning, unless what the integration stands on is down"
    both = "`critical-system-down`" in held and "`data-loss-risk`" in held
    return f"{'an emergency' if both else 'critical'} ({held})"


def _as_a_rule(cause: Cause) -> str:
    """Return how bad it is in the demo, where it is more than a warning there."""
    cases = [_case(cause, fault) for fault in OF_THE_DEMO.values() if fault.cause == cause]
    found = [(criteria_held(case, NOW), case) for case in cases]
    worst = max(found, key=lambda one: len(one[0]), default=((), None))[0]
    if not worst:
        return ""
    policy = Policy()
    later = severity(worst, NOW, policy, NOW + policy.after_level_3)
    rising = ", an emergency after 30 minutes" if later is Severity.EMERGENCY else ""
    return f"{severity(worst, NOW, policy, NOW)} as a rule ({codes(worst)}){rising}; else a warning"


def _case(cause: Cause, fault: Fault) -> Case:
    """Return an incident as a fault of the demo makes it."""
    seen = [turn for turn in fault.turns if turn.state is not State.UNKNOWN]
    checks = [CheckId("hotel", *turn.check.split("/", 1)) for turn in seen]
    breaches = tuple(
        Breach(check, turn.state, turn.reason, "", since=NOW)
        for check, turn in zip(checks, seen, strict=True)
    )
    kinds = {
        check.integration: "ota" if check.integration == "expedia" else check.integration for check in checks
    }
    facts = (Fact(one.check, "", one.state, NOW, one.reason, breach=one) for one in breaches)
    return Case(cause, breaches, Facts("hotel", NOW, kinds, facts), Policy(), NOW)


def _meaning(cause: Cause, rules: list[Rule]) -> str:
    """Return what it means for guests and sales, and what the desk does: by kind where that differs."""
    kinds = sorted({kind for rule in rules for kind in (rule.kinds or {*KINDS, *OWN_SIDE})})
    said: dict[str, list[str]] = {}
    for kind in kinds:
        said.setdefault(means(cause, kind), []).append(kind)
    lines = [f"{_of(some, len(said))}{text}" for text, some in said.items() if text]
    if "" in said:
        lines.append(_by_kind(said[""], alone=len(said) == 1))
    if cause in NO_INTERNET:
        lines = list(DESK_NO_INTERNET)
    parts = ["**What it means:** " + "\n".join(lines)]
    return "\n\n".join([*parts, *_desk(cause, kinds)])


def _desk(cause: Cause, kinds: list[str]) -> Iterator[str]:
    said: dict[tuple[str, ...], list[str]] = {}
    for kind in kinds:
        said.setdefault(at_the_desk(cause, kind), []).append(kind)
    for steps, some in said.items():
        listed = "\n".join(f"- {step.replace('{call}', 'level 1')}" for step in steps)
        of = f", of the {_name(some[0])}" if len(said) > 1 and len(some) == 1 else ""
        if steps:
            yield f"**At the desk{of}:**\n\n{listed}"


def _by_kind(kinds: list[str], *, alone: bool) -> str:
    known = [kind for kind in kinds if kind in WORDS_OF]
    if len(known) == 1:
        return sentence(WORDS_OF[known[0]].down)
    links = ", ".join(f"[{_name(kind)}](#{anchor(_name(kind))})" for kind in known)
    return f"{'Else it' if not alone else 'That'} depends on what fails: {links}."


def _of(kinds: list[str], of: int) -> str:
    return "" if of == 1 or len(kinds) > 2 else f"Of the {' and '.join(_name(kind) for kind in kinds)}: "


def _name(kind: str) -> str:
    noun = WORDS_OF[kind].noun if kind in WORDS_OF else "anything else"
    return noun.removeprefix("The ").removeprefix("the ")


def _way(rules: list[Rule], of: str) -> Iterator[str]:
    """Yield one of the ways in which a cause shows: the words of the mail, what shows it, what to do."""
    words = rules[0].words
    yield f"**The mail says:** “{_subject(rules[0])}”{of}"
    yield _filled(words.summary)
    yield from (f"*Shown by:* {shown}." for shown in dict.fromkeys(_shown(rule) for rule in rules) if shown)
    yield "\n".join(f"{number}. {_filled(step)}" for number, step in enumerate(words.steps, 1))
    if rules[0].test:
        yield f"*To be sure:* {_filled(rules[0].test)}"


def _subject(rule: Rule) -> str:
    return _filled(rule.words.whole or f"{{who}}: {rule.words.title}")


def _shown(rule: Rule) -> str:
    needs = [one.text for one in rule.needs if one.text]
    supports = [one.text for one in rule.supports if one.text]
    return _filled("; ".join(needs or supports))


def _demo(cause: Cause) -> str:
    faults = [fault for fault in OF_THE_DEMO.values() if fault.cause == cause]
    if not faults:
        return f"*Not in the demo:* {NOT_SHOWN.get(cause, 'nothing leads to it there')}."
    shown = "\n".join(f"nightporter demo --fault {fault.name}  # {fault.sentence}" for fault in faults)
    return f"See it in the demo:\n\n{fenced(shown, 'sh')}"


def _row(row: Row) -> tuple[str, str]:
    steps = " ".join(f"{number}. {_filled(step)}" for number, step in enumerate(row.steps, 1))
    return row.title, steps


def _filled(text: str) -> str:
    return readable(text.format_map(_Capitals()))


def criteria() -> str:
    """Return the owner's criteria, in words."""
    return table(("criterion", "means"), ((code(one), said) for one, said in CRITERIA.items()))


def missing() -> list[Cause]:
    """Return the causes that no chapter is about."""
    told = {cause for causes in GROUPS.values() for cause in causes} | {Cause.UNKNOWN}
    return [cause for cause in Cause if cause not in told]
