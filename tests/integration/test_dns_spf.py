"""SPF, evaluated over a real DNS server."""

from datetime import timedelta
from typing import Any

import pytest

from checks.result import Reason, Result, State
from checks.spf import CHECK, LOOKUPS
from tests.support.dns_server import DnsServer, Eyes, dns_server
from tests.support.probing import DEADLINE

DOMAIN = "hotel.example"


async def judged(server: DnsServer, record: str, *senders: str, **options: Any) -> Result:
    server.txt(DOMAIN, record)
    return await Eyes(server, CHECK, domain=DOMAIN, senders=senders, **options).look()


def broken(result: Result) -> bool:
    return (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)


async def test_a_sound_record_is_ok_and_its_look_ups_are_counted() -> None:
    async with dns_server() as server:
        server.txt("_spf.example", "v=spf1 include:_net.example ~all")
        server.txt("_net.example", "v=spf1 ip4:198.51.100.0/24 ~all")
        server.add("mail.hotel.example", "A", "192.0.2.9")
        result = await judged(server, "v=spf1 a:mail.hotel.example include:_spf.example -all")
        assert result.state is State.OK, result
        assert result.measurements[LOOKUPS] == 3


@pytest.mark.parametrize(
    ("senders", "advice"),
    [((), '"v=spf1 mx ~all"'), (("192.0.2.1", "2001:db8::1"), '"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 ~all"')],
)
async def test_no_record_is_content_with_the_record_to_publish(senders: tuple[str, ...], advice: str) -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "google-site-verification=spf", "v=spf10 -all")
        result = await Eyes(server, CHECK, domain=DOMAIN, senders=senders).look()
        assert broken(result)
        assert advice in result.message


async def test_two_records_are_content() -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 -all", "V=SPF1 mx -all")
        result = await Eyes(server, CHECK, domain=DOMAIN).look()
        assert broken(result)
        assert "2 SPF records" in result.message


async def test_strings_are_joined_without_a_space() -> None:
    async with dns_server() as server:
        server.records[(DOMAIN, "TXT")] = ['"v=spf1 ip4:192.0.2.1" "0 -all"']
        result = await Eyes(server, CHECK, domain=DOMAIN, senders=["192.0.2.10"]).look()
        assert result.state is State.OK
        server.records[(DOMAIN, "TXT")] = ['"v=spf1 ip4:192.0.2.1" "include:x.example -all"']
        assert broken(await Eyes(server, CHECK, domain=DOMAIN).look())


@pytest.mark.parametrize(("count", "is_ok"), [(10, True), (11, False), (14, False)])
async def test_ten_look_ups_are_allowed_counted_through_includes(count: int, is_ok: bool) -> None:
    async with dns_server() as server:
        for at in range(1, count):
            server.txt(f"s{at}.example", f"v=spf1 include:s{at + 1}.example ~all")
        server.txt(f"s{count}.example", "v=spf1 ip4:192.0.2.1 ~all")
        result = await judged(server, "v=spf1 include:s1.example -all")
        assert result.measurements[LOOKUPS] == count
        assert (result.state is State.OK) is is_ok
        assert is_ok or (broken(result) and f"needs {count} DNS look-ups" in result.message)


async def test_the_eleventh_counts_though_a_sender_matches_before_it() -> None:
    async with dns_server() as server:
        server.txt("s.example", "v=spf1 -all")
        names = " ".join(["include:s.example"] * 11)
        assert broken(await judged(server, f"v=spf1 ip4:192.0.2.1 {names} -all", "192.0.2.1"))


@pytest.mark.parametrize("term", ["a", "mx", "ptr", "exists:%{i}.x.example", "include:%{d}.x.example"])
async def test_every_looking_mechanism_counts_macros_too(term: str) -> None:
    async with dns_server() as server:
        server.add(DOMAIN, "A", "192.0.2.1")
        server.add(DOMAIN, "MX", "10 hotel.example.")
        result = await judged(server, f"v=spf1 {term} ip4:192.0.2.7 -all")
        assert (result.state, result.measurements[LOOKUPS]) == (State.OK, 1), result


