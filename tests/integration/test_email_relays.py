"""Handing a letter to a relay: secured, logged in, byte for byte, and with every refusal understood."""

import base64
from contextlib import suppress
from pathlib import Path

import pytest

from alerts.attempt import LostClaimError
from alerts.notification import DeliveryError, DeliveryReason
from tests.support.process import free_port
from tests.support.sending import LETTER, RECIPIENT, Noted, hand, letter, refused, relay
from tests.support.smtp import Authority, Trick, post, scripted

LOGIN = ("porter", "correct horse")

AWKWARD = (
    b"Subject: =?utf-8?q?caf=C3=A9?=\r\n"
    b"\r\n"
    b".\r\n"
    b"..two\r\n"
    b".one and a tail\r\n"
    b"\r\n"
    b"trailing spaces  \t\r\n" + b"x" * 990 + b"\r\n"
    b"QUIT\r\n"
    b"\r\n"
    b"."
    b"\r\n"
)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def ca_file(authority: Authority, tmp_path: Path) -> str:
    file = tmp_path / "authority.pem"
    file.write_bytes(authority.pem)
    return str(file)


async def test_a_letter_arrives_with_its_envelope_and_a_farewell() -> None:
    async with post() as server:
        noted = await hand(relay(server.port))
    (got,) = server.received
    assert (got.sender, got.recipient) == ("nightporter@hotel.example", RECIPIENT)
    assert (noted.told, noted.by) == (["handing over", "taken"], f"127.0.0.1:{server.port}")
    assert server.quits == 1


@pytest.mark.parametrize("message", [LETTER, AWKWARD, b"Subject: x\r\n\r\n\r\n"])
async def test_what_arrives_is_what_was_stored_and_a_repeat_is_the_same(message: bytes) -> None:
    async with post() as server:
        for _ in range(2):
            await hand(relay(server.port), one=letter(message))
    assert [got.content for got in server.received] == [message, message]


async def test_starttls_encrypts_and_trusts_the_private_authority(authority: Authority, ca_file: str) -> None:
    async with post(starttls=authority.server()) as server:
        await hand(relay(server.port, "starttls", ca_file=ca_file))
    assert len(server.received) == 1


async def test_implicit_tls_encrypts_from_the_first_byte(authority: Authority, ca_file: str) -> None:
    async with post(tls=authority.server()) as server:
        await hand(relay(server.port, "tls", ca_file=ca_file))
    assert len(server.received) == 1


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_certificate_nobody_vouches_for_is_refused_unless_told_otherwise(
    authority: Authority, security: str
) -> None:
    context = authority.server()
    served = post(tls=context) if security == "tls" else post(starttls=context)
    async with served as server:
        error = await refused(relay(server.port, security))
        assert (error.reason, error.permanent) == (DeliveryReason.TLS, False)
        assert "its certificate is not trusted: " in error.detail
        assert server.offered == []
        await hand(relay(server.port, security, verify=False))
    assert len(server.received) == 1


async def test_a_certificate_for_another_name_is_refused(authority: Authority, ca_file: str) -> None:
    async with post(starttls=authority.server(["relay.elsewhere.example"])) as server:
        error = await refused(relay(server.port, "starttls", ca_file=ca_file))
    assert error.reason is DeliveryReason.TLS
    assert "not valid for '127.0.0.1'" in error.detail


async def test_no_starttls_means_no_mail_and_no_password() -> None:
    async with scripted({"EHLO": "250-scripted.test\r\n250 AUTH PLAIN LOGIN"}) as server:
        error = await refused(relay(server.port, "starttls", username="porter", password="s3cret"))
    assert (error.reason, error.permanent) == (DeliveryReason.TLS, False)
    assert "offers no STARTTLS" in error.detail
    assert [line.split()[0] for line in server.commands] == ["EHLO"]


async def test_starttls_that_is_offered_and_then_refused_is_tls_trouble() -> None:
    answers: dict[str, str | Trick] = {
        "EHLO": "250-scripted.test\r\n250 STARTTLS",
        "STARTTLS": "454 TLS not available",
    }
    async with scripted(answers) as server:
        error = await refused(relay(server.port, "starttls"))
    assert (error.reason, error.permanent) == (DeliveryReason.TLS, False)


async def test_tls_on_a_plain_port_is_tls_trouble_or_a_lost_connection() -> None:
    async with scripted() as server:
        error = await refused(relay(server.port, "tls"))
    assert error.reason is DeliveryReason.TLS


