"""Rules about a vendor that no connection comes about with, while the hotel's own connection works."""

from alerts.diagnosis.conditions import ON_THE_WAY, sign, signs_of, some, why
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.reach import (
    NETWORKED,
    at_home,
    cut_off,
    not_found,
    theirs,
    way_out_lost,
    within_the_hotel,
)
from alerts.diagnosis.rule import NETWORK, OPEN, THEIRS, US, Rule, View, Words
from alerts.diagnosis.vendor import ALL, ELSEWHERE, GENERIC, KEEPER, STATUS, VENDORS, WELL, poor
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Reason, Sign

WITHIN = "Try from another computer in the hotel: if it works there, the fault is Night Porter's own host."
CONNECT = "On Night Porter's host: nc -vz -w 5 {host} {port} (it says `succeeded` when it works)"
UNREACHED = "The name is known, but no connection comes about, while the hotel's own connection works."
OURS = GENERIC | {"pms"}
LISTED = "Look at our firewall's outgoing rules; ask the vendor whether it blocks our address."


def _outside(fact: Fact) -> bool:
    return not within_the_hotel(fact)


def _lost(fact: Fact) -> bool:
    return theirs(fact) and cut_off(fact)


def _refused(fact: Fact) -> bool:
    return cut_off(fact) and Sign.CONNECTION_REFUSED in signs_of(fact)


def _turned_away(fact: Fact) -> bool:
    return theirs(fact) and _refused(fact) and not at_home(fact)


def _stopped(fact: Fact) -> bool:
    """Say whether a host on our side answers a check, and nothing listens there."""
    asked = theirs(fact) or (fact.check.integration == "pms" and fact.type in NETWORKED)
    return asked and _refused(fact) and at_home(fact)


def _by_absence(fact: Fact, view: View) -> bool:
    return (theirs(fact) and why(fact) in ON_THE_WAY) or poor(fact) or aftermath(fact, view)


def _by_stop(fact: Fact, view: View) -> bool:
    return _stopped(fact) or _by_absence(fact, view)


def _by_name(fact: Fact, view: View) -> bool:
    unknown = fact.type in NETWORKED and (why(fact) is Reason.DNS or not_found(fact))
    return unknown or aftermath(fact, view)


def _unreachable(kinds: frozenset[str], last: str) -> Rule:
    return Rule(
        Cause.VENDOR_UNREACHABLE,
        Words(
            "cannot be reached",
            "cannot be reached: no connection comes about",
            f"{UNREACHED} A firewall of ours, a block of our address, the route, or the other side's edge.",
            (CONNECT, ELSEWHERE, f"{LISTED} {last}"),
        ),
        (some("no connection comes about", lambda fact: _lost(fact) and _outside(fact)),),
        _by_absence,
        fault=NETWORK,
        unless=(way_out_lost(),),
        supports=WELL,
        kinds=kinds,
        test="nc -vz -w 5 {host} {port} from a phone's network: if it works there, we are blocked or cut "
        "off.",
    )


def _not_running(kinds: frozenset[str], fault: str) -> Rule:
    """Return the rule for a service on a host of the hotel's own that has stopped."""
    return Rule(
        Cause.VENDOR_UNREACHABLE,
        Words(
            "its service has stopped",
            "cannot be reached: the service behind it has stopped",
            "The host answers, and nothing listens on {host}:{port}: the service behind it has stopped. The "
            "way there works.",
            (
                "On {host}: systemctl --failed, then ss -ltn | grep :{port} (no line: nothing listens).",
                "Start the service there: sudo systemctl start SERVICE, or pm2 restart SERVICE.",
                "Look in its log for why it stopped: journalctl -u SERVICE -n 100, or pm2 logs SERVICE.",
            ),
        ),
        (some("a host on our side refuses the connection: nothing listens on that port", _stopped),),
        _by_stop,
        fault=fault,
        kinds=kinds,
        test="On {host}: ss -ltn | grep :{port}. A line means that it listens, and its own firewall refuses.",
    )


def _refusing(kinds: frozenset[str], last: str) -> Rule:
    """Return the rule for a system outside that refuses the connection, and whom to turn to last."""
    return Rule(
        Cause.VENDOR_UNREACHABLE,
        Words(
            "refuses the connection",
            "cannot be reached: nothing listens where it should",
            "Its machine answers, but refuses the connection to {host}:{port}: its service is down, or has "
            "another port. A firewall that keeps us out is less likely.",
            (CONNECT, f"{ELSEWHERE} Compare the port with its documentation.", last),
        ),
        (some("the connection is refused", _turned_away),),
        _by_absence,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=WELL,
        kinds=kinds,
        test="nc -vz -w 5 {host} {port} from a phone's network: if it works there, we are kept out.",
    )


RULES = (
    _not_running(OURS, US),
    _not_running(VENDORS, OPEN),
    Rule(
        Cause.VENDOR_UNREACHABLE,
        Words(
            "cannot be reached",
            "cannot be reached from Night Porter's host",
            "It is in the hotel's own network, and no connection comes about: it is off, unplugged, or has "
            "another address.",
            (CONNECT, WITHIN, "Is it switched on and plugged in? Otherwise call whoever looks after {who}."),
        ),
        (
            some(
                "it does not answer within the hotel's network", lambda one: _lost(one) and not _outside(one)
            ),
        ),
        _by_absence,
        fault=THEIRS,
        kinds=ALL,
        test="ping -c 3 {host}: an answer means that it is on, and that only its service has stopped.",
        prior=0.8,
    ),
    _refusing(VENDORS, STATUS),
    _refusing(GENERIC, KEEPER),
    _unreachable(VENDORS, STATUS),
    _unreachable(GENERIC, KEEPER),
    Rule(
        Cause.WRONG_HOST_NAME,
        Words(
            "host name does not exist",
            "cannot be found: there is no such host name",
            "Name servers answer that there is no such name: it is misspelt in the configuration, or the "
            "vendor has moved. Other names are found.",
            (
                "Look it up elsewhere: dig @1.1.1.1 {host} (NXDOMAIN: it exists nowhere).",
                "Compare the host name under {who} in the configuration with the vendor's documentation.",
                (
                    "If it is right, ask the vendor whether it has moved; put the new name in, reload Night "
                    "Porter."
                ),
            ),
        ),
        (sign("name servers say that there is no such name", Sign.NAME_UNKNOWN),),
        _by_name,
        unless=(way_out_lost(),),
        supports=WELL,
        test="dig @1.1.1.1 {host}: an answer means that our own name servers are wrong.",
    ),
    Rule(
        Cause.VENDOR_UNREACHABLE,
        Words(
            "host name cannot be looked up",
            "cannot be found: looking up its host name fails",
            "Name servers give no answer about this one name, while others are found: the vendor's own name "
            "servers have trouble, most likely.",
            (
                "Look it up elsewhere: dig @1.1.1.1 {host} (SERVFAIL: the vendor's name servers fail).",
                "If that works, restart our own name server, or have it forget: sudo resolvectl flush-caches",
                STATUS,
            ),
        ),
        (some("looking up its host name fails", not_found),),
        _by_name,
        fault=NETWORK,
        unless=(way_out_lost(),),
        supports=WELL,
        kinds=ALL,
        test="dig @1.1.1.1 {host}: an answer means that our own name servers are at fault.",
        prior=0.7,
    ),
)
