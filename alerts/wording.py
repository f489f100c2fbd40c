"""Plain words: what an integration is, what its failure means, and what is said of an unknown cause."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

from alerts.criteria import NOBODYS, STANDS_ON
from alerts.incident import Breach, Cause, Criterion, Diagnosis, Incident
from alerts.message_text import clean
from alerts.wording_control import CONTROL, CONTROL_ALONE
from alerts.wording_reasons import (
    BACKUP,
    ELSEWHERE,
    ERRING,
    NO_UPDATES,
    PAST_LIMIT,
    REFUSED,
    ROWS,
    SLOW,
    WITHIN,
    Row,
)
from alerts.wording_vendor import WITHOUT_VENDOR
from checks.result import Reason, Sign, State

_AT_RISK = "Nothing fails for guests as far as this shows, but their data or the hotel's money are at risk."
_AT_RISK_AND_MORE = "The data of guests or the hotel's money are at risk, and more fails: see the evidence."
NO_BACKUP = (
    "Nothing fails for guests today. But were the PMS's disk to fail now, bookings and invoices that no "
    "backup holds would be lost for good."
)
_LOCAL_NAMES = ("localhost", ".local", ".lan", ".internal", ".home", ".intranet")
SLOW_CAUSES = frozenset({Cause.SLOW_RESPONSES, Cause.NETWORK_LATENCY})
_HOST = re.compile(
    r"\b((?:[A-Za-z0-9_-]{1,63}\.){1,10}[A-Za-z]{2,24}|(?:\d{1,3}\.){3}\d{1,3}|localhost)(:\d{1,5})?\b"
)
_OUR_WORDS = frozenset({Reason.DNS, Reason.CONNECT, Reason.TIMEOUT})
"""Reasons whose messages quote nobody: a host name in them is the one that was asked."""


@dataclass(frozen=True, slots=True)
class KindWords:
    """A kind of integration: what it is called, what its failure means, and what to do about that.

    `down` is what happens while it does not work, `after` what to check once it works again, `desk` what the
    front desk can do meanwhile.
    """

    noun: str
    down: str
    after: str
    desk: tuple[str, ...]


KINDS: dict[str, KindWords] = {
    "booking_engine": KindWords(
        "The booking engine",
        "guests may not be able to book on the hotel's own website; rooms may be sold twice or not offered, "
        "and bookings may be missing from the PMS.",
        "Check that availability is right and that bookings made in this time are in the PMS.",
        (
            "Take bookings by phone and e-mail, straight into the PMS.",
            "For the last free rooms, check with reservations before you sell them.",
        ),
    ),
    "ota": KindWords(
        "The travel site",
        "new bookings, changes and cancellations from it may not reach the PMS, and prices and availability "
        "there may be old. After 30 minutes some sites send bookings by e-mail; key them in.",
        "Compare today's arrivals with the site's extranet, and key in what came by e-mail.",
        (
            "Look into the site's extranet and the hotel's mailbox for bookings that are not in the PMS.",
            "If rooms are short, close them on the site's extranet, or call the channel manager first.",
        ),
    ),
    "payment": KindWords(
        "The payment gateway",
        "deposits and online payments cannot be taken. A payment that was under way may have been charged "
        "without showing in the PMS.",
        "Before a failed payment is taken again, look in the gateway whether the guest was charged already.",
        (
            "Use the card terminal at the desk, or take payment at check-out.",
            "Do not charge a card again before the first attempt is known to have failed.",
        ),
    ),
    "email": KindWords(
        "The hotel's e-mail",
        "guests do not get confirmations, door codes and pre-arrival mails; they will call. Bookings that "
        "travel sites send by e-mail when their connection fails may not arrive either.",
        "Check that confirmations of this time have gone out, and send those that have not.",
        (
            "Confirm new bookings by phone.",
            "Give guests who arrive today their details by phone or at the desk.",
        ),
    ),
    "channel_manager": KindWords(
        "The channel manager",
        "rooms sold now may be sold again online: availability no longer reaches the sales channels "
        "(risk of overbooking).",
        "Check that availability on the channels is right again, first for dates that are nearly full.",
        (
            "Close room types that are nearly full in each travel site's extranet.",
            "Before you sell one of the last rooms, check the extranets for new bookings.",
        ),
    ),
    "pms": KindWords(
        "The hotel system (PMS)",
        "check-in, bookings and invoices may not work, and nothing can be said about data kept in it.",
        "Check that bookings and payments of this time are there.",
        ("Work with the last printed lists.", "Write down what you sell and charge."),
    ),
    "network": KindWords(
        "The hotel's network connection",
        "everything that needs the internet may fail: bookings, payments and e-mail.",
        "Check that bookings and payments of this time are there.",
        ("Check whether the internet works at the desk.", "Use a mobile phone for what cannot wait."),
    ),
}
"""What is known of each kind; `generic` is absent, because nothing is."""


def kind_words(kind: str, name: str) -> KindWords:
    """Return the words for an integration: its kind's, with its name where the kind does not say all."""
    shown = clean(name, 64)
    known = KINDS.get(kind)
    if known is None:
        return KindWords(
            f"The integration {shown}",
            f"Night Porter does not know what the hotel uses {shown} for, so it cannot say what this means "
            "for guests and sales. Tell those who work with it.",
            f"Check with those who work with {shown} that nothing is missing.",
            (f"Ask those who work with {shown} what they need meanwhile.",),
        )
    if name == kind:
        return known
    return KindWords(f"{known.noun} {shown}", known.down, known.after, known.desk)


