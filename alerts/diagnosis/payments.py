"""Rules of the decision table: payments that fail by a fault, and cards that are declined."""

from alerts.diagnosis.conditions import control_answers, sign
from alerts.diagnosis.explains import both, checks, either, reasons, signs
from alerts.diagnosis.rule import GUEST, THEIRS, Condition, Rule, View, Words
from alerts.facts import Fact, Truth
from alerts.incident import Cause
from checks.result import Reason, Sign, State

BY_CODE = (
    "SELECT error_code, count(*), sum(amount) FROM payment_failures WHERE created_at > now() - interval "
    "'1 hour' GROUP BY error_code ORDER BY count(*) DESC;"
)
RECONCILE = (
    "Never take a payment again that timed out or is unconfirmed before the dashboard of {who} shows "
    "that it was not charged; a retry must carry the same idempotency key. Retry nothing else than "
    "timeouts and 5xx."
)


def _down(view: View) -> Truth:
    """Say whether the gateway's own health endpoint fails, and not only by being slow."""
    health = view.fact("health")
    if health is None or health.state is State.UNKNOWN:
        return None
    return health.failing and health.reason not in {Reason.THRESHOLD, Reason.RATE_LIMITED}


def _not_known_down(view: View) -> Truth:
    return _down(view) is not True


def _answers(view: View) -> Truth:
    down = _down(view)
    return None if down is None else not down


def _payments_fail(fact: Fact, view: View) -> bool:
    return TRANSACTIONS(fact, view) and FAILING(fact, view)


def _log_tells(fact: Fact, view: View) -> bool:
    """Account for a payment log full of failures, unless the gateway itself is known to fail."""
    return LOG(fact, view) and _down(view) is not True


TRANSACTIONS = checks("transactions")
FAILING = signs(Sign.PAYMENTS_FAILED, Sign.PAYMENTS_UNCERTAIN)
DECLINED = both(TRANSACTIONS, signs(Sign.DECLINES))
LOG = both(checks("log"), signs(Sign.LOG_FAILURES))
SLOW = both(checks("health"), reasons(Reason.THRESHOLD))

NOT_DOWN = Condition("", _not_known_down)
ANSWERS = Condition("the gateway's health endpoint answers", _answers, "health")

DEGRADED = Rule(
    Cause.GATEWAY_DEGRADED,
    Words(
        title="payments fail at the gateway",
        sentence="answers, but payments fail there",
        summary=(
            "The gateway says that it works, but payments end in timeouts or errors of its own. Declined "
            "cards are not counted. A payment that timed out may have been charged all the same."
        ),
        steps=(
            (
                "Take payments by the card terminal or at check-out meanwhile. Look at the status page "
                "of {who}, or call its support with the times given below."
            ),
            RECONCILE,
            f"See what fails, in the PMS's database: {BY_CODE}",
        ),
    ),
    needs=(
        sign("payments fail by faults of the gateway, not declined cards", Sign.PAYMENTS_FAILED),
        NOT_DOWN,
    ),
    supports=(ANSWERS, control_answers()),
    explains=either(_payments_fail, _log_tells, SLOW),
    fault=THEIRS,
    test=(
        "Ask the support of {who} for one failed payment, by its id and time: if it never got there, the "
        "fault is on the way or in the PMS."
    ),
    prior=0.95,
)

UNCONFIRMED = Rule(
    Cause.GATEWAY_DEGRADED,
    Words(
        title="payments stay unconfirmed",
        sentence="leaves more payments than usual neither confirmed nor refused",
        summary=("More payments than usual stay pending: the gateway is late, or its news does not arrive."),
        steps=(
            "Look up the pending payments in the dashboard of {who}: charged, refused or still open?",
            (
                "If they are charged there, its events do not arrive: look at the delivery attempts of "
                "its webhook, and have it send them again."
            ),
            RECONCILE,
        ),
    ),
    needs=(sign("more payments than usual are neither confirmed nor refused", Sign.PAYMENTS_UNCERTAIN),),
    unless=(sign("", Sign.PAYMENTS_FAILED),),
    explains=_payments_fail,
    fault=THEIRS,
    test=(
        "In the dashboard of {who}, look whether the pending payments are settled there: then only its "
        "events are missing."
    ),
    prior=0.5,
)

DECLINES = Rule(
    Cause.CUSTOMER_DECLINES,
    Words(
        title="more cards than usual are declined",
        sentence="works, but more cards than usual are declined",
        summary=(
            "Guests' banks decline more cards than usual. Payments do not fail by faults: this is no outage."
        ),
        steps=(
            (
                "Ask guests whose card is declined for another one, or to call their bank. Do not try "
                "the same card again and again."
            ),
            f"See the reasons, in the PMS's database: {BY_CODE}",
            (
                "If they are many cards over tiny amounts from one page, somebody tries stolen ones: put "
                "a captcha there, and call the support of {who}."
            ),
        ),
    ),
    needs=(
        sign(
            "many more cards are declined than usual, and hardly any payment fails by a fault", Sign.DECLINES
        ),
    ),
    explains=either(DECLINED, _log_tells),
    fault=GUEST,
    test=(
        "Look at the amounts of the declined payments: tiny ones, within minutes, are stolen cards that "
        "are tried; those of stays are not."
    ),
)

MAYBE_TESTING = Rule(
    Cause.CARD_TESTING,
    DECLINES.words,
    needs=(sign("many more cards are declined than usual", Sign.DECLINES),),
    explains=either(DECLINED, _log_tells),
    prior=0.3,
)
"""Never more than the next best cause: where cards are declined, the rule before has taken them."""

RULES = (DEGRADED, UNCONFIRMED, DECLINES, MAYBE_TESTING)
