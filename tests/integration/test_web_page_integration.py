"""The page of one integration: its record, its checks, and whom to call."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from aiohttp import ClientSession

from alerts.correspondence import HotelDesk
from alerts.incident import IncidentState
from alerts.message import Vendor
from alerts.policy import Policy
from checks.result import Phase, Reason, Result, State
from tests.support.boards import answered, check, put, shown
from tests.support.clock import START
from tests.support.letters import incident
from tests.support.pages import HOSTILE, assert_nothing_comes_alive, assert_only_its_own, page, past_of
from tests.support.web import House, Stored, serving

PAYMENT = "/hotels/grand-harbour/payment"
HEALTH = check("payment", "health", "payment")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


def written_down(house: House, vendor: Vendor, docs: str = "", zone: str = "Europe/Lisbon") -> None:
    """Let the directory know of a vendor."""
    desk = HotelDesk(
        "grand-harbour",
        "Grand Harbour Hotel",
        ZoneInfo(zone),
        Policy(),
        kinds={"payment": "payment"},
        vendors={"payment": vendor},
        docs={"payment": docs} if docs else {},
    )
    house.deps.directory.configure((), {"grand-harbour": desk})


async def test_each_check_is_shown_with_all_that_is_known_of_it(house: House) -> None:
    text = await page(house, PAYMENT)
    assert "Payment: working" in text
    for said in ("answered in 120 ms", "http, every 30 s", "ok since", "08:00, 0 s", "… connect", "2 ms"):
        assert said in text
    failing = await page(house, "/hotels/grand-harbour/expedia")
    for said in ("Expedia: not working", "no answer within 10 s", "critical since", "timeout"):
        assert said in failing
    unseen = await page(house, "/hotels/grand-harbour/door_locks")
    assert "Door locks: not known" in unseen
    assert "has not run yet" in unseen


async def test_the_record_is_told_in_words_as_a_drawing_and_as_a_table(house: House) -> None:
    house.past.checks = {HEALTH.id: past_of(START - timedelta(hours=30), hours=30, failed={20})}
    text = await page(house, PAYMENT)
    assert 'aria-label="24 hours: 95.6 % of looks good, worst 24 Nov 22:00 to 23:00"' in text
    assert "7 days: 96.6 % of looks good, worst 24 Nov 18:00 to 00:00, recorded since 24 Nov 02:00" in text
    assert "<desc" in text
    assert "limit 1 s" in text
    assert re.search(
        r'<tr><th scope="row">24 Nov 22:00 to 23:00</th><td class="bad">failing</td><td>60</td><td>0 %', text
    )
    assert "mean between 120 ms and 120 ms; 95 in 100 answers within 200 ms at the worst" in text


async def test_without_a_record_nothing_is_drawn(house: House) -> None:
    text = await page(house, PAYMENT)
    assert text.count("nothing recorded yet") == 8, "four strips, each in words and for screen readers"
    assert "<figure" not in text
    assert "as a table" not in text


async def test_while_the_state_is_away_the_checks_are_shown(house: House) -> None:
    house.shelf.away = house.past.away = True
    text = await page(house, PAYMENT)
    assert "24 hours: the record cannot be read now." in text
    assert "They cannot be read now." in text
    assert "answered in 120 ms" in text


async def test_times_are_those_of_the_hotel(house: House) -> None:
    written_down(house, Vendor(), zone="Asia/Tokyo")
    text = await page(house, PAYMENT)
    assert "17:00 JST (UTC+09:00), Asia/Tokyo" in text
    assert "17:00, 0 s" in text


async def test_incidents_that_are_over_are_those_of_the_integration(house: House) -> None:
    over = replace(
        incident(),
        state=IncidentState.RESOLVED,
        opened_at=START - timedelta(days=2),
        resolved_at=START - timedelta(days=2, minutes=-42),
        outcome="works <b>again</b>",
    )
    other = replace(over, id="inc-other", title="somebody else's", integrations=("expedia",))
    house.shelf.records = [Stored(over), Stored(other)]
    text = await page(house, PAYMENT)
    assert 'href="/incidents/inc-7f3a9c"' in text
    assert "42 min" in text
    assert "works &lt;b&gt;again&lt;/b&gt;" in text
    assert "somebody else" not in text


async def test_whom_to_call_is_there_where_it_is_written_down(house: House) -> None:
    assert "Whom to call" not in await page(house, PAYMENT)
    status = "https://status.gateway.example"
    vendor = Vendor("support@gateway.example", "+49 30 5550 100", "H-1234", status)
    written_down(house, vendor, "https://wiki.hotel.example/payment")
    text = await page(house, PAYMENT)
    for said in ("support@gateway.example", "+49 30 5550 100", "H-1234"):
        assert said in text
    assert '<a href="https://wiki.hotel.example/payment" rel="noopener noreferrer">' in text
    assert f'<a href="{status}" rel="noopener noreferrer">{status}</a>' in text
    written_down(house, Vendor(status_url="javascript:alert(1)"))
    assert 'href="javascript' not in await page(house, "/hotels/grand-harbour/payment")


async def test_an_address_that_is_no_page_is_no_link(house: House) -> None:
    written_down(house, Vendor("support@gateway.example"), "javascript:alert(1)")
    assert "javascript:" not in await page(house, PAYMENT)


async def test_of_very_many_checks_only_those_not_ok_are_shown_one_by_one(house: House) -> None:
    board = house.deps.board
    many = [check("payment", f"check{number}", "payment") for number in range(1200)]
    board.watch(many, {"grand-harbour": "Grand Harbour Hotel"})
    for one in many:
        put(board, one, answered(), house.clock)
    put(board, many[7], Result(State.WARNING, Reason.STALE, "old"), house.clock)
    text = await page(house, PAYMENT)
    assert "and 1199 more that are ok" in text
    assert text.count('<details id="look-') == 1


async def test_what_the_porter_says_of_itself_is_told_apart(house: House) -> None:
    board, own = house.deps.board, check("payment", "porter", "payment")
    board.show([own])
    put(board, own, Result(State.WARNING, Reason.INTERNAL, "too much to do"), house.clock)
    text = await page(house, PAYMENT)
    assert re.search(r"porter <span class=\"tag\">the porter itself</span>", text)


async def test_nothing_hostile_comes_alive(house: House) -> None:
    board = house.deps.board
    board.watch([HEALTH], {"grand-harbour": HOSTILE})
    hostile = Result(
        State.CRITICAL,
        Reason.CONTENT,
        HOSTILE,
        measurements={HOSTILE: float("nan"), "huge": 1e308, "endless": float("inf")},
        phases={Phase.CONNECT: float("inf")},
        observed=float("nan"),
        limit=float("-inf"),
        unit=HOSTILE,
    )
    put(board, HEALTH, hostile, house.clock)
    about = incident()
    shown(replace(about, title=HOSTILE, diagnosis=replace(about.diagnosis, summary=HOSTILE)), board)
    written_down(house, Vendor(HOSTILE, HOSTILE, HOSTILE, HOSTILE))
    assert_nothing_comes_alive(await page(house, PAYMENT))


async def test_the_page_loads_nothing_from_elsewhere(house: House) -> None:
    house.past.checks = {HEALTH.id: past_of(START - timedelta(hours=30), hours=30)}
    async with ClientSession() as session, session.get(house.url + PAYMENT) as answer:
        assert_only_its_own(await answer.text(), answer.headers["Content-Security-Policy"])


@pytest.mark.parametrize(
    "path", ["/hotels/nowhere", "/hotels/grand-harbour/nothing", "/hotels/a/b/c", "/no/such/page", "/hotels/"]
)
async def test_addresses_that_lead_nowhere_answer_with_a_page(house: House, path: str) -> None:
    text = await page(house, path, status=404)
    assert "There is nothing at this address." in text
    assert '<a href="/">To the status page</a>' in text


async def test_programs_get_their_sentence_and_not_a_page(house: House) -> None:
    async with ClientSession() as session:
        async with session.get(house.url + "/no/such/page") as answer:
            assert (answer.status, answer.content_type) == (404, "text/plain")
        headers = {"Accept": "text/html"}
        async with session.get(house.url + "/api/v1/nothing", headers=headers) as answer:
            assert (answer.status, answer.content_type) == (404, "application/json")
        async with session.get(house.url + "/-/reload", headers=headers) as answer:
            assert answer.status == 405
