"""Certificates: accepted, refused with every fault named, and judged by their lifetime."""

import asyncio
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.connection import Connector
from checks.result import Phase, Reason, Result, Sign, State
from checks.trust import Trust
from checks.values import TlsTrust
from tests.support.certificates import Signed, authority, leaf, revocation
from tests.support.probing import DEADLINE, look
from tests.support.servers import http, raw, server, server_context

DAY = timedelta(days=1)
NOW = datetime.now(UTC).replace(microsecond=0)
EXPIRED, UNTRUSTED = Sign.CERTIFICATE_EXPIRED, Sign.CERTIFICATE_UNTRUSTED


@dataclass(frozen=True)
class World:
    """An authority that is trusted, one that vouches through an intermediate, and one nobody knows."""

    directory: Path
    root: Signed
    between: Signed
    stranger: Signed

    @property
    def ca_file(self) -> str:
        path = self.directory / "root.pem"
        path.write_bytes(self.root.pem)
        return str(path)

    def context(self, signed: Signed) -> ssl.SSLContext:
        return server_context(signed, self.directory)


@pytest.fixture
def world(tmp_path: Path) -> World:
    root = authority(NOW)
    return World(tmp_path, root, authority(NOW, "Between", root), authority(NOW, "Stranger"))


def good(world: World, *names: str, days: float = 90) -> Signed:
    return leaf(world.root, names or ("localhost", "127.0.0.1"), NOW - DAY, NOW + days * DAY)


async def see(world: World, signed: Signed, kind: str = "tls", **options: Any) -> Result:
    """Return what a probe of a server with this certificate sees."""
    async with server(http("200 OK", b"ok"), tls=world.context(signed)) as one:
        trust: dict[str, Any] = {"ca_file": world.ca_file} | options
        if kind == "http":
            result = await look("http", url=one.url(host="localhost", scheme="https"), **trust)
        else:
            trust.setdefault("host", "localhost")
            result = await look("tls", port=one.port, **trust)
        await one.all_closed()
        return result


@pytest.mark.parametrize("kind", ["tls", "http"])
async def test_a_good_certificate_is_accepted_and_measured(world: World, kind: str) -> None:
    signed = good(world)
    result = await see(world, signed, kind)
    assert result.state is State.OK, result
    assert result.certificate_expiry == signed.certificate.not_valid_after_utc.timestamp()
    assert {Phase.RESOLVE, Phase.CONNECT, Phase.TLS} <= set(result.phases)
    if kind == "tls":
        assert result.measurements["days_left"] == pytest.approx(90, abs=0.1)


@pytest.mark.parametrize("kind", ["tls", "http"])
@pytest.mark.parametrize(
    ("fault", "words", "signs"),
    [
        ("expired", ["expired on"], {EXPIRED}),
        ("not yet valid", ["is not valid before"], {Sign.CERTIFICATE_NOT_YET_VALID}),
        (
            "wrong name",
            ["is issued for other.example, *.other.example, not for localhost"],
            {Sign.CERTIFICATE_WRONG_NAME},
        ),
        (
            "expired and of another name",
            ["expired on", "not for localhost"],
            {EXPIRED, Sign.CERTIFICATE_WRONG_NAME},
        ),
        ("self-signed", ["is self-signed"], {UNTRUSTED}),
        ("missing intermediate", ["without its intermediate certificate"], {UNTRUSTED}),
        ("unknown authority", ["authority that is not trusted"], {UNTRUSTED}),
    ],
)
async def test_a_refused_certificate_has_all_its_faults_named(
    world: World, kind: str, fault: str, words: list[str], signs: set[Sign]
) -> None:
    mine = ("localhost",)
    others = ("other.example", "*.other.example")
    before, after = NOW - DAY, NOW + 90 * DAY
    signed = {
        "expired": leaf(world.root, mine, NOW - 100 * DAY, NOW - DAY),
        "not yet valid": leaf(world.root, mine, NOW + DAY, after),
        "wrong name": leaf(world.root, others, before, after),
        "expired and of another name": leaf(world.root, others, NOW - 100 * DAY, NOW - DAY),
        "self-signed": leaf(None, mine, before, after),
        "missing intermediate": leaf(world.between, mine, before, after),
        "unknown authority": leaf(world.stranger, mine, before, after),
    }[fault]
    result = await see(world, signed, kind)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.TLS)
    assert result.failed_phase is Phase.TLS
    assert result.signs == signs
    for word in words:
        assert word in result.message, result.message


