"""The control targets: a dead network told from names that cannot be looked up, and from nothing at all."""

import asyncio
import socket
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from checks import control
from checks.connection import Connector, Place, place
from checks.integrations import looks_http
from checks.integrations.built_in import Tuning
from checks.lookup import Address
from checks.result import RESPONSE_TIME, Phase, Reason, Result, Sign, State
from tests.support.certificates import authority, leaf
from tests.support.hotel import site
from tests.support.probing import look
from tests.support.servers import Server, free_port, http, raw, server, server_context

NOW = datetime.now(UTC)


async def here(_host: str) -> Sequence[Address]:
    return [(socket.AF_INET, "127.0.0.1")]


async def nowhere(_host: str) -> Sequence[Address]:
    raise socket.gaierror(socket.EAI_AGAIN, "no answer")


async def never(_host: str) -> Sequence[Address]:
    await asyncio.Event().wait()
    return ()


async def looked(*targets: str, resolve: object = here, deadline: float = 5.0) -> Result:
    connector = Connector(resolve=resolve)  # type: ignore[arg-type] # one of the three above
    return await look(control.CHECK, targets=targets, connector=connector, deadline=deadline)


def tcp(one: Server) -> str:
    return f"tcp://127.0.0.1:{one.port}"


def dead(host: str = "127.0.0.1") -> str:
    return f"tcp://{host}:{free_port()}"


def counts(result: Result) -> tuple[float, ...]:
    names = ("targets", "targets_failed", "by_address_failed", "by_name_failed")
    return tuple(result.measurements[name] for name in names)


async def test_all_that_answer_are_ok_whatever_they_answer() -> None:
    async with server() as one, server(http("503 Away")) as two, server(http("404 No")) as three:
        result = await looked(tcp(one), two.url(), three.url("/x", "www.hotel.test"))
        requests = two.requests + three.requests
    assert (result.state, result.message) == (State.OK, "all 3 control targets answer")
    assert counts(result) == (3, 0, 0, 0)
    assert 0 < result.measurements[RESPONSE_TIME] < 1000
    assert all(b"\r\nX-Monitor-Probe: nightporter\r\n" in request for request in requests)


async def test_nothing_is_sent_to_a_port() -> None:
    async with server() as one:
        await looked(tcp(one))
        await one.all_closed()
    assert (one.connections, one.requests) == (1, [])


async def test_one_that_answers_is_enough_and_the_others_are_named() -> None:
    gone = dead()
    async with server() as one:
        result = await looked(tcp(one), gone, "tcp://www.hotel.test:1")
    assert result.state is State.OK
    assert result.message.startswith("1 of 3 control targets answer; not this: cannot connect to 127.0.0.1:")
    assert "cannot connect to www.hotel.test:1: connection refused" in result.message
    assert counts(result) == (3, 2, 1, 1)


async def test_when_none_answers_the_network_is_down() -> None:
    result = await looked(dead(), "https://www.hotel.test:1/")
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONNECT)
    assert result.message.startswith("none of 2 control targets answers: cannot connect to 127.0.0.1:")
    assert counts(result) == (2, 2, 1, 1)
    assert RESPONSE_TIME not in result.measurements


async def test_names_that_cannot_be_looked_up_are_told_from_a_dead_network() -> None:
    async with server() as one:
        result = await looked(tcp(one), "https://www.hotel.test/", "tcp://b.test:1", resolve=nowhere)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.DNS)
    assert result.message == (
        "names cannot be looked up: www.hotel.test cannot be looked up: the name server does not answer"
        "; b.test cannot be looked up: the name server does not answer; 1 of 1 targets by address are reached"
    )
    assert counts(result) == (3, 2, 0, 2)


async def test_a_name_server_that_says_nothing_is_a_look_up_that_failed() -> None:
    async with server() as one:
        result = await looked(tcp(one), "https://www.hotel.test/", resolve=never, deadline=0.2)
    assert result.reason is Reason.DNS
    assert "www.hotel.test is not looked up within 0.16 s" in result.message


async def test_without_a_network_dead_name_servers_are_its_fault() -> None:
    result = await looked(dead(), "https://www.hotel.test/", resolve=nowhere)
    assert (result.reason, counts(result)) == (Reason.CONNECT, (2, 2, 1, 1))


async def test_names_alone_that_cannot_be_looked_up_are_dns() -> None:
    result = await looked("https://www.hotel.test/", resolve=nowhere)
    assert result.reason is Reason.DNS


async def test_one_name_that_is_found_speaks_for_the_name_servers() -> None:
    async def some(host: str) -> Sequence[Address]:
        return await (here(host) if host == "good.test" else nowhere(host))

    async with server() as one:
        result = await looked(tcp(one), f"tcp://good.test:{one.port}", "tcp://bad.test:1", resolve=some)
    assert (result.state, counts(result)) == (State.OK, (3, 1, 0, 1))


async def test_hanging_targets_are_waited_for_together_and_not_to_the_end() -> None:
    async with server() as one, server() as two, server(http()) as three:
        before = time.monotonic()
        result = await looked(one.url(), two.url(), three.url(), deadline=0.5)
        taken = time.monotonic() - before
        await two.all_closed()
    assert (result.state, counts(result)) == (State.OK, (3, 2, 2, 0))
    assert f"127.0.0.1:{one.port} does not answer within 0.4 s" in result.message
    assert taken < 0.5


