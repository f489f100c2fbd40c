"""The status page, as people read it."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from aiohttp import ClientSession

from alerts.incident import IncidentState
from checks.result import Reason, Result, State
from daemon.board import Post
from tests.support.boards import answered, check, put, shown
from tests.support.clock import START
from tests.support.letters import incident
from tests.support.web import House, serving

HOSTILE = '</style></p><script>alert(1)</script><img src=x onerror="alert(1)">\x1b[31m\u202e\x00 {{ 777*7 }}'


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


async def page(house: House) -> str:
    async with ClientSession() as session, session.get(house.url + "/") as answer:
        assert answer.status == 200
        assert answer.content_type == "text/html"
        return await answer.text()


async def test_one_look_tells_what_does_not_work(house: House) -> None:
    text = await page(house)
    assert "1 not working, 1 not known of 3 integrations" in text
    assert "<title>✕ 1 not working" in text
    assert "no answer within 10 s" in text
    assert "answered in 120 ms" in text


async def test_all_is_well_when_it_is(house: House) -> None:
    one = check("payment", "health", "payment")
    house.deps.board.watch([one], {"grand-harbour": "Grand Harbour Hotel"})
    text = await page(house)
    assert "All is well" in text
    assert "No open incidents." in text


async def test_states_are_said_in_words_and_symbols(house: House) -> None:
    text = await page(house)
    for word, symbol in (("working", "✓"), ("not working", "✕"), ("not known", "?")):
        assert re.search(rf">{re.escape(symbol)}</span>(?:(?!</summary>).)*>{word}</span>", text, re.DOTALL)


async def test_open_incidents_are_shown_and_resolved_ones_are_not(house: House) -> None:
    shown(incident(), house.deps.board)
    gone = replace(
        incident(), id="inc-old", title="old trouble", state=IncidentState.RESOLVED, resolved_at=START
    )
    shown(gone, house.deps.board)
    text = await page(house)
    assert "payment: refuses our credentials (401)" in text
    assert 'href="/incidents/inc-7f3a9c"' in text
    assert "old trouble" not in text


async def test_a_porter_without_hotels_says_so(house: House) -> None:
    house.deps.board.watch([], {})
    text = await page(house)
    assert "Nothing is watched yet" in text
    assert "No hotel is configured." in text


async def test_nothing_hostile_comes_alive(house: House) -> None:
    board = house.deps.board
    one = check("payment", "health", "payment")
    board.watch([one], {"grand-harbour": HOSTILE})
    put(board, one, Result(State.CRITICAL, Reason.CONTENT, HOSTILE), house.clock)
    about = incident()
    shown(replace(about, title=HOSTILE, diagnosis=replace(about.diagnosis, summary=HOSTILE)), board)
    text = await page(house)
    assert re.findall("<script[^>]*>", text) == ['<script src="/static/porter.js" defer>']
    assert "<img" not in text
    assert "5439" not in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", text)
    assert text.count("</style>") == 1


async def test_the_policy_allows_the_page_its_own_style_and_script_and_nothing_else(house: House) -> None:
    async with ClientSession() as session, session.get(house.url + "/") as answer:
        policy, text = answer.headers["Content-Security-Policy"], await answer.text()
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in policy
    assert "script-src 'self'" in policy
    assert re.findall(r"""style="|\bsrc="[^"]*"|url\(|@import|<link rel="\w+""", text) == [
        '<link rel="icon',
        'src="/static/porter.js"',
    ]


async def test_of_very_many_checks_only_those_not_ok_are_shown_one_by_one(house: House) -> None:
    board = house.deps.board
    many = [check("payment", f"check{number}", "payment") for number in range(1200)]
    board.watch(many, {"grand-harbour": "Grand Harbour Hotel"})
    for one in many:
        put(board, one, answered(), house.clock)
    put(board, many[7], Result(State.WARNING, Reason.STALE, "old"), house.clock)
    text = await page(house)
    assert "and 1199 more that are ok" in text
    assert text.count("<li>") == 1


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
