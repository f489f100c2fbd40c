"""A mail that was caught, as plain values: whatever it holds, and however broken it is."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser
from itertools import islice

from alerts.message_text import clean

MOST_PARTS = 50
MOST_TEXT = 300_000
"""Characters of a part that are kept; a mail of the porter has some ten thousand."""

MOST_PICTURE = 100_000
"""Bytes of a picture that are kept; one of the porter has some two thousand."""

MOST_HEADERS = 60
CUT = "\n[… the rest is left out]"
UNREADABLE = "This mail is nested too deeply to be read."


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail. `to` is who it was handed over for; what it does not say is empty.

    The `text` of one that has neither plain text nor HTML is all of it, as it came.
    """

    number: int
    came: datetime
    to: str
    sender: str
    subject: str
    kind: str
    severity: str
    cause: str
    level: str
    incident: str
    integrations: frozenset[str]
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str


def read(raw: bytes, to: Iterable[str], number: int, came: datetime) -> Letter:
    """Return a mail as it came over the wire."""
    try:
        mail: Message = BytesParser(policy=policy.compat32).parsebytes(raw)
        parts = list(islice(mail.walk(), MOST_PARTS))
        text, html = _first(parts, "text/plain"), _first(parts, "text/html")
    except RecursionError:
        mail, parts, text, html = Message(), [], UNREADABLE, None
    if text is None:
        text = "" if html else _cut(raw.decode("utf-8", "replace"))
    headers = tuple(_headers(mail))
    said = {name.lower(): value for name, value in reversed(headers)}
    ours = {
        name: said.get(f"x-nightporter-{name}", "")
        for name in ("kind", "severity", "cause", "level", "incident")
    }
    integrations = said.get("x-nightporter-integration", "")
    return Letter(
        number=number,
        came=came,
        to=clean(", ".join(to), 500),
        sender=said.get("from", ""),
        subject=said.get("subject", ""),
        integrations=frozenset(integrations.split(",")) - {""},
        headers=headers,
        text=text,
        html=_illustrated(html or "", parts),
        **ours,
    )


def _headers(mail: Message) -> Iterator[tuple[str, str]]:
    for name, value in islice(mail.items(), MOST_HEADERS):
        yield clean(name, 80), clean(_decoded(value), 998)


def _decoded(value: object) -> str:
    """Return a header's words; as it stands where it is encoded in a way that nobody knows."""
    text = str(value)
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, ValueError):
        return text


def _first(parts: Iterable[Message], kind: str) -> str | None:
    """Return the first part of a kind that is no attachment; None where there is none."""
    for part in parts:
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            return _text(part)
    return None


def _illustrated(html: str, parts: Iterable[Message]) -> str:
    """Return HTML that has its pictures inside, as a mail client shows those that are beside it."""
    for part in parts:
        name, file = str(part.get("Content-ID", "")).strip("<> "), part.get_payload(decode=True)
        if name and part.get_content_type() == "image/png" and isinstance(file, bytes):
            address = f"data:image/png;base64,{b64encode(file[:MOST_PICTURE]).decode('ascii')}"
            html = html.replace(f'"cid:{name}"', f'"{address}"')
    return html


def _text(part: Message) -> str:
    body = part.get_payload(decode=True)
    content = body if isinstance(body, bytes) else b""
    try:
        text = content.decode(part.get_content_charset() or "utf-8", "replace")
    except (LookupError, ValueError):
        text = content.decode("utf-8", "replace")
    return _cut(text)


def _cut(text: str) -> str:
    text = text.replace("\0", "\N{REPLACEMENT CHARACTER}")
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + CUT
