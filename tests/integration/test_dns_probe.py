"""The check of DNS records, over a real server."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop
from pydantic import ValidationError

from checks.dns import CHECK, RECORDS
from checks.resolver import NO_SUCH_NAME, Unanswered
from checks.resolver_server import MOST_RECORDS
from checks.result import Phase, Reason, Result, Sign, State
from daemon.demo.dns_transport import HOST
from tests.support.dns_server import DnsServer, Eyes, dns_server, system_resolver, tools_for
from tests.support.probing import DEADLINE, look
from tests.support.servers import free_port

ZONE = {
    ("hotel.example", "A"): ["192.0.2.1", "192.0.2.2"],
    ("hotel.example", "AAAA"): ["2001:db8::1"],
    ("hotel.example", "MX"): ["10 MAIL.hotel.example."],
    ("hotel.example", "NS"): ["ns.hotel.example."],
    ("hotel.example", "TXT"): ['"two " "strings"'],
    ("www.hotel.example", "CNAME"): ["hotel.example."],
    ("1.2.0.192.in-addr.arpa", "PTR"): ["mail.hotel.example."],
}


async def ask(server: DnsServer, deadline: float = 5.0, **options: Any) -> Result:
    return await look(CHECK, tools=tools_for(server), deadline=deadline, **options)


@pytest.mark.parametrize(
    ("name", "record", "pattern", "count"),
    [
        ("hotel.example", "A", r"^192\.0\.2\.2$", 2),
        ("HOTEL.example.", "AAAA", "^2001:db8::1$", 1),
        ("hotel.example", "MX", r"^10 mail\.hotel\.example$", 1),
        ("hotel.example", "NS", "^ns.hotel.example$", 1),
        ("hotel.example", "TXT", "^two strings$", 1),
        ("www.hotel.example", "CNAME", "^hotel.example$", 1),
        ("www.hotel.example", "A", "192", 2),
        ("192.0.2.1", "PTR", "^mail.hotel.example$", 1),
        ("1.2.0.192.in-addr.arpa", "PTR", "mail", 1),
    ],
)
async def test_records_of_every_kind_are_read(name: str, record: str, pattern: str, count: int) -> None:
    async with dns_server() as server:
        server.records |= ZONE
        result = await ask(server, name=name, record=record, expect={"matches": pattern})
        assert (result.state, result.measurements[RECORDS]) == (State.OK, count), result
        assert set(result.phases) == {Phase.RESOLVE}


@pytest.mark.parametrize(
    ("name", "record", "words", "signs"),
    [
        ("gone.example", "A", "no such name as gone.example", {Sign.RECORD_MISSING, Sign.NAME_UNKNOWN}),
        ("hotel.example", "CNAME", "hotel.example has no CNAME record", {Sign.RECORD_MISSING}),
    ],
)
async def test_what_is_not_there_is_missing(name: str, record: str, words: str, signs: set[Sign]) -> None:
    async with dns_server() as server:
        server.records |= ZONE
        result = await ask(server, name=name, record=record)
        assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
        assert words in result.message
        assert result.signs == signs
        assert result.measurements[RECORDS] == 0


@pytest.mark.parametrize("name", ["a..b", "x" * 64 + ".example"])
async def test_a_name_that_cannot_be_one_is_refused_at_load_and_found_nowhere(name: str) -> None:
    with pytest.raises(ValidationError, match="is not a host name"):
        CHECK.options.model_validate({"name": name})
    async with dns_server() as server:
        assert await tools_for(server).resolver.lookups(1.0).find(name, "A") == NO_SUCH_NAME
        assert server.asked == []


async def test_records_of_which_none_matches_are_content() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        result = await ask(server, name="hotel.example", expect={"matches": "198"})
        assert (result.reason, result.state) == (Reason.CONTENT, State.CRITICAL)
        assert "192.0.2.1, 192.0.2.2" in result.message


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED", "FORMERR"])
async def test_a_server_that_fails_is_dns(rcode: str) -> None:
    async with dns_server() as server:
        server.rcodes["hotel.example"] = rcode
        result = await ask(server, name="hotel.example")
        assert (result.reason, result.failed_phase) == (Reason.DNS, Phase.RESOLVE)
        assert rcode in result.message


async def test_a_silent_server_is_a_time_out_that_the_check_itself_ends() -> None:
    async with dns_server() as server:
        server.silent.add("hotel.example")
        result = await ask(server, DEADLINE, name="hotel.example")
        assert (result.reason, result.failed_phase) == (Reason.TIMEOUT, Phase.RESOLVE)
        assert "the name server does not answer" in result.message
        assert len(server.asked) >= 2


async def test_a_lost_datagram_is_asked_for_again() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        server.lost = 1
        assert (await ask(server, 1.0, name="hotel.example")).state is State.OK


async def test_a_closed_port_is_a_time_out_and_a_second_server_takes_over() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        tools = tools_for(server)
        tools.resolver.configure([HOST], free_port())
        assert (
            await look(CHECK, tools=tools, deadline=DEADLINE, name="hotel.example")
        ).reason is Reason.TIMEOUT
        tools.resolver.configure(["127.0.0.2", HOST], server.port)
        assert (await look(CHECK, tools=tools, deadline=2.0, name="hotel.example")).state is State.OK


async def test_a_truncated_answer_is_fetched_over_tcp() -> None:
    async with dns_server() as server:
        server.txt("hotel.example", "x" * 5000)
        found = await tools_for(server).resolver.lookups(5.0).find("hotel.example", "TXT")
        assert found.records == ("x" * 5000,)
        assert [transport for _, _, transport in server.asked] == ["udp", "tcp"]
        server.truncates = True
        assert (await ask(server, name="hotel.example", record="TXT")).state is State.OK


async def test_an_alias_that_the_server_does_not_follow_is_followed() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        server.follows = False
        assert (await ask(server, name="www.hotel.example")).state is State.OK
        server.add("a.example", "CNAME", "b.example.")
        server.add("b.example", "CNAME", "a.example.")
        assert (await ask(server, name="a.example")).reason is Reason.DNS


@pytest.mark.parametrize(("aliases", "is_ok"), [(8, True), (9, False)])
async def test_eight_aliases_in_a_row_are_followed_and_no_more(aliases: int, is_ok: bool) -> None:
    async with dns_server() as server:
        server.follows = False
        for at in range(aliases):
            server.add(f"a{at}.example", "CNAME", f"a{at + 1}.example.")
        server.add(f"a{aliases}.example", "A", "192.0.2.1")
        result = await ask(server, name="a0.example")
        assert (result.state is State.OK) is is_ok, result
        assert is_ok or "more than 8 aliases" in result.message
        assert len(server.asked) == 9


async def test_a_server_that_only_refers_to_others_is_dns_not_missing() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        server.flags = 0
        result = await ask(server, name="hotel.example", record="CNAME")
        assert result.reason is Reason.DNS, result
        assert "refers" in result.message


async def test_a_server_that_is_no_address_is_dns() -> None:
    async with dns_server() as server:
        tools = tools_for(server)
        tools.resolver.configure(["ns.example"], 53)
        result = await look(CHECK, tools=tools, name="hotel.example")
        assert (result.reason, "not an IP address" in result.message) == (Reason.DNS, True)


async def test_without_servers_the_systems_are_asked(tmp_path: Path) -> None:
    system = tmp_path / "resolv.conf"
    system.write_text("# nothing\n")
    resolver = system_resolver(str(system))
    with pytest.raises(Exception, match="names no name server"):
        resolver.lookups(1.0)
    system.write_text(f"search example\nnameserver {HOST}\n")
    (server,) = resolver.lookups(1.0)._resolver.nameservers
    assert str(server) == f"Do53:{HOST}@53"


async def test_a_question_is_asked_once_a_run_and_again_in_the_next() -> None:
    async with dns_server() as server:
        server.records |= ZONE
        resolver = tools_for(server).resolver
        ask = resolver.lookups(5.0)
        await ask.find("hotel.example", "A")
        await ask.find("Hotel.example", "A")
        assert len(server.asked) == 1
        await resolver.lookups(5.0).find("hotel.example", "A")
        assert len(server.asked) == 2


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_look_ups_work_on_either_loop(factory: Callable[[], asyncio.AbstractEventLoop]) -> None:
    async def all_of_them() -> list[Reason | None]:
        async with dns_server() as server:
            server.records |= ZONE
            server.txt("long.example", "x" * 5000)
            server.silent.add("silent.example")
            results = [
                await ask(server, name="hotel.example"),
                await ask(server, name="long.example", record="TXT"),
                await ask(server, name="gone.example"),
                await ask(server, DEADLINE, name="silent.example"),
            ]
            return [result.reason for result in results]

    with asyncio.Runner(loop_factory=factory) as runner:
        assert runner.run(all_of_them()) == [None, None, Reason.MISSING, Reason.TIMEOUT]


async def test_bytes_that_are_no_text_are_survived() -> None:
    async with dns_server() as server:
        server.add("hotel.example", "TXT", '"\\255\\000\\027"')
        eyes = Eyes(server, CHECK, name="hotel.example", record="TXT", expect={"matches": "nothing"})
        result = await eyes.look()
        assert result.reason is Reason.CONTENT
        assert "\x00" not in result.message


@pytest.mark.parametrize("kind", ["A", "TXT", "MX"])
async def test_of_a_thousand_records_a_hundred_are_read(kind: str) -> None:
    values = {"A": "10.0.{0}.{1}", "TXT": '"text {0} {1}"', "MX": "10 m{0}-{1}.example."}
    async with dns_server() as server:
        server.add("big.example", kind, *[values[kind].format(*divmod(at, 250)) for at in range(1000)])
        result = await ask(server, name="big.example", record=kind)
        assert (result.state, result.measurements[RECORDS]) == (State.OK, MOST_RECORDS), result
        assert f"more than 100 {kind} records" in result.message
        result = await ask(server, name="big.example", record=kind, expect={"matches": "^nothing$"})
        assert f"of the first 100 {kind} records none matches" in result.message
        with pytest.raises(Unanswered, match=f"more than 100 {kind} records"):
            await tools_for(server).resolver.lookups(5.0).all("big.example", kind)


@pytest.mark.parametrize("count", [MOST_RECORDS, MOST_RECORDS + 1])
async def test_a_hundred_records_are_all_of_them_even_behind_an_alias(count: int) -> None:
    async with dns_server() as server:
        server.add("www.example", "CNAME", "big.example.")
        server.add("big.example", "A", *[f"10.0.0.{at}" for at in range(count)])
        found = await tools_for(server).resolver.lookups(5.0).find("www.example", "A")
        assert (len(found.records), found.more) == (MOST_RECORDS, count > MOST_RECORDS)
