"""A letter in its envelope -> the bytes that go over the wire, the same whenever they are made."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr

from alerts.message_text import clean

HEADER_LENGTH = 900
_TOKENS = ("message-id", "in-reply-to", "references", "x-")
"""Headers of ids and names: the standard library would tear long ones apart as encoded words."""


class _Policy(EmailPolicy):
    def fold_binary(self, name: str, value: str) -> bytes:
        if name.lower().startswith(_TOKENS) or (name == "Subject" and value.isascii()):
            return f"{name}: {value}\r\n".encode("ascii", "replace")
        return super().fold_binary(name, value)


_WIRE = _Policy(linesep="\r\n", cte_type="7bit", max_line_length=76)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What is on the outside of a message. `facts` are the values of our own headers, by their last words.

    `thread_root` is the Message-ID of the first mail of the thread, None or our own for that mail itself.
    """

    sender: str
    recipient: str
    subject: str
    date: datetime
    message_id: str
    facts: Mapping[str, str]
    thread_root: str | None = None


def assemble(envelope: Envelope, text: str, html: str) -> bytes:
    """Return a message of two parts; raise what the standard library raises on what cannot be written."""
    message = EmailMessage(policy=_WIRE)
    message["From"] = _address(envelope.sender)
    message["To"] = _address(envelope.recipient)
    message["Subject"] = envelope.subject
    message["Date"] = envelope.date
    for name, value in _headers(envelope).items():
        message[name] = value
    message.set_content(text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(html, subtype="html", charset="utf-8", cte="quoted-printable")
    # "=_" cannot occur in quoted-printable text, so no content can end a part.
    message.set_boundary(f"=_{hashlib.blake2b(envelope.message_id.encode(), digest_size=15).hexdigest()}")
    return message.as_bytes()


def plain(envelope: Envelope, lines: Iterable[str]) -> bytes:
    """Return a plain message for when the proper one cannot be made: it uses nothing that can fail."""
    headers = {"From": envelope.sender, "To": envelope.recipient, "Subject": envelope.subject}
    headers |= {"Date": format_datetime(envelope.date)} | _headers(envelope)
    headers |= {"MIME-Version": "1.0", "Content-Type": "text/plain; charset=us-ascii"}
    head = [f"{name}: {_ascii(value, 500)}" for name, value in headers.items()]
    return "\r\n".join([*head, "", *(_ascii(line, 500) for line in lines), ""]).encode("ascii")


def _address(text: str) -> Address:
    name, address = parseaddr(clean(text, 600))
    user, _, domain = address.rpartition("@")
    return Address(name, user, domain.encode("idna").decode("ascii"))


def _headers(envelope: Envelope) -> dict[str, str]:
    headers = {"Message-ID": _token(envelope.message_id)}
    if envelope.thread_root and envelope.thread_root != envelope.message_id:
        headers["In-Reply-To"] = headers["References"] = _token(envelope.thread_root)
    headers |= {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return headers | {f"X-Nightporter-{name}": _token(value) for name, value in envelope.facts.items()}


def _token(value: str) -> str:
    # A list that is cut ends with a whole name: half of one would be the name of something else.
    kept = value if len(value) <= HEADER_LENGTH else value[:HEADER_LENGTH].rsplit(",", 1)[0]
    return "".join(char if "!" <= char <= "~" else "_" for char in kept)


def _ascii(text: str, length: int) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text[:length])
