"""What an SMTP failure means, where no server is needed to show it."""

import socket
import ssl

import aiosmtplib
import pytest

from alerts.notification import DeliveryReason
from alerts.notifiers.smtp_failure import DETAIL, failure, spoken


def caused(error: Exception, cause: Exception) -> Exception:
    """Return an error as the library raises it: from the one of the socket."""
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (caused(aiosmtplib.SMTPConnectError("x"), socket.gaierror(-2, "unknown")), DeliveryReason.DNS),
        (socket.gaierror(-2, "unknown"), DeliveryReason.DNS),
        (caused(aiosmtplib.SMTPConnectError("x"), ConnectionRefusedError()), DeliveryReason.CONNECT),
        (caused(aiosmtplib.SMTPConnectError("x"), ssl.SSLError(1, "wrong version")), DeliveryReason.TLS),
        (ssl.SSLError(1, "wrong version number"), DeliveryReason.TLS),
        (TimeoutError(), DeliveryReason.TIMEOUT),
        (aiosmtplib.SMTPConnectTimeoutError("x"), DeliveryReason.TIMEOUT),
        (aiosmtplib.SMTPServerDisconnected("x"), DeliveryReason.CONNECT),
        (OSError("no route to host"), DeliveryReason.CONNECT),
        (aiosmtplib.SMTPException("odd"), DeliveryReason.PROTOCOL),
        (UnicodeError("odd"), DeliveryReason.PROTOCOL),
    ],
)
def test_a_connection_that_fails_has_a_reason_and_is_never_final(
    error: Exception, reason: DeliveryReason
) -> None:
    found = failure(error, "relay.example")
    assert (found.reason, found.permanent) == (reason, False)
    assert found.detail.startswith("relay.example: ")


@pytest.mark.parametrize("code", [421, 450, 451, 452, 499])
def test_every_4xx_is_deferred(code: int) -> None:
    for error in (
        aiosmtplib.SMTPRecipientRefused(code, "later", "a@b.example"),
        aiosmtplib.SMTPDataError(code, "later"),
        aiosmtplib.SMTPSenderRefused(code, "later", "a@b.example"),
    ):
        found = failure(error, "relay.example")
        assert (found.reason, found.permanent) == (DeliveryReason.DEFERRED, False)


@pytest.mark.parametrize("text", ["Relaying denied", "relay not permitted", "we do not relay for you"])
def test_a_relay_that_does_not_serve_us_says_nothing_about_the_recipient(text: str) -> None:
    found = failure(aiosmtplib.SMTPRecipientRefused(550, text, "a@b.example"), "relay.example")
    assert (found.reason, found.permanent) == (DeliveryReason.CREDENTIALS, False)


@pytest.mark.parametrize(
    "text",
    [
        "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.blocklist.example",
        "5.1.8 <porter@hotel.example>: Sender address rejected: Domain not found",
        "5.7.1 <porter@hotel.example>: Sender address rejected: not owned by user porter",
        "5.7.1 <unknown[192.0.2.1]>: Client host rejected: cannot find your hostname",
        "5.7.1 <localhost>: Helo command rejected: need fully-qualified hostname",
        "5.7.26 This mail has been blocked because the sender is unauthenticated",
    ],
)
def test_a_refusal_of_our_sender_or_address_says_nothing_about_the_recipient(text: str) -> None:
    for error in (
        aiosmtplib.SMTPRecipientRefused(550, text, "a@b.example"),
        aiosmtplib.SMTPDataError(554, text),
    ):
        found = failure(error, "relay.example")
        assert (found.reason, found.permanent) == (DeliveryReason.PROTOCOL, False)


@pytest.mark.parametrize(
    "text",
    [
        "5.1.1 <a@b.example>: Recipient address rejected: User unknown",
        "5.2.2 mailbox full",
        "sender of 15.1.80",
    ],
)
def test_a_refusal_of_the_recipient_is_final(text: str) -> None:
    found = failure(aiosmtplib.SMTPRecipientRefused(550, text, "a@b.example"), "relay.example")
    assert (found.reason, found.permanent) == (DeliveryReason.RECIPIENT_REFUSED, True)


def test_what_went_wrong_below_is_said_in_its_own_words() -> None:
    lost = caused(aiosmtplib.SMTPConnectError("on port None: gone"), ConnectionResetError("gone"))
    assert failure(lost, "r").detail == "r: gone"


def test_a_throttled_login_is_not_final() -> None:
    found = failure(aiosmtplib.SMTPAuthenticationError(454, "4.7.0 Too many login attempts"), "relay.example")
    assert (found.reason, found.permanent) == (DeliveryReason.CREDENTIALS, False)


def test_an_error_without_words_is_named() -> None:
    assert failure(TimeoutError(), "r").detail == "r: did not answer in time"
    assert failure(OSError(), "r").detail == "r: OSError"


def test_a_long_answer_is_clipped_after_the_secrets_are_out() -> None:
    secret = "s" * (DETAIL + 10)
    found = failure(aiosmtplib.SMTPAuthenticationError(535, secret + "t" * 999), "r", (secret,))
    assert found.detail.startswith("r: 535 [hidden]ttt")
    assert len(found.detail) == DETAIL + len("r: ")


def test_a_login_is_known_in_every_form_it_is_spoken_in() -> None:
    forms = spoken("porter", "s3cret")
    assert forms[0] == "AHBvcnRlcgBzM2NyZXQ"
    assert set(forms) == {"AHBvcnRlcgBzM2NyZXQ", "czNjcmV0", "s3cret"}
