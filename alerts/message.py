"""An incident -> the mail about it: a whole message, the same bytes whenever it is rendered.

No clock and no I/O but the reading of the templates, once, when a `Renderer` is made.
"""

import re
from email.errors import MessageError

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError, select_autoescape

from alerts.incident import Incident
from alerts.message_letter import letter, tag
from alerts.message_mail import FRONT_DESK, Mail, NextStep, Told, Vendor
from alerts.message_parts import Letter
from alerts.message_text import clean
from alerts.message_wire import Envelope, assemble, plain
from alerts.notification import Kind

__all__ = [
    "FRONT_DESK",
    "Mail",
    "NextStep",
    "Renderer",
    "Told",
    "Vendor",
    "fallback",
    "subject",
    "templates",
    "titled",
]

SUBJECT_LENGTH = 250
_CODE = re.compile(r" \(\d{3}\)$")
_WAITS = re.compile(r"(level \d{1,2}) .*outside its hours")
_NEWS = {
    "it is an emergency now": "now emergency",
    "it is critical now": "now critical",
    "it is warning now": "now a warning",
    "another cause is probable now": "another cause",
    "one more reason to escalate": "one more reason to escalate",
}
"""What the reasons of updates are in a subject, by how they begin."""

MISHAPS = (
    TemplateError,
    MessageError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What laying out a message can raise: an alert must not be lost to any of it."""


def templates() -> Environment:
    """Return what reads and compiles the templates of letters; whatever HTML ones show is escaped."""
    return Environment(
        loader=PackageLoader("alerts"),
        autoescape=select_autoescape(enabled_extensions=("html.j2",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


class Renderer:
    """The mail templates, read and compiled once."""

    def __init__(self) -> None:
        found = templates()
        self._text = found.get_template("mail.txt.j2")
        self._html = found.get_template("mail.html.j2")

    def render(self, mail: Mail) -> bytes:
        """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
        try:
            return self.lay_out(_envelope(mail, subject(mail)), letter(mail))
        except MISHAPS as error:
            return fallback(mail, f"{type(error).__name__}: {error}")

    def lay_out(self, envelope: Envelope, content: Letter) -> bytes:
        """Return a letter as a message; raise one of `MISHAPS` when that cannot be done."""
        return assemble(envelope, self._text.render(letter=content), self._html.render(letter=content))


def subject(mail: Mail) -> str:
    """Return the subject, such as `[CRITICAL] Grand Harbour Hotel: payment: does not answer`.

    An update ends with what is new, such as `(now emergency)`, and only its title is ever cut.
    """
    title = titled(mail.incident, mail.level)
    new = _new(mail)
    length = SUBJECT_LENGTH - len(new)
    return clean(f"[{tag(mail)}] {clean(mail.hotel_name, 100)}: {title}", length) + new


def titled(incident: Incident, level: str) -> str:
    """Return an incident's title as those of a level read it: the front desk without codes."""
    return _CODE.sub("", incident.title) if level == FRONT_DESK else incident.title


def _new(mail: Mail) -> str:
    """Return what is new in an update; an empty text for another mail."""
    if mail.kind is not Kind.UPDATE:
        return ""
    waits = _WAITS.match(mail.reason)
    if waits is not None:
        return f" ({waits[1]} waits)"
    return next((f" ({said})" for start, said in _NEWS.items() if mail.reason.startswith(start)), "")


def _envelope(mail: Mail, on_top: str) -> Envelope:
    incident = mail.incident
    facts = {
        "Hotel": mail.hotel_id,
        "Integration": ",".join(incident.integrations),
        "Incident": incident.id,
        "Severity": str(incident.severity),
        "Level": mail.level,
        "Kind": str(mail.kind),
        "Cause": str(incident.diagnosis.cause),
    }
    if incident.criteria:
        facts["Criteria"] = ",".join(incident.criteria)
    return Envelope(mail.sender, mail.recipient, on_top, mail.date, mail.message_id, facts, mail.thread_root)


def fallback(mail: Mail, error: str) -> bytes:
    """Return a plain message for when the proper one cannot be made: it uses nothing that can fail."""
    incident = mail.incident
    word = "RESOLVED" if mail.kind is Kind.RESOLVED else incident.severity.upper()
    lines = [
        f"{incident.title}",
        "",
        f"{word}, hotel {mail.hotel_name}, incident {incident.id}, {mail.date.isoformat()}",
        *(f"- {breach.check}: {breach.state}, {breach.message}" for breach in incident.breaches[:20]),
        *(f"{number}. {step}" for number, step in enumerate(incident.diagnosis.steps[:3], 1)),
        *([f"Acknowledge: {mail.ack_command}"] if mail.ack_command else []),
        "",
        f"This mail is plain because the usual one could not be written: {error}",
    ]
    return plain(_envelope(mail, f"[{word}] {mail.hotel_name}: {incident.title}"), lines)
