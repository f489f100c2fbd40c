"""What went wrong in an SMTP conversation -> what it means for the message."""

import base64
import os
import re
import socket
import ssl
from collections.abc import Iterable

import aiosmtplib

from alerts.notification import DeliveryError, DeliveryReason

DETAIL = 200
"""Characters kept of what a relay says."""

_LOGIN = frozenset({530, 534, 535, 538})
_QUOTA = re.compile(r"\b5\.4\.5\b")
_NOT_FOR_US = re.compile(
    r"\brelay(ing)?\b.{0,20}\b(denied|prohibited|not (permitted|allowed))|\bnot relay\b", re.IGNORECASE
)
_PASSING = re.compile(
    r"\b5\.[3-5]\.\d|\b(try|retry) (again|later)\b|\blimit\b|\bquota\b|\bqueue\b|\bspace\b|\btoo many\b"
    r"|\bauthenticat|\brcpthosts\b|\bsend as\b|\bunable to relay\b",
    re.IGNORECASE,
)
"""Refusals of the relay's own making: its state, its rules for us, the order of commands."""

_OF_THEIRS = re.compile(r"(?<![\d.])5\.(1\.([1236]|10)|2\.[12])(?![\d.])")
"""Refusals of the recipient, by their status (RFC 3463): no address, none any more, disabled, full."""

_FINAL = frozenset({550, 551, 552, 553, 554, 556})
"""Codes that may speak of the recipient or the message; the others of the 500s never do."""

_OF_OURS = re.compile(
    r"\b5\.1\.[78]\b|\b5\.7\.26\b|\b(sender( address)?|client host|helo command) rejected"
    r"|\bclient host\b.{0,80}\bblocked\b|\bblocked using\b",
    re.IGNORECASE,
)
"""Refusals of our sender or our address, which many relays only speak out at RCPT."""


_OUT_OF_ORDER = frozenset(
    {DeliveryReason.DNS, DeliveryReason.CONNECT, DeliveryReason.TLS, DeliveryReason.TIMEOUT}
)


class RelayError(DeliveryError):
    """The relay itself does not work for us now, whatever the message."""


def failure(
    error: Exception, host: str, hidden: Iterable[str] = (), *, at_the_door: bool = False
) -> DeliveryError:
    """Return what an error means for the message; `hidden` never shows, though a relay may quote it.

    `at_the_door` says that the relay had not heard of the message yet.
    """
    detail = f"{host}: {_said(error, hidden)}"
    if not isinstance(error, aiosmtplib.SMTPResponseException):
        reason = _of_connection(error)
        kind = RelayError if at_the_door or reason in _OUT_OF_ORDER else DeliveryError
        return kind(reason, detail)
    reason, permanent = _of_reply(error)
    if at_the_door or _about_login(error):
        return RelayError(reason, detail)
    return DeliveryError(reason, detail, permanent=permanent)


def spoken(username: str, password: str) -> tuple[str, ...]:
    """Return the forms in which a login goes over the wire, whole and in part, the longest first."""
    whole = f"\0{username}\0{password}"
    forms = {password, *(base64.b64encode(one.encode()).decode().rstrip("=") for one in (whole, password))}
    return tuple(sorted(forms, key=len, reverse=True))


def _of_reply(error: aiosmtplib.SMTPResponseException) -> tuple[DeliveryReason, bool]:
    """Return the reason of a refusal, and whether it is final.

    Only what is refused because of the recipient or the content is; trouble with the relay itself passes, or
    another relay does not have it.
    """
    refused = 500 <= error.code < 600
    if refused and _QUOTA.search(error.message):
        return DeliveryReason.RATE_LIMITED, False
    if _about_login(error) or (refused and _NOT_FOR_US.search(error.message)):
        return DeliveryReason.CREDENTIALS, False
    if refused and _OF_OURS.search(error.message):
        return DeliveryReason.PROTOCOL, False
    final = error.code in _FINAL and not _PASSING.search(error.message)
    theirs = error.code in _FINAL and _OF_THEIRS.search(error.message)
    if (final or theirs) and isinstance(error, aiosmtplib.SMTPRecipientRefused):
        return DeliveryReason.RECIPIENT_REFUSED, True
    if final and isinstance(error, aiosmtplib.SMTPDataError):
        return DeliveryReason.CONTENT_REFUSED, True
    return DeliveryReason.DEFERRED if 400 <= error.code < 500 else DeliveryReason.PROTOCOL, False


def _about_login(error: aiosmtplib.SMTPResponseException) -> bool:
    return error.code in _LOGIN or isinstance(error, aiosmtplib.SMTPAuthenticationError)


def _of_connection(error: Exception) -> DeliveryReason:
    found = DeliveryReason.PROTOCOL
    if _tls(error) is not None:
        found = DeliveryReason.TLS
    elif isinstance(error, TimeoutError):
        found = DeliveryReason.TIMEOUT
    elif isinstance(error, socket.gaierror) or isinstance(error.__cause__, socket.gaierror):
        found = DeliveryReason.DNS
    elif isinstance(error, OSError):
        found = DeliveryReason.CONNECT
    return found


def _tls(error: Exception) -> ssl.SSLError | None:
    for one in (error, error.__cause__):
        if isinstance(one, ssl.SSLError):
            return one
    return None


def _said(error: Exception, hidden: Iterable[str]) -> str:
    text = _words(error)
    for secret in hidden:
        text = text.replace(secret, "[hidden]") if secret else text
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    flat = flat or type(error).__name__
    return flat if len(flat) <= DETAIL else flat[: DETAIL - 1] + "…"


def _words(error: Exception) -> str:
    refused = _tls(error)
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(refused, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {refused.verify_message}"
    if isinstance(error, aiosmtplib.SMTPConnectError) and error.__cause__ is not None:
        # The library puts a port before it that it does not know: the socket is ours.
        return _system(error.__cause__)
    return _system(error)


def _system(error: BaseException) -> str:
    """Return an error's text; of those the system has, the system's own words for it."""
    known = isinstance(error, OSError) and not isinstance(error, socket.gaierror | ssl.SSLError)
    number = error.errno if known and isinstance(error, OSError) else None
    return os.strerror(number).lower() if number else str(error)
