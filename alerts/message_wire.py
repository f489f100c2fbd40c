"""A letter in its envelope -> the bytes that go over the wire, the same whenever they are made."""

import hashlib
import re
from base64 import encodebytes
from binascii import b2a_qp
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache

from alerts.message_text import clean

HEADER_LENGTH = 900
VERSION = "MIME-Version: 1.0\r\n"
_BEYOND_TOKENS = re.compile("[^!-~]")
_WIRE = EmailPolicy(linesep="\r\n", cte_type="7bit", max_line_length=76)


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


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that the HTML part of a message shows as `cid:NAME`; `png` is its file."""

    name: str
    png: bytes


def assemble(envelope: Envelope, text: str, html: str, pictures: Sequence[Picture] = ()) -> bytes:
    """Return a message of two parts; raise what the standard library raises on what cannot be written.

    It is what `EmailMessage` makes of them, in a fraction of the time: a storm makes thousands. The second
    part holds the HTML and its pictures, where there are any.
    """
    boundary = _boundary(envelope.message_id)
    head = [
        _addressed("From", envelope.sender),
        _addressed("To", envelope.recipient),
        _subject(envelope.subject),
        f"Date: {format_datetime(envelope.date)}\r\n",
        *(f"{name}: {value}\r\n" for name, value in _headers(envelope).items()),
        VERSION,
        f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n',
    ]
    plain_part, html_part = _part(boundary, "plain", text), _part(boundary, "html", html, VERSION)
    if pictures:
        html_part = _illustrated(boundary, _boundary(f"{envelope.message_id} pictures"), html, pictures)
    end = f"--{boundary}--\r\n".encode("ascii")
    return b"\r\n".join(("".join(head).encode("ascii"), plain_part, html_part, end))


def _boundary(seed: str) -> str:
    # "=_" cannot occur in quoted-printable text or Base64, so no content can end a part.
    return f"=_{hashlib.blake2b(seed.encode(), digest_size=15).hexdigest()}"


def _illustrated(boundary: str, inner: str, html: str, pictures: Sequence[Picture]) -> bytes:
    """Return the HTML and its pictures as one part of a message."""
    head = (
        f"--{boundary}\r\n"
        f'Content-Type: multipart/related; type="text/html";\r\n boundary="{inner}"\r\n'
        f"{VERSION}"
    )
    parts = (_part(inner, "html", html, VERSION), *(_inlined(inner, one) for one in pictures))
    return b"\r\n".join((head.encode("ascii"), *parts, f"--{inner}--\r\n".encode("ascii")))


def _inlined(boundary: str, one: Picture) -> bytes:
    name = _token(one.name)
    head = (
        f"--{boundary}\r\n"
        "Content-Type: image/png\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f"Content-ID: <{name}>\r\n"
        f'Content-Disposition: inline; filename="{name.partition("@")[0]}.png"\r\n'
        f"{VERSION}\r\n"
    )
    return head.encode("ascii") + encodebytes(one.png).replace(b"\n", b"\r\n")


def _part(boundary: str, subtype: str, content: str, more: str = "") -> bytes:
    head = (
        f"--{boundary}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n"
        f"{more}\r\n"
    )
    lines = b"\n".join(content.encode().splitlines())
    return head.encode("ascii") + b2a_qp(lines).replace(b"\n", b"\r\n") + b"\r\n"


@lru_cache(maxsize=1024)
def _addressed(name: str, text: str) -> str:
    return _folded(name, _address(text))


def _subject(text: str) -> str:
    # What looks like an encoded word would be decoded, line breaks and all.
    shown = text.replace("=?", "= ?")
    return f"Subject: {shown}\r\n" if shown.isascii() and shown.isprintable() else _folded("Subject", shown)


def _folded(name: str, value: str | Address) -> str:
    """Return a header as the standard library writes it."""
    return str(_WIRE.fold(*_WIRE.header_store_parse(name, value)))


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
    return _BEYOND_TOKENS.sub("_", kept)


def _ascii(text: str, length: int) -> str:
    return "".join(char if " " <= char <= "~" else "?" for char in text[:length])