async def test_a_right_login_lets_us_in(authority: Authority, ca_file: str) -> None:
    async with post(starttls=authority.server(), login=LOGIN) as server:
        given = relay(server.port, "starttls", ca_file=ca_file, username=LOGIN[0], password=LOGIN[1])
        await hand(given)
    assert (len(server.received), server.logins) == (1, 1)


async def test_a_wrong_password_is_tried_once_and_is_the_relays_trouble(
    authority: Authority, ca_file: str
) -> None:
    async with post(starttls=authority.server(), login=LOGIN) as server:
        error = await refused(
            relay(server.port, "starttls", ca_file=ca_file, username=LOGIN[0], password="wrong")
        )
    assert (error.reason, error.permanent) == (DeliveryReason.CREDENTIALS, False)
    assert "535" in error.detail
    assert server.logins == 1


async def test_a_login_method_the_server_does_not_know_after_all_is_passed_over() -> None:
    answers: dict[str, str | Trick] = {
        "EHLO": "250-scripted.test\r\n250 AUTH CRAM-MD5 PLAIN",
        "AUTH": "504 unrecognised",
    }
    async with scripted(answers) as server:
        plain = relay(server.port, username="u", password="p", allow_plaintext_auth=True)
        error = await refused(plain)
    assert [line.split()[1] for line in server.commands if line.startswith("AUTH")] == ["CRAM-MD5", "PLAIN"]
    assert error.reason is DeliveryReason.CREDENTIALS


async def test_a_server_without_login_says_so() -> None:
    async with scripted() as server:
        error = await refused(relay(server.port, username="u", password="p", allow_plaintext_auth=True))
    assert (error.reason, error.permanent) == (DeliveryReason.CREDENTIALS, False)
    assert "offers no login" in error.detail


async def test_what_a_server_quotes_of_our_login_does_not_show() -> None:
    whole = base64.b64encode(b"\0porter\0s3cret-word").decode()
    answers: dict[str, str | Trick] = {
        "EHLO": "250-scripted.test\r\n250 AUTH PLAIN",
        "AUTH": f"535 refused: AUTH PLAIN {whole} (s3cret-word)",
    }
    async with scripted(answers) as server:
        error = await refused(
            relay(server.port, username="porter", password="s3cret-word", allow_plaintext_auth=True)
        )
    assert "535 refused: AUTH PLAIN [hidden]" in error.detail
    assert "s3cret" not in f"{error} {error.__cause__}"
    assert whole.rstrip("=") not in f"{error} {error.__cause__}"


async def test_a_password_is_not_sent_unencrypted_unless_allowed() -> None:
    answers: dict[str, str | Trick] = {"EHLO": "250-scripted.test\r\n250 AUTH PLAIN", "AUTH": "235 welcome"}
    async with scripted(answers) as server:
        allowed = relay(server.port, username="u", password="p", allow_plaintext_auth=True)
        error = await refused(allowed.model_copy(update={"allow_plaintext_auth": False}))
        assert error.reason is DeliveryReason.CREDENTIALS
        assert not [line for line in server.commands if line.startswith("AUTH")]
        await hand(allowed)
        assert [line for line in server.commands if line.startswith("AUTH")]


