"""The status page of one hotel, as people read it."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from aiohttp import ClientSession

from alerts.incident import Acknowledgement, IncidentState, NextStep, Severity
from alerts.notification import Delivery, Kind, Notification
from alerts.silence import Silence, Source, Span
from checks.result import QUEUE_PENDING, Quota, Reason, Result, State, ok
from daemon.board import Post
from tests.support.boards import answered, check, put, shown
from tests.support.clock import START
from tests.support.letters import incident
from tests.support.pages import HOSTILE, assert_nothing_comes_alive, assert_only_its_own, page, past_of
from tests.support.web import House, Stored, serving


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


async def test_one_look_tells_what_does_not_work(house: House) -> None:
    text = await page(house)
    assert "1 not working, 1 not known of 3 integrations" in text
    assert "<title>✕ 1 not working" in text
    assert "no answer within 10 s" in text
    assert "2 checks: 2 ok" in text


async def test_all_is_well_when_it_is(house: House) -> None:
    one = check("payment", "health", "payment")
    house.deps.board.watch([one], {"grand-harbour": "Grand Harbour Hotel"})
    put(house.deps.board, one, answered(), house.clock)
    text = await page(house)
    assert "All is well" in text
    assert "No open incidents." in text


async def test_states_are_said_in_words_and_symbols(house: House) -> None:
    text = await page(house)
    for word, symbol in (("working", "✓"), ("not working", "✕"), ("not known", "?")):
        assert re.search(rf">{re.escape(symbol)}</span>(?:(?!</header>).)*>{word}</span>", text, re.DOTALL)


async def test_the_worst_integration_stands_first(house: House) -> None:
    found = re.findall(r'<h3 id="card-(\w+)">', await page(house))
    assert found == ["expedia", "door_locks", "payment"]


async def test_the_owners_figures_are_shown(house: House) -> None:
    text = await page(house)
    for figure in (
        "Success rate",
        "100 %",
        "Mean response",
        "100 ms",
        "p95 120 ms, limit 1 s",
        "Last transaction",
    ):
        assert figure in text


async def test_what_fills_up_is_shown_with_its_forecast(house: House) -> None:
    board, mails = house.deps.board, check("email", "quota", "email")
    queue = check("expedia", "modification_queue", "ota")
    board.watch([mails, queue], {"grand-harbour": "Grand Harbour Hotel"})
    ends = (START + timedelta(hours=3)).timestamp()
    put(board, mails, Result(State.OK, quotas={"messages": Quota(1900.0, 2000.0, ends)}), house.clock)
    put(board, queue, ok("", {QUEUE_PENDING: 12.0}), house.clock)
    text = await page(house)
    assert "1,900 of 2,000 used" in text
    assert "used up in about 3 h (11:00)" in text
    assert "near the limit" in text
    assert "12 waiting" in text


async def test_the_last_day_is_told_in_words(house: House) -> None:
    one = check("payment", "health", "payment")
    house.past.checks = {one.id: past_of(START - timedelta(hours=20), hours=20, failed={12})}
    text = await page(house)
    said = "24 hours: 95.0 % of looks good, worst 00:00 to 01:00, recorded since 24 Nov 12:00"
    assert f'aria-label="{said}"' in text
    assert "Response times, 24 hours: mean between 120 ms and 120 ms" in text


async def test_open_incidents_are_shown_and_resolved_ones_are_not(house: House) -> None:
    shown(incident(), house.deps.board)
    gone = replace(
        incident(), id="inc-old", title="old trouble", state=IncidentState.RESOLVED, resolved_at=START
    )
    shown(gone, house.deps.board)
    text = await page(house)
    assert "payment: refuses our credentials (401)" in text
    assert 'href="/incidents/inc-7f3a9c"' in text
    assert "API credentials invalid (likely)." in text
    assert "old trouble" not in text


async def test_an_incident_says_who_was_told_and_who_is_next(house: House) -> None:
    step = NextStep("2", START + timedelta(minutes=8), "if nobody has acknowledged it within 15 min")
    about = shown(
        replace(incident(), opened_at=START - timedelta(minutes=7), next_step=step), house.deps.board
    )
    sent = START - timedelta(minutes=6)
    told = Notification(
        "n1", "k1", about.id, 1, Kind.PROBLEM, "1", "email", "it@hotel.example", b"", "<m>", sent, sent,
        Delivery.SENT, 1, sent,
    )  # fmt: skip
    waits = replace(told, id="n2", key="k2", level="front-desk", recipient="desk@hotel.example", sent_at=None)
    house.shelf.records = [Stored(about, [told, replace(waits, state=Delivery.PENDING)])]
    text = await page(house)
    assert "Level 1 at 07:54; Front desk, being sent" in text
    assert "Level 2 at 08:08 (in 8 min): If nobody has acknowledged it within 15 min" in text
    assert "desk@hotel.example" not in text


async def test_letters_of_an_earlier_opening_tell_nobody_of_this_one(house: House) -> None:
    before = START - timedelta(minutes=30)
    back = shown(
        replace(incident(), epoch=2, opened_at=START, reopened=(START,), standstill="silenced"),
        house.deps.board,
    )
    told = Notification(
        "n1", "k1", back.id, 1, Kind.PROBLEM, "1", "email", "it@hotel.example", b"", "<m>", before, before,
        Delivery.SENT, 1, before,
    )  # fmt: skip
    house.shelf.records = [Stored(back, [told])]
    text = await page(house)
    assert "<dt>Told</dt><dd>Nobody yet</dd>" in text
    waits = replace(told, id="n2", key="k2", epoch=2, sent_at=None, state=Delivery.PENDING)
    house.shelf.records = [Stored(back, [told, waits])]
    assert "<dt>Told</dt><dd>Level 1, being sent</dd>" in await page(house)


async def test_a_silenced_incident_says_so_and_that_nobody_was_told(house: House) -> None:
    about = shown(incident(), house.deps.board)
    hours = Span(START - timedelta(hours=1), START + timedelta(hours=1))
    silence = Silence("s1", {"hotel": about.hotel}, hours, "works", "Ana", Source.PERSON)
    house.deps.desk.quiet.restore([silence])
    house.shelf.records = [Stored(about)]
    text = await page(house)
    assert '<span class="tag">silenced until 09:00</span>' in text
    assert "<dt>Told</dt><dd>Nobody, it is silenced</dd>" in text


async def test_an_acknowledged_incident_says_by_whom_and_until_when(house: House) -> None:
    promise = Acknowledgement("Ana <b>Silva</b>", START, START + timedelta(hours=1))
    shown(
        replace(
            incident(), state=IncidentState.ACKNOWLEDGED, acknowledgement=promise, standstill="all were told"
        ),
        house.deps.board,
    )
    text = await page(house)
    assert "acknowledged by Ana &lt;b&gt;Silva&lt;/b&gt; until 09:00" in text
    assert "Nobody: all were told" in text


async def test_emergencies_stand_first_and_the_rest_is_a_link_away(house: House) -> None:
    for number in range(25):
        grave = Severity.EMERGENCY if number == 24 else Severity.WARNING
        about = replace(incident(), id=f"inc-{number}", title=f"trouble {number}.", severity=grave)
        shown(replace(about, opened_at=START - timedelta(hours=number)), house.deps.board)
    text = await page(house)
    titles = re.findall(r">(trouble \d+\.)<", text)
    assert titles == ["trouble 24.", *(f"trouble {number}." for number in range(19))]
    assert '<a href="/incidents">5 more open incidents</a>' in text


async def test_while_the_state_is_away_the_page_is_there_all_the_same(house: House) -> None:
    shown(incident(), house.deps.board)
    house.shelf.away = house.past.away = True
    text = await page(house)
    assert "payment: refuses our credentials (401)" in text
    assert "Who was told cannot be read now." in text
    assert "1 not working" in text


async def test_a_porter_without_hotels_says_so(house: House) -> None:
    house.deps.board.watch([], {})
    text = await page(house)
    assert "Nothing is watched yet" in text
    assert "No hotel is configured." in text


async def test_a_hotel_without_integrations_says_so(house: House) -> None:
    house.deps.board.watch([], {"grand-harbour": "Grand Harbour Hotel"})
    text = await page(house)
    assert "Nothing is watched yet" in text
    assert "No integration is watched." in text


async def test_nothing_hostile_comes_alive(house: House) -> None:
    board = house.deps.board
    one = check("payment", "health", "payment")
    board.watch([one], {"grand-harbour": HOSTILE})
    put(board, one, Result(State.CRITICAL, Reason.CONTENT, HOSTILE), house.clock)
    about = incident()
    shown(replace(about, title=HOSTILE, diagnosis=replace(about.diagnosis, summary=HOSTILE)), board)
    assert_nothing_comes_alive(await page(house))


async def test_the_policy_allows_the_page_its_own_style_and_script_and_nothing_else(house: House) -> None:
    async with ClientSession() as session, session.get(house.url + "/") as answer:
        assert_only_its_own(await answer.text(), answer.headers["Content-Security-Policy"])


async def test_a_silenced_check_is_shown_to_be(house: House) -> None:
    one = check("expedia", "health", "ota")
    house.deps.board.tiles[one.id].silenced = True
    text = await page(house)
    assert "1 check: 1 critical, 1 silenced" in text
    assert '<span class="tag">silenced</span>' in text


async def test_mail_that_does_not_get_out_is_shown(house: House) -> None:
    assert "not gone out" not in await page(house)
    house.deps.board.post = Post(2, START, "relay.example: <b>connection refused</b>")
    text = await page(house)
    assert "2 mails have not gone out, the oldest written" in text
    assert "relay.example: &lt;b&gt;connection refused" in text


async def test_a_relay_that_is_out_of_order_is_shown_though_mail_gets_out(house: House) -> None:
    house.deps.board.post = Post(relays=("relay one.example:25 has a rest: <i>refused</i>",))
    text = await page(house)
    assert "relay one.example:25 has a rest: &lt;i&gt;refused" in text
    assert "not gone out" not in text
