"""The pages of incidents, as people read them, over a real store and engine."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.briefing import account
from alerts.change import Change, Event
from alerts.incident import Incident
from alerts.message_letter import letter
from alerts.notification import Delivery, Kind
from alerts.policy import Policy
from checks.result import ok
from daemon.web.pages import incident_views as views
from daemon.web.pages.incident import _silence
from daemon.web.pages.incident_views import Local
from tests.support.browser import Browser, browser
from tests.support.desk import ADDRESSES, TECH_LEAD
from tests.support.web import DOWN, HEALTH, Shift, on_shift

HOSTILE = '</title></p><script>alert(1)</script><img src=x onerror="alert(1)">\x1b[31m\u202e\x00 {{ 777*7 }}'


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path, zone="Europe/Rome") as one:
        yield one


@pytest.fixture
async def reader(shift: Shift) -> AsyncIterator[Browser]:
    async with browser(shift.house.url) as one:
        yield one


async def read(reader: Browser, path: str = "/incidents/id1", status: int = 200) -> str:
    """Return the words of a page, without its style."""
    page = await reader.get(path)
    assert page.status == status, page.text
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    return unescape(page.text.partition("</style>")[2])


async def test_the_page_says_what_the_mail_says(reader: Browser, shift: Shift) -> None:
    text, incident = await read(reader), await shift.now()
    mail = shift.night.engine.brief(incident, await shift.night.letters(), {"payment": "unhealthy"})
    said = letter(mail)
    for section in said.sections:
        assert section.heading in text
        for line in section.lines:
            assert line.text in text
            assert all(detail in text for detail in line.details)
    assert said.headline in text
    problem = (await shift.night.letters())[0].message.decode()
    assert "Next: Lead at 09:18 hotel time" in text
    assert "Next: Lead at 09:18 hotel time" in problem.replace("=\r\n", "").replace("\r\n", " ")


async def test_it_shows_all_that_is_known(reader: Browser, shift: Shift) -> None:
    text = await read(reader)
    for said in (
        "<strong>critical</strong>, open · Hotel · opened 09:03, for 0 s",
        "Times are those of the hotel: Europe/Rome, UTC+01:00.",
        "what the hotel works with is down",
        "payment/health",
        "25 Nov 2026, 09:03:00 CET (UTC+01:00), for 0 s",
        "health is critical (server_error): answered 500",
        "Since 09:02:00, last ok 09:01:00",
        "<strong>problem</strong> to a@hotel.example (level 1, Support): 09:03:00, 0 s after it was written",
        "(front desk)",
        'action="/incidents/id1/ack"',
        '<time datetime="2026-11-25T08:03:00+00:00">09:03:00</time>',
        "problem to a@hotel.example, b@hotel.example",
    ):
        assert said in text, said
    assert text.count('<span class="good word">sent</span>') == 3


async def test_a_resolved_one_tells_how_it_ended(reader: Browser, shift: Shift) -> None:
    await shift.night.see(HEALTH, ok(), ok())
    text = await read(reader)
    assert "From when to when" in text
    assert "09:02:00 to 09:05:00 CET (UTC+01:00): 3 min." in text
    assert "Night Porter only looks; it has repaired nothing." in text
    assert "What there was to do" in text
    assert "resolved 09:05" in text
    assert "Next:" not in text
    assert 'action="/incidents/id1/ack"' not in text
    assert 'action="/incidents/id1/resolve"' not in text
    assert 'action="/incidents/id1/note"' in text
    assert "<strong>resolved</strong> to" in text


async def test_the_fate_of_each_letter_is_said(reader: Browser, shift: Shift) -> None:
    store, now = shift.night.store, shift.house.clock.now()
    first, *_ = await shift.night.letters()
    tried = {
        Delivery.PENDING: (2, "dns: no"),
        Delivery.SUPERSEDED: (0, ""),
        Delivery.CANCELLED: (0, ""),
        Delivery.BUNDLED: (0, ""),
        Delivery.DEAD: (1, "550 no such user"),
    }
    new = [
        replace(
            first,
            id=f"n{state}",
            key=f"n{state}",
            recipient=f"{state}@h",
            state=state,
            sent_at=None,
            due_at=now + timedelta(seconds=60),
            attempts=attempts,
            last_error=error,
        )
        for state, (attempts, error) in tried.items()
    ]
    await store.commit(Change(notifications=tuple(new)))
    text = await read(reader)
    for said in (
        "to pending@h (level 1, Support): written 09:03:00, not taken yet, the next attempt 09:04:00, 2",
        "Last error: dns: no",
        "overtaken by later news before it went out",
        "withdrawn: it was no longer wanted",
        "told in a digest with others",
        "given up: it cannot be delivered",
        "Last error: 550 no such user",
    ):
        assert said in text, said
    for state in ("pending", "superseded", "cancelled", "bundled", "dead"):
        assert f' word">{state}</span>' in text


async def test_a_letter_that_waits_for_a_digest_is_said_to(shift: Shift) -> None:
    (first, *_), incident = await shift.night.letters(), await shift.now()
    local = Local(shift.house.clock.now(), ZoneInfo("Europe/Rome"))
    held = replace(first, state=Delivery.PENDING, sent_at=None, held=True)
    due = replace(held, held=False, state=Delivery.SENDING)
    (opening,) = views.letters([held, due], incident.policy or Policy(), local)
    assert [(one.word, one.said) for one in opening.fates] == [
        ("pending", "written 09:03:00, waits for a digest with others"),
        ("pending", "written 09:03:00, goes out now"),
    ]


async def test_letters_of_an_earlier_opening_stand_apart(reader: Browser, shift: Shift) -> None:
    await shift.night.see(HEALTH, ok(), ok(), DOWN, DOWN)
    text = await read(reader)
    assert "It is back: " in text
    assert "once, the last time 25 Nov 2026, 09:07:00 CET" in text
    assert " in all, opened 2 times</p>" in text
    assert "Opening 2, the present one" in text
    assert "Opening 1, before it came back" in text


async def test_an_opening_of_which_nobody_was_told_says_so(reader: Browser, shift: Shift) -> None:
    incident = await shift.now()
    back = replace(incident, epoch=2, reopened=(shift.house.clock.now(),))
    await shift.night.store.commit(Change(incidents=(back,)))
    text = await read(reader)
    present, told = text.index("Opening 2, the present one"), text.index("Opening 1, before it came back")
    assert present < text.index("Nobody was told in this opening.") < told
    assert "<strong>problem</strong>" not in text[:told]


async def test_the_timeline_calls_a_letter_written_not_told(reader: Browser) -> None:
    text = await read(reader)
    assert '<span class="soft">written:</span> problem to a@hotel.example, b@hotel.example' in text
    assert ">told:</span>" not in text


async def test_times_of_the_other_half_of_the_year_bear_their_offset(reader: Browser, shift: Shift) -> None:
    shift.house.clock.advance(timedelta(days=130).total_seconds())
    text = await read(reader)
    assert "Times are those of the hotel: Europe/Rome, UTC+02:00." in text
    assert "opened 25 Nov 2026 09:03 (UTC+01:00)" in text


async def test_who_looks_after_it_stands_on_top(reader: Browser, shift: Shift) -> None:
    links = shift.links.token(await shift.now(), ADDRESSES[0], shift.house.clock.now())
    await reader.send(f"/i/id1/{links}", {"until": "4h", "note": "on my way"})
    text = await read(reader)
    assert f"acknowledged by {ADDRESSES[0]} until 13:03" in text
    assert "on my way" in text
    assert f"Next: Lead at 13:03 hotel time (the time promised by {ADDRESSES[0]} ends then)." in text
    assert "Take it over, or look after it longer" in text


async def test_what_explains_it_is_linked(reader: Browser, shift: Shift) -> None:
    incident = await shift.now()
    child = replace(incident, id="id7", key="other", parent="id1", title="expedia: does not answer")
    await shift.night.store.commit(Change(incidents=(child,)))
    shift.night.board.incidents["id7"] = child
    assert f'<a href="/incidents/id1">{incident.title}</a>' in await read(reader, "/incidents/id7")
    assert '<a href="/incidents/id7">expedia: does not answer</a>' in await read(reader)


async def test_nothing_hostile_comes_alive(reader: Browser, shift: Shift) -> None:
    incident, dead = await shift.now(), Delivery.DEAD
    diagnosis = replace(
        incident.diagnosis, summary=HOSTILE, sentence=HOSTILE, steps=(HOSTILE,), evidence=(HOSTILE,)
    )
    breach = replace(incident.breaches[0], message=HOSTILE, unit=HOSTILE, observed=1.0, limit=2.0)
    bad = replace(
        incident, title=HOSTILE, diagnosis=diagnosis, breaches=(breach,), standstill=HOSTILE, next_step=None
    )
    rows = [
        replace(row, id=f"x{row.id}", key=f"x{row.key}", recipient=HOSTILE, last_error=HOSTILE, state=dead)
        for row in await shift.night.letters()
    ]
    event = Event("id1", shift.house.clock.now(), "note", HOSTILE)
    await shift.night.store.commit(Change(incidents=(bad,), notifications=tuple(rows), events=(event,)))
    shift.night.board.incidents["id1"] = bad
    for path in ("/incidents/id1", "/incidents", "/silences?hotel=h&integration=payment"):
        raw = (await reader.get(path)).text
        assert "<script>" not in raw
        assert "<img" not in raw
        assert "5439" not in raw
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", raw)


async def test_looking_changes_nothing(reader: Browser, shift: Shift) -> None:
    before = await shift.night.store.incident("id1")
    for path in (
        "/incidents/id1",
        "/incidents/id1?done=resolve",
        "/incidents/id1/resolve",
        "/incidents",
        "/silences",
    ):
        assert (await reader.get(path)).status in {200, 303}
    assert await shift.night.store.incident("id1") == before


async def test_only_what_we_say_ourselves_is_said_after_something_was_done(reader: Browser) -> None:
    assert "Your note stands in the timeline" in await read(reader, "/incidents/id1?done=note")
    # It is neither taken nor resolved.
    for strange in ("%3Cb%3Eowned", "NOTE", "", "note&done=ack", "ack", "resolve"):
        text = await read(reader, f"/incidents/id1?done={strange}")
        assert "owned" not in text
        assert ('role="status"' in text) is strange.startswith("note")


async def test_an_unknown_incident_has_a_page_that_says_so(reader: Browser) -> None:
    for name in ("id2", "a%00b", "%F0%9F%94%91", "x" * 65):
        text = await read(reader, f"/incidents/{name}", 404)
        assert "There is no incident with this id." in text
        assert 'href="/incidents"' in text
    assert (await reader.get("/incidents/id1/delete")).status == 404
    for path in ("/incidents", "/incidents/id1"):
        assert (await reader.ask("PUT", path, {}, {"Origin": reader.url})).status == 405
    assert "Acknowledge: I look after it" in await read(reader, "/incidents/id1/ack")


async def test_what_cannot_be_read_is_shown_from_memory(reader: Browser, shift: Shift) -> None:
    title = (await shift.now()).title
    await shift.night.store.close()
    text = await read(reader)
    assert title in text
    assert "The state cannot be read now." in text
    assert "Not known while the state cannot be read." in text
    assert "The state cannot be read now" in await read(reader, "/incidents", 503)
    assert "what is open is on the status page" in await read(reader, "/incidents/id2", 503)


def of_several(incident: Incident) -> Incident:
    """Return it as one that touches two integrations."""
    first = incident.breaches[0]
    other = replace(first, check=first.check._replace(integration="expedia"))
    return replace(incident, integrations=("payment", "expedia"), breaches=(first, other))


async def test_silencing_it_is_prepared_so_that_it_matches(reader: Browser, shift: Shift) -> None:
    one = await shift.now()
    assert _silence(one) == "/silences?hotel=h&integration=payment&check=health#add"
    assert _silence(of_several(one)) == f"/silences?hotel=h&cause={one.diagnosis.cause}#add"
    assert f'href="{_silence(one)}"' in await read(reader)
    text = await read(reader, _silence(one).removesuffix("#add"))
    assert "Open now, and nobody further would be told of:" in text
    assert f'<a href="/incidents/id1">{one.title}</a>' in text


async def test_a_page_shows_every_look_of_a_wide_incident(shift: Shift) -> None:
    one = of_several(await shift.now())
    many = replace(one, breaches=one.breaches * 10)
    mail = shift.night.engine.brief(many, (), {})
    (seen,) = (part for part in account(mail).sections if part.heading.startswith("Evidence"))
    assert sum("health is critical" in line.text for line in seen.lines) == 20
    assert mail.kind is Kind.PROBLEM
    assert TECH_LEAD not in str(mail.told)
