"""The page behind the link of a letter, as people, mail scanners and strangers meet it."""

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alerts.ack_link import AckLinks
from alerts.change import Change
from alerts.incident import IncidentState
from checks.result import ok
from daemon import logs
from daemon.web.pages.acknowledge_views import MEANWHILE
from tests.support.desk import ADDRESSES, TECH_LEAD
from tests.support.web import DOWN, HEALTH, Shift, on_shift, serving

READER = ADDRESSES[0]
PUBLIC = "https://porter.hotel.example"
HOSTILE = '</p><script>alert(1)</script><img src=x onerror="alert(1)">\x1b[31m\u202e {{ 777*7 }}'


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path, PUBLIC) as one:
        yield one


@pytest.fixture
async def client(shift: Shift) -> AsyncIterator[ClientSession]:
    async with ClientSession(shift.house.url) as session:
        yield session


async def link(shift: Shift, reader: str = READER) -> str:
    return f"/i/id1/{shift.links.token(await shift.now(), reader, shift.house.clock.now())}"


async def get(client: ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert (answer.status, answer.content_type) == (status, "text/html")
        return await answer.text()


async def post(client: ClientSession, path: str, status: int = 200, **form: str) -> str:
    async with client.post(path, data=form) as answer:
        assert (answer.status, answer.content_type) == (status, "text/html"), await answer.text()
        return await answer.text()


async def test_looking_shows_the_incident_and_acknowledges_nothing(
    client: ClientSession, shift: Shift
) -> None:
    before, path = await shift.now(), await link(shift)
    page = await get(client, path)
    async with client.head(path) as answer:
        assert answer.status == 200
    assert "Nobody looks after this yet" in page
    assert before.title in page
    assert "Next is told: Lead, at 08:18 UTC (UTC+00:00)." in page
    assert "until 09:03 UTC (UTC+00:00)" in page
    assert "payment/health: " in page
    assert "(since 08:0" in page
    assert '<a href="/incidents/id1">' in page
    assert f"As {READER}." in page
    assert await shift.now() == before


async def test_the_form_acknowledges_in_the_name_of_the_recipient(
    client: ClientSession, shift: Shift
) -> None:
    page = await post(client, await link(shift), until="4h", note="on my way")
    assert "Thank you, it is acknowledged" in page
    assert f"You ({READER}) look after it until 12:03 UTC (UTC+00:00). {MEANWHILE}" in page
    incident = await shift.now()
    promise = incident.acknowledgement
    assert promise is not None
    assert (promise.by, promise.note) == (READER, "on my way")
    assert promise.until == shift.house.clock.now() + timedelta(hours=4)
    assert incident.next_step is not None
    assert incident.next_step.at == promise.until
    await shift.night.see(HEALTH, *[DOWN] * 30)
    assert TECH_LEAD not in {row.recipient for row in await shift.night.letters()}


async def test_an_empty_form_promises_an_hour(client: ClientSession, shift: Shift) -> None:
    await post(client, await link(shift))
    promise = (await shift.now()).acknowledgement
    assert promise is not None
    assert promise.until - promise.at == timedelta(hours=1)


async def test_who_comes_second_is_told_who_was_first(client: ClientSession, shift: Shift) -> None:
    first, second = await link(shift), await link(shift, ADDRESSES[1])
    await post(client, first)
    promise = (await shift.now()).acknowledgement
    for page in (await post(client, second, until="12h"), await get(client, second)):
        assert "It is acknowledged already" in page
        assert f"{READER} looks after it until 09:03" in page
        assert "<form" not in page
    assert (await shift.now()).acknowledgement == promise


async def test_two_at_once_are_acknowledged_once(client: ClientSession, shift: Shift) -> None:
    paths = [await link(shift, reader) for reader in ADDRESSES]
    pages = await asyncio.gather(*(post(client, path) for path in paths))
    assert sorted("Thank you" in page for page in pages) == [False, True]
    record = await shift.night.store.incident("id1")
    assert record is not None
    assert [event.kind for event in record.events].count("acknowledged") == 1


async def test_when_the_promised_time_is_over_the_link_acknowledges_again(
    client: ClientSession, shift: Shift
) -> None:
    path = await link(shift)
    await post(client, path)
    shift.house.clock.advance(3600)
    assert "Nobody looks after this yet" in await get(client, path)
    assert "Thank you" in await post(client, path)


async def test_what_is_resolved_is_said_to_be(client: ClientSession, shift: Shift) -> None:
    path = await link(shift)
    await shift.night.see(HEALTH, ok(), ok())
    for page in (await get(client, path), await post(client, path)):
        assert "It is resolved already" in page
        assert "Since 08:05 UTC (UTC+00:00): works again." in page
        assert "<form" not in page
    assert (await shift.now()).acknowledgement is None


async def test_a_link_of_an_earlier_occurrence_is_outdated(client: ClientSession, shift: Shift) -> None:
    path = await link(shift)
    await shift.night.see(HEALTH, ok(), ok(), DOWN, DOWN)
    before = await shift.now()
    assert before.epoch == 2
    for page in (await get(client, path, 403), await post(client, path, 403)):
        assert "This link is outdated" in page
        assert before.title not in page
    assert await shift.now() == before


async def test_a_link_expires_after_a_day(client: ClientSession, shift: Shift) -> None:
    path, before = await link(shift), await shift.now()
    shift.house.clock.advance(24 * 3600)
    for page in (await get(client, path, 403), await post(client, path, 403)):
        assert "This link has expired" in page
        assert before.title not in page
    assert await shift.now() == before


async def test_a_forged_link_is_refused(client: ClientSession, shift: Shift) -> None:
    before, now = await shift.now(), shift.house.clock.now()
    good = shift.links.token(before, READER, now)
    other = AckLinks(b"another key").token(before, READER, now)
    told, _, signature = good.partition(".")
    paths = [
        f"/i/id1/{other}",
        f"/i/id1/{good[:-1]}",
        f"/i/id1/{told}",
        f"/i/id1/{told}.",
        f"/i/id1/.{signature}",
        f"/i/id1/{other.partition('.')[0]}A.{signature}",
        f"/i/id2/{good}",
        "/i/id1/%00%F0%9F%94%91",
        f"/i/id1/{'x' * 4000}",
    ]
    for path in paths:
        for page in (await get(client, path, 403), await post(client, path, 403)):
            assert "This link is not valid" in page
            assert before.title not in page
    assert await shift.now() == before


async def test_an_incident_that_is_gone_is_not_found(client: ClientSession, shift: Shift) -> None:
    gone = replace(await shift.now(), id="id9")
    path = f"/i/id9/{shift.links.token(gone, READER, shift.house.clock.now())}"
    assert "There is no such incident" in await get(client, path, 404)
    assert "There is no such incident" in await post(client, path, 404)


async def test_the_page_asks_for_no_web_token_and_lets_no_stranger_in(shift: Shift) -> None:
    async with (
        serving(token="secret", night=shift.night) as house,
        ClientSession(house.url) as client,
    ):
        assert "Thank you" in await post(client, await link(shift))
        async with client.get("/") as answer:
            assert answer.status == 401


@pytest.mark.parametrize(
    ("headers", "taken"),
    [
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, True),
        ({"Origin": PUBLIC, "X-Forwarded-For": "10.0.0.9"}, True),
        ({"Origin": "https://phone.example", "Host": "phone.example"}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": f"{PUBLIC}.evil.example"}, False),
        ({"Origin": "https://["}, False),
        ({"Origin": ""}, False),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "same-site"}, False),
    ],
)
async def test_only_a_form_of_the_page_itself_acts(
    client: ClientSession, shift: Shift, headers: dict[str, str], taken: bool
) -> None:
    async with client.post(await link(shift), data={"until": "1h"}, headers=headers) as answer:
        assert answer.status == (200 if taken else 403)
    assert ((await shift.now()).state is IncidentState.ACKNOWLEDGED) is taken


