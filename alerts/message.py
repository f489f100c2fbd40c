"""An incident -> the mail about it: a whole message, the same bytes whenever it is rendered.

No clock and no I/O but the reading of the templates, once, when a `Renderer` is made.
"""

import hashlib
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from jinja2 import Environment, PackageLoader, StrictUndefined, TemplateError, select_autoescape

from alerts.message_letter import letter, tag
from alerts.message_mail import FRONT_DESK, Mail, NextStep, Told, Vendor
from alerts.message_text import clean
from alerts.notification import Kind

__all__ = ["FRONT_DESK", "Mail", "NextStep", "Renderer", "Told", "Vendor", "fallback", "subject"]

SUBJECT_LENGTH = 250
HEADER_LENGTH = 900
_TOKENS = ("message-id", "in-reply-to", "references", "x-")
"""Headers of ids and names: the standard library would tear long ones apart as encoded words."""


_MISHAPS = (
    TemplateError,
    MessageError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What laying out a message can raise: an alert must not be lost to any of it."""


class _Policy(EmailPolicy):
    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower().startswith(_TOKENS) or (name == "Subject" and value.isascii()):
            return f"{name}: {value}\r\n".encode("ascii", "replace")
        return super().fold_binary(name, value)


_WIRE = _Policy(linesep="\r\n", cte_type="7bit", max_line_length=76)


class Renderer:
    """The mail templates, read and compiled once."""

    def __init__(self) -> None:
        environment = Environment(
            loader=PackageLoader("alerts"),
            autoescape=select_autoescape(enabled_extensions=("html.j2",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._text = environment.get_template("mail.txt.j2")
        self._html = environment.get_template("mail.html.j2")

    def render(self, mail: Mail) -> bytes:
        """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
        try:
            content = letter(mail)
            return _assemble(mail, self._text.render(letter=content), self._html.render(letter=content))
        except _MISHAPS as error:
            return fallback(mail, f"{type(error).__name__}: {error}")


def subject(mail: Mail) -> str:
    """Return the subject, such as `[CRITICAL] Grand Harbour Hotel: payment: does not answer`."""
    return clean(f"[{tag(mail)}] {clean(mail.hotel_name, 100)}: {mail.incident.title}", SUBJECT_LENGTH)


def _assemble(mail: Mail, text: str, html: str) -> bytes:
    message = EmailMessage(policy=_WIRE)
    message["From"] = _address(mail.sender)
    message["To"] = _address(mail.recipient)
    message["Subject"] = subject(mail)
    message["Date"] = mail.date
    for name, value in _headers(mail).items():
        message[name] = value
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    # "=_" cannot occur in quoted-printable text, so no content can end a part.
    message.set_boundary(f"=_{hashlib.blake2b(mail.message_id.encode(), digest_size=15).hexdigest()}")
    return message.as_bytes()


def _address(text: str) -> Address:
    name, address = parseaddr(clean(text, 600))
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain.encode("idna").decode("ascii"))


def _headers(mail: Mail) -> dict[str, str]:
    incident = mail.incident
    headers = {"Message-ID": _token(mail.message_id)}
    if mail.thread_root and mail.thread_root != mail.message_id:
        headers["In-Reply-To"] = headers["References"] = _token(mail.thread_root)
    headers |= {
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "X-Nightporter-Hotel": _token(mail.hotel_id),
        "X-Nightporter-Integration": _token(",".join(incident.integrations)),
        "X-Nightporter-Incident": _token(incident.id),
        "X-Nightporter-Severity": _token(incident.severity),
        "X-Nightporter-Level": _token(mail.level),
        "X-Nightporter-Kind": _token(mail.kind),
        "X-Nightporter-Cause": _token(incident.diagnosis.cause),
    }
    if incident.criteria:
        headers["X-Nightporter-Criteria"] = ",".join(incident.criteria)
    return headers


def _token(value: str) -> str:
    return "".join(char if "!" <= char <= "~" else "_" for char in value[:HEADER_LENGTH])


def fallback(mail: Mail, error: str) -> bytes:
    """Return a plain message for when the proper one cannot be made: it uses nothing that can fail."""
    incident = mail.incident
    headers = {
        "From": mail.sender,
        "To": mail.recipient,
        "Subject": f"[{_word(mail)}] {mail.hotel_name}: {incident.title}",
    }
    headers |= {"Date": format_datetime(mail.date)} | _headers(mail)
    headers |= {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=us-ascii"}
    lines = [
        f"{incident.title}",
        "",
        f"{_word(mail)}, hotel {mail.hotel_name}, incident {incident.id}, {mail.date.isoformat()}",
        *(f"- {breach.check}: {breach.state}, {breach.message}" for breach in incident.breaches[:20]),
        *(f"{number}. {step}" for number, step in enumerate(incident.diagnosis.steps[:3], 1)),
        "",
        f"This mail is plain because the usual one could not be written: {error}",
    ]
    head = [f"{name}: {_ascii(value, 500)}" for name, value in headers.items()]
    return "\r\n".join([*head, "", *(_ascii(line, 500) for line in lines), ""]).encode("ascii")


def _word(mail: Mail) -> str:
    return "RESOLVED" if mail.kind is Kind.RESOLVED else mail.incident.severity.upper()


def _ascii(text: str, length: int) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text[:length])