@pytest.mark.parametrize(
    ("answers", "reason", "permanent"),
    [
        ({"": "421 too busy"}, "deferred", False),
        ({"": "554 go away"}, "protocol", False),
        ({"": "HTTP/1.1 400 Bad Request"}, "protocol", False),
        ({"EHLO": "502 what"}, "protocol", False),
        ({"MAIL": "550 we do not like you"}, "protocol", False),
        ({"MAIL": "530 5.7.0 authentication required"}, "credentials", False),
        ({"MAIL": "451 later"}, "deferred", False),
        ({"RCPT": "550 5.1.1 no such user"}, "recipient_refused", True),
        ({"RCPT": "553 mailbox name not allowed"}, "recipient_refused", True),
        ({"RCPT": "552 5.2.2 the mailbox is over quota, try again later"}, "recipient_refused", True),
        ({"RCPT": "556 5.1.10 the domain accepts no mail"}, "recipient_refused", True),
        ({"RCPT": "552 quota of this relay is used up"}, "protocol", False),
        ({"RCPT": "450 greylisted"}, "deferred", False),
        ({"RCPT": "421 closing"}, "deferred", False),
        ({"RCPT": "530 authentication required"}, "credentials", False),
        ({"RCPT": "554 5.7.1 <a@b>: Relay access denied"}, "credentials", False),
        ({"RCPT": "550 5.4.5 Daily SMTP relay limit exceeded"}, "rate_limited", False),
        ({"RCPT": "500 what"}, "protocol", False),
        ({"RCPT": "550 5.7.60 no permission to send as this sender"}, "protocol", False),
        ({"RCPT": "550 5.7.1 Daily sending limit reached"}, "protocol", False),
        ({"RCPT": "553 sorry, that domain is not in my rcpthosts"}, "protocol", False),
        ({"DATA": "554 no"}, "content_refused", True),
        ({"DATA": "503 5.5.1 bad sequence"}, "protocol", False),
        ({".": "521 I am leaving"}, "protocol", False),
        ({".": "554 5.3.0 queue file write error"}, "protocol", False),
        ({".": "552 over quota"}, "protocol", False),
        ({".": "554 5.7.0 limit exceeded. Try again later"}, "protocol", False),
        ({".": "554 5.7.1 looks like spam"}, "content_refused", True),
        ({".": "552 5.2.3 too large"}, "content_refused", True),
        ({".": "451 later"}, "deferred", False),
        ({"DATA": "250 thanks, but where is it?"}, "protocol", False),
    ],
)
async def test_a_refusal_is_understood(answers: dict[str, str | Trick], reason: str, permanent: bool) -> None:
    async with scripted(answers) as server:
        noted = Noted()
        error = await refused(relay(server.port), progress=noted)
    assert (str(error.reason), error.permanent) == (reason, permanent)
    assert error.detail.startswith("127.0.0.1: ")
    assert "taken" not in noted.told


async def test_a_real_server_defers_refuses_and_accepts() -> None:
    async with post() as server:
        server.on_rcpt = ["451 4.7.1 greylisted", "550 5.1.1 unknown"]
        server.on_data = ["554 5.6.0 refused"]
        reasons = [(await refused(relay(server.port))).reason for _ in range(3)]
        await hand(relay(server.port))
    assert reasons == [
        DeliveryReason.DEFERRED,
        DeliveryReason.RECIPIENT_REFUSED,
        DeliveryReason.CONTENT_REFUSED,
    ]
    assert len(server.received) == 1


async def test_what_a_relay_says_is_cut_short_and_made_harmless() -> None:
    async with scripted({"RCPT": "550 \x1b[31mno\u202e\t" + "y" * 2000}) as server:
        error = await refused(relay(server.port))
    assert error.detail.startswith("127.0.0.1: 550 [31mno yyy")
    assert len(error.detail) < 230
    assert error.detail.isprintable()


async def test_nobody_there_is_connection_trouble() -> None:
    error = await refused(relay(free_port()))
    assert (error.reason, error.permanent) == (DeliveryReason.CONNECT, False)


async def test_an_international_address_needs_a_relay_that_can() -> None:
    one = letter(recipient="réception@hôtel.example")
    async with post(enable_SMTPUTF8=True) as able, post() as unable:
        await hand(relay(able.port), one=one)
        error = await refused(relay(unable.port), one=one)
    assert able.received[0].recipient == one.recipient
    assert "SMTPUTF8" in able.received[0].options
    assert (error.reason, error.permanent) == (DeliveryReason.RECIPIENT_REFUSED, True)
    assert unable.offered == []


async def test_an_international_sender_is_no_fault_of_the_recipient() -> None:
    async with post() as unable:
        error = await refused(relay(unable.port), sender="Porter <pörter@hotel.example>")
    assert (error.reason, error.permanent) == (DeliveryReason.PROTOCOL, False)


@pytest.mark.parametrize(
    "odd", ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example>\nDATA", "a\x00@b.example"]
)
async def test_an_address_that_smuggles_a_command_adds_none(odd: str) -> None:
    async with scripted() as server:
        with suppress(DeliveryError):
            await hand(relay(server.port), one=letter(recipient=odd))
    verbs = [line.split()[0] for line in server.commands]
    assert verbs in (["EHLO", "MAIL"], ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"])
    assert not [line for line in server.commands if "c@d.example" in line]


async def test_the_message_stays_here_when_its_progress_cannot_be_written_down() -> None:
    async with scripted() as server:
        with pytest.raises(LostClaimError):
            await hand(relay(server.port), progress=Noted(refuse=LostClaimError()))
    assert "DATA" not in server.commands
