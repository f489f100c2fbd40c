"""What helps beside the diagnosis, as a mail and a page say it: each at its place, in a mail a few lines."""

from collections.abc import Iterator
from urllib.parse import quote

from alerts.aids.aid import Aid, AidKind, Ticket
from alerts.aids.telling import desk_lines, lines
from alerts.aids.ticket_short import shortened
from alerts.message_mail import FRONT_DESK, Mail
from alerts.message_parts import Line, Section
from alerts.message_text import clean

MOST_LINES = 4
"""Lines of an aid in a mail; all of them are on the page."""

LINK_LENGTH = 1990
"""Characters of a link that mail programs and browsers take, all of them."""

MEANING = (AidKind.CLOCK, AidKind.RADAR, AidKind.TRIAGE)
"""Kinds that say what it means for guests and sales; they stand beside that."""

EVIDENCE = (AidKind.BUDGET, AidKind.SILENCE)
"""Kinds that show what is going on; they stand beside what was seen."""

_STATEMENTS = "All that are known, and the statements to see and to mend it, are on the incident's page."
_BEYOND = "All of it is on the incident's page."


def of_guests(mail: Mail, *, whole: bool = False) -> Iterator[Section]:
    """Return what helps to see what it means for guests and sales."""
    return _sections(mail, MEANING, whole=whole)


def of_evidence(mail: Mail, *, whole: bool = False) -> Iterator[Section]:
    """Return what helps to see what is going on."""
    return _sections(mail, EVIDENCE, whole=whole)


def of_desk(mail: Mail) -> Iterator[Section]:
    """Return what helps at the front desk."""
    for aid in _of(mail, tuple(AidKind)):
        said = desk_lines(aid)
        if said:
            yield Section(clean(aid.heading, 100), tuple(Line(text) for text in said[:MOST_LINES]))


def of_vendor(mail: Mail) -> Iterator[Line]:
    """Return how to write to the vendor what fails, where that is a matter of theirs."""
    for ticket in _tickets(mail):
        command = f"nightporter incidents ticket {clean(mail.incident.id, 64)}"
        text = f"A letter to them, ready to send: {command}"
        if ticket.to:
            yield Line(text, mailto(ticket), button="Write to their support")
        elif mail.vendor is not None:
            yield Line(text)


def mailto(ticket: Ticket) -> str:
    """Return the link that opens a ticket in a mail program (RFC 6068); a long one tells fewer requests."""
    start = f"mailto:{quote(ticket.to, safe='@')}?subject={quote(ticket.subject, safe='')}&body="
    room = LINK_LENGTH - len(start)
    return start + _encoded(shortened(ticket.body, lambda body: len(_encoded(body)) <= room))


def _encoded(text: str) -> str:
    return quote(text.replace("\n", "\r\n"), safe="")


def _tickets(mail: Mail) -> Iterator[Ticket]:
    return (aid.ticket for aid in _of(mail, (AidKind.TICKET,)) if aid.ticket is not None)


def _of(mail: Mail, kinds: tuple[AidKind, ...]) -> list[Aid]:
    return [aid for kind in kinds for aid in mail.aids if aid.kind is kind]


def _sections(mail: Mail, kinds: tuple[AidKind, ...], *, whole: bool) -> Iterator[Section]:
    assert mail.level != FRONT_DESK  # noqa: S101 - the desk reads its own lines
    for aid in _of(mail, kinds):
        said = lines(aid, mail.date, mail.timezone)
        shown = said if whole or len(said) <= MOST_LINES else (*said[: MOST_LINES - 1], _more(aid, said))
        if shown:
            yield Section(clean(aid.heading, 100), tuple(Line(text) for text in shown))


def _more(aid: Aid, said: tuple[str, ...]) -> str:
    if aid.kind is AidKind.TRIAGE:
        # Its lines are no bookings: how many there are stands in the first one.
        return _STATEMENTS
    return f"And {len(said) - MOST_LINES + 1} more. {_BEYOND}"
