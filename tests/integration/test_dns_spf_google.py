"""Mail that leaves through Google, held against the SPF record over a real DNS server."""

import pytest

from checks.result import Result, State
from checks.spf import CHECK
from tests.support.dns_server import DnsServer, Eyes, dns_server
from tests.support.probing import DEADLINE

DOMAIN, GOOGLE = "hotel.example", "_spf.google.com"


async def judged(server: DnsServer, record: str) -> Result:
    server.txt(DOMAIN, record)
    return await Eyes(server, CHECK, domain=DOMAIN, include=GOOGLE).look()


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=spf1 include:_spf.google.com ~all", State.OK),
        ("v=spf1 include:_SPF.Google.com ~all", State.OK),
        ("v=spf1 include:flat.example ~all", State.OK),
        ("v=spf1 redirect=_spf.google.com", State.OK),
        ("v=spf1 mx ~all", State.WARNING),
    ],
)
async def test_mail_through_google_needs_googles_record(record: str, state: State) -> None:
    async with dns_server() as server:
        server.add(DOMAIN, "MX", "10 m.example.")
        server.txt(GOOGLE, "v=spf1 ip4:192.0.2.0/24 ~all")
        server.txt("flat.example", "v=spf1 include:_spf.google.com ~all")
        result = await judged(server, record)
        assert result.state is state, result
        assert state is State.OK or "include:_spf.google.com" in result.message
        assert state is State.OK or result.decisive


async def through_google(server: DnsServer, record: str) -> Result:
    server.txt(GOOGLE, "v=spf1 include:_a.google.com include:_b.google.com ~all")
    server.txt("_a.google.com", "v=spf1 ip6:2001:db8::/32 ip4:192.0.2.0/24 ~all")
    server.txt("_b.google.com", "v=spf1 ip4:198.18.0.0/16 ~all")
    return await judged(server, record)


@pytest.mark.parametrize(
    ("record", "state", "words"),
    [
        ("v=spf1 ip4:192.0.2.0/24 ip4:198.18.0.0/16 ip6:2001:db8::/32 ~all", State.OK, "needs 0 of 10"),
        ("v=spf1 ip4:203.0.113.7 ~all", State.WARNING, "(198.18.128.0: softfail); add include:_spf.google"),
        ("v=spf1 ?include:_spf.google.com ~all", State.WARNING, "neutral"),
        ("v=spf1 include:%{i}._ip.%{h}._ehlo.%{d}._spf.vali.email ~all", State.OK, "is unclear"),
        ("v=spf1 redirect=%{d}._spf.example", State.OK, "is unclear"),
        ("v=spf1 -exists:%{i}.bad.example ~all", State.WARNING, "softfail"),
        ("v=spf1 exists:%{i}.x.example ip4:198.18.0.0/16 ~all", State.OK, "needs 1 of 10"),
    ],
)
async def test_googles_servers_may_be_let_in_without_its_record(
    record: str, state: State, words: str
) -> None:
    async with dns_server() as server:
        result = await through_google(server, record)
        assert result.state is state, result
        assert words in result.message


@pytest.mark.parametrize("trouble", ["gone", "broken", "SERVFAIL", "without networks", "loop"])
async def test_a_record_of_googles_that_cannot_be_read_is_no_fault_of_ours(trouble: str) -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 ip4:203.0.113.7 ~all")
        texts = {"broken": "v=spf1 wrong", "without networks": "v=spf1 ip6:2001:db8::/32 ~all"}
        if trouble in texts:
            server.txt(GOOGLE, texts[trouble])
        elif trouble == "SERVFAIL":
            server.rcodes[GOOGLE] = trouble
        elif trouble == "loop":
            server.txt(GOOGLE, "v=spf1 include:_b.google.com ~all")
            server.txt("_b.google.com", "v=spf1 include:_spf.google.com ~all")
        result = await Eyes(server, CHECK, domain=DOMAIN, include=GOOGLE).look()
        assert result.state is State.OK, result
        assert "whether Google's servers may send is not known" in result.message


async def test_a_silent_server_for_googles_record_alone_leaves_it_ok_in_time() -> None:
    async with dns_server() as server:
        server.txt(DOMAIN, "v=spf1 ip4:203.0.113.7 ~all")
        server.silent.add(GOOGLE)
        eyes = Eyes(server, CHECK, domain=DOMAIN, include=GOOGLE)
        result = await eyes.look(deadline=DEADLINE)
        assert (result.state, "not known" in result.message) == (State.OK, True), result