async def test_a_tree_without_end_is_cut_off() -> None:
    async with dns_server() as server:
        for at in range(60):
            server.txt(f"s{at}.example", " ".join(["v=spf1", *[f"include:s{at + 1}.example"] * 9, "-all"]))
        result = await judged(server, "v=spf1 include:s0.example -all")
        assert broken(result)
        assert len(server.asked) < 60


@pytest.mark.parametrize(("voids", "is_ok"), [(2, True), (3, False)])
async def test_two_names_without_an_answer_are_allowed(voids: int, is_ok: bool) -> None:
    async with dns_server() as server:
        terms = ["a:gone.example", "exists:no.example", "mx:void.example"][:voids]
        result = await judged(server, f"v=spf1 {' '.join(terms)} -all")
        assert (result.state is State.OK) is is_ok
        assert is_ok or ("gone.example" in result.message and broken(result))


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=spf1 include:hotel.example -all", "leads back"),
        ("v=spf1 include:loop.example -all", "leads back"),
        ("v=spf1 redirect=loop.example", "leads back"),
        ("v=spf1 include:empty.example -all", "no SPF record"),
        ("v=spf1 redirect=gone.example", "no SPF record"),
        ("v=spf1 include:bad.example -all", "bad.example"),
        ("v=spf1 include:two.example -all", "2 SPF records"),
        ("v=spf1 mx:many.example -all", "11 MX records"),
        ("v=spf1 ipv4:192.0.2.1 -all", "ipv4"),
    ],
)
async def test_what_receivers_give_up_on_is_content(record: str, words: str) -> None:
    async with dns_server() as server:
        server.txt("loop.example", "v=spf1 include:hotel.example -all")
        server.txt("empty.example", "hello")
        server.txt("bad.example", "v=spf1 wrong -all")
        server.txt("two.example", "v=spf1 -all", "v=spf1 ~all")
        server.add("many.example", "MX", *[f"10 m{at}.example." for at in range(11)])
        result = await judged(server, record)
        assert broken(result)
        assert words in result.message


@pytest.mark.parametrize(
    ("record", "sender", "passes"),
    [
        ("v=spf1 ip4:192.0.2.0/24 -all", "192.0.2.200", True),
        ("v=spf1 ip4:192.0.2.0/24 -all", "198.51.100.1", False),
        ("v=spf1 ip4:192.0.2.0/24 ~all", "198.51.100.1", False),
        ("v=spf1 ip4:192.0.2.0/24", "198.51.100.1", False),
        ("v=spf1 ip6:2001:db8::/32 -all", "2001:db8:1::1", True),
        ("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", True),
        ("v=spf1 a:mail.example -all", "192.0.2.9", True),
        ("v=spf1 a:mail.example -all", "2001:db8::9", True),
        ("v=spf1 a:mail.example/24 -all", "192.0.2.77", True),
        ("v=spf1 a:mail.example//64 -all", "2001:db8::ffff", True),
        ("v=spf1 mx -all", "192.0.2.9", True),
        ("v=spf1 mx -all", "192.0.2.10", False),
        ("v=spf1 ptr:mail.example -all", "192.0.2.9", True),
        ("v=spf1 ptr:liar.example -all", "192.0.2.10", False),
        ("v=spf1 exists:any.example -all", "198.51.100.1", True),
        ("v=spf1 include:soft.example -all", "198.51.100.1", False),
        ("v=spf1 include:net.example -all", "198.51.100.1", True),
        ("v=spf1 -include:net.example ip4:198.51.100.1 -all", "198.51.100.1", False),
        ("v=spf1 redirect=net.example", "198.51.100.1", True),
        ("v=spf1 redirect=net.example", "192.0.2.1", False),
        ("v=spf1 -all ip4:192.0.2.1", "192.0.2.1", False),
    ],
)
async def test_each_sender_must_pass(record: str, sender: str, passes: bool) -> None:
    async with dns_server() as server:
        server.add(DOMAIN, "MX", "10 mail.example.")
        server.add("mail.example", "A", "192.0.2.9")
        server.add("mail.example", "AAAA", "2001:db8::9")
        server.add("any.example", "A", "127.0.0.2")
        server.add("liar.example", "A", "203.0.113.5")
        server.add("9.2.0.192.in-addr.arpa", "PTR", "MAIL.example.")
        server.add("10.2.0.192.in-addr.arpa", "PTR", "liar.example.")
        server.txt("net.example", "v=spf1 ip4:198.51.100.0/24 -all")
        server.txt("soft.example", "v=spf1 ip4:192.0.2.1 ~all")
        result = await judged(server, record, sender)
        assert (result.state is State.OK) is passes, result
        assert passes or (broken(result) and sender in result.message)


