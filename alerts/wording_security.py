"""What is said of security findings: what the checks say tells them apart."""

import re

from alerts.incident import Cause
from alerts.wording_causes import ROWS, Row
from checks.result import Reason

FORGED = Row(
    "the webhook takes events from anybody",
    "can be imitated by anybody: the PMS takes its events without verifying who sends them",
    "The PMS accepted events with forged signatures. Anybody who knows the address can make up bookings "
    "or payments.",
    (
        "Close the webhook for everybody but the vendor's addresses, at the firewall or proxy, at once.",
        "Have the signature check of the PMS repaired: it must refuse what is wrongly signed, or not at all.",
        "Check the events taken since it last worked against the vendor's own list.",
    ),
    Cause.WEBHOOK_SIGNATURE_NOT_VERIFIED,
    "certain",
    "us",
)
CARD_IN_LOG = Row(
    "a card number stands in a log",
    "has a log in the hotel's systems that holds a guest's card number",
    "A log holds a whole card number, which nobody may keep there; whoever reads the log can use it.",
    (
        "Let nobody but whoever answers for card data read the file; keep one copy locked away as evidence.",
        "Find what wrote it, and have it masked before it is written.",
        "Tell whoever answers for card data (PCI DSS) in the hotel; remove the number as they say.",
    ),
    Cause.CARD_NUMBER_IN_LOG,
    "certain",
    "us",
)
LOGINS = Row(
    "somebody tries passwords",
    "is being tried with many passwords",
    "Many logins have failed within minutes, far more than people mistype.",
    (
        "Look in the audit log which accounts and addresses are concerned, and whether one got in.",
        "Lock those accounts or addresses; change the passwords of accounts that got in.",
        "Keep the log: it is the evidence.",
    ),
    Cause.LOGIN_ATTACK,
    "likely",
    "unknown",
)
GAP = Row(
    "the audit trail has a gap",
    "has lost a part of its audit trail",
    "The audit log was emptied, replaced or removed, and not by rotation.",
    (
        "Find out who had access to the log, and when it was changed.",
        "Secure what is left, and copies in backups.",
        "Compare with other logs what was done in the time that is missing.",
    ),
    Cause.AUDIT_TRAIL_GAP,
    "likely",
    "unknown",
)
STOLEN_CARDS = Row(
    "stolen cards are tried",
    "is used to try stolen cards",
    "Many payments are refused within minutes as stolen cards are: somebody tries which of them work.",
    (
        "Close or slow down the payment page that is used: a captcha, a limit per address.",
        "Call the gateway's support: it can block the pattern.",
        "Refund small payments that went through; their owners did not make them.",
    ),
    Cause.CARD_TESTING,
    "likely",
    "guest",
)

_TOLD = (
    (re.compile(r"the audit trail has a gap"), GAP),
    (re.compile(r"\bforged events?\b"), FORGED),
    (re.compile(r"\bcard numbers? stands?\b"), CARD_IN_LOG),
    (re.compile(r"\bfailed logins?\b"), LOGINS),
    (re.compile(r"\bstolen cards are tried\b"), STOLEN_CARDS),
)
"""What our checks say, whatever they are called."""


def of(message: str) -> Row:
    """Return the row of a security finding, from what its check says."""
    return next((row for pattern, row in _TOLD if pattern.search(message)), ROWS[Reason.SECURITY])