def consequence(incident: Incident, words: KindWords, kind: str) -> str:
    """Return what trouble with one integration means for guests and sales, as far as it can be known."""
    if Criterion.SECURITY_INCIDENT in incident.criteria:
        alone = all(breach.reason is Reason.SECURITY for breach in incident.breaches)
        return _AT_RISK if alone else _AT_RISK_AND_MORE
    if kind not in KINDS:
        return words.down
    unknown = incident.diagnosis.cause is Cause.UNKNOWN
    if unknown and all(_control(breach) is not None for breach in incident.breaches):
        return CONTROL_ALONE
    return _lead(incident).format(down=words.down)


def about_backup(incident: Incident) -> bool:
    """Say whether an incident is about nothing but the PMS's backup."""
    return bool(incident.breaches) and all(_backup(one) is not None for one in incident.breaches)


def _backup(breach: Breach) -> Row | None:
    is_it = (breach.check.integration, breach.check.check) == ("pms", "backup")
    return BACKUP.get(breach.reason) if is_it else None


def _control(breach: Breach) -> Row | None:
    is_it = (breach.check.integration, breach.check.check) == ("network", "control")
    return CONTROL.get(breach.reason) if is_it else None


def _lead(incident: Incident) -> str:
    """Return the sentence into which goes what happens while the integration does not work."""
    if incident.diagnosis.cause is Cause.CERTIFICATE_EXPIRING:
        return "Nothing fails yet. Once the certificate has expired, {down}"
    if incident.diagnosis.cause in SLOW_CAUSES:
        return "It works, but guests and staff wait, and some give up. If it gets worse, {down}"
    if Criterion.CRITICAL_SYSTEM_DOWN in incident.criteria:
        return "While this lasts, {down}"
    if any(breach.state is State.CRITICAL for breach in incident.breaches):
        return "Part of it fails, as far as the checks show. Where that part is needed, {down}"
    return "It still works, as far as the checks show. If it gets worse, {down}"


def unexplained(breaches: tuple[Breach, ...], kind: str) -> Diagnosis:
    """Return what is said of breaches of one integration that no rule explains: what fails, and no cause.

    The first breach, the worst, is the one that is told of.
    """
    breach = breaches[0]
    telling = next((row for fits, row in _TELLING if fits(breach)), None)
    row = _backup(breach) or _control(breach) or telling or ROWS.get(breach.reason, PAST_LIMIT)
    code = re.search(rf"\b({row.codes})\b", breach.message) if row.codes else None
    whole = STANDS_ON.get(kind, ("health",)) == (breach.check.check,) or _backup(breach) is not None
    part = "" if whole else f"check {breach.check.check}"
    noted = ", ".join(one for one in (code[1] if code else "", part) if one)
    return Diagnosis(
        cause=Cause.UNKNOWN,
        confidence="unknown",
        fault="unknown",
        summary=_fill(row.summary, breach),
        steps=tuple(_fill(_fitting(step, breach, kind), breach) for step in row.steps),
        title=f"{breach.check.integration}: {row.title}" + (f" ({noted})" if noted else ""),
        sentence=(f"({part}) " if part else "") + row.sentence,
    )


_TELLING: tuple[tuple[Callable[[Breach], bool], Row], ...] = (
    (lambda one: Sign.CONNECTION_REFUSED in one.signs, REFUSED),
    (lambda one: one.reason is Reason.THRESHOLD and one.unit == "ms", SLOW),
    (lambda one: one.reason is Reason.THRESHOLD and one.unit == "%", ERRING),
    (lambda one: one.reason is Reason.STALE and one.check.check in {"sync_log", "rate_log"}, NO_UPDATES),
)
"""Breaches that tell more than their reason does."""


def _fitting(step: str, breach: Breach, kind: str) -> str:
    """Return a step as it fits the integration: not every one has a vendor, or is on the internet."""
    if kind not in KINDS or kind in NOBODYS:
        step = WITHOUT_VENDOR.get(step, step)
    return WITHIN if step == ELSEWHERE and _is_local(breach) else step


def _is_local(breach: Breach) -> bool:
    """Say whether the host that failed is one that only the hotel's own network reaches."""
    found = _HOST.search(breach.message)
    if found is None:
        return False
    try:
        return not ip_address(found[1]).is_global
    except ValueError:
        return found[1].lower().endswith(_LOCAL_NAMES)


def _fill(text: str, breach: Breach) -> str:
    host = _HOST.search(breach.message) if breach.reason in _OUR_WORDS else None
    return text.format(
        who=breach.check.integration,
        check=breach.check.check,
        host=host[1] if host else "HOST",
        port=host[2].removeprefix(":") if host and host[2] else "PORT",
    )