async def test_a_revoked_certificate_is_told_as_such(world: World) -> None:
    signed = good(world)
    revoked = revocation(world.root, signed, NOW)
    (world.directory / "lists.pem").write_bytes(world.root.pem + revoked)
    trust = Trust()
    options = TlsTrust(ca_file=world.directory / "lists.pem")
    trust.context(options).verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    result = await see(world, signed, ca_file=options.ca_file, connector=Connector(trust=trust))
    assert result.reason is Reason.TLS
    assert result.signs == {Sign.CERTIFICATE_REVOKED}, result


async def test_a_whole_chain_through_an_intermediate_is_accepted(world: World) -> None:
    signed = leaf(world.between, ("localhost",), NOW - DAY, NOW + 90 * DAY, intermediates=(world.between,))
    assert (await see(world, signed)).state is State.OK


async def test_an_address_is_held_against_the_addresses_of_the_certificate(world: World) -> None:
    assert (await see(world, good(world, "127.0.0.1"), host="127.0.0.1")).state is State.OK
    refused = await see(world, good(world, "127.0.0.2"), host="127.0.0.1")
    assert "not for 127.0.0.1" in refused.message


async def test_a_server_name_is_asked_for_and_held_against_the_certificate(world: World) -> None:
    signed = good(world, "pms.hotel.example")
    assert (await see(world, signed, server_name="pms.hotel.example")).state is State.OK
    assert (await see(world, signed)).reason is Reason.TLS


async def test_verify_false_accepts_any_certificate_and_still_judges_its_lifetime(world: World) -> None:
    stranger = leaf(world.stranger, ("x.example",), NOW - DAY, NOW + 90 * DAY)
    assert (await see(world, stranger, verify=False)).state is State.OK
    expired = leaf(world.stranger, ("x.example",), NOW - 100 * DAY, NOW - DAY)
    result = await see(world, expired, verify=False)
    assert result.reason is Reason.TLS
    assert result.signs == {EXPIRED}
    assert result.measurements["days_left"] == pytest.approx(-1, abs=0.1)


@pytest.mark.parametrize(
    ("lifetime", "left", "state"),
    [
        (90, 21.1, State.OK),
        (90, 20.9, State.WARNING),
        (90, 6.9, State.CRITICAL),
        (200, 20.9, State.WARNING),
        (200, 7.1, State.WARNING),
        (47, 11.8, State.OK),
        (47, 11.7, State.WARNING),
        (47, 4.6, State.CRITICAL),
        (6, 1.6, State.OK),
        (6, 1.4, State.WARNING),
        (6, 0.5, State.CRITICAL),
        (0.5, 0.4, State.WARNING),
    ],
)
async def test_a_certificate_is_judged_by_its_lifetime(
    world: World, lifetime: float, left: float, state: State
) -> None:
    ends = NOW + timedelta(days=left)
    signed = leaf(world.root, ("localhost",), ends - timedelta(days=lifetime), ends)
    result = await see(world, signed)
    assert result.state is state, result
    assert result.reason is (None if state is State.OK else Reason.TLS)
    if state is not State.OK:
        assert result.observed == pytest.approx(left, abs=0.1)
        assert "should have been renewed" in result.message
        assert result.signs == {Sign.CERTIFICATE_EXPIRING}


async def test_plain_text_on_a_tls_port_says_so() -> None:
    for greeting in (None, b"220 mail.example ESMTP\r\n"):
        async with server(raw(b"HTTP/1.0 400 Bad\r\n\r\n"), greeting=greeting) as one:
            result = await look("tls", host="127.0.0.1", port=one.port, deadline=2)
        assert result.reason in {Reason.TLS, Reason.TIMEOUT}
        if greeting:
            assert "does not speak TLS" in result.message
            assert result.signs == {Sign.TLS_MODE}


async def test_a_handshake_that_is_cut_off_is_no_verdict_on_tls() -> None:
    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)
        writer.transport.abort()

    listening = await asyncio.start_server(cut, "127.0.0.1", 0)
    try:
        result = await look("tls", host="127.0.0.1", port=listening.sockets[0].getsockname()[1])
    finally:
        listening.close()
        await listening.wait_closed()
    assert (result.reason, result.failed_phase) == (Reason.CONNECT, Phase.TLS)
    assert "closed in the handshake" in result.message


async def test_a_silent_handshake_is_a_time_out_in_it() -> None:
    async with server() as one:
        result = await look("tls", host="127.0.0.1", port=one.port, deadline=DEADLINE)
        assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.TLS)
        await one.all_closed()
