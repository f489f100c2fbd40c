"""What of an incident is there to be kept and sent: its note, and the letter to the vendor."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.change import Change
from checks.result import ok
from tests.support.browser import Browser, browser
from tests.support.web import HEALTH, Shift, on_shift


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        yield one


@pytest.fixture
async def reader(shift: Shift) -> AsyncIterator[Browser]:
    async with browser(shift.house.url) as one:
        yield one


async def test_the_note_is_a_file_to_be_kept(reader: Browser) -> None:
    assert 'href="/incidents/id1/export"' in (await reader.get("/incidents/id1")).text
    page = await reader.get("/incidents/id1/export")
    assert page.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert page.headers["Content-Disposition"] == 'attachment; filename="incident-id1.md"'
    for heading in (
        "Impact",
        "Diagnosis",
        "Timeline",
        "Who was told",
        "How it ended",
        "What could be better",
    ):
        assert f"\n## {heading}\n" in page.text
    assert (await reader.get("/incidents/nothing/export")).status == 404


async def test_the_letter_to_the_vendor_stays_when_it_is_over(reader: Browser, shift: Shift) -> None:
    for resolved in (False, True):
        if resolved:
            await shift.night.see(HEALTH, ok(), ok())
        text = (await reader.get("/incidents/id1")).text
        assert ("resolved" in text.partition("</h1>")[2].partition("opened")[0]) is resolved
        assert '<pre class="ticket">Hello,' in text
        works = "worked meanwhile, so that it was" if resolved else "works, so that it is"
        assert f"What {works} not our own network:" in text


async def test_what_is_to_be_copied_stands_apart(reader: Browser, shift: Shift) -> None:
    incident = await shift.now()
    steps = ("Run `pm2 list`, then SELECT 1 WHERE a < 2; and look.",)
    told = replace(incident, diagnosis=replace(incident.diagnosis, steps=steps))
    await shift.night.store.commit(Change(incidents=(told,)))
    text = (await reader.get("/incidents/id1")).text
    assert (
        'Run <code>pm2 list</code>, then <code class="statement">SELECT 1 WHERE a &lt; 2;</code> and look.'
        in text
    )