async def test_what_the_form_does_not_send_is_refused(client: ClientSession, shift: Shift) -> None:
    before, path = await shift.now(), await link(shift)
    assert "This was not understood" in await post(client, path, 400, until="9h")
    many = "&".join(f"a{number}=1" for number in range(30))
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers, status in (
        (many, form, 400),
        ('{"until": "1h"}', {"Content-Type": "application/json"}, 415),
        ("note=" + "x" * 70_000, form, 413),
    ):
        async with client.post(path, data=body, headers=headers) as answer:
            assert answer.status == status
    for method in ("PUT", "DELETE", "PATCH"):
        async with client.request(method, path) as answer:
            assert answer.status == 405
    assert await shift.now() == before


async def test_nothing_hostile_comes_alive(client: ClientSession, shift: Shift) -> None:
    incident = await shift.now()
    diagnosis = replace(incident.diagnosis, summary=HOSTILE, steps=(HOSTILE,))
    await shift.night.store.commit(
        Change(incidents=(replace(incident, title=HOSTILE, diagnosis=diagnosis, standstill=HOSTILE),))
    )
    path = await link(shift, HOSTILE)
    for page in (await get(client, path), await post(client, path, note=HOSTILE), await get(client, path)):
        assert "<script" not in page
        assert "<img" not in page
        assert "5439" not in page
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", page)


async def test_nothing_of_the_page_is_kept_or_given_away(client: ClientSession, shift: Shift) -> None:
    path = await link(shift)
    for target in (path, "/i/id1/forged"):
        async with client.get(target) as answer:
            headers, page = answer.headers, await answer.text()
        assert headers["Cache-Control"] == "no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
        assert headers["X-Frame-Options"] == "DENY"
        style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
        assert headers["Content-Security-Policy"] == (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        # The one way from here is to our own page of the incident, which asks who comes.
        rest = page.replace('<a href="/incidents/id1">', "<a>", 1)
        assert not re.search(r'style="|<script|\bsrc=|\bhref=|url\(|@import|<link|action=', rest)
        assert target.rpartition("/")[2] not in page


async def test_the_token_is_never_logged(
    client: ClientSession, shift: Shift, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    # Another test may have sent the log elsewhere.
    logs.configure("info", "json", logs.Redactor())
    path = await link(shift)
    await get(client, path)
    await post(client, path)
    shift.house.deps.board.hotels = None  # type: ignore[assignment]  # whatever a bug may leave behind
    async with client.get(path) as answer:
        assert answer.status == 500
    await shift.night.store.close()
    assert "This cannot be written down now" in await get(client, path, 503)
    printed = capsys.readouterr()
    said = printed.out + printed.err + caplog.text
    assert "web.request.failed" in said
    assert path.rpartition("/")[2] not in said


async def test_a_state_that_fails_is_said_so_and_nothing_is_promised(
    client: ClientSession, shift: Shift
) -> None:
    path = await link(shift)
    await shift.night.store.close()
    assert "This cannot be written down now" in await post(client, path, 503)
    assert shift.night.board.incidents["id1"].state is IncidentState.OPEN
