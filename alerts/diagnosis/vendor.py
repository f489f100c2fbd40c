"""Rules about a vendor that fails or cannot be reached, while the way out and the host are in order."""

from alerts.diagnosis.conditions import (
    ON_THE_WAY,
    control_answers,
    got_through,
    others_answer,
    some,
    why,
)
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.reach import (
    MAIL_SERVER,
    erring,
    slow,
    theirs,
    way_out_lost,
)
from alerts.diagnosis.rule import THEIRS, Condition, Rule, View, Words
from alerts.facts import Fact, Truth
from alerts.incident import Cause
from checks.result import Phase, Reason

VENDORS = frozenset({"booking_engine", "ota", "payment", "email", "channel_manager"})
GENERIC = frozenset({"generic"})
ALL = VENDORS | GENERIC

ELSEWHERE = "Try from another network, such as a phone: if it works there, the fault is on our side."
STATUS = "Look at the vendor's status page, or call its support with the times given below."
KEEPER = "Call whoever looks after {who}, with the times given below."
LATER = "Leave everything else running. When it works again, check that what waited meanwhile has arrived."


def _errs(fact: Fact) -> bool:
    return (theirs(fact) or fact.check.check in MAIL_SERVER) and why(fact) is Reason.SERVER_ERROR


def _silent(fact: Fact) -> bool:
    if fact.check.check in MAIL_SERVER and fact.failed_phase not in {Phase.PROCESSING, Phase.TRANSFER}:
        return False
    known = theirs(fact) or fact.check.check in MAIL_SERVER
    return known and why(fact) is Reason.TIMEOUT and got_through(fact)


def _says_so(fact: Fact) -> bool:
    return fact.type in {"health", "channels"} and why(fact) is Reason.CONTENT


def _one_channel(fact: Fact) -> bool:
    sick, live = fact.measurements.get("channels_unhealthy", 0.0), fact.measurements.get("channels", 0.0)
    return _says_so(fact) and 0 < sick < live


def _by_outage(fact: Fact, view: View) -> bool:
    failing = _errs(fact) or _silent(fact) or _says_so(fact)
    on_the_way = theirs(fact) and why(fact) in ON_THE_WAY
    return failing or on_the_way or poor(fact) or aftermath(fact, view)


def poor(fact: Fact) -> bool:
    """Say whether the vendor answers, but slowly or not always."""
    return theirs(fact) and (slow(fact) or erring(fact))


def _only_erring(fact: Fact, _view: View | None = None) -> bool:
    return erring(fact)


def _admits(view: View) -> Truth:
    """Say whether the vendor's status page admits trouble."""
    fact = view.fact("vendor_status")
    if fact is None or "vendor_indicator" not in fact.measurements:
        return None
    return bool(fact.measurements.get("vendor_incidents") or fact.measurements["vendor_indicator"])


ADMITTED = Condition("its status page admits trouble", _admits, "the vendor's status page")
WELL = (control_answers(), others_answer())


def _broken(kinds: frozenset[str], first: str) -> Rule:
    """Return the rule for a system that answers with an error, and whom to turn to first."""
    return Rule(
        Cause.VENDOR_OUTAGE,
        Words(
            "reports an error of its own",
            "has a fault of its own: it answers with an error",
            "Our requests arrive, and the other side answers that it has an error of its own.",
            (first, "Do not restart anything here: nothing here is at fault as far as this shows.", LATER),
        ),
        (some("it answers with an error of its own", _errs),),
        _by_outage,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=_supports(kinds),
        kinds=kinds,
        codes=r"5\d\d",
        test="Open {url} on a phone, off the hotel's network: a good answer there means that only our "
        "requests fail.",
    )


def _hanging(kinds: frozenset[str], first: str) -> Rule:
    """Return the rule for a system that takes connections and says nothing, and whom to turn to first."""
    return Rule(
        Cause.VENDOR_OUTAGE,
        Words(
            "does not answer",
            "does not answer in time",
            "A connection comes about, but the answer does not arrive in time: the other side is overloaded "
            "or hangs.",
            (first, ELSEWHERE, LATER),
        ),
        (some("it takes the connection and does not answer in time", _silent),),
        _by_outage,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=_supports(kinds),
        kinds=kinds,
        test="Open {url} on a phone, off the hotel's network: a quick answer there points to our side.",
    )


def _supports(kinds: frozenset[str]) -> tuple[Condition, ...]:
    return (*WELL, ADMITTED) if kinds == VENDORS else WELL


OUTAGES = (
    _broken(VENDORS, STATUS),
    _broken(GENERIC, KEEPER),
    _hanging(VENDORS, STATUS),
    _hanging(GENERIC, KEEPER),
    Rule(
        Cause.VENDOR_OUTAGE,
        Words(
            "a sales channel is not served",
            "works, but says that one of its sales channels fails",
            "The channel manager answers and names a channel that it cannot serve; the others work.",
            (
                "Look in the channel manager whether the channel was disconnected, or its password refused.",
                "Until it works, set rates and availability of that channel in its extranet by hand.",
                "Otherwise call the channel manager's support first, then the channel's.",
            ),
        ),
        (some("it says itself that one of its channels fails", _one_channel),),
        _by_outage,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=(control_answers(),),
        kinds=frozenset({"channel_manager"}),
        test="Log in to that channel's extranet: if that fails too, the channel itself is down.",
    ),
    Rule(
        Cause.VENDOR_OUTAGE,
        Words(
            "says that it is not well",
            "answers, and says itself that it is not well",
            "Requests are answered, but what the other side says of itself is bad, or is no status at all.",
            (STATUS, "Read its own words in the evidence: maintenance, or a fault?", LATER),
        ),
        (some("what it says of itself is not healthy", _says_so),),
        _by_outage,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=(*WELL, ADMITTED),
        kinds=VENDORS,
        test="curl -sS {url} by hand: a login or maintenance page means that the address has changed.",
        prior=0.7,
    ),
)

PARTIAL = (
    Rule(
        Cause.VENDOR_OUTAGE,
        Words(
            "fails too often",
            "answers in between, but fails too often",
            "More requests fail than should, though not all: a partial outage, or a weak link on the way.",
            (
                STATUS,
                "On Night Porter's host: mtr -rwc 60 {host} (loss at one hop means a weak link).",
                "Send again what failed, but payments only after looking whether they went through.",
            ),
        ),
        (some("too large a share of requests fails", _only_erring),),
        _only_erring,
        fault=THEIRS,
        unless=(way_out_lost(),),
        supports=WELL,
        kinds=ALL,
        test="Look from a phone's network for ten minutes: if all is well there, the weak link is on our "
        "side.",
        prior=0.5,
    ),
)

RULES = (*OUTAGES, *PARTIAL)
