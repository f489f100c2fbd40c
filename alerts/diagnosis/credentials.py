"""Rules about being let in: keys and passwords, permissions, and how often we may ask."""

from alerts.diagnosis.conditions import control_answers, others_answer, signs_of, some, why
from alerts.diagnosis.explains import WAITING, aftermath
from alerts.diagnosis.reach import MAIL_SERVER
from alerts.diagnosis.rule import Condition, Rule, View, Words
from alerts.facts import Fact, Truth
from alerts.incident import Cause
from checks.result import Reason

RELOAD = "Put the valid one where the configuration takes it from, then: sudo systemctl reload nightporter"
KINDS = frozenset({"booking_engine", "ota", "payment", "email", "channel_manager", "generic"})


def _interface(fact: Fact) -> bool:
    """Say whether a check is about the vendor's interface: not the mail server, and not our own webhook."""
    return fact.check.check not in MAIL_SERVER and fact.type != "webhook" and fact.check.check != "webhook"


def _refused(fact: Fact) -> bool:
    return _interface(fact) and why(fact) is Reason.CREDENTIALS


def _of_payments(fact: Fact) -> bool:
    return _refused(fact) and fact.type == "transactions"


def _proxy(fact: Fact) -> bool:
    return _refused(fact) and "407" in fact.message


def _forbidden(fact: Fact) -> bool:
    return _interface(fact) and why(fact) is Reason.FORBIDDEN


def _throttled(fact: Fact) -> bool:
    return _interface(fact) and why(fact) is Reason.RATE_LIMITED


def _by_refusal(fact: Fact, view: View) -> bool:
    return _refused(fact) or aftermath(fact, view)


def _by_ban(fact: Fact, view: View) -> bool:
    return _forbidden(fact) or aftermath(fact, view)


def _by_limit(fact: Fact, view: View) -> bool:
    return _throttled(fact) or bool(signs_of(fact) & WAITING) or aftermath(fact, view)


def _limited(view: View) -> bool:
    """Say whether the vendor has told us to slow down when last asked: once is enough, that is no chance."""
    return any(
        _throttled(fact) and fact.failing and not fact.stale for fact in view.facts.of(view.integration)
    )


def _lets_in_elsewhere(view: View) -> Truth:
    """Say whether another check of the integration is let in; that there is none says nothing."""
    others = [one for one in view.facts.of(view.integration) if one.type in {"http", "health", "ota_auth"}]
    return True if any(not one.stale and one.state == "ok" for one in others) else None


RULES = (
    Rule(
        Cause.API_CREDENTIALS_INVALID,
        Words(
            "a proxy refuses our credentials",
            "cannot be reached: a proxy on the way asks for a password",
            "It is not the vendor that refuses us, but a proxy between it and us.",
            (
                "Ask whoever runs the hotel's network which proxy it is, and who changed it.",
                "Let Night Porter's host pass it without a password, or give it a valid one.",
            ),
        ),
        (some("a proxy asks for credentials", _proxy),),
        _by_refusal,
        supports=(others_answer(),),
        test="curl -sI https://{host}/ from a phone's network: 401 there means the vendor itself.",
        prior=0.8,
    ),
    Rule(
        Cause.API_CREDENTIALS_INVALID,
        Words(
            "refuses our credentials",
            "refuses our user name, password or key",
            "Everything up to the login works, and the vendor refuses it: the credentials are wrong, expired "
            "or withdrawn.",
            (
                (
                    "Find out in the vendor's portal whether the key or password was changed, withdrawn or "
                    "expired."
                ),
                RELOAD,
                (
                    "The hotel's systems use the same one: give it to them too, and let them send what has "
                    "waited."
                ),
            ),
        ),
        (
            some(
                "the vendor answers, and refuses our credentials",
                lambda fact: _refused(fact) and not _of_payments(fact),
            ),
        ),
        _by_refusal,
        supports=(control_answers(), others_answer()),
        kinds=KINDS - {"ota"},
        codes="401|407",
        test="Log in to the vendor's portal: if that fails too, the whole account is closed, not only the "
        "key.",
    ),
    Rule(
        Cause.API_CREDENTIALS_INVALID,
        Words(
            "refuses our credentials",
            "refuses our user name, password or key",
            "Everything up to the login works, and the travel site refuses it: the password is wrong or "
            "expired, or our interface account is closed. Some sites take tokens only, of which they give a "
            "limited number an hour.",
            (
                (
                    "Find out in the site's extranet whether the interface account's password has changed or "
                    "expired."
                ),
                RELOAD,
                "Give it to the channel software too, and have it send rates and availability in full.",
            ),
        ),
        (some("the site answers, and refuses our credentials", _refused),),
        _by_refusal,
        supports=(control_answers(), others_answer()),
        kinds=frozenset({"ota"}),
        codes="401|407",
        test="Log in to the extranet: if that fails too, the whole account is closed, not only the "
        "interface.",
    ),
    Rule(
        Cause.API_CREDENTIALS_INVALID,
        Words(
            "refuses the PMS's credentials",
            "refuses the PMS's key, so that no card can be charged",
            "The gateway turns the PMS's payments away for their key, account or permission. Cards and "
            "guests are not at fault.",
            (
                "Find out in the gateway's dashboard whether the PMS's key was changed, or made for testing.",
                (
                    "Put the valid key into the PMS's settings, restart its payment service, and try a small "
                    "payment."
                ),
                "Look in the gateway whether a guest was charged before you take a failed payment again.",
            ),
        ),
        (some("payments themselves are refused for their credentials", _of_payments),),
        _by_refusal,
        kinds=frozenset({"payment"}),
        supports=(control_answers(),),
        test="nightporter check {who}: if our own key is refused too, it was withdrawn, not mistyped.",
    ),
    Rule(
        Cause.PROPERTY_NOT_AUTHORISED,
        Words(
            "refuses us access",
            "knows us, but does not let us in",
            "The vendor knows our credentials, but does not allow this property, account or address to use "
            "what we ask for.",
            (
                "Ask the vendor whether our property is connected and our account may use this interface.",
                "Ask whether our internet address must be on its list; ours is: curl -s https://ifconfig.me",
                "Check the property and account ids in the configuration of {who}.",
            ),
        ),
        (some("the vendor answers, and denies access", _forbidden),),
        _by_ban,
        supports=(
            control_answers(),
            Condition("it lets us in elsewhere, so the credentials are right", _lets_in_elsewhere),
        ),
        kinds=KINDS,
        codes="403",
        prior=0.95,
        test="Ask the vendor what it logs for our last request: credentials, property, or address?",
    ),
    Rule(
        Cause.RATE_LIMITED,
        Words(
            "says that we ask too often",
            "says that we ask too often, and answers only part of our requests",
            "The vendor limits how often we may ask, and told us to wait. It is not down.",
            (
                "Do not add workers and do not retry by hand: both make it worse.",
                "Find what asks so often (a bulk update, a loop, a second installation) and send in batches.",
                "Honour the waiting time it names; if the limit is too low for the hotel, have it raised.",
            ),
        ),
        (Condition("the vendor told us to slow down", _limited),),
        _by_limit,
        supports=(control_answers(),),
        kinds=KINDS,
        codes="429|503",
        test="Stop the bulk update for the time it asks for: if it still refuses, the vendor has trouble of "
        "its own.",
    ),
)