async def test_a_sender_that_only_a_macro_could_let_in_is_not_condemned() -> None:
    async with dns_server() as server:
        result = await judged(server, "v=spf1 exists:%{i}.allow.example -all", "192.0.2.1")
        assert result.state is State.OK
        assert "192.0.2.1" in result.message
        result = await judged(server, "v=spf1 redirect=%{d}.allow.example", "192.0.2.1")
        assert result.state is State.OK


@pytest.mark.parametrize(
    "record",
    ["v=spf1 +all", "v=spf1 mx all", "v=spf1 include:open.example -all", "v=spf1 redirect=open.example"],
)
async def test_letting_everybody_send_is_a_warning(record: str) -> None:
    async with dns_server() as server:
        server.add(DOMAIN, "MX", "10 m.example.")
        server.txt("open.example", "v=spf1 +all")
        result = await judged(server, record)
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        assert "~all" in result.message
        result = await judged(server, "v=spf1 ?include:open.example -all")
        assert result.state is State.OK


@pytest.mark.parametrize("rcode", ["SERVFAIL", "REFUSED"])
@pytest.mark.parametrize("name", [DOMAIN, "_spf.example"])
async def test_a_server_that_fails_leaves_it_unknown(rcode: str, name: str) -> None:
    async with dns_server() as server:
        server.rcodes[name] = rcode
        result = await judged(server, "v=spf1 include:_spf.example -all")
        assert (result.state, result.reason, result.decisive) == (State.UNKNOWN, Reason.QUERY, False)
        assert rcode in result.message


async def test_a_silent_server_leaves_it_unknown() -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 a:slow.example -all")
        server.silent.add("slow.example")
        result = await Eyes(server, CHECK, domain=DOMAIN).look(deadline=DEADLINE)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)


async def test_a_record_that_changed_is_told_for_a_day() -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")
        eyes = Eyes(server, CHECK, domain=DOMAIN)
        assert (await eyes.look()).state is State.OK
        server.txt(DOMAIN, "V=spf1  ip4:192.0.2.1  -ALL")
        assert (await eyes.look()).state is State.OK
        server.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 ip4:198.51.100.66 -all")
        result = await eyes.look()
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        assert '"v=spf1 ip4:192.0.2.1 -all"' in result.message
        assert "198.51.100.66" in result.message
        assert result.measurements[LOOKUPS] == 0
        assert (await eyes.look(later=timedelta(hours=23))).state is State.WARNING
        assert (await eyes.look(later=timedelta(hours=25))).state is State.OK


async def test_a_record_that_came_back_as_it_was_is_no_change() -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")
        eyes = Eyes(server, CHECK, domain=DOMAIN)
        await eyes.look()
        server.txt(DOMAIN)
        gone = await eyes.look()
        assert broken(gone)
        assert "v=spf1 ip4:192.0.2.1 -all" in gone.message
        server.rcodes[DOMAIN] = "SERVFAIL"
        assert (await eyes.look()).state is State.UNKNOWN
        server.rcodes.clear()
        server.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")
        assert (await eyes.look()).state is State.OK


async def test_the_first_record_ever_is_no_change() -> None:
    async with dns_server() as server:
        eyes = Eyes(server, CHECK, domain=DOMAIN)
        assert broken(await eyes.look())
        server.txt(DOMAIN, "v=spf1 ip4:192.0.2.1 -all")
        assert (await eyes.look()).state is State.OK


async def test_a_sender_that_is_no_address_is_our_own_fault() -> None:
    async with dns_server() as server:
        assert (await judged(server, "v=spf1 -all", "mail.example")).reason is Reason.INTERNAL
