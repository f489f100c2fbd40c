"""Rules about failures that belong together, or come and go: a change, a lost fallback, flapping."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

from alerts.diagnosis.conditions import ON_THE_WAY, control_answers, others_answer, signs_of, some, why
from alerts.diagnosis.explains import aftermath
from alerts.diagnosis.rule import THEIRS, VENDOR, Condition, Rule, Scope, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import STARTED, Reason, Sign, State

SOON = timedelta(minutes=2)
MAIL = frozenset({"provider", "smtp"})


def _restarts(view: View) -> Iterator[datetime]:
    """Yield when processes that keep running were started last; a crash loop is a cause of its own."""
    for fact in view.facts:
        if STARTED in fact.measurements and not fact.stale and Sign.RESTARTING not in signs_of(fact):
            yield datetime.fromtimestamp(fact.measurements[STARTED], UTC)


def _critical(fact: Fact) -> bool:
    breach = fact.breach
    return breach is not None and not fact.clearing and breach.state is State.CRITICAL


def _struck(view: View, at: datetime) -> list[Fact]:
    """Return what broke within two minutes of a moment, and may have been broken by a change of ours."""
    return [
        fact
        for fact in view.facts
        if fact.breach is not None
        and _critical(fact)
        and abs(fact.breach.since - at) <= SOON
        and why(fact) is not Reason.SECURITY
        and fact.check.integration != "network"
    ]


def _trouble(fact: Fact) -> object:
    reason = why(fact)
    return "way" if reason in ON_THE_WAY else (reason, signs_of(fact))


def _differ(one: Fact, other: Fact) -> bool:
    if one.breach is None or other.breach is None or _trouble(one) == _trouble(other):
        return False
    apart = abs(one.breach.since - other.breach.since)
    return one.check.integration != other.check.integration and apart <= SOON


def _changed(view: View) -> list[Fact]:
    """Return what the last change broke: two integrations at least, each in another way."""
    for at in _restarts(view):
        struck = _struck(view, at)
        if any(_differ(one, other) for one, other in combinations(struck, 2)):
            return struck
    return []


def _by_change(fact: Fact, view: View) -> bool:
    struck = [one for one in _changed(view) if one.check.integration == fact.check.integration]
    alike = any(_trouble(one) == _trouble(fact) for one in struck)
    return alike or (bool(struck) and aftermath(fact, view))


def _kind(fact: Fact, view: View) -> str:
    return view.facts.kinds.get(fact.check.integration, "generic")


def _site_down(fact: Fact, view: View) -> bool:
    return _kind(fact, view) == "ota" and fact.check.check == "health" and _critical(fact)


def _mail_down(fact: Fact, view: View) -> bool:
    return _kind(fact, view) == "email" and fact.check.check in MAIL and _critical(fact)


def _keeps_down(fact: Fact, view: View) -> bool:
    """Account for what keeps both down: the checks they stand on, and what fails in the same way."""
    others = view.facts.of(fact.check.integration)
    down = [one for one in others if _site_down(one, view) or _mail_down(one, view)]
    alike = fact in down or any(_trouble(one) == _trouble(fact) for one in down)
    return alike or (bool(down) and (fact.check.check == "auth" or aftermath(fact, view)))


def _flaps(fact: Fact, _view: View | None = None) -> bool:
    breach = fact.breach
    return breach is not None and breach.flapping and breach.reason is not Reason.SECURITY


RULES = (
    Rule(
        Cause.LOCAL_CHANGE,
        Words(
            "broken by a change on our side",
            "fails since a change on our side",
            "Several integrations began to fail in different ways, all within two minutes of the restart of "
            "a process of ours. Vendors do not fail together like that: a deployment or a changed setting "
            "did it.",
            (
                "Find what was deployed or changed at the time given below, and who did it.",
                (
                    "Roll it back: the last version and its settings (keys, addresses, routes). Then: pm2 "
                    "restart all"
                ),
                "nightporter check: whatever still fails after that has a cause of its own.",
            ),
            whole="several integrations fail since a change on our side",
        ),
        (
            Condition(
                "two integrations fail in different ways within two minutes of a process's restart",
                lambda view: bool(_changed(view)),
            ),
        ),
        _by_change,
        scope=Scope.HOTEL,
        supports=(control_answers(),),
        test="Roll back on one host only: if its integrations recover, it was the change.",
        prior=0.8,
    ),
    Rule(
        Cause.FALLBACK_LOST,
        Words(
            "bookings of travel sites reach us on no way",
            "cannot deliver bookings, and the hotel's e-mail, their way round, fails too",
            "A travel site's interface fails, and so does the hotel's e-mail, over which it sends bookings "
            "instead. Bookings, changes and cancellations reach nobody.",
            (
                "Open the site's extranet now; key in every new booking, change and cancellation by hand.",
                "Repeat that every 30 minutes, and close rooms that are short, until one of the two works.",
                (
                    "Repair e-mail first where the fault is ours; when both work, compare arrivals with the "
                    "extranet."
                ),
            ),
            whole="travel site and e-mail fail together",
        ),
        (
            Condition("a travel site is down", lambda view: any(_site_down(one, view) for one in view.facts)),
            Condition(
                "the hotel's e-mail is down too",
                lambda view: any(_mail_down(one, view) for one in view.facts),
            ),
        ),
        _keeps_down,
        fault=VENDOR,
        scope=Scope.HOTEL,
        supports=(control_answers(),),
        test="Send a mail to the hotel's mailbox from a phone: if it arrives, the site's mails do too.",
    ),
    Rule(
        Cause.FLAPPING,
        Words(
            "keeps failing and recovering",
            "keeps failing and recovering",
            "It changes between working and failing again and again: a partial outage, one bad server of "
            "several, or a weak link. That it works just now does not mean that it is over.",
            (
                (
                    "Look at the times of the failures below: are they regular? Then look for a job at those "
                    "times."
                ),
                "On Night Porter's host: mtr -rwc 60 {host} (loss at one hop means a weak link).",
                "Give the vendor these times; do not count on it until it has been stable for a while.",
            ),
        ),
        (some("it has changed between working and failing again and again", _flaps),),
        _flaps,
        fault=THEIRS,
        supports=(others_answer(),),
        test="Look from a phone's network for ten minutes: if it is stable there, the weak link is on our "
        "side.",
    ),
)
