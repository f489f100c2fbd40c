"""Mail servers that do not do as they should: the wrong TLS, the wrong words, too many of them, or none."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.result import RESPONSE_TIME, Phase, Reason, State
from tests.support.certificates import authority as make_authority
from tests.support.certificates import leaf
from tests.support.polling import until
from tests.support.probing import DEADLINE, look
from tests.support.servers import Script, Server, raw, server, server_context
from tests.support.smtp import HOST, Authority, post
from tests.support.smtp_host import mail_host

ACCOUNT: dict[str, Any] = {
    "username": "porter",
    "password": "hunter2",
    "login": True,
    "allow_plaintext_auth": True,
}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def trust(authority: Authority, tmp_path: Path) -> dict[str, Any]:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(authority.pem)
    return {"host": HOST, "ca_file": str(ca_file)}


async def test_a_server_that_does_not_offer_starttls_is_protocol() -> None:
    async with post() as one:
        result = await look("smtp", host=HOST, port=one.port, username="porter", password="hunter2")
    assert (result.reason, result.state) == (Reason.PROTOCOL, State.CRITICAL)
    assert "does not offer STARTTLS" in result.message


async def test_a_server_that_takes_starttls_back_is_tls() -> None:
    async with mail_host({"STARTTLS": b"454 4.7.0 TLS not available\r\n"}) as one:
        result = await look("smtp", host=HOST, port=one.port)
    assert (result.reason, "cannot do TLS just now" in result.message) == (Reason.TLS, True)


async def test_tls_from_the_start_where_starttls_is_configured_is_told(
    authority: Authority, trust: dict[str, Any]
) -> None:
    async with mail_host(tls=authority.server()) as one:
        result = await look("smtp", port=one.port, deadline=2.0, **trust)
    assert result.reason is Reason.TLS, result
    assert "seems to speak TLS from the start" in result.message
    assert "`security: tls`" in result.message


async def test_plain_text_where_tls_from_the_start_is_configured_is_told(trust: dict[str, Any]) -> None:
    async with mail_host() as one:
        result = await look("smtp", port=one.port, security="tls", **trust)
    assert (result.reason, result.failed_phase) == (Reason.TLS, Phase.TLS)
    assert "seems to speak plain text" in result.message
    assert "`security: starttls`" in result.message


@pytest.mark.parametrize("record", [b"\x15\x03\x01\x00\x02\x02\x28", b"\x16\x03\x03\x00\x31"])
async def test_a_greeting_in_tls_is_tls_at_once(record: bytes) -> None:
    async with server(greeting=record) as one:
        result = await look("smtp", host=HOST, port=one.port)
    assert (result.reason, "speaks TLS" in result.message) == (Reason.TLS, True)


async def test_a_slow_greeting_is_waited_for_even_past_the_look_for_tls() -> None:
    async with server() as one:
        options: dict[str, Any] = {"host": HOST, "port": one.port, "security": "none", "deadline": 1.0}
        looking = asyncio.ensure_future(look("smtp", **options))
        await until(lambda: one.connections == 2, 5, "the look for TLS")
        for script in list(one.open):
            script.say(b"220 sorry\r\n", close=script.received != b"")
        for command in (b"EHLO", b"NOOP", b"QUIT"):
            await until(lambda sought=command: _script(one, sought), 5, command.decode())  # type: ignore[misc]  # mypy cannot infer it
            _script(one, command)[0].say(b"250 ok\r\n", close=False)
        assert (await looking).state is State.OK


def _script(one: Server, command: bytes) -> list[Script]:
    return [script for script in one.open if command in script.received]


@pytest.mark.parametrize("security", ["starttls", "tls"])
async def test_a_bad_certificate_is_told_with_all_its_faults(security: str, tmp_path: Path) -> None:
    now = datetime.now(UTC)
    root = make_authority(now)
    expired = leaf(root, ("other.test",), now - timedelta(days=90), now - timedelta(days=1))
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(root.pem)
    context = server_context(expired, tmp_path)
    way: dict[str, Any] = {"starttls": context} if security == "starttls" else {"tls": context}
    async with mail_host(**way) as one:
        result = await look("smtp", host=HOST, port=one.port, security=security, ca_file=str(ca_file))
        assert one.count("AUTH") == 0
    assert (result.reason, result.failed_phase) == (Reason.TLS, Phase.TLS)
    for fault in ("expired on", "is issued for other.test, not for 127.0.0.1"):
        assert fault in result.message


async def test_a_certificate_of_a_stranger_gets_no_password(authority: Authority) -> None:
    async with mail_host(starttls=authority.server()) as one:
        options: dict[str, Any] = {
            "host": HOST,
            "port": one.port,
            "username": "porter",
            "password": "x",
            "login": True,
        }
        result = await look("smtp", **options)
        assert (result.reason, one.count("AUTH")) == (Reason.TLS, 0)
        assert "not trusted here" in result.message
        unverified = await look("smtp", verify=False, **options)
        assert (unverified.state, one.count("AUTH")) == (State.OK, 1)


async def test_a_handshake_that_is_no_tls_is_tls() -> None:
    async with mail_host({"STARTTLS": b"220 go on\r\n", "*": b"nonsense\r\n"}) as one:
        result = await look("smtp", host=HOST, port=one.port, deadline=DEADLINE)
    assert (result.reason, result.failed_phase) in {
        (Reason.TLS, Phase.TLS),
        (Reason.TIMEOUT, Phase.TLS),
    }


async def test_words_slipped_in_before_tls_are_refused(authority: Authority, trust: dict[str, Any]) -> None:
    async with mail_host({"STARTTLS": b"220 go on\r\n250 evil\r\n"}, starttls=authority.server()) as one:
        result = await look("smtp", port=one.port, **trust)
        assert one.secured == []
    assert (result.reason, "in plain text after STARTTLS" in result.message) == (Reason.PROTOCOL, True)


@pytest.mark.parametrize(
    ("greeting", "reason", "says"),
    [
        (b"554 5.3.2 closed for tonight\r\n", Reason.SERVER_ERROR, "closed for tonight"),
        (b"421 4.7.0 too many connections\r\n\0", Reason.RATE_LIMITED, "slow down (421 4.7.0)"),
        (b"554 no", Reason.SERVER_ERROR, "554"),
        (b"\0", Reason.PROTOCOL, "closed instead of a greeting"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", Reason.PROTOCOL, "SSH-2.0-OpenSSH_9.2"),
        (b"* OK IMAP4rev1\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"\xff\xfe\x00\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"220x\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"\xd9\xa2\xd9\xa2\xd9\xa0 ok\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"220-a\r\n221 b\r\n", Reason.PROTOCOL, "does not speak SMTP"),
        (b"250 early\r\n", Reason.PROTOCOL, "not what the protocol allows"),
        (b"220 ok\r\n250 twice\r\n", Reason.PROTOCOL, "without being asked"),
        (b"220 ok\r\n421 4.3.0 oh no, leaving\r\n\0", Reason.SERVER_ERROR, "leaving"),
        (b"x" * 100_000, Reason.PROTOCOL, "more than 4096 bytes"),
        (b"220-again\r\n" * 50_000, Reason.PROTOCOL, "more than 128 lines"),
    ],
)
async def test_an_odd_greeting_has_its_reason(greeting: bytes, reason: Reason, says: str) -> None:
    if not greeting.endswith((b"\n", b"\0")):
        greeting += b"\0"
    async with mail_host({"": greeting}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none")
    assert result.reason is reason, result
    assert says in result.message
    assert (RESPONSE_TIME in result.measurements) is (reason is not Reason.PROTOCOL or "allows" in says)


@pytest.mark.parametrize("greeting", [b"220 ok\n", b"220\r\n", b"220-a\r\n220-b\n220 c\r\n", b"220 \xff\r\n"])
async def test_a_greeting_may_be_sloppy(greeting: bytes) -> None:
    async with mail_host({"": greeting}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none")
    assert result.state is State.OK, result


@pytest.mark.parametrize("command", ["", "EHLO", "NOOP", "AUTH"])
async def test_silence_ends_by_the_deadline(command: str) -> None:
    async with mail_host({command: b""}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none", deadline=DEADLINE, **ACCOUNT)
    assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.PROCESSING)


async def test_silence_in_the_handshake_ends_by_the_deadline() -> None:
    async with mail_host({"*": b""}) as one:
        result = await look("smtp", host=HOST, port=one.port, deadline=DEADLINE)
    assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.TLS)


@pytest.mark.parametrize(
    ("piece", "reason"),
    [(b"2", Reason.TIMEOUT), (b"220-\r\n", Reason.TIMEOUT), (b"2" * 2000, Reason.PROTOCOL)],
)
async def test_a_dripping_server_ends_by_the_deadline_or_its_limit(piece: bytes, reason: Reason) -> None:
    async with server(greeting=b"220-here we go\r\n") as one:
        options: dict[str, Any] = {"host": HOST, "port": one.port, "security": "none", "deadline": DEADLINE}
        looking = asyncio.ensure_future(look("smtp", **options))
        await until(lambda: one.open, 5, "the connection")
        next(iter(one.open)).drip(piece)
        assert (await looking).reason is reason
        await one.all_closed()


@pytest.mark.parametrize("command", ["EHLO", "NOOP", "AUTH"])
async def test_a_connection_closed_half_way_is_protocol(command: str) -> None:
    async with mail_host({command: b"\0"}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none", **ACCOUNT)
    assert (result.reason, result.message) == (
        Reason.PROTOCOL,
        f"the connection was closed in answer to {command}",
    )


@pytest.mark.parametrize("answer", [b"hunter2 AGh1bnRlcjI=\r\n", b"599 AHBvcnRlcgBodW50ZXIy\r\n"])
@pytest.mark.parametrize("command", ["AUTH", "NOOP"])
async def test_a_server_that_echoes_the_password_is_not_quoted(command: str, answer: bytes) -> None:
    async with mail_host({command: answer}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none", **ACCOUNT)
    assert result.state is State.CRITICAL
    assert not any(word in result.message for word in ("hunter2", "bnRlcjI", "AHBv")), result


@pytest.mark.parametrize(("offer", "says"), [(b"XOAUTH2", "only XOAUTH2"), (b"", "none at all")])
async def test_a_server_without_a_way_to_log_in_that_we_know_is_protocol(offer: bytes, says: str) -> None:
    async with mail_host({"EHLO": b"250-mail\r\n250 AUTH " + offer + b"\r\n"}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none", **ACCOUNT)
        assert one.count("AUTH") == 0
    assert (result.reason, says in result.message) == (Reason.PROTOCOL, True)


async def test_a_web_server_is_protocol() -> None:
    async with server(raw(b"HTTP/1.1 400 Bad Request\r\n\r\n"), greeting=b"HTTP/1.0 408 Late\r\n") as one:
        result = await look("smtp", host=HOST, port=one.port)
    assert (result.reason, "HTTP/1.0 408" in result.message) == (Reason.PROTOCOL, True)
