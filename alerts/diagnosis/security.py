"""Rules of the decision table: findings that show an attack, or data and traces that are not safe.

Each accounts for its own finding alone: what else fails in the same integration has a cause of its own.
"""

from alerts.diagnosis.conditions import no, shows, sign
from alerts.diagnosis.explains import signs
from alerts.diagnosis.rule import US, Rule, Words
from alerts.incident import Cause
from checks.result import Sign

NOBODY = "unknown"
"""Whose fault it is when a stranger attacks: nobody's whom a letter could name."""

FORGED = Rule(
    Cause.WEBHOOK_SIGNATURE_NOT_VERIFIED,
    Words(
        title="the webhook takes events from anybody",
        sentence="can be imitated by anybody: the PMS takes its events without verifying who sends them",
        summary=(
            "The PMS accepted events without a valid signature, each of them twice. Whoever knows the "
            "address can make up bookings or payments."
        ),
        steps=(
            "At the firewall or proxy, close {webhook} to everybody but the addresses of {who}, now.",
            (
                "Have the PMS refuse (401) what is not signed rightly: compare the HMAC of the raw body "
                "with the signature in constant time, and refuse a signature of another length before "
                "comparing."
            ),
            (
                "Keep the logs and change nothing in them. Hold every event taken since it last worked "
                "against the list of {who}; call its support, and undo what it has not sent."
            ),
        ),
    ),
    needs=(sign("forged events were accepted, each of them twice", Sign.FORGERY_ACCEPTED),),
    explains=signs(Sign.FORGERY_ACCEPTED),
    fault=US,
    test=(
        "Run curl -sSo /dev/null -w '%{{http_code}}\\n' -H 'Content-Type: application/json' "
        '-d \'{{"event":"monitor.ping"}}\' "{webhook}" - a 2xx confirms it, unless the PMS answers before it '
        "verifies (then set ack_before_verify)."
    ),
    prior=0.95,
)

STOLEN_CARDS = Rule(
    Cause.CARD_TESTING,
    Words(
        title="stolen cards are tried",
        sentence="is used to try stolen cards",
        summary=(
            "Many cards are refused within minutes over tiny amounts: somebody tries which stolen ones work."
        ),
        steps=(
            "Put a captcha or a limit per address on the payment page that is used, or close it for now.",
            (
                "Call the support of {who}: it can block the pattern. Keep the logs of the page, they "
                "are evidence."
            ),
            (
                "Refund the small payments that went through: their owners did not make them. Do not "
                "retry any."
            ),
        ),
    ),
    needs=(sign("many cards are refused within minutes over tiny amounts", Sign.STOLEN_CARDS),),
    explains=signs(Sign.STOLEN_CARDS),
    fault=NOBODY,
    test=(
        "In the dashboard of {who}, look at the refused payments of the last ten minutes: many cards "
        "from few addresses are an attack, each guest a card of his own is not."
    ),
)

CARD_IN_LOG = Rule(
    Cause.CARD_NUMBER_IN_LOG,
    Words(
        title="a card number stands in a log",
        sentence="has a log in the hotel's systems that holds a guest's card number",
        summary=(
            "A log holds a whole card number, which nobody may keep there; whoever reads the log can use it."
        ),
        steps=(
            (
                "Let nobody read the log named below who need not: chmod o-rwx on it. Think of its "
                "copies too (backups, collectors of logs). Send the line to nobody."
            ),
            (
                "Call whoever answers for card data (PCI DSS) in the hotel. Keep one copy locked away as "
                "evidence; remove the number only as they say."
            ),
            ("Find what wrote it, often a change of the last days, and have it masked before it is written."),
        ),
        whole="a log of the hotel holds a guest's card number",
    ),
    needs=(sign("a line holds a number that is a valid card number", Sign.CARD_NUMBER),),
    explains=signs(Sign.CARD_NUMBER),
    fault=US,
    test=(
        "Look at the line alone, at the byte that the evidence names (tail -c +BYTE FILE | head -n 1): an "
        "order or tracking number that only looks like a card number is no leak."
    ),
)

LOGINS = Rule(
    Cause.LOGIN_ATTACK,
    Words(
        title="somebody tries passwords",
        sentence="is being tried with many passwords",
        summary="Many logins failed within minutes, far more than people mistype.",
        steps=(
            (
                "See which accounts and addresses it is: "
                "grep -rhiE 'fail|denied|invalid' {log_dir}/audit | tail -n 40"
            ),
            (
                "Block these addresses at the firewall. If a login from one of them worked, lock that "
                "account, end its sessions, change its password, and call the next level at once."
            ),
            "Keep the audit log, and copy it to another machine: it is the evidence.",
        ),
        whole="somebody tries many passwords on the hotel's systems",
    ),
    needs=(sign("failed logins come in a burst", Sign.FAILED_LOGINS),),
    explains=signs(Sign.FAILED_LOGINS),
    fault=NOBODY,
    test=(
        "See whether all failures are of one account from one of the hotel's own addresses: that is a "
        "program with an old password, not an attack."
    ),
)

GAP = Rule(
    Cause.AUDIT_TRAIL_GAP,
    Words(
        title="the audit trail has a gap",
        sentence="has lost a part of its audit trail",
        summary=(
            "The audit log was emptied, replaced or removed, and not by rotation: somebody may hide what "
            "was done."
        ),
        steps=(
            (
                "Secure what is left, on another machine: tar czf audit-evidence.tgz {log_dir}/audit - "
                "and the last backup."
            ),
            (
                "See who was there when it was changed: ls -la --time-style=full-iso {log_dir}/audit; "
                "last -F | head -n 20. Ask them; if nobody did it, treat the machine as broken into, and "
                "call the next level."
            ),
            (
                "Compare with other logs (web server, database, sudo) what was done in the time that is "
                "missing."
            ),
        ),
        whole="a part of the hotel's audit trail is gone",
    ),
    needs=(sign("a part of the audit log is gone, and not by rotation", Sign.AUDIT_GAP),),
    explains=signs(Sign.AUDIT_GAP),
    fault=NOBODY,
    supports=(no(shows("logs", "", signs=(Sign.LOG_GONE,)), "the other logs are where they belong"),),
    test=(
        "Look at the folders beside {log_dir}/audit: if they are gone or empty too, a disk is not "
        "mounted or a clean-up went too far, and nobody was after the audit log."
    ),
)

RULES = (FORGED, STOLEN_CARDS, CARD_IN_LOG, GAP, LOGINS)
