"""Rules of the decision table: events of a vendor that do not get through its webhook."""

from alerts.diagnosis.conditions import fine, no, reason, shows, sign
from alerts.diagnosis.explains import both, checks, either, reasons, signs
from alerts.diagnosis.rule import NETWORK, US, Rule, Words
from alerts.diagnosis.webhook_conditions import (
    business_goes_on,
    business_stopped,
    events_stopped,
    events_taken_since,
    lost_events,
    others_come,
)
from alerts.incident import Cause
from checks.result import Reason, Sign

ANSWER = (
    "curl -sSo /dev/null -w '%{{http_code}} %{{redirect_url}}\\n' -H 'Content-Type: application/json' "
    '-d \'{{"event":"monitor.ping"}}\' "{webhook}"'
)
"""Sends an event that means nothing, without a signature: 401, 403 or 400 is right."""

AFTERWARDS = (
    "Then have {who} send the failed events again (Square keeps them 24 h, Stripe 3 days), and import by "
    "hand what it no longer has."
)
ATTEMPTS = (
    "Look at the delivery attempts in the dashboard of {who}: none at all means that the subscription is "
    "off, timeouts or 403 that something blocks them."
)

WEBHOOK, LOG = checks("webhook"), checks("webhook_log")
LOG_SHOWS = shows("webhook_log", "the webhook log shows failed signatures", signs=(Sign.SIGNATURE_FAILURES,))
FORBIDDEN = reason("every event is refused alike, as forbidden", Reason.FORBIDDEN, checks=("webhook",))
INSIDE = fine("webhook", "seen from here, the webhook works")

URL_WRONG = Rule(
    Cause.WEBHOOK_URL_WRONG,
    Words(
        title="there is no webhook at its URL",
        sentence="sends its events to an address at which nothing takes them",
        summary=(
            "What is sent to the webhook's URL ends at no webhook: not found, a web page, or a redirect, "
            "which vendors do not follow."
        ),
        steps=(
            f"Run: {ANSWER} - 401, 403 or 400 is right; 404, 405 or 3xx is what fails.",
            (
                "Look for what changed: a deployment, a route, the proxy. Put it right, or enter the new "
                "URL at {who} and in webhook.url of the configuration."
            ),
            AFTERWARDS,
        ),
    ),
    needs=(sign("every event ends at something that is no webhook", Sign.NO_WEBHOOK_HERE),),
    explains=either(both(WEBHOOK, signs(Sign.NO_WEBHOOK_HERE)), lost_events),
    fault=US,
    test=(
        "In the dashboard of {who}, compare the URL of its webhook with {webhook}: if they differ and "
        "its events arrive, only Night Porter's configuration is wrong."
    ),
    codes=r"30[12378]|40[45]|410",
)

OUR_SECRET_OLD = Rule(
    Cause.WEBHOOK_SECRET_WRONG,
    Words(
        title="the webhook's secret is not the one we know",
        sentence=(
            "still gets its events through, but the webhook refuses the secret that Night Porter knows"
        ),
        summary=(
            "The webhook refuses what is signed with the configured secret, yet has accepted events "
            "since: the secret was probably changed, and Night Porter still has the old one."
        ),
        steps=(
            "Ask whoever changed the secret of {who} for the new one.",
            "Put it where webhook.secret of {who} is taken from, then: sudo systemctl reload nightporter",
            ("Compare the last events in the PMS's webhook log with the list of {who}: none may be missing."),
        ),
    ),
    needs=(
        sign("an event signed with the configured secret is refused", Sign.SIGNED_REFUSED),
        events_taken_since(),
    ),
    explains=both(WEBHOOK, signs(Sign.SIGNED_REFUSED)),
    fault=US,
    test="Compare the secret in the dashboard of {who} with the PMS's and with the configured one.",
    prior=0.5,
)

SECRET_WRONG = Rule(
    Cause.WEBHOOK_SECRET_WRONG,
    Words(
        title="the webhook refuses genuine events",
        sentence="sends events that the PMS refuses, because their signature does not fit",
        summary=(
            "Rightly signed events are refused: the secret is not the same on both sides, or a proxy "
            "changes events (or the URL, which Square signs too) on their way."
        ),
        steps=(
            (
                "Compare the secret in the dashboard of {who} with the PMS's: was one changed without "
                "the other? Enter the same on both sides, and in webhook.secret of the configuration."
            ),
            (
                "If they are the same, look at the proxy: body, host and scheme must arrive as they were "
                "sent, and the PMS must verify the raw body, not one parsed and written anew."
            ),
            AFTERWARDS,
        ),
    ),
    needs=(sign("", Sign.SIGNED_REFUSED, Sign.SIGNATURE_FAILURES),),
    unless=(sign("", Sign.FORGERY_ACCEPTED, Sign.NO_WEBHOOK_HERE),),
    supports=(
        shows("webhook", "a rightly signed event is refused", signs=(Sign.SIGNED_REFUSED,)),
        LOG_SHOWS,
        no(FORBIDDEN, ""),
    ),
    explains=either(
        both(WEBHOOK, signs(Sign.SIGNED_REFUSED)),
        both(LOG, signs(Sign.SIGNATURE_FAILURES, Sign.LOG_FAILURES)),
        lost_events,
    ),
    fault=US,
    test=(
        "Look for refused events in the PMS's webhook log, and for their ids in the dashboard of {who}: "
        "if it sent them, the secret is wrong; if it does not know them, they are forgeries; if the log "
        "has none, something in front stops them."
    ),
    prior=0.95,
)

