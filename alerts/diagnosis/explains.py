"""Which breaches a cause accounts for: the `explains` of rules."""

from collections.abc import Callable

from alerts.diagnosis.conditions import signs_of, why
from alerts.diagnosis.rule import View
from alerts.facts import Fact
from checks.result import Reason, Sign

Explains = Callable[[Fact, View], bool]

WAITING = frozenset({Sign.QUEUE_LONG, Sign.QUEUE_OLD, Sign.QUEUE_STUCK, Sign.QUEUE_FAILED})
REFUSED = frozenset({Sign.CHANGES_REJECTED, Sign.ORIGINAL_MISSING})
"""Signs of changes that fail for what is in them, whoever can be reached."""

PAYMENTS = frozenset({Sign.PAYMENTS_FAILED, Sign.PAYMENTS_UNCERTAIN})
SENDING_LOGS = frozenset({"sync_log", "rate_log", "log"})
"""Logs of what is sent to the vendor."""

KEPT_FRESH = SENDING_LOGS | {"cache", "health", "reservations"}
"""Checks that find old data where the vendor cannot be used."""


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
    return lambda fact, _view: bool(wanted & signs_of(fact))


def either(*ways: Explains) -> Explains:
    """Account for what one of these accounts for."""
    return lambda fact, view: any(way(fact, view) for way in ways)


def both(*ways: Explains) -> Explains:
    """Account for what all of these account for."""
    return lambda fact, view: all(way(fact, view) for way in ways)


def aftermath(fact: Fact, view: View) -> bool:
    """Account for what follows when the vendor of an integration cannot be used.

    Queues age, syncs get old, logs fill with failures, payments and mails fail. Findings about security,
    certificates, mappings and data stand for themselves.
    """
    found, reason, check = signs_of(fact), why(fact), fact.check.check
    if reason is Reason.SECURITY or found & REFUSED:
        return False
    if found & (WAITING | PAYMENTS):
        return True
    if Sign.LOG_FAILURES in found:
        others = view.facts.of(fact.check.integration)
        rejected = any(REFUSED & signs_of(other) for other in others)
        return check in SENDING_LOGS or (check == "modification_log" and not rejected)
    unsent = check == "delivery" and reason is Reason.THRESHOLD and not found
    return unsent or (reason is Reason.STALE and check in KEPT_FRESH)
