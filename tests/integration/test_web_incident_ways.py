"""Where the page of an incident leads, and in which order it is read."""

from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from tests.support.browser import Browser, browser
from tests.support.web import on_shift


@pytest.fixture
async def reader(tmp_path: Path) -> AsyncIterator[Browser]:
    async with on_shift(tmp_path) as shift, browser(shift.house.url) as one:
        yield one


async def test_one_gets_from_an_incident_to_its_hotel_and_integration(reader: Browser) -> None:
    text = unescape((await reader.get("/incidents/id1")).text.partition("</style>")[2])
    path = text.partition('<p class="path">')[2].partition("</p>")[0]
    assert '<a href="/incidents">Incidents</a>' in path
    assert '<a href="/hotels/h">Hotel</a>' in path
    assert '<a href="/hotels/h/payment">payment</a>' in text


async def test_what_is_known_stands_before_the_forms_and_they_are_one_step_away(reader: Browser) -> None:
    text = unescape((await reader.get("/incidents/id1")).text.partition("</style>")[2])
    parts = [text.index(part) for part in ("Evidence (", 'id="fates"', 'id="timeline"', 'id="work"')]
    assert parts == sorted(parts)
    assert text.index('<a href="#work">Acknowledge') < parts[0]
