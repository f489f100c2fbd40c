"""What rules about webhooks ask the facts: whether events still come, and what follows when they do not."""

from dataclasses import replace

from alerts.diagnosis.conditions import no
from alerts.diagnosis.explains import signs
from alerts.diagnosis.rule import Condition, View
from alerts.facts import Fact, Truth
from checks.result import LAST, Reason, Sign, State

SILENCE = 1800.0
"""Seconds by which the newest payment may be ahead of the newest event about one: they take a minute."""

_UNCERTAIN = signs(Sign.PAYMENTS_UNCERTAIN)


def events_stopped() -> Condition:
    """Hold when the webhook log is silent for too long, or payments are far ahead of it."""
    return Condition("events have stopped coming", _stopped, "webhook_log")


def business_goes_on() -> Condition:
    """Hold when payments went through after the last event came."""
    return Condition("payments went through after the last event", _goes_on, "transactions")


def business_stopped() -> Condition:
    """Hold when no payment went through after the last event: silence is what to expect."""
    return replace(no(business_goes_on(), ""), unknown="")


def events_taken_since() -> Condition:
    """Hold when events of the vendor were accepted since the webhook refuses ours."""
    return Condition("events were accepted since", _taken_since, "webhook_log")


def others_come() -> Condition:
    """Hold when events of other vendors still come, fail when theirs have stopped too."""
    return Condition("events of other vendors still come", _others_come)


def lost_events(fact: Fact, view: View) -> bool:
    """Account for what follows when no event gets through: silence, and payments that nobody confirms."""
    if fact.check.check in {"webhook_log", "reservations"}:
        return _silent(fact)
    if fact.check.check == "transactions" and fact.state is State.WARNING:
        return _UNCERTAIN(fact, view)
    return False


def _stopped(view: View) -> Truth:
    log = view.fact("webhook_log")
    if log is not None and _silent(log):
        return True
    event, payment = _newest(view, "webhook_log"), _newest(view, "transactions")
    if event is None or payment is None:
        return None
    return payment - event > SILENCE


def _goes_on(view: View) -> Truth:
    event, payment = _newest(view, "webhook_log"), _newest(view, "transactions")
    return None if event is None or payment is None else payment > event


def _taken_since(view: View) -> Truth:
    webhook, log, event = view.fact("webhook"), view.fact("webhook_log"), _newest(view, "webhook_log")
    if webhook is None or webhook.breach is None or log is None or event is None:
        return None
    return log.state is State.OK and event > webhook.breach.since.timestamp()


def _others_come(view: View) -> Truth:
    others = [View(view.facts, name) for name in view.facts.integrations if name != view.integration]
    known = [_stopped(one) for one in others]
    seen = [not one for one in known if one is not None]
    return any(seen) if seen else None


def _newest(view: View, check: str) -> float | None:
    """Return when business of a check last went through, as a Unix time, if that is known."""
    fact = view.fact(check)
    return None if fact is None else fact.measurements.get(LAST)


def _silent(fact: Fact) -> bool:
    reason = fact.reason or (fact.breach.reason if fact.breach else None)
    return reason is Reason.STALE
