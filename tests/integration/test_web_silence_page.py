"""The page of silences, over a real store and engine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.silence import Recurring, Silence, Source, Span
from tests.support.browser import Browser, Page, browser
from tests.support.clock import START
from tests.support.desk import TECH_LEAD
from tests.support.forms import forms
from tests.support.web import DOWN, HEALTH, Shift, on_shift

HOSTILE = '"></option></select><script>alert(1)</script>\u202e'
NIGHTLY = Silence(
    "configuration-1",
    {"integration": "payment"},
    Recurring("0 3 * * *", timedelta(minutes=30)),
    "nightly restart",
    "configuration",
    Source.CONFIGURATION,
)
SPRING = datetime.fromisoformat("2027-03-27T12:00:00+00:00")
"""The day before the clocks of Europe skip an hour."""


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path, zone="Europe/Rome") as one:
        yield one


@pytest.fixture
async def ada(shift: Shift) -> AsyncIterator[Browser]:
    async with browser(shift.house.url) as one:
        yield one


def words(page: Page) -> str:
    return unescape(page.text.partition("</style>")[2])


async def filled(reader: Browser, **typed: str) -> dict[str, str]:
    """Return the form, with what is typed into it; `from` is `from_`."""
    said = {"integration": "payment", "by": "Ada", "reason": "the gateway moves", **typed}
    if "from_" in said:
        said["from"] = said.pop("from_")
    return {**forms((await reader.get("/silences")).text)["/silences"], **said}


async def test_where_there_is_one_hotel_it_is_not_asked_for(ada: Browser) -> None:
    assert 'name="hotel"' not in (await ada.get("/silences")).text
    refused = await add(ada, hotel="h", reason="")
    assert forms(refused.text)["/silences"]["hotel"] == "h"


async def add(reader: Browser, **typed: str) -> Page:
    return await reader.send("/silences", await filled(reader, **typed))


async def look(reader: Browser, **typed: str) -> Page:
    return await reader.send("/silences/preview", await filled(reader, **typed))


def stored(shift: Shift) -> list[Silence]:
    return [one for one in shift.night.engine.quiet.all() if one.source is Source.PERSON]


async def test_of_very_many_silences_and_incidents_the_page_shows_some_and_says_how_many_more(
    ada: Browser, shift: Shift
) -> None:
    board, window = shift.night.board, Span(START, START + timedelta(hours=5))
    (open_,) = board.incidents.values()
    board.incidents.update({f"n{number}": replace(open_, id=f"n{number}") for number in range(60)})
    shift.night.engine.quiet.restore(
        Silence(f"s{number}", {"hotel": open_.hotel}, window, "a move", "Ada", Source.PERSON)
        for number in range(250)
    )
    text = words(await ada.get("/silences?integration=payment"))
    assert text.count("<h3>hotel ") == 100
    assert "and 150 more; " in text
    assert text.count("and 41 more</p>") == 100
    assert "<li>and 41 more</li>" in text


async def test_a_silence_holds_from_now_for_an_hour_unless_more_is_said(ada: Browser, shift: Shift) -> None:
    answer = await add(ada)
    assert (answer.status, answer.to) == (303, "/silences?done=added")
    text = words(await ada.get(answer.to))
    assert "It is silenced: nobody is told of what matches" in text
    assert "<h3>integration payment</h3>" in text
    assert "until 10:03, since 09:03 (Europe/Rome, UTC+01:00)" in text
    assert "the gateway moves" in text
    assert 'Holds back: <a href="/incidents/id1">' in text
    (silence,) = stored(shift)
    now = shift.house.clock.now()
    assert silence.window == Span(now, now + timedelta(hours=1))
    assert (silence.by, dict(silence.match)) == ("Ada", {"integration": "payment"})
    await shift.night.see(HEALTH, *[DOWN] * 30)
    assert TECH_LEAD not in {row.recipient for row in await shift.night.letters()}


@pytest.mark.parametrize(
    ("typed", "begins", "ends"),
    [
        ({"lasts": "4h"}, "08:03", "12:03"),
        ({"lasts": "morning"}, "08:03", "2026-11-26T07:00"),
        ({"lasts": "times", "to": "2026-11-25T10:00"}, "08:03", "09:00"),
        (
            {"lasts": "times", "from_": "2026-11-25T22:00", "to": "2026-11-26T04:00"},
            "21:00",
            "2026-11-26T03:00",
        ),
        ({"lasts": "times", "to": "2026-11-25T10:00", "zone": "UTC"}, "08:03", "10:00"),
    ],
)
async def test_times_are_by_the_clocks_that_are_chosen(
    ada: Browser, shift: Shift, typed: dict[str, str], begins: str, ends: str
) -> None:
    assert (await add(ada, **typed)).status == 303
    (silence,) = stored(shift)
    day = "2026-11-25T"
    wanted = [
        datetime.fromisoformat(f"{one if 'T' in one else day + one}:00+00:00") for one in (begins, ends)
    ]
    assert silence.window == Span(*wanted)


async def test_a_time_that_the_clocks_skip_is_said_to_be(ada: Browser, shift: Shift) -> None:
    shift.house.clock.advance((SPRING - shift.house.clock.now()).total_seconds())
    page = await look(ada, lasts="times", from_="2027-03-28T02:30", to="2027-03-28T06:00")
    assert page.status == 200
    assert "The clocks skip 02:30 on that day: 28 Mar 2027, 03:00:00 CEST (UTC+02:00)" in words(page)
    assert "until 28 Mar 2027, 06:00:00 CEST (UTC+02:00), for 3 h" in words(page)
    assert stored(shift) == []
    assert (await add(ada, lasts="morning")).status == 303
    (silence,) = stored(shift)
    assert isinstance(silence.window, Span)
    assert silence.window.ends == datetime.fromisoformat("2027-03-28T06:00:00+00:00")
    assert "until Sunday 08:00 (UTC+02:00), since 13:00 (Europe/Rome, UTC+02:00)" in words(
        await ada.get("/silences")
    )


async def test_what_it_would_do_is_seen_before_it_is_added(ada: Browser, shift: Shift) -> None:
    page = await look(ada, by="", reason="", lasts="4h")
    assert page.status == 200
    text = words(page)
    assert (
        "from 25 Nov 2026, 09:03:00 CET (UTC+01:00) until 25 Nov 2026, 13:03:00 CET (UTC+01:00), for 4 h."
        in text
    )
    assert "Open now, and nobody further would be told of:" in text
    assert 'href="/incidents/id1"' in text
    assert "Checks it is for: h/payment/health" in text
    assert stored(shift) == []
    kept = forms(page.text)["/silences"]
    assert (kept["integration"], kept["lasts"]) == ("payment", "4h")
    text = words(await look(ada, integration="", severity="warning"))
    assert "No open incident matches." in text
    assert "it is known only when an incident opens" in text
    assert "No check that is watched now matches." in words(await look(ada, integration="new-*"))


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(ada: Browser, shift: Shift) -> None:
    for typed, says, field in (
        ({"integration": ""}, "Say what to silence: one field at least.", "match"),
        ({"integration": "expedia"}, "There is no integration 'expedia': there are payment.", "integration"),
        ({"hotel": "West"}, "There is no hotel 'West': there are h.", "hotel"),
        ({"check": "tls"}, "There is no check 'tls'", "check"),
        ({"cause": "bad-luck"}, "There is no cause 'bad-luck'", "cause"),
        ({"by": ""}, "Your name must be a name", "by"),
        ({"reason": " "}, "The reason must be text of 1 to 2000", "reason"),
        ({"lasts": "ever"}, "Say for how long.", "lasts"),
        ({"to": "2026-11-25T10:00"}, "or leave the times empty", "lasts"),
        ({"lasts": "times"}, "Say when it ends.", "to"),
        ({"lasts": "times", "to": "2026-11-25T09:00"}, "That is past: say when it ends.", "to"),
        ({"lasts": "times", "to": "2026-12-25T10:00"}, "a silence ends within 30 days", "to"),
        ({"lasts": "times", "to": "soon"}, "'soon' is no time", "to"),
        (
            {"lasts": "times", "from_": "2026-11-25T12:00", "to": "2026-11-25T11:00"},
            "It must begin before it ends.",
            "from",
        ),
        ({"lasts": "times", "to": "2026-11-25T10:00", "zone": "Mars/Base"}, "by which clocks", "zone"),
    ):
        page = await add(ada, **typed)
        assert page.status == 400, typed
        assert says in words(page), typed
        assert f'id="{field}-wrong"' in page.text, typed
        kept = forms(page.text)["/silences"]
        if field != "reason":
            assert kept["reason"] == "the gateway moves"
    assert stored(shift) == []


async def test_all_kinds_are_shown_and_only_peoples_can_be_ended(ada: Browser, shift: Shift) -> None:
    shift.night.engine.quiet.configure([NIGHTLY], {"h": ZoneInfo("Europe/Rome")})
    await add(ada)
    await add(ada, integration="", hotel="h", lasts="times", from_="2026-11-25T22:00", to="2026-11-26T04:00")
    text = words(await ada.get("/silences"))
    assert text.index(">Now<") < text.index(">To come<") < text.index(">Recurring<")
    assert "from 22:00 until Thursday 04:00 (Europe/Rome, UTC+01:00)" in text
    assert "by the times of 0 3 * * *, for 30 min each; next Thursday 03:00 (Europe/Rome), for 30 min" in text
    assert "from the configuration, and ends only there" in text
    assert text.count("End it now") == 2
    shift.house.clock.advance(18 * 3600)
    assert "; now, until 03:30; next Friday 03:00" in words(await ada.get("/silences"))
    answer = await ada.send("/silences/configuration-1/end", await marks(ada))
    assert answer.status == 409
    assert "stands in the configuration" in words(answer)


async def marks(reader: Browser) -> dict[str, str]:
    """Return what the button to end a silence sends."""
    found = forms((await reader.get("/silences")).text)["/silences"]
    return {name: found[name] for name in ("csrf", "once")}


async def test_one_that_is_ended_holds_back_nothing_more(ada: Browser, shift: Shift) -> None:
    await add(ada)
    (silence,) = stored(shift)
    sent = await marks(ada)
    answers = await asyncio.gather(*(ada.send(f"/silences/{silence.id}/end", sent) for _ in range(3)))
    assert {(answer.status, answer.to) for answer in answers} == {(303, "/silences?done=ended")}
    assert stored(shift) == []
    answer = await ada.send(f"/silences/{silence.id}/end", await marks(ada))
    assert answer.status == 404
    assert "There is no silence with this id." in words(answer)
    await shift.night.see(HEALTH, *[DOWN] * 16)
    assert TECH_LEAD in {row.recipient for row in await shift.night.letters()}


async def test_a_form_that_is_sent_twice_silences_once(ada: Browser, shift: Shift) -> None:
    form = await filled(ada)
    answers = await asyncio.gather(*(ada.send("/silences", form) for _ in range(4)))
    assert {answer.status for answer in answers} == {303}
    assert len(stored(shift)) == 1


async def test_while_the_state_is_away_nothing_typed_is_lost(ada: Browser, shift: Shift) -> None:
    form = await filled(ada, lasts="times", to="2026-11-25T10:00")
    await shift.night.store.close()
    answer = await ada.send("/silences", form)
    assert answer.status == 503
    assert "This cannot be written down now" in words(answer)
    kept = forms(answer.text)["/silences"]
    assert (kept["to"], kept["reason"], kept["lasts"]) == ("2026-11-25T10:00", "the gateway moves", "times")
    assert stored(shift) == []


async def test_nothing_is_silenced_by_looking_or_from_another_site(ada: Browser, shift: Shift) -> None:
    form = await filled(ada)
    assert (await ada.get("/silences?integration=payment&lasts=4h&by=Ada&reason=x")).status == 200
    assert (await ada.get("/silences/preview")).status == 200
    assert (await ada.get("/silences/new1/end")).status == 200
    assert (await ada.send("/silences", form | {"csrf": "wrong"})).status == 403
    assert (await ada.send("/silences", form, Origin="https://evil.example")).status == 403
    assert (await ada.ask("DELETE", "/silences", None, {})).status == 405
    assert stored(shift) == []


async def test_hostile_text_stays_text(ada: Browser, shift: Shift) -> None:
    shift.night.board.hotels["h"] = HOSTILE
    assert (await add(ada, reason=HOSTILE, by="Ada")).status == 303
    pages = [await ada.get("/silences"), await add(ada, hotel=HOSTILE, by=HOSTILE, reason=HOSTILE)]
    pages.append(await ada.get("/silences?integration=%22%3E%3Cscript%3Ealert(1)%3C/script%3E"))
    for page in pages:
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text
    (silence,) = stored(shift)
    assert silence.reason.isprintable()


async def test_one_that_is_over_is_not_shown(ada: Browser, shift: Shift) -> None:
    over = Silence(
        "configuration-1",
        {"hotel": "h"},
        Span(START - timedelta(hours=2), START),
        "moved",
        "c",
        NIGHTLY.source,
    )
    shift.night.engine.quiet.configure([over], {"h": ZoneInfo("Europe/Rome")})
    assert "There is no silence." in words(await ada.get("/silences"))
