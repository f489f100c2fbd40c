"""Mail servers that work: every way to speak with them, and how much is said."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import uvloop

from checks.connection import Connector
from checks.lookup import Address
from checks.result import RESPONSE_TIME, Phase, Reason, Result, State
from tests.support.probing import look
from tests.support.servers import free_port
from tests.support.smtp import HOST, Authority, post
from tests.support.smtp_host import mail_host

LOGIN = ("porter", "pa ß\N{KEY}")
ACCOUNT: dict[str, Any] = {"username": LOGIN[0], "password": LOGIN[1], "login": True}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def options(authority: Authority, tmp_path: Path) -> dict[str, Any]:
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(authority.pem)
    return {"host": HOST, "ca_file": str(ca_file)}


async def test_a_real_server_with_starttls_is_ok(authority: Authority, options: dict[str, Any]) -> None:
    async with post(starttls=authority.server()) as one:
        result = await look("smtp", port=one.port, **options)
        assert (result.state, result.message) == (State.OK, "answers over TLS")
        assert one.quits == 1
    assert set(result.phases) == {Phase.CONNECT, Phase.PROCESSING, Phase.TLS}
    assert result.measurements[RESPONSE_TIME] == pytest.approx(sum(result.phases.values()) * 1000, abs=0.01)
    assert result.certificate_expiry is not None


async def test_a_real_server_with_tls_from_the_start_is_ok(
    authority: Authority, options: dict[str, Any]
) -> None:
    async with post(tls=authority.server()) as one:
        result = await look("smtp", port=one.port, security="tls", **options)
    assert result.state is State.OK, result
    assert result.certificate_expiry is not None


async def test_a_real_server_without_tls_is_ok_when_none_is_asked_for() -> None:
    async with post() as one:
        result = await look("smtp", host="localhost", port=one.port, security="none")
    assert (result.state, result.message) == (State.OK, "answers without TLS")
    assert result.certificate_expiry is None


@pytest.mark.parametrize("offered", ["LOGIN PLAIN", "LOGIN"])
async def test_a_real_server_lets_us_in_either_way(
    offered: str, authority: Authority, options: dict[str, Any]
) -> None:
    excluded = ["PLAIN"] if offered == "LOGIN" else []
    async with post(starttls=authority.server(), login=LOGIN, auth_exclude_mechanism=excluded) as one:
        result = await look("smtp", port=one.port, **ACCOUNT, **options)
        assert (result.state, result.message) == (State.OK, "answers over TLS and lets us log in"), result
        assert (one.logins, one.methods) == (1, [offered.removeprefix("LOGIN ")])


async def test_a_wrong_password_is_credentials_and_decisive(
    authority: Authority, options: dict[str, Any]
) -> None:
    async with post(starttls=authority.server(), login=("porter", "another")) as one:
        result = await look("smtp", port=one.port, **ACCOUNT, **options)
    assert (result.reason, result.decisive) == (Reason.CREDENTIALS, True)
    assert "user name or password is not accepted (535 5.7.8)" in result.message
    assert result.measurements[RESPONSE_TIME] > 0
    assert result.certificate_expiry is not None


async def test_what_is_said_is_what_the_protocol_wants(authority: Authority, options: dict[str, Any]) -> None:
    async with mail_host(starttls=authority.server()) as one:
        await look("smtp", port=one.port, **options)
        assert one.commands == ["EHLO [127.0.0.1]", "STARTTLS", "EHLO [127.0.0.1]", "NOOP", "QUIT"]
        assert one.secured == one.commands[2:]


async def test_a_user_name_alone_does_not_log_in(authority: Authority, options: dict[str, Any]) -> None:
    async with mail_host(starttls=authority.server()) as one:
        result = await look("smtp", port=one.port, username="porter", password="secret", **options)
        assert (result.state, one.count("AUTH")) == (State.OK, 0)


async def test_a_password_goes_unencrypted_only_where_that_is_allowed() -> None:
    async with mail_host() as one:
        open_: dict[str, Any] = {"host": HOST, "port": one.port, "security": "none"}
        with pytest.raises(ValueError, match="would send the password unencrypted"):
            await look("smtp", **open_, **ACCOUNT)
        result = await look("smtp", **open_, **ACCOUNT, allow_plaintext_auth=True)
        assert (result.state, one.count("AUTH")) == (State.OK, 1)


async def test_a_login_without_an_account_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="needs `username` and `password`"):
        await look("smtp", host=HOST, username="porter", login=True)


@pytest.mark.parametrize("parting", [b"", b"\0", b"500 you stay\r\n", b"\xff\xfe\r\n"])
async def test_trouble_at_quit_is_no_failure(parting: bytes) -> None:
    async with mail_host({"QUIT": parting}) as one:
        result = await look("smtp", host=HOST, port=one.port, security="none", deadline=1.0)
    assert result.state is State.OK, result


@pytest.mark.parametrize(
    "line", [b"AUTH=PLAIN", b"auth plain", b"AUTH XOAUTH2\r\n250-AUTH PLAIN", b"\t\r\n250-AUTH PLAIN"]
)
async def test_ways_to_log_in_are_read_however_they_are_written(line: bytes) -> None:
    async with mail_host({"EHLO": b"250-mail\r\n250-" + line + b"\r\n250 SIZE 1\r\n"}) as one:
        result = await look(
            "smtp", host=HOST, port=one.port, security="none", allow_plaintext_auth=True, **ACCOUNT
        )
        assert (result.state, one.count("AUTH")) == (State.OK, 1), result


@pytest.mark.parametrize("right", [True, False])
async def test_an_odd_password_of_google_is_pointed_out(
    right: bool, authority: Authority, options: dict[str, Any]
) -> None:
    async def resolve(_host: str) -> Sequence[Address]:
        return [(socket.AF_INET, HOST)]

    tls = authority.server(("smtp.gmail.com",))
    password = "abcd efgh ijkl mnop" if right else "my cat's name"
    async with mail_host({"AUTH": b"535 5.7.8 no\r\n"}, starttls=tls) as one:
        given = {**options, **ACCOUNT, "host": "smtp.gmail.com", "password": password}
        result = await look("smtp", port=one.port, connector=Connector(resolve=resolve), **given)
    assert ("has 16 letters" in result.message) is not right, result


async def test_nobody_there_is_connect() -> None:
    result = await look("smtp", host=HOST, port=free_port())
    assert (result.reason, result.failed_phase) == (Reason.CONNECT, Phase.CONNECT)
    assert RESPONSE_TIME not in result.measurements


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_probes_work_on_either_loop(
    factory: Callable[[], asyncio.AbstractEventLoop], authority: Authority, options: dict[str, Any]
) -> None:
    async def all_of_them() -> list[Result]:
        stranger: ssl.SSLContext = Authority().server()
        async with (
            mail_host(starttls=authority.server()) as one,
            mail_host(tls=authority.server()) as secure,
            mail_host(starttls=stranger) as strange,
            mail_host({"": b"\0"}) as closing,
        ):
            return [
                await look("smtp", port=one.port, **ACCOUNT, **options),
                await look("smtp", port=secure.port, security="tls", **options),
                await look("smtp", port=one.port, security="tls", **options),
                await look("smtp", port=secure.port, deadline=2.0, **options),
                await look("smtp", port=strange.port, **options),
                await look("smtp", port=closing.port, **options),
            ]

    with asyncio.Runner(loop_factory=factory) as runner:
        results = runner.run(all_of_them())
    wanted = [None, None, Reason.TLS, Reason.TLS, Reason.TLS, Reason.PROTOCOL]
    assert [one.reason for one in results] == wanted, results