async def test_when_all_hang_it_is_connect_and_not_a_time_out_of_the_run() -> None:
    async with server() as one, server() as two:
        result = await looked(one.url(), two.url(), deadline=0.2)
    assert (result.reason, counts(result)) == (Reason.CONNECT, (2, 2, 2, 0))


async def test_what_is_no_http_is_no_answer_but_a_way_out() -> None:
    async with server(raw(b"\x00\x01\x02")) as one:
        result = await looked(one.url())
    assert (result.state, result.reason) == (State.CRITICAL, Reason.PROTOCOL)


async def test_a_certificate_that_is_refused_everywhere_is_tls(tmp_path: Path) -> None:
    house = authority(NOW)
    signed = leaf(house, ("127.0.0.1",), NOW - timedelta(days=1), NOW + timedelta(days=90))
    (tmp_path / "ca.pem").write_bytes(house.pem)
    async with server(http(), tls=server_context(signed, tmp_path)) as one:
        url = one.url(scheme="https")
        refused = await looked(url)
        trusted = await look(control.CHECK, targets=(url,), ca_file=tmp_path / "ca.pem")
    assert refused.reason is Reason.TLS
    assert (trusted.state, Phase.TLS in trusted.phases) == (State.OK, True)


async def test_one_that_is_reached_and_answers_wrongly_is_no_dead_network(tmp_path: Path) -> None:
    signed = leaf(authority(NOW), ("127.0.0.1",), NOW - timedelta(days=1), NOW + timedelta(days=90))
    async with server(http(), tls=server_context(signed, tmp_path)) as one, server(raw(b"what?")) as two:
        private, odd = one.url(scheme="https"), two.url()
        assert (await looked(dead(), private, odd)).reason is Reason.TLS
        assert (await looked(dead(), odd)).reason is Reason.PROTOCOL
        deaf = await looked(odd, "tcp://b.test:1", resolve=nowhere)
    assert (deaf.reason, counts(deaf)) == (Reason.DNS, (2, 2, 1, 1))
    assert deaf.message.endswith("; 1 of 1 targets by address are reached")


@pytest.mark.parametrize(
    ("reasons", "reason"),
    [
        ((Reason.INTERNAL, Reason.INTERNAL), Reason.INTERNAL),
        ((Reason.INTERNAL, Reason.PROTOCOL), Reason.PROTOCOL),
        ((Reason.INTERNAL, Reason.CONNECT), Reason.CONNECT),
        ((Reason.INTERNAL, Reason.DNS), Reason.DNS),
        ((Reason.TIMEOUT, Reason.TOO_LARGE), Reason.PROTOCOL),
        ((Reason.CONNECT, Reason.DNS), Reason.CONNECT),
    ],
)
def test_what_failed_for_want_of_ours_has_no_vote(reasons: tuple[Reason, Reason], reason: Reason) -> None:
    by_address, by_name = reasons
    found = control.judge(
        [
            control.Reach(place("192.0.2.1", 443), by_address, "no"),
            control.Reach(place("www.hotel.test", 443), by_name, "no"),
        ]
    )
    assert (found.reason, counts(found)) == (reason, (2, 2, 1, 1))


@pytest.mark.parametrize(
    ("by_address", "by_name", "signs"),
    [
        (Reason.CONNECT, Reason.TIMEOUT, {Sign.CONTROL_LOST}),
        (None, Reason.DNS, {Sign.NAMES_LOST}),
        ("left out", Reason.DNS, set()),
        (Reason.PROTOCOL, Reason.TIMEOUT, set()),
        (Reason.TIMEOUT, Reason.TLS, {Sign.CERTIFICATE_UNTRUSTED}),
    ],
)
def test_targets_that_are_lost_are_a_sign_of_what_is_lost_with_them(
    by_address: Reason | str | None, by_name: Reason, signs: set[Sign]
) -> None:
    shown = frozenset({Sign.CERTIFICATE_UNTRUSTED} if by_name is Reason.TLS else ())
    reaches = [control.Reach(place("www.hotel.test", 443), by_name, "no", signs=shown)]
    if by_address is None or isinstance(by_address, Reason):
        reaches.append(control.Reach(place("192.0.2.1", 443), by_address, "no"))
    assert control.judge(reaches).signs == signs


@pytest.mark.parametrize(
    "target",
    [
        "1.1.1.1",
        "1.1.1.1:443",
        "tcp://1.1.1.1",
        "tcp://1.1.1.1:0",
        "tcp://1.1.1.1:65536",
        "tcp://1.1.1.1:\u0661",
        "tcp://:443",
        "udp://1.1.1.1:53",
        "https://",
        "https://user:pw@www.hotel.test/",
    ],
)
def test_what_is_no_target_is_a_mistake(target: str) -> None:
    with pytest.raises(ValidationError):
        control.Options(targets=(target,))


def test_there_are_some_targets_and_not_too_many() -> None:
    for targets in ((), ("tcp://1.1.1.1:443",) * 17):
        with pytest.raises(ValidationError):
            control.Options(targets=targets)


def test_the_look_takes_the_targets_of_the_hotel() -> None:
    targets = ("tcp://[2606:4700::1111]:443", "https://www.hotel.test/")
    kind, options = looks_http.control(site("network", targets), Tuning())
    assert kind is control.CHECK
    assert options == control.Options(targets=targets)
    assert isinstance(options, control.Options)
    first = options.asked[0]
    assert kind.target(options) == "tcp://[2606:4700::1111]:443, https://www.hotel.test/"
    assert isinstance(first, Place)
    assert first.literal == (socket.AF_INET6, "2606:4700::1111")
