"""Rules about the hotel's way out: the connection, the name servers, and how slow it is."""

from alerts.diagnosis.conditions import ON_THE_WAY, why
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.reach import (
    NETWORKED,
    by_address,
    erring,
    lone,
    lost_since,
    not_found,
    on_the_way,
    theirs,
)
from alerts.diagnosis.rule import NETWORK, Condition, Rule, Scope, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Phase, Sign, State

ON_ITS_WAY = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS})
MOST = 0.5
"""The share of an answer's time that is spent on the way when the way is what is slow."""


def _control(fact: Fact) -> bool:
    return (fact.check.integration, fact.check.check) == ("network", "control")


def _by_connection(fact: Fact, view: View) -> bool:
    others = view.facts.of(fact.check.integration)
    cut = fact.type in NETWORKED and why(fact) in ON_THE_WAY
    off = any(on_the_way(one) for one in others)
    return _control(fact) or cut or (off and (erring(fact) or aftermath(fact, view)))


def _by_names(fact: Fact, view: View) -> bool:
    others = view.facts.of(fact.check.integration)
    off = any(not_found(one) for one in others)
    return _control(fact) or not_found(fact) or (off and (erring(fact) or aftermath(fact, view)))


def _all_names_fail(view: View) -> bool:
    """Say whether, without control targets by name, no name of two integrations at least is looked up."""
    control = view.facts.get("network", "control")
    if control is not None and control.measurements.get("targets_failed", 1.0) == 0.0:
        return False
    facts = [fact for fact in view.facts if theirs(fact) and not fact.stale]
    lost = {fact.check.integration for fact in facts if not_found(fact)}
    return len(lost) >= 2 and not _found_since(facts, lost) and _reached_by_address(view, facts)


def _found_since(facts: list[Fact], lost: set[str]) -> bool:
    first = min(fact.at for fact in facts if not_found(fact))
    return any(
        fact.check.integration not in lost
        and not by_address(fact)
        and fact.state is not State.UNKNOWN
        and fact.at >= first
        for fact in facts
    )


def _reached_by_address(view: View, facts: list[Fact]) -> bool:
    control = view.facts.get("network", "control")
    if control is not None and control.state is State.OK:
        return True
    return any(by_address(fact) and fact.state is State.OK for fact in facts)


def _lost(view: View, *signs: Sign) -> bool:
    return lost_since(view, *signs) is not None


_BY_CONTROL = lone("names of the control targets fail", Sign.NAMES_LOST)


def _names_fail(view: View) -> bool:
    if _lost(view, Sign.NAMES_LOST):
        return _BY_CONTROL.holds(view) is True
    return _all_names_fail(view)


ANSWERS = "answers arrive, but take longer on average than the limit"

RULES = (
    Rule(
        Cause.LOCAL_NETWORK_DOWN,
        Words(
            "the hotel's internet connection is down",
            "cannot be reached, as the hotel's internet connection is down",
            "Neither the control targets nor the vendors can be reached from Night Porter's host: it is the "
            "hotel's connection, router or VPN, or this host's own cable. No vendor is at fault.",
            (
                (
                    "On Night Porter's host: ip -br addr, ping -c 3 1.1.1.1. No address: check cable and "
                    "switch."
                ),
                "Restart router and modem if the desk has no internet either; call the internet provider.",
                "When it is back: nightporter check, then compare what was booked and paid meanwhile.",
            ),
            whole="the hotel's internet connection is down",
        ),
        (
            Condition("none of the control targets answers", lambda view: _lost(view, Sign.CONTROL_LOST)),
            lone("integrations fail on the way, none is known to answer since", Sign.CONTROL_LOST),
        ),
        _by_connection,
        fault=NETWORK,
        scope=Scope.HOTEL,
        test="Open any web page at the desk: if it loads, only Night Porter's host is cut off.",
    ),
    Rule(
        Cause.LOCAL_DNS_BROKEN,
        Words(
            "the hotel's name servers do not answer",
            "cannot be found, as the hotel's name servers do not answer",
            "Host names cannot be looked up, while connections by address work: the name server that this "
            "host asks is down, unreachable or misled. No vendor is at fault.",
            (
                (
                    "On our host: resolvectl status, then dig @1.1.1.1 {host}. The second works: it "
                    "is our name server."
                ),
                "Restart it (often the router): sudo systemctl restart systemd-resolved on this host first.",
                "Until it works, let this host ask another: sudo resolvectl dns INTERFACE 1.1.1.1",
            ),
            whole="host names cannot be looked up",
        ),
        (Condition("host names cannot be looked up, while connections by address work", _names_fail),),
        _by_names,
        fault=NETWORK,
        scope=Scope.HOTEL,
        test="dig @1.1.1.1 {host}: an answer means our own name server, none that port 53 is blocked.",
    ),
)
