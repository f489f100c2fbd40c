"""What rules about mail ask the facts, and what follows for mails when they cannot be handed over."""

from alerts.diagnosis.conditions import ON_THE_WAY, some, why
from alerts.diagnosis.explains import Explains, both, checks, reasons, signs
from alerts.diagnosis.rule import Condition, View
from alerts.facts import Fact, Truth
from checks.result import Phase, Reason, Sign, State

_OTHERWISE = signs(Sign.HARD_BOUNCES, Sign.MAIL_UNAUTHENTICATED, Sign.QUOTA_USED_UP)
"""What mails fail for that were handed over."""

_DELIVERY = both(checks("delivery"), reasons(Reason.THRESHOLD, Reason.STALE))
_LOG = both(checks("log"), signs(Sign.LOG_FAILURES))


def of_type(name: str) -> Explains:
    """Account for checks of a type, built-in or the user's own."""
    return lambda fact, _view: fact.type == name


def mails_fail(fact: Fact, view: View) -> bool:
    """Account for mails that fail or do not leave, for no reason of their own."""
    return _LOG(fact, view) or (_DELIVERY(fact, view) and not _OTHERWISE(fact, view))


def cannot_connect(fact: Fact) -> bool:
    """Say whether a check of a mail server got no connection at all."""
    if fact.type != "smtp":
        return False
    reason = why(fact)
    return reason is Reason.CONNECT or (reason is Reason.TIMEOUT and fact.failed_phase is Phase.CONNECT)


def port_closed() -> Condition:
    """Hold when no connection to the mail server's port comes about."""
    return some("no connection to the mail server's port comes about", cannot_connect)


def provider_answers() -> Condition:
    """Hold when the provider's interface on the web answers, whatever it says."""
    return Condition("the mail provider answers over HTTPS", _answers, "provider")


def provider_not_lost() -> Condition:
    """Hold unless the provider's interface on the web is known to be out of reach too."""
    return Condition("", lambda view: _answers(view) is not False)


def _answers(view: View) -> Truth:
    provider = view.fact("provider")
    if provider is None or provider.state is State.UNKNOWN:
        return None
    return provider.state is State.OK or provider.reason not in ON_THE_WAY


def no_such_recipient() -> Condition:
    """Hold when most mails that came back for good went to no mailbox, or to one known to be none."""
    return Condition("the addresses do not exist (5.1.1), or had bounced before", _no_such_recipient)


def _no_such_recipient(view: View) -> Truth:
    """Say whether most mails that came back for good did because there is no such mailbox."""
    delivery = view.fact("delivery")
    if delivery is None or "hard" not in delivery.measurements:
        return None
    if delivery.measurements.get("ignored"):
        return True
    return 2 * delivery.measurements.get("no_recipient", 0.0) >= delivery.measurements["hard"]
