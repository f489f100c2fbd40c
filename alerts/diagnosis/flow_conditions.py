"""The conditions that the rules about flow share: services, queues, and vendors that hold a flow up."""

from alerts.diagnosis import explains
from alerts.diagnosis.conditions import signs_of, some, why
from alerts.diagnosis.explains import Explains
from alerts.diagnosis.rule import Condition, View
from alerts.facts import Fact, Truth
from checks.result import LAST, Reason, Sign, State

PROCESS, QUEUE = "sync_process", "queue"
ARRIVALS, DRAINED = "arrivals_per_minute", "drained_per_minute"
UPDATED = "updated_timestamp_seconds"

TALKED_TO = ("health", "auth")
"""The checks that say whether a vendor takes what we send."""

OUR_PART = frozenset({Reason.STALE, Reason.MISMATCH})
"""What a vendor's status tells of us: that nothing came from here, or that a clock is wrong."""

WAITING = (Sign.QUEUE_LONG, Sign.QUEUE_OLD)

STOP_SELL = (
    "Have somebody stop selling room types with few rooms left, by hand in the extranets, until this is over."
)
"""What protects guests at once while other systems do not know what is free."""

PUSH_RATES = (
    "node scripts/push-rates-to-ota.js --ota={platform} --start-date=$(date +%F) "
    "--end-date=$(date -d +365days +%F)"
)
"""The owner's script that sends all rates again."""

RATES_UNSENT: Explains = explains.both(
    explains.checks("rate_log"),
    explains.either(explains.signs(Sign.LOG_FAILURES), explains.reasons(Reason.STALE)),
)
"""Account for a log of rate updates that shows failures, or no success for too long."""


def service(text: str, sign: Sign) -> Condition:
    """Hold when the service that synchronises shows a sign, also while its breach is about to clear.

    What it left behind clears later than it does, and has the same cause until then.
    """

    def holds(view: View) -> Truth:
        fact = view.fact(PROCESS)
        if fact is None or fact.state is State.UNKNOWN:
            return None
        if fact.clearing and fact.breach is not None:
            return sign in fact.breach.signs
        return fact.failing and sign in fact.signs

    return Condition(text, holds, PROCESS)


def vendor_hinders() -> Condition:
    """Hold when the vendor limits, delays or refuses us, so that what waits here is no fault of our own."""

    def holds(view: View) -> Truth:
        # Asked to slow down, a check stays away for as long: what it saw then is still so.
        if any(_slowed_down(fact) for fact in view.facts.of(view.integration)):
            return True
        seen = [fact for name in TALKED_TO if (fact := view.fact(name)) and fact.state is not State.UNKNOWN]
        if not seen:
            return None
        return any(fact.failing and fact.reason not in OUR_PART for fact in seen)

    return Condition("the vendor hinders us", holds, "health")


def queue_shows(text: str, *signs: Sign, check: str = QUEUE) -> Condition:
    """Hold when a queue's breach has one of these signs."""
    marks = frozenset(signs)
    return some(text, lambda fact: fact.check.check == check and bool(marks & signs_of(fact)))


def queue_moves(text: str) -> Condition:
    """Hold when the queue is being worked off, slowly or not."""

    def holds(view: View) -> Truth:
        fact = view.fact(QUEUE)
        return None if fact is None or fact.state is State.UNKNOWN else Sign.QUEUE_MOVING in fact.signs

    return Condition(text, holds, QUEUE)


def queue_falls_behind() -> Condition:
    """Hold when the queue's oldest row is too old, and no more is done than arrives."""

    def holds(view: View) -> Truth:
        fact = view.fact(QUEUE)
        if fact is None or fact.state is State.UNKNOWN:
            return None
        if Sign.QUEUE_OLD not in fact.signs:
            return False
        arrivals, drained = (fact.measurements.get(name) for name in (ARRIVALS, DRAINED))
        return None if arrivals is None or drained is None else drained <= arrivals

    return Condition("its oldest update is too old, and no more are done than arrive", holds, QUEUE)


def changed_since(table: str, log: str, text: str) -> Condition:
    """Hold when a table was changed after the newest success in a log: there was something to send."""

    def holds(view: View) -> Truth:
        of_table, of_log = view.fact(table), view.fact(log)
        changed = of_table.measurements.get(UPDATED) if of_table else None
        sent = of_log.measurements.get(LAST) if of_log else None
        return None if changed is None or sent is None else changed > sent

    return Condition(text, holds, table)


def logs_written() -> Condition:
    """Hold when the PMS's logs are written: what is missing in them has not happened."""

    def holds(view: View) -> Truth:
        fact = view.facts.get("pms", "logs")
        return None if fact is None or fact.state is State.UNKNOWN else fact.state is State.OK

    return Condition("the PMS writes its logs", holds, "the PMS's logs")


def stale(*checks: str) -> Explains:
    """Account for what has not been refreshed, among these checks."""
    return explains.both(explains.checks(*checks), explains.reasons(Reason.STALE))


def _slowed_down(fact: Fact) -> bool:
    return why(fact) is Reason.RATE_LIMITED and not fact.clearing
