"""Blocklists, asked over a real DNS server."""

from datetime import timedelta

import pytest

from checks.blocklist import CHECK, LISTINGS
from checks.result import Reason, Result, Sign, State
from tests.support.dns_server import DnsServer, Eyes, dns_server
from tests.support.probing import DEADLINE

LIST = "bl.example"
ZEN = "zen.spamhaus.org"
GOOGLE = "smtp.gmail.com"
KEYED = "abcdefghij0123456789klmnop.zen.example"
NIBBLES = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2"


def serve(server: DnsServer, zone: str = LIST) -> None:
    server.add(f"2.0.0.127.{zone}", "A", "127.0.0.2")


def enlist(
    server: DnsServer, reverse: str, code: str = "127.0.0.4", reason: str = "", zone: str = LIST
) -> None:
    server.add(f"{reverse}.{zone}", "A", code)
    if reason:
        server.txt(f"{reverse}.{zone}", reason)


def eyes(
    server: DnsServer, *addresses: str, lists: tuple[str, ...] = (LIST,), through: str | None = None
) -> Eyes:
    return Eyes(server, CHECK, addresses=addresses or ("192.0.2.9",), lists=lists, through=through)


def unknown(result: Result) -> bool:
    return (result.state, result.reason, result.decisive) == (State.UNKNOWN, Reason.QUERY, False)


async def test_an_address_that_no_list_has_is_ok() -> None:
    async with dns_server() as server:
        serve(server)
        result = await eyes(server, "192.0.2.9", "2001:db8::1").look()
        assert (result.state, result.measurements[LISTINGS]) == (State.OK, 0), result


@pytest.mark.parametrize(("address", "reverse"), [("192.0.2.9", "9.2.0.192"), ("2001:db8::1", NIBBLES)])
async def test_a_listed_address_is_content_with_list_address_and_reason(address: str, reverse: str) -> None:
    async with dns_server() as server:
        serve(server)
        enlist(server, reverse, reason="Spam seen, see https://bl.example/why " + "x" * 300)
        result = await eyes(server, address).look()
        assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
        assert f"{LIST} lists {address} (127.0.0.4, Spam seen" in result.message
        assert len(result.message) < 200
        assert result.measurements[LISTINGS] == 1


async def test_a_listing_counts_even_if_its_reason_cannot_be_had() -> None:
    async with dns_server() as server:
        serve(server)
        enlist(server, "9.2.0.192")
        assert (await eyes(server).look()).state is State.CRITICAL


@pytest.mark.parametrize(
    ("reverse", "words"),
    [(None, "gone or empty"), ("1.0.0.127", "lists everything")],
)
async def test_a_list_that_fails_its_own_test_is_unknown(reverse: str | None, words: str) -> None:
    async with dns_server() as server:
        enlist(server, "9.2.0.192")
        if reverse is not None:
            serve(server)
            enlist(server, reverse)
        result = await eyes(server).look()
        assert unknown(result)
        assert result.signs == {Sign.LIST_UNRELIABLE}
        assert words in result.message


async def test_a_list_of_ipv6_alone_passes_by_its_own_test_entry() -> None:
    async with dns_server() as server:
        server.add(f"2.0.0.0.0.0.f.7.f.f.f.f.{'0.' * 20}{LIST}", "A", "127.0.0.2")
        assert (await eyes(server, "2001:db8::1").look()).state is State.OK


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("127.255.255.252", "misspelt"),
        ("127.255.255.254", "public resolvers"),
        ("127.255.255.255", "too often"),
        ("127.255.255.250", "an error"),
        ("127.0.1.255", "names, not addresses"),
        ("203.0.113.7", "no answer of a blocklist"),
    ],
)
async def test_what_is_no_listing_is_not_taken_for_one(code: str, words: str) -> None:
    async with dns_server() as server:
        serve(server)
        enlist(server, "9.2.0.192", code)
        result = await eyes(server).look()
        assert unknown(result)
        assert words in result.message
        enlist(server, "1.0.0.127", code)
        assert unknown(await eyes(server).look())


async def test_one_list_in_trouble_does_not_hide_what_another_says() -> None:
    async with dns_server() as server:
        serve(server)
        server.rcodes["2.0.0.127.down.example"] = "SERVFAIL"
        both = (LIST, "down.example")
        result = await eyes(server, lists=both).look()
        assert unknown(result)
        assert "1 of 2 lists" in result.message
        assert "down.example" in result.message
        enlist(server, "9.2.0.192")
        assert (await eyes(server, lists=both).look()).state is State.CRITICAL


async def test_a_silent_list_is_unknown_in_time() -> None:
    async with dns_server() as server:
        serve(server)
        server.silent.add("1.0.0.127.slow.example")
        result = await eyes(server, lists=("slow.example", LIST)).look(deadline=DEADLINE)
        assert unknown(result)
        assert result.signs == frozenset(), "it may be the name server"


async def test_the_test_of_a_list_that_passed_is_good_for_an_hour() -> None:
    async with dns_server() as server:
        serve(server)
        one = eyes(server)
        for minutes, asks in ((0, True), (59, False), (61, True), (119, False), (-60, True)):
            server.asked.clear()
            assert (await one.look(later=timedelta(minutes=minutes))).state is State.OK
            assert any(name.startswith("2.0.0.127") for name, _, _ in server.asked) is asks, minutes


