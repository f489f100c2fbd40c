"""DMARC policies, found over a real DNS server."""

from datetime import timedelta

import pytest

from checks.dmarc import CHECK
from checks.result import Reason, Result, State
from tests.support.dns_server import DnsServer, Eyes, dns_server
from tests.support.probing import DEADLINE

NAME = "_dmarc.hotel.example"
GOOD = "v=DMARC1; p=reject; rua=mailto:dmarc@hotel.example"


async def judged(server: DnsServer, *records: str, domain: str = "hotel.example") -> Result:
    if records:
        server.txt(NAME, *records)
    return await Eyes(server, CHECK, domain=domain).look()


def verdict(result: Result) -> tuple[State, Reason | None]:
    return result.state, result.reason


MISSING = (State.WARNING, Reason.MISMATCH)
BROKEN = (State.CRITICAL, Reason.CONTENT)


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (GOOD, "policy reject"),
        ("v=DMARC1;p=quarantine", "nobody gets reports"),
        (" v = DMARC1 ; P=Reject; rua=mailto:x@hotel.example ;", "policy reject"),
        ("v=DMARC1; p=none; rua=mailto:x@hotel.example", "forgeries are delivered"),
        ("v=DMARC1; rua=mailto:x@hotel.example", "policy none"),
        ("v=DMARC1", "policy none"),
        ("v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; future=thing", "policy reject"),
        ("v=DMARC1; p=reject; t=y", "test"),
        ("v=DMARC1; p=reject; sp=none; np=reject; adkim=s; aspf=R; psd=n", "policy reject"),
    ],
)
async def test_sound_records_are_ok_and_unknown_tags_are_ignored(record: str, words: str) -> None:
    async with dns_server() as server:
        result = await judged(server, record, "another text")
        assert result.state is State.OK, result
        assert words in result.message


@pytest.mark.parametrize(
    "record", ["v=dmarc1; p=reject", "v=DMARC10; p=none", "p=none; v=DMARC1", "", "v=spf1 -all"]
)
async def test_what_does_not_begin_as_a_dmarc_record_is_none(record: str) -> None:
    async with dns_server() as server:
        result = await judged(server, record)
        assert verdict(result) == MISSING
        assert result.decisive
        assert NAME in result.message


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ("v=DMARC1; p=rejekt", "p=rejekt"),
        ("v=DMARC1; p=", "p="),
        ("v=DMARC1; p=none; p=reject", "twice"),
        ("v=DMARC1; p=none rua", "none rua"),
        ("v=DMARC1; reject", "name=value"),
        ("v=DMARC1; =none", "name=value"),
    ],
)
async def test_what_breaks_the_rules_is_content(record: str, words: str) -> None:
    async with dns_server() as server:
        result = await judged(server, record)
        assert (verdict(result), result.decisive) == (BROKEN, True)
        assert words in result.message


async def test_two_records_are_content() -> None:
    async with dns_server() as server:
        result = await judged(server, GOOD, "v=DMARC1; p=none")
        assert verdict(result) == BROKEN
        assert "2 DMARC records" in result.message


@pytest.mark.parametrize("tag", ["sp=all", "np=x", "adkim=strict", "aspf=q", "t=maybe"])
async def test_a_choice_that_does_not_exist_is_a_warning(tag: str) -> None:
    async with dns_server() as server:
        result = await judged(server, f"{GOOD}; {tag}")
        assert verdict(result) == (State.WARNING, Reason.MISMATCH)
        assert tag in result.message


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ({"hotel.example": "v=DMARC1; p=reject"}, "policy reject, inherited from hotel.example"),
        ({"hotel.example": "v=DMARC1; p=reject; sp=none"}, "policy none, inherited from hotel.example"),
        ({"b.hotel.example": "v=DMARC1; p=none", "hotel.example": GOOD}, "inherited from hotel.example"),
        (
            {"b.hotel.example": "v=DMARC1; p=none; psd=n", "hotel.example": GOOD},
            "inherited from b.hotel.example",
        ),
        ({"hotel.example": "v=DMARC1; p=reject", "example": "v=DMARC1; p=none; psd=y"}, "from hotel.example"),
        ({"example": "v=DMARC1; p=reject; psd=y"}, "policy reject, inherited from example"),
        ({"b.hotel.example": GOOD, "example": "v=DMARC1; p=none; psd=y"}, "inherited from example"),
        ({"a.b.hotel.example": "v=DMARC1; p=quarantine", "hotel.example": GOOD}, "policy quarantine"),
    ],
)
async def test_the_policy_is_that_of_the_organisational_domain(records: dict[str, str], words: str) -> None:
    async with dns_server() as server:
        for domain, record in records.items():
            server.txt(f"_dmarc.{domain}", record)
        result = await judged(server, domain="a.b.hotel.example")
        assert result.state is State.OK, result
        assert words in result.message


async def test_two_records_above_are_none() -> None:
    async with dns_server() as server:
        assert verdict(await judged(server, GOOD, GOOD + ";t=y", domain="a.hotel.example")) == MISSING


async def test_at_most_eight_names_are_looked_at() -> None:
    async with dns_server() as server:
        result = await judged(server, domain="a.b.c.d.e.f.g.h.i.j.mail.hotel.example")
        assert verdict(result) == MISSING
        assert len(server.asked) == 8
        assert server.asked[1][0] == "_dmarc.g.h.i.j.mail.hotel.example"
        assert server.asked[-1][0] == "_dmarc.example"


@pytest.mark.parametrize("name", ["_dmarc.mail.hotel.example", NAME])
async def test_a_server_that_fails_or_is_silent_leaves_it_unknown(name: str) -> None:
    async with dns_server() as server:
        one = Eyes(server, CHECK, domain="mail.hotel.example")
        server.rcodes[name] = "SERVFAIL"
        assert verdict(await one.look()) == (State.UNKNOWN, Reason.QUERY)
        server.silent.add(name)
        assert verdict(await one.look(deadline=DEADLINE)) == (State.UNKNOWN, Reason.QUERY)


async def test_a_policy_that_changed_is_told_for_a_day_and_a_lost_one_is_quoted() -> None:
    async with dns_server() as server:
        one = Eyes(server, CHECK, domain="hotel.example")
        server.txt(NAME, GOOD)
        assert (await one.look()).state is State.OK
        server.txt(NAME, GOOD.replace("; ", " ;"))
        assert (await one.look()).state is State.OK
        server.txt(NAME, GOOD.replace("reject", "none"))
        result = await one.look()
        assert (verdict(result), result.decisive) == (MISSING, True)
        assert "p=reject" in result.message
        assert "p=none" in result.message
        assert (await one.look(later=timedelta(hours=25))).state is State.OK
        server.remove(NAME, "TXT")
        assert 'it was "v=DMARC1; p=none' in (await one.look(later=timedelta(hours=26))).message


async def test_a_policy_of_its_own_that_gives_way_to_an_inherited_one_is_a_change() -> None:
    async with dns_server() as server:
        one = Eyes(server, CHECK, domain="mail.hotel.example")
        server.txt(NAME, GOOD)
        server.txt("_dmarc.mail.hotel.example", "v=DMARC1; p=quarantine")
        assert (await one.look()).state is State.OK
        server.remove("_dmarc.mail.hotel.example", "TXT")
        result = await one.look()
        assert verdict(result) == (State.WARNING, Reason.MISMATCH)
        assert 'is now "none"' in result.message
        assert (await one.look(later=timedelta(hours=25))).state is State.OK