BLOCKED = Rule(
    Cause.WEBHOOK_BLOCKED,
    Words(
        title="something in front of the webhook blocks events",
        sentence="cannot deliver its events: something in front of the PMS blocks them",
        summary=(
            "Every event is refused alike (403), signed or not: a firewall, a bot filter or a proxy "
            "answers before the PMS does."
        ),
        steps=(
            (
                "In the log of the firewall or filter (WAF, CDN) in front of {webhook}, find the rule "
                "that answers 403."
            ),
            "Exempt this path from it, for the addresses that {who} publishes, and only for those.",
            AFTERWARDS,
        ),
    ),
    needs=(FORBIDDEN,),
    unless=(sign("", Sign.SIGNATURE_FAILURES),),
    supports=(
        no(sign("", Sign.SIGNED_REFUSED), "the answer is not the PMS's own"),
        no(LOG_SHOWS, "the webhook log shows no failed signature: events do not get that far"),
    ),
    explains=either(both(WEBHOOK, reasons(Reason.FORBIDDEN)), lost_events),
    fault=NETWORK,
    test=(
        f"Run {ANSWER} and watch the PMS's web server log: no line means that something in front answered."
    ),
    prior=0.95,
    codes="403",
)

VERIFIER_CRASHES = Rule(
    Cause.WEBHOOK_VERIFIER_CRASHES,
    Words(
        title="the webhook's verifier crashes on bad signatures",
        sentence="is safe, but the PMS's webhook crashes on a bad signature instead of refusing it",
        summary=(
            "An event whose signature is missing or malformed is answered with an error of the server "
            "(5xx) instead of a refusal. Nothing forged is taken, but only because of the crash."
        ),
        steps=(
            (
                "Look into the PMS's webhook log whether genuine events get through; if so, it can wait "
                "for the day."
            ),
            (
                "Have the verifier answer 401 when the signature is missing or of another length, before "
                "it compares: in Node, crypto.timingSafeEqual throws on buffers of different length."
            ),
            (
                "Test it with no signature, a short one and a wrong one of the right length: each must "
                "get 401."
            ),
        ),
    ),
    needs=(sign("a bad signature is answered with an error of the server", Sign.VERIFIER_CRASHES),),
    explains=both(WEBHOOK, signs(Sign.VERIFIER_CRASHES)),
    fault=US,
    test=(
        "Look in the PMS's errors log for the exception of that moment: it names the verifier, or "
        "something else."
    ),
    codes=r"5\d\d",
)

SUBSCRIPTION_DISABLED = Rule(
    Cause.WEBHOOK_SUBSCRIPTION_DISABLED,
    Words(
        title="no events come, though payments go on",
        sentence="no longer sends events, though business goes on",
        summary=(
            "The webhook works when tried from here and payments go through, but no event tells of them: "
            "the subscription may be off, or lead elsewhere. Vendors switch one off after many failures."
        ),
        steps=(
            (
                "In the dashboard of {who}, look at the webhook's subscription: is it enabled, for the "
                "events that the PMS needs, and is its URL exactly {webhook}?"
            ),
            (
                "Enable it or put the URL right, send the dashboard's test event, and see it in the "
                "webhook log."
            ),
            AFTERWARDS,
        ),
    ),
    needs=(INSIDE, events_stopped(), business_goes_on()),
    supports=(others_come(),),
    explains=lost_events,
    fault=US,
    test=ATTEMPTS,
    prior=0.55,
)

BLOCKED_OUTSIDE = Rule(
    Cause.WEBHOOK_BLOCKED,
    Words(
        title="no events come in, perhaps blocked on the way",
        sentence="has sent no events for too long; they may be blocked on their way",
        summary=(
            "The webhook works when tried from here, but events have stopped. A firewall that lets us in "
            "may keep the vendor out; from here alone that cannot be seen."
        ),
        steps=(
            ATTEMPTS,
            (f"From outside, over a phone's connection, run: {ANSWER} - no answer means that it is blocked."),
            (
                "If so, allow the addresses that {who} publishes: sudo ufw allow proto tcp from RANGE to "
                "any port 443; look with sudo ufw status; then have it send the failed events again."
            ),
        ),
    ),
    needs=(INSIDE, events_stopped()),
    unless=(business_stopped(),),
    supports=(no(others_come(), "events of other vendors have stopped too"),),
    explains=lost_events,
    fault=NETWORK,
    test="Have {who} send a test event from its dashboard: it shows what it gets as an answer.",
    prior=0.5,
)

RULES = (
    URL_WRONG,
    OUR_SECRET_OLD,
    SECRET_WRONG,
    BLOCKED,
    VERIFIER_CRASHES,
    SUBSCRIPTION_DISABLED,
    BLOCKED_OUTSIDE,
)