async def test_a_list_that_goes_bad_is_tested_again() -> None:
    async with dns_server() as server:
        serve(server)
        one = eyes(server)
        await one.look()
        enlist(server, "9.2.0.192", "127.255.255.255")
        assert unknown(await one.look())
        server.asked.clear()
        assert unknown(await one.look())
        assert server.asked[0][0] == "1.0.0.127.bl.example"


async def test_many_listings_are_counted_and_few_named() -> None:
    async with dns_server() as server:
        serve(server)
        addresses = [f"192.0.2.{at}" for at in range(1, 8)]
        for at in range(1, 8):
            enlist(server, f"{at}.2.0.192")
        result = await eyes(server, *addresses).look()
        assert result.measurements[LISTINGS] == 7
        assert "and 4 more" in result.message


async def test_a_customers_key_in_the_name_of_a_list_is_neither_shown_nor_remembered() -> None:
    async with dns_server() as server:
        serve(server, KEYED)
        one = eyes(server, lists=(KEYED,))
        assert (await one.look()).state is State.OK
        assert KEYED.partition(".")[0] not in repr([memory.value for memory in one.memories._of.values()])
        enlist(server, "9.2.0.192", zone=KEYED)
        result = await one.look()
        assert "….zen.example lists 192.0.2.9" in result.message


async def test_an_address_that_is_none_is_our_own_fault() -> None:
    async with dns_server() as server:
        assert (await eyes(server, "mail.hotel.example").look()).reason is Reason.INTERNAL


def in_policy_list(server: DnsServer, *codes: str, zone: str = ZEN) -> None:
    serve(server, zone)
    server.add(f"9.2.0.192.{zone}", "A", *codes)
    server.add(GOOGLE, "A", "203.0.113.10")


@pytest.mark.parametrize("zone", [ZEN, "pbl.spamhaus.org", "abcdefghij0123456789klmnop.zen.dq.spamhaus.net"])
@pytest.mark.parametrize("codes", [("127.0.0.10",), ("127.0.0.11",), ("127.0.0.10", "127.0.0.11")])
async def test_the_pbl_does_not_matter_when_mail_leaves_elsewhere(zone: str, codes: tuple[str, ...]) -> None:
    async with dns_server() as server:
        in_policy_list(server, *codes, zone=zone)
        result = await eyes(server, lists=(zone,), through=GOOGLE).look()
        assert (result.state, result.measurements[LISTINGS]) == (State.OK, 0), result
        assert (
            "192.0.2.9 as not to send directly (PBL), and mail leaves through smtp.gmail.com"
            in result.message
        )
        assert "abcdefghij" not in result.message


@pytest.mark.parametrize(
    "through",
    [
        None,
        "192.0.2.9",
        "10.0.0.25",
        "::1",
        "localhost",
        "gone.example",
        "mail.hotel.example",
        "mail6.hotel.example",
        "inside.hotel.example",
    ],
)
async def test_the_pbl_matters_when_mail_leaves_from_the_address_itself(through: str | None) -> None:
    async with dns_server() as server:
        in_policy_list(server, "127.0.0.10")
        server.add("mail.hotel.example", "A", "203.0.113.8", "192.0.2.9")
        server.add("mail6.hotel.example", "AAAA", "2001:db8::9")
        server.add("inside.hotel.example", "A", "192.168.1.25")
        one = eyes(server, "192.0.2.9", "2001:db8::9", lists=(ZEN,), through=through)
        assert (await one.look()).state is State.CRITICAL


@pytest.mark.parametrize(
    ("zone", "codes"), [(ZEN, ("127.0.0.10", "127.0.0.4")), (ZEN, ("127.0.0.3",)), (LIST, ("127.0.0.10",))]
)
async def test_worse_than_the_pbl_matters_wherever_mail_leaves(zone: str, codes: tuple[str, ...]) -> None:
    async with dns_server() as server:
        in_policy_list(server, *codes, zone=zone)
        assert (await eyes(server, lists=(zone,), through=GOOGLE).look()).state is State.CRITICAL


async def test_whether_the_pbl_matters_is_unknown_while_the_mail_host_cannot_be_found() -> None:
    async with dns_server() as server:
        in_policy_list(server, "127.0.0.10")
        server.rcodes[GOOGLE] = "SERVFAIL"
        assert unknown(await eyes(server, lists=(ZEN,), through=GOOGLE).look())


async def test_lists_are_asked_one_after_the_other() -> None:
    async with dns_server() as server:
        zones = tuple(f"l{at}.example" for at in range(4))
        for zone in zones:
            serve(server, zone)
        assert (await eyes(server, lists=zones).look()).state is State.OK
        order = [name.rpartition(".l")[2][0] for name, _, _ in server.asked]
        assert order == sorted(order)


async def test_silent_lists_leave_the_others_their_share_of_the_time() -> None:
    async with dns_server() as server:
        serve(server)
        enlist(server, "9.2.0.192")
        server.silent |= {f"1.0.0.127.slow{at}.example" for at in range(2)}
        result = await eyes(server, lists=("slow0.example", "slow1.example", LIST)).look(deadline=DEADLINE)
        assert result.state is State.CRITICAL, result
