"""What people do about incidents on their page, over a real store and engine."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest

from alerts.incident import IncidentState
from alerts.notification import Kind
from checks.result import ok
from tests.support.browser import Browser, Page, browser
from tests.support.desk import ADDRESSES, TECH_LEAD
from tests.support.forms import forms
from tests.support.web import DOWN, HEALTH, Shift, on_shift, serving

HOSTILE = '"></textarea><script>alert(1)</script>\u202e\x1b[31m\r\nBcc: x@evil.example'
TOKEN = "a token of this test"


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path, zone="Europe/Rome") as one:
        yield one


@pytest.fixture
async def ada(shift: Shift) -> AsyncIterator[Browser]:
    async with browser(shift.house.url) as one:
        yield one


async def filled(reader: Browser, act: str, **typed: str) -> dict[str, str]:
    """Return a form of the page, with what is typed into it."""
    page = await reader.get("/incidents/id1")
    return {**forms(page.text)[f"/incidents/id1/{act}"], **typed}


async def send(reader: Browser, act: str, form: dict[str, str]) -> Page:
    return await reader.send(f"/incidents/id1/{act}", form)


async def done(reader: Browser, act: str, **typed: str) -> None:
    """Fill in a form, send it, and see that the page says that it is done."""
    answer = await send(reader, act, await filled(reader, act, **typed))
    assert (answer.status, answer.to) == (303, f"/incidents/id1?done={act}"), words(answer)
    page = await reader.get(answer.to)
    assert 'role="status"' in page.text


def words(page: Page) -> str:
    return unescape(page.text.partition("</style>")[2])


async def timeline(shift: Shift, kind: str) -> list[str]:
    record = await shift.night.store.incident("id1")
    assert record is not None
    return [event.text for event in record.events if event.kind == kind]


async def test_acknowledging_puts_it_in_somebodys_care(ada: Browser, shift: Shift) -> None:
    await done(ada, "ack", by="Ada", until="4h", note="on the phone\nwith the vendor")
    promise = (await shift.now()).acknowledgement
    assert promise is not None
    assert (promise.by, promise.note) == ("Ada", "on the phone with the vendor")
    assert promise.until == shift.house.clock.now() + timedelta(hours=4)
    await shift.night.see(HEALTH, *[DOWN] * 30)
    assert TECH_LEAD not in {row.recipient for row in await shift.night.letters()}


async def test_a_note_stands_in_the_timeline_even_of_what_is_over(ada: Browser, shift: Shift) -> None:
    await done(ada, "note", by="Ada", note="called the vendor")
    await shift.night.see(HEALTH, ok(), ok())
    await done(ada, "note", by="Ada", note="it was the firewall")
    assert await timeline(shift, "note") == ["Ada: called the vendor", "Ada: it was the firewall"]
    assert "Ada: it was the firewall" in words(await ada.get("/incidents/id1"))


async def test_resolving_needs_a_yes_and_says_whom_it_tells(ada: Browser, shift: Shift) -> None:
    assert "All 3 who were told of it are told that it is over." in words(await ada.get("/incidents/id1"))
    answer = await send(ada, "resolve", await filled(ada, "resolve", by="Ada", note="a test"))
    assert answer.status == 400
    assert "Say that you mean it." in answer.text
    assert forms(answer.text)["/incidents/id1/resolve"]["note"] == "a test"
    assert '<details class="card" id="resolve" open>' in answer.text
    assert (await shift.now()).state is IncidentState.OPEN
    await done(ada, "resolve", by="Ada", note="a test", sure="yes")
    incident = await shift.now()
    assert (incident.state, incident.outcome) == (IncidentState.RESOLVED, "resolved by Ada: a test")
    letters = [row for row in await shift.night.letters() if row.kind is Kind.RESOLVED]
    assert {row.recipient for row in letters} >= set(ADDRESSES)


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(ada: Browser, shift: Shift) -> None:
    before = await shift.now()
    for act, typed, says, field in (
        ("ack", {"by": "", "note": "kept"}, "Your name must be a name", "by"),
        ("ack", {"by": "x" * 201, "note": "kept"}, "Your name must be a name", "by"),
        ("ack", {"by": "Ada\r\nBcc", "note": "kept"}, "Your name must be a name", "by"),
        ("ack", {"by": "Ada", "note": "x" * 2001}, "The note must be text of at most 2000", "note"),
        ("ack", {"by": "Ada", "note": "kept", "until": "9h"}, "Say for how long", "until"),
        ("note", {"by": "Ada", "note": " \x00 "}, "The note must be text of 1 to 2000", "note"),
        ("note", {"by": " ", "note": "kept"}, "Your name must be a name", "by"),
    ):
        answer = await send(ada, act, await filled(ada, act, **typed))
        assert answer.status == 400
        assert says in words(answer), typed
        assert f'id="{act}-{field}-wrong"' in answer.text
        assert f'aria-describedby="{act}-{field}-wrong"' in answer.text
        if typed["note"] == "kept":
            assert forms(answer.text)[f"/incidents/id1/{act}"]["note"] == "kept"
    assert await shift.now() == before
    assert await timeline(shift, "note") == []


async def test_a_form_that_is_sent_twice_acts_once(ada: Browser, shift: Shift) -> None:
    note = await filled(ada, "note", by="Ada", note="once")
    answers = await asyncio.gather(*(send(ada, "note", note) for _ in range(4)))
    answers.append(await send(ada, "note", note))
    assert {answer.status for answer in answers} == {303}
    assert await timeline(shift, "note") == ["Ada: once"]
    care = await filled(ada, "ack", by="Ada")
    await asyncio.gather(*(send(ada, "ack", care) for _ in range(3)))
    assert len(await timeline(shift, "acknowledged")) == 1
    end = await filled(ada, "resolve", by="Ada", sure="yes")
    answers = await asyncio.gather(*(send(ada, "resolve", end) for _ in range(3)))
    assert {answer.status for answer in answers} == {303}
    assert [row.kind for row in await shift.night.letters()].count(Kind.RESOLVED) == 3


async def test_another_text_in_the_same_form_is_another_note(ada: Browser, shift: Shift) -> None:
    note = await filled(ada, "note", by="Ada", note="one")
    for text in ("one", "two"):
        assert (await send(ada, "note", note | {"note": text})).status == 303
    assert await timeline(shift, "note") == ["Ada: one", "Ada: two"]


async def test_what_was_resolved_meanwhile_is_said_and_the_note_kept(ada: Browser, shift: Shift) -> None:
    care = await filled(ada, "ack", by="Ada", note="on my way")
    end = await filled(ada, "resolve", by="Ada", note="on my way", sure="yes")
    await shift.night.see(HEALTH, ok(), ok())
    for act, form in (("ack", care), ("resolve", end)):
        answer = await send(ada, act, form)
        assert answer.status == 409
        assert "It was resolved meanwhile, so this was not done." in words(answer)
        shown = forms(answer.text)
        assert f"/incidents/id1/{act}" not in shown
        assert shown["/incidents/id1/note"]["note"] == "on my way"
    assert (await shift.now()).acknowledgement is None


async def test_a_form_of_an_earlier_opening_does_nothing(ada: Browser, shift: Shift) -> None:
    care = await filled(ada, "ack", by="Ada", note="on my way")
    end = await filled(ada, "resolve", by="Ada", sure="yes")
    await shift.night.see(HEALTH, ok(), ok(), DOWN, DOWN)
    for act, form in (("ack", care), ("resolve", end), ("ack", care | {"epoch": "x"})):
        answer = await send(ada, act, form)
        assert answer.status in {400, 409}
        assert "has come back since you opened this page" in words(answer)
    assert (await shift.now()).state is IncidentState.OPEN
    answer = await send(ada, "ack", care)
    again = forms(answer.text)["/incidents/id1/ack"]
    assert again["note"] == "on my way"
    assert (await send(ada, "ack", again)).status == 303


async def test_who_comes_second_sees_who_was_first_before_taking_over(ada: Browser, shift: Shift) -> None:
    late = await filled(ada, "ack", by="Bob", until="12h")
    await done(ada, "ack", by="Ada")
    longer = await filled(ada, "ack", by="Ada", until="4h")
    answer = await send(ada, "ack", late)
    assert answer.status == 409
    assert "Somebody else has taken it meanwhile" in words(answer)
    assert "acknowledged by Ada until 10:03" in words(answer)
    promise = (await shift.now()).acknowledgement
    assert promise is not None
    assert promise.by == "Ada"
    again = forms(answer.text)["/incidents/id1/ack"]
    assert (again["by"], again["until"]) == ("Bob", "12h")
    shift.house.clock.advance(1)
    assert (await send(ada, "ack", again)).status == 303
    assert (await send(ada, "ack", longer)).status == 409
    taken = (await shift.now()).acknowledgement
    assert taken is not None
    assert taken.by == "Bob"


async def test_while_the_state_is_away_nothing_typed_is_lost(ada: Browser, shift: Shift) -> None:
    care = await filled(ada, "ack", by="Ada", note="on my way", until="4h")
    note = await filled(ada, "note", by="Ada", note="kept")
    end = await filled(ada, "resolve", by="Ada", note="kept", sure="yes")
    await shift.night.store.close()
    for act, form in (("ack", care), ("note", note), ("resolve", end)):
        answer = await send(ada, act, form)
        assert answer.status == 503
        assert "This cannot be written down now" in words(answer)
        kept = forms(answer.text)[f"/incidents/id1/{act}"]
        assert kept["note"] == form["note"]
        assert kept["by"] == "Ada"
    assert kept_choice(await send(ada, "ack", care)) == "4h"


def kept_choice(page: Page) -> str:
    return forms(page.text)["/incidents/id1/ack"]["until"]


async def test_what_is_not_written_down_yet_cannot_be_acted_upon(ada: Browser, shift: Shift) -> None:
    shift.night.board.incidents["id9"] = replace(await shift.now(), id="id9")
    form = await filled(ada, "note", by="Ada", note="n")
    answer = await ada.send("/incidents/id9/note", form)
    assert answer.status == 503
    assert "is not written down yet" in answer.text


async def test_an_unknown_incident_cannot_be_acted_upon(ada: Browser) -> None:
    for act in ("ack", "note", "resolve"):
        form = await filled(ada, act, by="Ada", note="n", sure="yes")
        form = {name: value for name, value in form.items() if act == "resolve" or name != "sure"}
        answer = await ada.send(f"/incidents/id2/{act}", form)
        assert answer.status == 404
        assert "There is no incident with this id." in answer.text
    answer = await ada.send("/incidents/id1/reopen", await filled(ada, "note"))
    assert answer.status == 404


async def test_hostile_text_stays_text(ada: Browser, shift: Shift) -> None:
    await done(ada, "note", by="Ada", note=HOSTILE)
    wrong = await send(ada, "ack", await filled(ada, "ack", by=HOSTILE, note=HOSTILE))
    assert wrong.status == 400
    for page in (wrong, await ada.get("/incidents/id1")):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text
    (text,) = await timeline(shift, "note")
    assert text.isprintable()


async def test_without_the_mark_of_the_page_nothing_is_done(ada: Browser, shift: Shift) -> None:
    before = await shift.now()
    for act in ("ack", "note", "resolve"):
        typed = {"by": "Ada", "note": "n", "csrf": "wrong", **({"sure": "yes"} if act == "resolve" else {})}
        assert (await send(ada, act, await filled(ada, act, **typed))).status == 403
        own = await filled(ada, act, by="Ada", note="n")
        page = await ada.send(f"/incidents/id1/{act}", own, Origin="https://evil.example")
        assert page.status == 403
    assert await shift.now() == before
    assert await timeline(shift, "note") == []


async def test_what_the_form_does_not_send_is_refused(ada: Browser, shift: Shift) -> None:
    form = await filled(ada, "note", by="Ada", note="n")
    assert (await send(ada, "note", form | {"state": "resolved"})).status == 400
    assert (await send(ada, "note", form | {"note": "x" * 70_000})).status == 413
    assert await timeline(shift, "note") == []


async def test_who_is_logged_in_need_not_say_who_they_are(shift: Shift) -> None:
    async with serving(token=TOKEN, night=shift.night) as house, browser(house.url) as reader:
        assert (await reader.get("/incidents/id1")).to.startswith("/login")
        await reader.log_in(TOKEN, "Grace")
        form = await filled(reader, "ack")
        assert form["by"] == "Grace"
        assert (await send(reader, "ack", form)).status == 303
        assert "acknowledged by Grace" in words(await reader.get("/incidents/id1"))


async def test_silenced_is_said(ada: Browser, shift: Shift) -> None:
    form = forms((await ada.get("/silences?hotel=h&integration=payment")).text)["/silences"]
    assert (await ada.send("/silences", form | {"by": "Ada", "reason": "planned"})).status == 303
    assert "Silenced until 10:03: nobody is told of it until then." in words(await ada.get("/incidents/id1"))


async def test_what_is_resolved_by_hand_and_fails_on_is_said_to(ada: Browser, shift: Shift) -> None:
    await done(ada, "resolve", by="Ada", sure="yes")
    said = "Resolved by Ada, at 09:03. Still failing: health. It is told of again after 13:03 if it goes on."
    text = (await ada.get("/incidents/id1")).text
    assert f"<strong>Its checks still fail.</strong> {said}" in text
    assert '<h1 class="verdict fair"><span class="mark" aria-hidden="true">▲</span>' in text
    for path in ("/", "/hotels/h/payment"):
        text = (await ada.get(path)).text
        assert "<strong>still fails</strong>. Resolved by Ada, at" in text
        assert "Still failing: health. It is told of again after" in text
    await shift.night.see(HEALTH, ok(), ok())
    assert "still fail" not in (await ada.get("/incidents/id1")).text
    assert "still fail" not in (await ada.get("/")).text
