"""What a report saw by itself of the tasks of the ledger, each in a line."""

from collections.abc import Callable, Container, Mapping

from alerts.maintenance import UNSEEN
from alerts.message_headline import listed
from alerts.reports.consistency import LOOKS
from alerts.reports.facts import Facts
from alerts.reports.flows import (
    BEHIND,
    ERRORS,
    EVENTS,
    PENDING,
    REFUSED,
    WEBHOOK,
    WEBHOOK_LOG,
    as_minutes,
    forged,
    reads_errors,
)
from alerts.reports.report import Kind
from alerts.reports.trouble import is_complaint
from alerts.reports.words import count, many, minutes, ms, percent
from checks.result import State

_ERROR_LOGS = frozenset({"logs", "log", "sync_log", "rate_log", "modification_log"})
_QUEUES = frozenset({"queue", "modification_queue"})
_WEBHOOKS = frozenset({WEBHOOK, WEBHOOK_LOG})
_NAMED = 3
"""Checks that are named at the most."""


def evidence(facts: Facts) -> dict[str, str]:
    """Return what was seen, by the ids of the tasks that a report is about."""
    return {task: said for task, tell in _TASKS[facts.kind].items() if (said := tell(facts))}


def _errors(facts: Facts) -> str:
    lines = _sum(facts, ERRORS)
    if lines is None and not facts.news:
        return f"{UNSEEN}no error log was read"
    told = f"{count(lines)} error lines in all" if lines is not None else ""
    news = many(len(facts.news), "new kind of error", "new kinds of error") if reads_errors(facts) else ""
    said = _unless_blind(facts, _ERROR_LOGS, ", ".join(part for part in (news, told) if part))
    if news or said.startswith(UNSEEN):
        return said
    return f"{UNSEEN}no folder of logs was read for new kinds of error; {said}"


def _queues(facts: Facts) -> str:
    waiting, behind = _most(facts, PENDING), as_minutes(_most(facts, BEHIND))
    if waiting is None and behind is None:
        return ""
    return _unless_blind(facts, _QUEUES, f"at the most {count(waiting)} waiting, {minutes(behind)} behind")


def _times(facts: Facts) -> str:
    timed = [(one.now.p95_ms, one.name) for one in facts.integrations if one.now.p95_ms is not None]
    if not timed:
        return ""
    worst, name = max(timed)
    return f"{many(len(timed), 'integration')} timed; the slowest was {name}, p95 {ms(worst)}"


def _webhooks(facts: Facts) -> str:
    events = _sum(facts, EVENTS)
    if events is None:
        return ""
    said = f"{count(events)} events came, {count(_sum(facts, REFUSED) or 0.0)} of them refused"
    probes = {one.integration: one for one in facts.standings if one.check == WEBHOOK}
    names = sorted({one.integration for one in facts.standings if one.check in _WEBHOOKS})
    fates = {name: forged(probes.get(name))[0] for name in names}
    wrong = [f"{name} ({fate})" for name, fate in fates.items() if fate != "refused"]
    if wrong or not names:
        return f"{UNSEEN}that a forged event is refused: {listed(wrong) or 'none was sent'}; {said}"
    return _unless_blind(facts, _WEBHOOKS, f"{said}; forged ones are refused by {listed(names)}")


def _metrics(facts: Facts) -> str:
    known = [(one.now.success, one.name) for one in facts.integrations if one.now.success is not None]
    if not known:
        return ""
    worst, name = min(known)
    return f"availability of {many(len(known), 'integration')}; the least was {name}, {percent(worst)}"


def _failed(facts: Facts) -> str:
    if facts.not_asked:
        return f"{UNSEEN}{facts.not_asked}"
    least = "at least " if any(one.capped for one in facts.failed) else ""
    left = sum(one.many for one in facts.failed)
    return f"{least}{many(left, 'failed update')} left" if facts.failed else ""


def _consistency(facts: Facts) -> str:
    looks = [one for one in facts.standings if one.check in LOOKS]
    wrong = [one for one in looks if one.state in {State.WARNING, State.CRITICAL}]
    if not looks:
        return ""
    said = f"{many(len(looks), 'comparison')} of data, {len(wrong)} with something wrong"
    return _unless_blind(facts, LOOKS, said)


def _backups(facts: Facts) -> str:
    found = next((one for one in facts.standings if one.check == "backup"), None)
    if found is None:
        return ""
    return f"the newest backup was at the most {minutes(as_minutes(found.most))} old; nobody restored it yet"


def _configuration(facts: Facts) -> str:
    if not facts.settings:
        return f"{UNSEEN}no setting was looked at"
    return f"{many(len(facts.drift), 'setting')} changed in the month"


def _credentials(facts: Facts) -> str:
    if facts.credentials is None:
        return ""
    today = facts.period.ends.astimezone(facts.zone).date()
    late = sum(one.due is not None and one.due < today for one in facts.credentials)
    return f"{many(len(facts.credentials), 'credential')} in the register, {late} overdue"


def _performance(facts: Facts) -> str:
    both = [one for one in facts.integrations if None not in {one.now.p95_ms, one.before.p95_ms}]
    return f"{many(len(both), 'integration')} compared with the month before" if both else ""


def _documentation(facts: Facts) -> str:
    wrong = sum(any(is_complaint(note) for note in one.notes) for one in facts.incidents)
    return f"{many(wrong, 'incident')} with a note that an instruction was wrong"


def _unless_blind(facts: Facts, names: Container[str], said: str) -> str:
    """Return what was seen, or that not all of it was: checks of these names could not look."""
    blind = [f"{one.integration}/{one.check}" for one in facts.standings if one.check in names and one.blind]
    if not blind:
        return said
    return f"{UNSEEN}{listed(blind, _NAMED)} could not always be looked at; {said}"


def _most(facts: Facts, peak: str) -> float | None:
    return max((one.now.peaks[peak] for one in facts.integrations if peak in one.now.peaks), default=None)


def _sum(facts: Facts, peak: str) -> float | None:
    found = [one.now.peaks[peak] for one in facts.integrations if peak in one.now.peaks]
    return sum(found) if found else None


_TASKS: Mapping[Kind, Mapping[str, Callable[[Facts], str]]] = {
    Kind.DAILY: {
        "review-logs": _errors,
        "check-queues": _queues,
        "response-times": _times,
        "webhook-deliveries": _webhooks,
    },
    Kind.WEEKLY: {
        "review-metrics": _metrics,
        "failed-updates": _failed,
        "data-consistency": _consistency,
        "test-backups": _backups,
    },
    Kind.MONTHLY: {
        "audit-configurations": _configuration,
        "review-credentials": _credentials,
        "review-performance": _performance,
        "update-documentation": _documentation,
    },
}
