"""How far runs got, and to whom: what the rules about networks and vendors ask of single facts."""

from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from alerts.diagnosis.conditions import ON_THE_WAY, OUR_OWN, got_through, why
from alerts.diagnosis.rule import Condition, View
from alerts.facts import Fact, Truth
from checks.result import Phase, Reason, Sign, State

NETWORKED = frozenset({"http", "health", "cache", "channels", "ota_auth", "smtp", "tcp", "tls", "webhook"})
"""Types of checks that get through to somebody over the network."""

MAIL_SERVER = frozenset({"smtp", "smtp_login"})
"""Checks of the mail server, which is another host than the provider's."""

WAY_OUT = frozenset({Sign.CONTROL_LOST, Sign.NAMES_LOST})
_LOCAL_NAMES = (".local", ".lan", ".internal", ".home", ".intranet")


def on_the_way(fact: Fact) -> bool:
    """Say whether a network check, when last looked at, did not get through."""
    return fact.type in NETWORKED and fact.failing and why(fact) in ON_THE_WAY


def not_found(fact: Fact) -> bool:
    """Say whether a network check, when last looked at, failed at looking its host name up."""
    silent = why(fact) is Reason.TIMEOUT and fact.failed_phase is Phase.RESOLVE
    return fact.type in NETWORKED and fact.failing and (why(fact) is Reason.DNS or silent)


def cut_off(fact: Fact) -> bool:
    """Say whether a check failed before there was a connection, its name known."""
    reason = why(fact)
    return reason is Reason.CONNECT or (
        reason is Reason.TIMEOUT and not got_through(fact) and fact.failed_phase is not Phase.RESOLVE
    )


def theirs(fact: Fact) -> bool:
    """Say whether a network check looks at what the vendor runs, not at the hotel's own host."""
    return (
        fact.type in NETWORKED - {"webhook"}
        and fact.check.integration not in OUR_OWN
        and fact.check.check not in {"webhook", *MAIL_SERVER}
    )


def slow(fact: Fact) -> bool:
    """Say whether a check is breached because its answers take too long."""
    return fact.breach is not None and fact.breach.reason is Reason.THRESHOLD and fact.breach.unit == "ms"


def erring(fact: Fact) -> bool:
    """Say whether too many of the looks at an integration fail, though not all."""
    breach = fact.breach
    found = breach is not None and breach.reason is Reason.THRESHOLD and breach.unit == "%"
    return found and fact.type in NETWORKED


def host(fact: Fact) -> str:
    """Return the host that a check looks at, or an empty text."""
    known = fact.values.get("host")
    if known:
        return known.lower()
    try:
        return urlsplit(fact.values.get("url", "")).hostname or ""
    except ValueError:
        return ""


def by_address(fact: Fact) -> bool:
    """Say whether a check needs no look-up."""
    try:
        ip_address(host(fact).strip("[]"))
    except ValueError:
        return False
    return True


def within_the_hotel(fact: Fact) -> bool:
    """Say whether only the hotel's own network reaches what a check looks at."""
    try:
        address = ip_address(host(fact).strip("[]"))
    except ValueError:
        return host(fact).endswith(_LOCAL_NAMES)
    return address.is_private and not address.is_loopback


def at_home(fact: Fact) -> bool:
    """Say whether what a check looks at is Night Porter's own host or in the hotel's own network."""
    try:
        here = ip_address(host(fact).strip("[]")).is_loopback
    except ValueError:
        here = host(fact) == "localhost" or host(fact).endswith(".localhost")
    return here or within_the_hotel(fact)


def lost_since(view: View, *signs: Sign) -> datetime | None:
    """Return since when the control targets fail with one of these signs; None when they do not."""
    fact = view.facts.get("network", "control")
    if fact is None or not fact.failing or not fact.signs & frozenset(signs):
        return None
    return fact.breach.since if fact.breach is not None else fact.at


def way_out_lost() -> Condition:
    """Hold when the control targets are lost, or names: nothing can be said of a vendor then."""
    return Condition("the control targets do not answer", lambda view: lost_since(view, *WAY_OUT) is not None)


def lone(text: str, *signs: Sign) -> Condition:
    """Hold when so many integrations fail as the control targets do that it is no matter of theirs.

    Two are enough; one is, when no other has answered since, or in the moment of, the first run that lost the
    targets.
    """
    names = Sign.NAMES_LOST in signs

    def holds(view: View) -> Truth:
        since = lost_since(view, *signs)
        if since is None:
            return False
        facts = [fact for fact in view.facts if fact.check.integration not in OUR_OWN and not fact.stale]
        failing = {fact.check.integration for fact in facts if (not_found if names else on_the_way)(fact)}
        if len(failing) >= 2 or (not failing and not names):
            return len(failing) >= 2
        return not any(
            fact.at >= since and fact.check.integration not in failing and _has_answered(fact, by_name=names)
            for fact in facts
        )

    return Condition(text, holds)


def _has_answered(fact: Fact, *, by_name: bool) -> bool:
    if fact.type not in NETWORKED - {"webhook"} or within_the_hotel(fact) or (by_name and by_address(fact)):
        return False
    return fact.state is State.OK or (fact.failing and why(fact) not in ON_THE_WAY)
