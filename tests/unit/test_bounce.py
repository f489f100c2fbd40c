"""The addresses that our mails come back to, and what mail servers report of them."""

import pytest

from alerts.bounce import ID, LONGEST_NAME, BounceAddresses, token_in
from alerts.delivery_status import Report, read

LETTER = "0123456789abcdef01"
OURS = BounceAddresses(b"k" * 32, "bounces@hotel.example")
ADDRESS = OURS.of(LETTER)
TOKEN = ADDRESS.partition("+")[2].partition("@")[0]

POSTFIX = """\
Return-Path: <>
Delivered-To: {to}
Date: Wed, 25 Nov 2026 08:00:05 +0000 (UTC)
From: MAILER-DAEMON@mx.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {to}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Wed, 25 Nov 2026 08:00:01 +0000 (UTC)

Final-Recipient: rfc822; team@hotel.example
Original-Recipient: rfc822;team@hotel.example
Action: {action}
Status: {status}
Remote-MTA: dns; inner.example
Diagnostic-Code: smtp; 550 5.1.1 <team@hotel.example>: Recipient address
    rejected: User unknown
--B
Content-Type: message/rfc822

From: Night Porter <nightporter@hotel.example>
To: team@hotel.example
Subject: [CRITICAL] x

body
--B--
"""


def postfix(action: str = "failed", status: str = "5.1.1", to: str = ADDRESS) -> bytes:
    return POSTFIX.format(action=action, status=status, to=to).encode()


def test_an_address_names_its_letter_and_fits_in_what_mail_allows() -> None:
    local = ADDRESS.partition("@")[0]
    assert local.startswith(f"bounces+{LETTER}.")
    assert len(local) <= 64
    longest = BounceAddresses(b"k", f"{'b' * LONGEST_NAME}@hotel.example").of("a" * ID)
    assert len(longest.partition("@")[0]) == 64


def test_a_token_is_read_back_in_whatever_case_it_comes() -> None:
    token = token_in([f"Porter <{ADDRESS.upper()}>"], "Bounces@Hotel.example")
    assert token == TOKEN
    assert OURS.letter(TOKEN) == LETTER


@pytest.mark.parametrize(
    "forged",
    [
        TOKEN[:-1] + ("0" if TOKEN[-1] != "0" else "1"),
        f"0023456789abcdef01.{TOKEN.partition('.')[2]}",
        f"{LETTER}.",
        LETTER,
        "",
        "ü.ü",
    ],
)
def test_what_was_not_made_here_names_nothing(forged: str) -> None:
    assert OURS.letter(forged) is None


def test_another_key_makes_other_addresses() -> None:
    assert BounceAddresses(b"other", OURS.mailbox).letter(TOKEN) is None


def test_a_letter_whose_name_does_not_fit_comes_back_to_the_mailbox_itself() -> None:
    assert OURS.of("no such/id") == OURS.mailbox
    assert OURS.of("x" * (ID + 1)) == OURS.mailbox


@pytest.mark.parametrize(
    "text",
    [
        f"other+{TOKEN}@hotel.example",
        f"xbounces+{TOKEN}@hotel.example",
        f"bounces+{TOKEN}@hotel.example.org",
        f"bounces+{TOKEN}@elsewhere.example",
        "bounces@hotel.example",
        f"see {TOKEN}",
        "",
    ],
)
def test_no_other_address_is_taken_for_ours(text: str) -> None:
    assert token_in([text], OURS.mailbox) is None


def test_the_first_that_names_a_letter_counts() -> None:
    other = OURS.of("ffffffffffffffffff")
    texts = ["", "team@hotel.example", f"x@y.example, {ADDRESS}", other]
    assert token_in(texts, OURS.mailbox) == TOKEN
    assert token_in([TOKEN, other], OURS.mailbox) == TOKEN


def test_a_report_of_postfix_is_understood() -> None:
    came_to, report = read(postfix())
    assert came_to == [ADDRESS, ADDRESS]
    assert report == Report(
        failed=True,
        status="5.1.1",
        recipient="team@hotel.example",
        diagnostic="550 5.1.1 <team@hotel.example>: Recipient address rejected: User unknown",
    )
    assert str(report).startswith("team@hotel.example: 5.1.1 550 5.1.1 <team@hotel.example>:")


def test_what_is_late_has_not_failed() -> None:
    report = read(postfix("Delayed", "4.4.1 (no route)"))[1]
    assert report is not None
    assert (report.failed, report.status) == (False, "4.4.1")


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded", "exploded", ""])
def test_what_arrived_is_no_news(action: str) -> None:
    assert read(postfix(action))[1] is None


def test_what_has_not_failed_for_all_has_not_failed() -> None:
    second = "\n\nFinal-Recipient: rfc822; b@hotel.example\nAction: delayed\nStatus: 4.2.2\n--B\n"
    message = postfix().decode().replace("\n--B\nContent-Type: message/rfc822", f"{second}Content-Type: x/y")
    report = read(message.encode())[1]
    assert report is not None
    assert (report.failed, report.recipient) == (False, "b@hotel.example")


def test_a_report_without_a_reason_says_so() -> None:
    bare = b"Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nAction: failed\n"
    report = read(bare)[1]
    assert report == Report(failed=True, status="", recipient="", diagnostic="")
    assert str(report) == "without a reason"


def test_what_a_server_says_is_cut_short_and_made_harmless() -> None:
    hostile = postfix().decode().replace("User unknown", "\x1b[31m" + "y" * 5000 + "\u202e")
    report = read(hostile.encode())[1]
    assert report is not None
    assert len(report.diagnostic) <= 200
    assert report.diagnostic.isprintable()


AUTO_REPLY = f"To: {ADDRESS}\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away.\n".encode()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\x00\xff\xfe" * 1000,
        AUTO_REPLY,
        b"Content-Type: multipart/report; boundary=B\n\n--B\nContent-Type: message/delivery-status\n",
        b"Content-Type: message/delivery-status; charset=no-such-charset\n\nAction: =?no-such?q?failed?=\n",
        b"Content-Type: multipart/mixed; boundary=\xff\n\n--\xff\n",
        postfix()[:600],
        b"To: =?utf-8?b?////?=\nContent-Type: message/delivery-status\n\n\n",
        b"Content-Type: multipart/mixed; boundary=B\n\n" + b"--B\nContent-Type: message/rfc822\n\n" * 2000,
    ],
    ids=lambda message: str(len(message)),
)
def test_what_is_no_report_is_none(message: bytes) -> None:
    assert read(message)[1] is None


def test_an_auto_reply_still_says_whom_it_came_to() -> None:
    assert token_in(read(AUTO_REPLY)[0], OURS.mailbox) == TOKEN
