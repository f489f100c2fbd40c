"""Delivery by SMTP, step by step, so that it is known how far a conversation came when it ends."""

import ssl
from collections.abc import Sequence
from contextlib import suppress
from email.utils import parseaddr
from typing import NoReturn

import aiosmtplib
from aiosmtplib import SMTP

from alerts.notification import DeliveryError, DeliveryReason
from alerts.options import Relay
from alerts.outbox import Claim, OnPhase

CONNECT = 10.0
"""Seconds for reaching a relay and for each of its answers."""

AFTER_DATA = 30.0
"""Seconds a relay may take to accept a message it has been given."""

FAREWELL = 2.0
DETAIL = 200

_LOGIN = frozenset({454, 530, 534, 535, 538})


class MailRoute:
    """Delivers over relays, in their order: the next takes over when one fails."""

    def __init__(self, relays: Sequence[Relay], sender: str) -> None:
        self._relays = [(relay, _context(relay)) for relay in relays]
        self._sender = parseaddr(sender)[1]

    async def __call__(self, claim: Claim, on_phase: OnPhase) -> str:
        """Deliver one message; return the relay that took it, or raise what the last one said."""
        one = claim.notification
        last: DeliveryError | None = None
        for relay, context in self._relays:
            try:
                await send(
                    one.message, self._sender, one.recipient, relay, context=context, on_phase=on_phase
                )
            except DeliveryError as error:
                if error.permanent:
                    raise
                last = error
            else:
                return f"{relay.host}:{relay.port}"
        raise last or DeliveryError(DeliveryReason.INTERNAL, "no relay is configured")


async def send(
    message: bytes,
    sender: str,
    recipient: str,
    relay: Relay,
    *,
    context: ssl.SSLContext,
    on_phase: OnPhase,
) -> None:
    """Hand one message to one relay, or raise DeliveryError."""
    client = SMTP(
        hostname=relay.host,
        port=relay.port,
        use_tls=relay.security == "tls",
        start_tls=False,
        tls_context=context,
        timeout=CONNECT,
    )
    try:
        await _open(client, relay, context)
        await _envelope(client, sender, recipient)
        await on_phase("data")
        await _data(client, message)
        with suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            await client.quit(timeout=FAREWELL)
    except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as error:
        _give_up(error, relay)
    finally:
        client.close()


async def _open(client: SMTP, relay: Relay, context: ssl.SSLContext) -> None:
    """Connect, secure the connection as configured, and log in."""
    await client.connect()
    await client.ehlo()
    if relay.security == "starttls":
        if not client.supports_extension("starttls"):
            raise DeliveryError(DeliveryReason.TLS, f"{relay.host} offers no STARTTLS")
        await client.starttls(tls_context=context)
        await client.ehlo()
    if relay.username is not None and relay.password is not None:
        if relay.security == "none" and not relay.allow_plaintext_auth:
            raise DeliveryError(DeliveryReason.CREDENTIALS, "the password is not sent unencrypted")
        await client.login(relay.username, relay.password.get_secret_value())


async def _envelope(client: SMTP, sender: str, recipient: str) -> None:
    options, encoding = [], "ascii"
    if not recipient.isascii():
        if not client.supports_extension("smtputf8"):
            detail = "the relay cannot take addresses with letters beyond ASCII"
            raise DeliveryError(DeliveryReason.RECIPIENT_REFUSED, detail, permanent=True)
        options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
    await client.mail(sender, options=options, encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)


async def _data(client: SMTP, message: bytes) -> None:
    try:
        await client.data(message, timeout=AFTER_DATA)
    except aiosmtplib.SMTPResponseException as error:
        if 500 <= error.code < 600:
            detail = _detail(error)
            raise DeliveryError(DeliveryReason.CONTENT_REFUSED, detail, permanent=True) from error
        raise


def _give_up(error: Exception, relay: Relay) -> NoReturn:
    """Raise what an SMTP failure means for the message."""
    detail = f"{relay.host}: {_detail(error)}"
    if isinstance(error, aiosmtplib.SMTPRecipientRefused) and 500 <= error.code < 600:
        raise DeliveryError(DeliveryReason.RECIPIENT_REFUSED, detail, permanent=True) from error
    raise DeliveryError(_reason(error), detail) from error


def _reason(error: Exception) -> DeliveryReason:
    found = DeliveryReason.PROTOCOL
    if isinstance(error, ssl.SSLError) or isinstance(error.__cause__, ssl.SSLError):
        found = DeliveryReason.TLS
    elif isinstance(error, TimeoutError):
        found = DeliveryReason.TIMEOUT
    elif isinstance(error, aiosmtplib.SMTPResponseException):
        if error.code in _LOGIN or isinstance(error, aiosmtplib.SMTPAuthenticationError):
            found = DeliveryReason.CREDENTIALS
        elif 400 <= error.code < 500:
            found = DeliveryReason.DEFERRED
    elif isinstance(error, aiosmtplib.SMTPConnectError | OSError | aiosmtplib.SMTPServerDisconnected):
        found = DeliveryReason.CONNECT
    return found


def _detail(error: Exception) -> str:
    text = str(error) or type(error).__name__
    if isinstance(error, aiosmtplib.SMTPResponseException):
        text = f"{error.code} {error.message}"
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat if len(flat) <= DETAIL else flat[: DETAIL - 1] + "…"


def _context(relay: Relay) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if relay.ca_file is not None:
        context.load_verify_locations(cafile=relay.ca_file)
    if not relay.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
