"""Rules about the porter's own host: a wrong clock, and a proxy that opens every encrypted connection."""

from datetime import timedelta
from itertools import combinations

from alerts.diagnosis.conditions import OUR_OWN, control_answers, signs_of, some
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.reach import NETWORKED, theirs, within_the_hotel
from alerts.diagnosis.rule import NETWORK, Condition, Rule, Scope, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Phase, Reason, Sign, State

DATES = frozenset({Sign.CERTIFICATE_EXPIRED, Sign.CERTIFICATE_NOT_YET_VALID})
AT_ONCE = timedelta(hours=1)
"""Certificates of several vendors that expire within this time do so by our clock only."""


def _dated(fact: Fact) -> bool:
    return bool(signs_of(fact) & DATES) and fact.breach is not None and not fact.clearing


def _dates_of_several(view: View) -> bool:
    found = [fact for fact in view.facts if theirs(fact) and _dated(fact)]
    pairs = combinations(found, 2)
    return any(
        one.check.integration != other.check.integration and _at_once(one, other) for one, other in pairs
    )


def _at_once(one: Fact, other: Fact) -> bool:
    if Sign.CERTIFICATE_NOT_YET_VALID in signs_of(one) & signs_of(other):
        return True
    since = [fact.breach.since for fact in (one, other) if fact.breach is not None]
    return max(since) - min(since) <= AT_ONCE


def _skewed(fact: Fact, _view: View | None = None) -> bool:
    of_clock = fact.type == "database" or fact.check.check == "database"
    return of_clock and fact.breach is not None and fact.breach.reason is Reason.MISMATCH


def _by_dates(fact: Fact, view: View) -> bool:
    ill = any(_dated(other) for other in view.facts.of(fact.check.integration))
    return bool(signs_of(fact) & DATES) or _skewed(fact) or (ill and aftermath(fact, view))


def _untrusted(fact: Fact) -> bool:
    return Sign.CERTIFICATE_UNTRUSTED in signs_of(fact) and fact.failing


def _speaks_tls(fact: Fact) -> bool:
    known = fact.type == "tls" or Phase.TLS in fact.phases or fact.failed_phase is Phase.TLS
    return known or fact.values.get("url", "").startswith("https:")


def _trusts_nobody(view: View) -> bool:
    """Say whether all vendors that speak TLS, at least two, show certificates that nobody vouches for."""
    outside = [fact for fact in view.facts if theirs(fact) and not fact.stale and not within_the_hotel(fact)]
    bad = [fact for fact in outside if _untrusted(fact)]
    names = {fact.check.integration for fact in bad}
    if len(names) < 2:
        return False
    first = min(fact.breach.since if fact.breach else fact.at for fact in bad)
    return not any(
        fact.check.integration not in names and _is_trusted(fact) and fact.at > first for fact in outside
    )


def _is_trusted(fact: Fact) -> bool:
    failed_before = {Reason.DNS, Reason.CONNECT, Reason.TIMEOUT, Reason.TLS}
    return _speaks_tls(fact) and fact.state is not State.UNKNOWN and fact.reason not in failed_before


def _by_proxy(fact: Fact, view: View) -> bool:
    others = view.facts.of(fact.check.integration)
    ill = fact.check.integration not in OUR_OWN and any(theirs(one) and _untrusted(one) for one in others)
    untrusted = Sign.CERTIFICATE_UNTRUSTED in signs_of(fact) and fact.type in {*NETWORKED, "control"}
    return untrusted or (ill and aftermath(fact, view))


RULES = (
    Rule(
        Cause.HOST_CLOCK_WRONG,
        Words(
            "certificates are not valid by our clock",
            "cannot be used: by our clock its certificate is not valid",
            "Certificates of several vendors expired, or are not valid yet, at the same moment. Vendors do "
            "not do that together: the clock of Night Porter's host is wrong.",
            (
                "On Night Porter's host: timedatectl (it shows the time, and whether it is synchronised).",
                "If it is off: sudo timedatectl set-ntp true, and check that UDP port 123 is not blocked.",
                "Once the time is right, certificates are valid again; do not switch verification off.",
            ),
            whole="the clock of Night Porter's host is wrong",
        ),
        (Condition("several vendors' certificates are outside their dates at once", _dates_of_several),),
        _by_dates,
        scope=Scope.HOTEL,
        test="Compare `date -u` on Night Porter's host with a phone's clock: where they agree, the "
        "certificates have expired indeed.",
    ),
    Rule(
        Cause.HOST_CLOCK_WRONG,
        Words(
            "two clocks differ",
            "and Night Porter's host disagree about the time",
            "The database's clock and that of Night Porter's host differ; one of the two is wrong.",
            (
                "Run timedatectl on both hosts and compare with a phone's clock.",
                "On the one that is off: sudo timedatectl set-ntp true, and check that UDP port 123 is open.",
            ),
        ),
        (some("the database's clock differs from ours", _skewed),),
        _skewed,
        test="Compare `date -u` on both hosts with a phone's clock: which of the two is off?",
        prior=0.5,
    ),
    Rule(
        Cause.TLS_INTERCEPTED,
        Words(
            "certificates are not trusted here",
            "cannot be used safely: nobody we trust vouches for its certificate",
            "Certificates of all vendors come from an authority that is not trusted here. Either something "
            "on the way opens encrypted connections (a proxy, a virus scanner), or this host's list of "
            "authorities is missing.",
            (
                "See who issued it: openssl s_client -connect {host}:{port} -servername {host} </dev/null",
                (
                    "A public authority: on Night Porter's host, sudo apt-get install --reinstall "
                    "ca-certificates."
                ),
                "The name of a firewall or proxy: exempt these hosts there. Do not switch verification off.",
            ),
            whole="encrypted connections are being opened on the way",
        ),
        (Condition("no vendor that speaks TLS shows a certificate that is trusted here", _trusts_nobody),),
        _by_proxy,
        fault=NETWORK,
        scope=Scope.HOTEL,
        supports=(control_answers(),),
        test="Open https://{host}:{port}/ from a phone off the hotel's network: no warning there means that "
        "it is opened on the way.",
    ),
)
