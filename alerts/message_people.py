"""Who was told, who is next, how to acknowledge, and whom to call outside."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from alerts.incident import Acknowledgement, Severity
from alerts.message_headline import called, listed
from alerts.message_mail import FRONT_DESK, Mail, Told, Vendor
from alerts.message_parts import Line
from alerts.message_text import clean, hotel_time
from alerts.notification import Kind

MOST_NAMES = 20
_DIGITS = "0123456789"
_NUMBER = re.compile(r"\+?[0-9][0-9 ()./-]{1,38}[0-9]")


def scope(mail: Mail) -> Iterator[Line]:
    """Return how the hotel's other integrations are."""
    if mail.affected:
        yield Line(f"Also not well: {listed(called(mail, mail.affected), MOST_NAMES)}")
    if mail.healthy:
        yield Line(f"Working: {listed(called(mail, mail.healthy), MOST_NAMES)}")
    if not mail.affected and not mail.healthy:
        yield Line("Nothing is known of other integrations of this hotel.")


def told(mail: Mail) -> Iterator[Line]:
    """Return who was told when, and who promised to look after it; once it is over, who hears that."""
    over = mail.kind is Kind.RESOLVED
    for one in mail.told:
        phone = f" ({clean(one.phone, 60)})" if one.phone else ""
        when = "" if over else f": {_when(one, mail)}"
        yield Line(f"{clean(one.role, 200)}{phone}{when}", tel(one.phone), details=(_people(one),))
    if mail.incident.acknowledgement is not None and not over:
        yield Line(_promise(mail.incident.acknowledgement, mail))


def to_call(mail: Mail) -> Iterator[Line]:
    """Return whom the front desk calls, level 1 first; where no phone is known, who was told by mail."""
    people = _colleagues(mail)
    for one in people:
        if one.phone:
            yield Line(f"{clean(one.role, 200)}: {clean(one.phone, 60)}", tel(one.phone))
    if not any(one.phone for one in people):
        for one in people:
            way = " by e-mail" if any("@" in each for each in one.recipients) else ""
            yield Line(f"{clean(one.role, 200)}: {_when(one, mail)}{way}, no phone number is configured")
    yield from _outside(mail)
    if mail.incident.acknowledgement is not None:
        yield Line(_promise(mail.incident.acknowledgement, mail))


def first_to_call(mail: Mail) -> str:
    """Return whom to call first, with the phone, as it reads within a sentence."""
    people = _colleagues(mail)
    one = next((one for one in people if one.phone), None)
    return f"{clean(one.role, 200)} ({clean(one.phone or '', 60)})" if one else "those named below"


def _colleagues(mail: Mail) -> list[Told]:
    return sorted((one for one in mail.told if one.level != FRONT_DESK), key=lambda one: one.level)


def _outside(mail: Mail) -> Iterator[Line]:
    """Return who else helps with what Night Porter knows nothing of: its vendor, its instructions."""
    name = mail.incident.integrations[0] if len(mail.incident.integrations) == 1 else ""
    if mail.kinds.get(name) != "generic":
        return
    if mail.vendor is not None and mail.vendor.phone:
        yield Line(
            f"The support of {clean(name, 64)}: {clean(mail.vendor.phone, 60)}", tel(mail.vendor.phone)
        )
    if mail.docs_url:
        yield linked("Instructions", mail.docs_url)


def _when(one: Told, mail: Mail) -> str:
    return f"told {_at(one.at, mail)}" if one.at else "told as soon as mail can be sent"


def _people(one: Told) -> str:
    return listed([clean(address, 254) for address in one.recipients], MOST_NAMES)


def _promise(promise: Acknowledgement, mail: Mail) -> str:
    note = f": {clean(promise.note)}" if promise.note else ""
    by = clean(promise.by, 200)
    return f"{by} looks after it since {_hour(promise.at, mail)}, until {_hour(promise.until, mail)}{note}"


