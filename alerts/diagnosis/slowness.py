"""Rules about answers that come, but too slowly: the way there, or the vendor."""

from alerts.diagnosis.conditions import control_answers, signs_of, some
from alerts.diagnosis.explains import WAITING
from alerts.diagnosis.reach import slow
from alerts.diagnosis.rule import NETWORK, Condition, Rule, Scope, View, Words
from alerts.diagnosis.vendor import WELL
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Phase, Sign

ON_ITS_WAY = frozenset({Phase.RESOLVE, Phase.CONNECT, Phase.TLS})
MOST = 0.5
"""The share of an answer's time that is spent on the way when the way is what is slow."""

ANSWERS = "answers arrive, but take longer on average than the limit"


def _control_slow(view: View) -> bool:
    fact = view.facts.get("network", "control")
    return fact is not None and slow(fact)


def _slow_by_way(fact: Fact, view: View) -> bool:
    others = view.facts.of(fact.check.integration)
    waits = bool(signs_of(fact) & WAITING) and any(slow(one) for one in others)
    return slow(fact) or waits


def _way_is_slow(fact: Fact) -> bool:
    whole = sum(fact.phases.values())
    way = sum(seconds for phase, seconds in fact.phases.items() if phase in ON_ITS_WAY)
    return slow(fact) and whole > 0 and way >= MOST * whole


def _waits(fact: Fact) -> bool:
    return bool(signs_of(fact) & {Sign.QUEUE_LONG, Sign.QUEUE_OLD})


def _only_slow(fact: Fact, _view: View | None = None) -> bool:
    return slow(fact)


ON_THE_WAY = (
    Rule(
        Cause.NETWORK_LATENCY,
        Words(
            "answers slowly: the hotel's connection is slow",
            "answers, but slowly, as the hotel's connection is slow",
            "The control targets are slow too, so it is the hotel's connection and not a vendor: a full "
            "line, a bad link, or trouble at the internet provider.",
            (
                "On Night Porter's host: mtr -rwc 20 1.1.1.1 (look for the first hop that loses or delays).",
                "Find what fills the line: a backup, an update, guests' streaming. Stop or limit it.",
                "If the first hop outside is slow, call the internet provider with that output.",
            ),
            whole="the hotel's connection is slow",
        ),
        (Condition("the control targets answer too slowly as well", _control_slow),),
        _slow_by_way,
        fault=NETWORK,
        scope=Scope.HOTEL,
        test="Run a speed test at the desk: a fast one points to Night Porter's host instead.",
        prior=0.8,
    ),
    Rule(
        Cause.NETWORK_LATENCY,
        Words(
            "answers slowly, and updates pile up",
            "answers too slowly, and updates for it pile up",
            "Each update waits long for its answer, so that more are made than sent. Nothing is refused, and "
            "no limit is hit.",
            (
                "See where the time goes: mtr -rwc 20 {host}",
                (
                    "Delay on the way: call the internet provider. None: ask the vendor whether it is under "
                    "load."
                ),
                "Let the most urgent dates go first; more workers help only if the vendor allows them.",
            ),
        ),
        (some(ANSWERS, slow), some("updates pile up meanwhile", _waits)),
        _slow_by_way,
        fault=NETWORK,
        supports=(control_answers(),),
        test="mtr -rwc 20 {host}: no delay on the way means that the vendor itself is slow.",
        prior=0.7,
    ),
    Rule(
        Cause.NETWORK_LATENCY,
        Words(
            "slow connection",
            "answers, but the way there is slow",
            "Most of the time goes by before the request is even sent: looking up, connecting, encrypting.",
            (
                "See where the way is slow: mtr -rwc 20 {host}",
                (
                    "Compare with the other integrations: if they are fast, tell the vendor where the delay "
                    "begins."
                ),
                "If the delay begins in the hotel, look at router, VPN and firewall.",
            ),
        ),
        (some("most of the time is spent on the way, before the request is sent", _way_is_slow),),
        _slow_by_way,
        fault=NETWORK,
        supports=(control_answers(),),
        test="mtr -rwc 20 {host}: no delay on the way means that the vendor itself is slow.",
        prior=0.8,
    ),
)

SLOW = Rule(
    Cause.SLOW_RESPONSES,
    Words(
        "slow responses",
        "answers, but too slowly",
        "Answers arrive, but take longer on average than the limit. Nothing else is wrong.",
        (
            "Look at the vendor's status page, or ask its support whether it is under load.",
            "Compare with the other integrations: if all are slow, look at the hotel's own connection.",
            "If this is normal for {who}, raise its response_time_ms in the configuration.",
        ),
    ),
    (some("its answers take longer on average than the limit", _only_slow),),
    _only_slow,
    fault="unknown",
    supports=WELL,
    test="mtr -rwc 20 {host}: delay on the way means the network, none the vendor itself.",
)

RULES = (*ON_THE_WAY, SLOW)
