"""SPF records and answers that are too long to be read, over a real DNS server."""

import asyncio
from ipaddress import ip_address

import pytest

from checks.result import Reason, State
from checks.spf import CHECK
from checks.spf_sender import Sender
from checks.spf_survey import Records, Survey
from tests.support.dns_server import Eyes, dns_server, tools_for

DOMAIN = "hotel.example"


class Beats:
    """Counts how often others may run."""

    def __init__(self) -> None:
        self._count = 0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(0)
            self._count += 1

    def end(self) -> int:
        self._task.cancel()
        return self._count


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (
            "v=spf1 " + "ip4:198.51.100.1 " * 3400 + "-all",
            "characters, too long to be evaluated by receivers",
        ),
        ("v=spf1 " + "a " * 500 + "-all", "501 terms, too many to be evaluated by receivers"),
    ],
)
async def test_a_record_too_long_for_receivers_is_content(record: str, words: str) -> None:
    async with dns_server() as server:
        server.txt("long.example", record)
        for one in (record, "v=spf1 include:long.example -all"):
            server.txt(DOMAIN, one)
            result = await Eyes(server, CHECK, domain=DOMAIN).look()
            assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT), result
            assert result.decisive
            assert words in result.message


async def test_addresses_that_are_too_many_to_be_read_leave_it_unknown() -> None:
    async with dns_server() as server:
        server.add("big.example", "A", *[f"10.0.{at}.1" for at in range(101)])
        server.txt(DOMAIN, "v=spf1 a:big.example -all")
        result = await Eyes(server, CHECK, domain=DOMAIN, senders=["192.0.2.1"]).look()
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
        assert "more than 100 A records" in result.message


async def test_long_records_and_many_senders_let_others_run() -> None:
    async with dns_server() as server:
        for at in range(9):
            nets = " ".join(f"ip4:10.{at}.{one}.0/24" for one in range(225))
            server.txt(f"s{at}.example", f"v=spf1 {nets} -all")
        server.txt(
            DOMAIN,
            " ".join(["v=spf1", *[f"include:s{at}.example" for at in range(9)], "ip4:192.0.2.0/24 -all"]),
        )
        ask = tools_for(server).resolver.lookups(10.0)
        records = Records(ask)
        await Survey().walk(records, DOMAIN)
        beats = Beats()
        for at in range(10):
            await Sender(records, ip_address(f"192.0.2.{at}")).verdict(DOMAIN)
        assert beats.end() >= 10 * 9 * 225 // 200
