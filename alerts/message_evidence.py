"""What was seen, and what shows the cause: the evidence of a mail to an engineer."""

from collections.abc import Iterator

from alerts.diagnosis.decision_table import RULES
from alerts.incident import Breach, Cause, Diagnosis, Severity
from alerts.message_mail import Mail
from alerts.message_parts import Line
from alerts.message_text import clean, hotel_time, number
from alerts.notification import Kind
from checks.result import State

MOST_BREACHES = 6
MOST_INTEGRATIONS = 5
MOST_EACH = 2
MOST_LOOKS = 200

_CONFIDENCE = {"likely": "likely", "possible": "possible", "certain": "certain"}
FAULT = {
    "us": "ours (the hotel's settings, account or systems)",
    "vendor": "the vendor's",
    "network": "the network's",
    "guest": "the guest's",
}


def cause(diagnosis: Diagnosis) -> Iterator[Line]:
    """Return the probable cause, how sure that is, and whose fault."""
    if diagnosis.cause is Cause.UNKNOWN:
        yield Line(f"Not known yet. {clean(diagnosis.summary)}".strip())
    else:
        yield Line(clean(diagnosis.summary, 400))
    confidence = _CONFIDENCE.get(diagnosis.confidence, "unknown")
    yield Line(f"Confidence: {confidence}. Whose fault: {FAULT.get(diagnosis.fault, 'not known')}.")


def evidence(mail: Mail) -> Iterator[Line]:
    """Return what the checks saw, and what speaks for the cause and for another."""
    names = dict.fromkeys(breach.check.integration for breach in mail.incident.breaches)
    yield from _of_one(mail) if len(names) < 2 else _of_several(mail, list(names))
    yield from _proof(mail.incident.diagnosis, _first_kind(mail))


def looks(mail: Mail) -> Iterator[Line]:
    """Return all that the checks saw, each on its own, and what speaks for the cause and for another."""
    several = len({breach.check.integration for breach in mail.incident.breaches}) > 1
    for breach in mail.incident.breaches[:MOST_LOOKS]:
        name = f"{clean(breach.check.integration, 64)}: " if several else ""
        yield Line(f"{name}{_seen(breach, mail)}", details=(_measured(breach, mail),))
    if len(mail.incident.breaches) > MOST_LOOKS:
        yield Line(_further(len(mail.incident.breaches) - MOST_LOOKS, "check"))
    yield from _proof(mail.incident.diagnosis, _first_kind(mail))


def _of_one(mail: Mail) -> Iterator[Line]:
    breaches = mail.incident.breaches
    for breach in breaches[:MOST_BREACHES]:
        yield Line(_seen(breach, mail), details=(_measured(breach, mail),))
    if len(breaches) > MOST_BREACHES:
        yield Line(_further(len(breaches) - MOST_BREACHES, "check"))


def _of_several(mail: Mail, names: list[str]) -> Iterator[Line]:
    for name in names[:MOST_INTEGRATIONS]:
        mine = [one for one in mail.incident.breaches if one.check.integration == name]
        said = [f"{_seen(one, mail, 160)} ({_times(one, mail)})" for one in mine[:MOST_EACH]]
        if len(mine) > MOST_EACH:
            said.append(_further(len(mine) - MOST_EACH, "check"))
        yield Line(f"{clean(name, 64)}: {said[0]}", details=tuple(said[1:]))
    if len(names) > MOST_INTEGRATIONS:
        yield Line(_further(len(names) - MOST_INTEGRATIONS, "integration"))


def _further(count: int, what: str) -> str:
    return f"and {count} more {what}{'' if count == 1 else 's'}"


def _seen(breach: Breach, mail: Mail, length: int = 300) -> str:
    over = mail.kind is Kind.RESOLVED
    how = f"{'was' if over else 'is'} {breach.state}"
    if breach.state is State.CRITICAL and mail.incident.severity is Severity.WARNING:
        # A check may be critical and the incident a warning: two words for one thing would contradict.
        how = "failed" if over else "fails"
    return f"{clean(breach.check.check, 64)} {how} ({breach.reason}): {clean(breach.message, length)}"


def _measured(breach: Breach, mail: Mail) -> str:
    times = _times(breach, mail)
    if breach.observed is None or breach.limit is None:
        return times[:1].upper() + times[1:]
    unit = clean(breach.unit, 20)
    return f"Observed {number(breach.observed, unit)}, limit {number(breach.limit, unit)}; {times}"


def _times(breach: Breach, mail: Mail) -> str:
    since = hotel_time(breach.since, mail.date, mail.timezone, "%H:%M:%S")
    changing = ", on and off" if breach.flapping else ""
    if breach.last_ok is None:
        return f"since {since}{changing}, not seen ok yet"
    return (
        f"since {since}{changing}, last ok {hotel_time(breach.last_ok, mail.date, mail.timezone, '%H:%M:%S')}"
    )


def _first_kind(mail: Mail) -> str:
    names = mail.incident.integrations
    return mail.kinds.get(names[0], "generic") if names else "generic"


def _proof(diagnosis: Diagnosis, kind: str) -> Iterator[Line]:
    if diagnosis.evidence:
        yield Line(f"What shows the cause: {clean('; '.join(diagnosis.evidence), 500)}.")
    if diagnosis.missing:
        yield Line(f"Not checked: {clean('; '.join(diagnosis.missing))}.")
    test = clean(diagnosis.next_test)
    if diagnosis.runner_up is not None:
        other = _in_words(diagnosis.runner_up, kind)
        yield Line(f"Next best cause: {other}.{f' What tells them apart: {test}' if test else ''}")
    elif test:
        yield Line(f"To be sure: {test}")


def _in_words(cause: Cause, kind: str) -> str:
    """Return a cause by its name, and as a title says it where its rules for the kind agree on one."""
    said = {
        rule.words.whole or rule.words.title
        for rule in RULES
        if rule.cause is cause and (not rule.kinds or kind in rule.kinds)
    }
    title = said.pop() if len(said) == 1 else ""
    named = str(cause).replace("-", " ")
    return f'{named} ("{title}")' if title and "{" not in title else named
