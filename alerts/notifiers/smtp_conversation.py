"""One letter to one relay by SMTP, step by step, so that it is known how far it came when it ends."""

import asyncio
import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

from alerts.attempt import Progress
from alerts.notification import DeliveryError, DeliveryReason
from alerts.notifiers import trusting
from alerts.notifiers.reaching import Resolve, reach
from alerts.notifiers.smtp_failure import RelayError, failure, spoken
from alerts.options import Relay

UNKNOWN_METHOD = 504

NO_STARTTLS = "offers no STARTTLS; if it speaks TLS from the first byte on, set `security: tls`"


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds: for reaching a relay and each of its answers, until it has taken the recipient (so that one
    that drips leaves time for the next), for the whole conversation, and for the farewell.
    """

    answer: float = 10.0
    envelope: float = 30.0
    conversation: float = 60.0
    farewell: float = 2.0


LIMITS = Limits()


async def send(
    message: bytes,
    sender: str,
    recipient: str,
    relay: Relay,
    *,
    context: ssl.SSLContext | None,
    progress: Progress,
    resolve: Resolve,
    limits: Limits = LIMITS,
) -> None:
    """Hand one message to one relay, or raise DeliveryError; trouble after it was taken is none.

    Trouble with the relay itself is a RelayError.
    """
    client = SMTP(
        hostname=relay.host,
        local_hostname=_our_name(),
        use_tls=relay.security == "tls",
        start_tls=False,
        tls_context=context,
        timeout=limits.answer,
    )
    try:
        try:
            async with asyncio.timeout(limits.conversation):
                async with asyncio.timeout(limits.envelope):
                    await _enter(client, relay, resolve)
                    await _envelope(client, sender, recipient)
                await progress.handing_over()
                await client.data(message, timeout=None)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise failure(error, relay.host) from error
        await progress.taken(f"{relay.host}:{relay.port}")
        with suppress(aiosmtplib.SMTPException, OSError):
            await client.quit(timeout=limits.farewell)
    finally:
        client.close()


async def _enter(client: SMTP, relay: Relay, resolve: Resolve) -> None:
    """Come as far as to be heard; what goes wrong before that is the relay's own."""
    try:
        await _open(client, relay, resolve)
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise failure(error, relay.host, at_the_door=True) from error


async def _open(client: SMTP, relay: Relay, resolve: Resolve) -> None:
    """Connect, secure the connection as configured, and log in."""
    async with asyncio.timeout(client.timeout):
        sock = await reach(relay.host, relay.port, resolve)
    await client.connect(sock=sock)
    await client.ehlo()
    if relay.security == "starttls":
        await _secure(client, relay)
    if relay.username is not None and relay.password is not None:
        if relay.security == "none" and not relay.allow_plaintext_auth:
            raise RelayError(
                DeliveryReason.CREDENTIALS, f"{relay.host}: the password is not sent unencrypted"
            )
        password = relay.password.get_secret_value()
        try:
            await _log_in(client, relay, relay.username, password)
        except aiosmtplib.SMTPResponseException as error:
            # Some servers quote the command they refuse, and with it what we log in with: not to be chained.
            hidden = spoken(relay.username, password)
            raise failure(error, relay.host, hidden, at_the_door=True) from None


async def _secure(client: SMTP, relay: Relay) -> None:
    if not client.supports_extension("starttls"):
        raise RelayError(DeliveryReason.TLS, f"{relay.host}: {NO_STARTTLS}")
    try:
        await client.starttls()
    except aiosmtplib.SMTPResponseException as error:
        detail = failure(error, relay.host).detail
        raise RelayError(DeliveryReason.TLS, f"{detail} (to STARTTLS)") from error
    await client.ehlo()


async def _log_in(client: SMTP, relay: Relay, username: str, password: str) -> None:
    """Log in by one method: to try a refused password again in every other is what locks accounts."""
    methods = [
        ("plain", client.auth_plain),
        ("login", client.auth_login),
        ("cram-md5", client.auth_crammd5),
    ]
    if relay.security == "none":
        methods.reverse()
    refused: aiosmtplib.SMTPResponseException | None = None
    for name, log_in in methods:
        if name not in client.server_auth_methods:
            continue
        try:
            await log_in(username, password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if error.code != UNKNOWN_METHOD:
                raise
            refused = error
        else:
            return
    if refused is not None:
        raise refused
    raise RelayError(DeliveryReason.CREDENTIALS, f"{relay.host}: offers no login that we know")


async def _envelope(client: SMTP, sender: str, recipient: str) -> None:
    options, encoding = [], "ascii"
    if not (sender + recipient).isascii():
        if not client.supports_extension("smtputf8"):
            detail = f"{client.hostname}: cannot take addresses with letters beyond ASCII"
            if recipient.isascii():
                raise DeliveryError(DeliveryReason.PROTOCOL, detail)
            raise DeliveryError(DeliveryReason.RECIPIENT_REFUSED, detail, permanent=True)
        options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
    await client.mail(sender, options=options, encoding=encoding)
    await client.rcpt(recipient, encoding=encoding)


def _our_name() -> str:
    """Return what we call ourselves, without asking DNS for it: that may be what is broken."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() and " " not in name else "[127.0.0.1]"


def context_of(relay: Relay) -> ssl.SSLContext | None:
    """Return how connections to a relay are secured, None where they are not."""
    return None if relay.security == "none" else trusting.context(relay)