def following(mail: Mail) -> Line:
    """Return who is told next, when and why, or why nobody is."""
    step = mail.next_step
    if step is not None:
        when = f" {_at(step.at, mail)} hotel time" if step.at else ""
        why = clean(step.reason).removesuffix(".")
        because = f" ({_uncapital(why)})" if why else ""
        return Line(f"Next: {clean(step.role, 200)}{when}{because}.")
    if mail.standstill:
        return Line(f"Next: nobody else. {clean(mail.standstill[:1].upper() + mail.standstill[1:])}.")
    if mail.incident.severity is Severity.WARNING:
        return Line("Next: nobody else is told of a warning.")
    return Line("Next: no further step is planned. It is for those named above to act.")


def _uncapital(text: str) -> str:
    """Return a sentence as it reads within another: names in capitals stay."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def promise_to_the_desk(mail: Mail) -> Line:
    """Return when the front desk hears of it again."""
    worse = "" if mail.incident.severity is Severity.EMERGENCY else ", or if it becomes an emergency"
    return Line(f"You are told again when it is over{worse}.")


def acknowledging(mail: Mail) -> str:
    """Return the heading over how to acknowledge, with what that does where it does something."""
    stops = mail.next_step is not None and mail.incident.severity is not Severity.WARNING
    return "Acknowledge, and nobody else is told for 1 h unless it becomes worse" if stops else "Acknowledge"


def acknowledge(mail: Mail) -> Iterator[Line]:
    """Return how to say that one looks after it."""
    if mail.ack_link:
        yield replace(linked("Open", mail.ack_link), button="Acknowledge this incident")
    if mail.ack_command:
        yield Line(f"On the porter's host: {clean(mail.ack_command)}")
    yield from page(mail)


def page(mail: Mail) -> Iterator[Line]:
    """Return where all of the incident is to be read, if that can be reached."""
    if mail.public_url and "[hidden]" not in mail.public_url:
        yield linked("Its page", f"{mail.public_url.rstrip('/')}/incidents/{clean(mail.incident.id, 64)}")


def vendor(mail: Mail) -> Iterator[Line]:
    """Return whom to call, and what we are called there; nobody when the trouble is no single vendor's."""
    found = mail.vendor
    several = len(mail.incident.integrations) > 1 or mail.incident.diagnosis.whole
    return iter(()) if found is None or several else _contact(found)


def _contact(found: Vendor) -> Iterator[Line]:
    if found.support:
        yield Line(f"Support: {clean(found.support)}")
    if found.phone:
        yield Line(f"Phone: {clean(found.phone, 60)}", tel(found.phone))
    if found.account:
        yield Line(f"Our account there: {clean(found.account, 200)}")
    if found.status_url:
        yield linked("Their status", found.status_url)


def more(mail: Mail) -> Iterator[Line]:
    """Return where more is to be read."""
    if mail.docs_url and len(mail.incident.integrations) < 2:
        yield linked("Instructions", mail.docs_url)
    if mail.public_url:
        yield linked("Status page", mail.public_url)


def linked(label: str, address: str) -> Line:
    """Return a line that leads to an address, if that is one of the web."""
    shown = clean(address, 1000)
    link = shown if shown.startswith(("https://", "http://")) else None
    return Line(f"{label}: {shown}", link)


def tel(phone: str | None) -> str | None:
    """Return what a phone dials: digits, and a plus before them; None for what is not plainly a number."""
    shown = clean(phone or "", 60).replace("(0)", "")
    if not _NUMBER.fullmatch(shown):
        return None
    return f"tel:{'+' * shown.startswith('+')}{''.join(filter(_DIGITS.__contains__, shown))}"


def _at(at: datetime, mail: Mail) -> str:
    shown = _hour(at, mail)
    return f"at {shown}" if shown[:1].isdigit() and ":" in shown[:3] else f"on {shown}"


def _hour(at: datetime, mail: Mail) -> str:
    return hotel_time(at, mail.date, mail.timezone)
