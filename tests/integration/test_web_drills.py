"""Drills over the API, on their pages and by the link of their mail, over a real store."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from alerts.ack_link import AckLinks
from daemon.drillmaster import Drillmaster
from daemon.imap_dialogue import ImapError
from daemon.store import Store
from tests.support.browser import Browser, browser
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store
from tests.support.drills import POLICY, WRITER, desk
from tests.support.web import House, serving

ADA = {"by": "Ada"}


@dataclass
class Place:
    """A served porter with one hotel, `h`, and its drills."""

    house: House
    store: Store
    clock: FakeClock
    master: Drillmaster
    client: ClientSession
    ada: Browser

    async def ask(self, method: str, path: str, status: int, said: object = None) -> dict[str, Any]:
        async with self.client.request(method, f"/api/v1/{path}", json=said) as answer:
            document: dict[str, Any] = await answer.json()
            assert answer.status == status, document
            return document

    async def held(self, **said: object) -> str:
        drill = await self.ask("POST", "drills", 201, {"hotel": "h", "by": "Ada", **said})
        return str(drill["id"])

    async def deliver(self, seconds: float = 1) -> None:
        """Deliver what is due as a perfect relay would, and let some time pass."""
        for claim in await self.store.claim(10):
            assert await self.store.sent(claim)
        self.clock.advance(seconds)
        await self.master.tick()

    def link(self, drill: str, reader: str = "ada@hotel.example") -> str:
        links: AckLinks = self.house.deps.links
        return links.drill_address(drill, reader, self.clock.now())


@asynccontextmanager
async def served(directory: Path) -> AsyncIterator[Place]:
    clock, numbers = FakeClock(), count(1)

    async def look(*_: object) -> bool:
        raise ImapError("nobody looks here")

    async with a_store(directory, clock) as store:
        master = Drillmaster(
            store, clock, lambda: f"d{next(numbers)}", held=lambda: {"h"}, posted=lambda: None
        )
        links = AckLinks(await store.secret())
        writer = replace(WRITER, link=links.drill_address)
        master.configure(writer, {"h": desk("h")}, None, look)
        night = Night(store, clock, [a_check()])
        async with (
            serving(night=night, drills=master) as house,
            ClientSession(house.url) as client,
            browser(house.url) as ada,
        ):
            yield Place(house, store, clock, master, client, ada)


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with served(tmp_path) as one:
        yield one


async def test_a_drill_is_begun_followed_and_acknowledged_over_the_api(place: Place) -> None:
    said = {"hotel": "h", "level": 2, "by": "Ada", "note": "before the season"}
    drill = await place.ask("POST", "drills", 201, said)
    assert (drill["id"], drill["level"], drill["outcome"]) == ("d1", "2", "running")
    assert [step["step"] for step in drill["steps"]] == [
        "asked",
        "planned",
        "stored",
        "taken",
        "taken",
        "acknowledged",
    ]
    place.clock.advance(0.4)
    await place.deliver()
    drill = await place.ask("GET", "drills/d1", 200)
    assert drill["outcome"] == "delivered"
    assert [step["after_seconds"] for step in drill["steps"] if step["step"] == "taken"] == [0.4, 0.4]
    place.clock.advance(240)
    acknowledged = await place.ask("POST", "drills/d1/ack", 200, {"by": "Ben", "note": "here"})
    assert acknowledged["outcome"] == "acknowledged"
    assert acknowledged["summary"].endswith("Ben acknowledged it after 4 min 1 s.")
    assert await place.ask("GET", "drills/d1", 200) == acknowledged
    again = await place.ask("POST", "drills/d1/ack", 409, ADA)
    assert again["error"] == "It is acknowledged already, by Ben."


async def test_drills_are_listed_by_page(place: Place) -> None:
    for level in (1, 2, 3):
        await place.held(level=level)
        place.clock.advance(1)
    page = await place.ask("GET", "drills?hotel=h&limit=2", 200)
    assert ([one["id"] for one in page["drills"]], page["next"]) == (["d3", "d2"], "d2")
    rest = await place.ask("GET", "drills?hotel=h&limit=2&before=d2", 200)
    assert ([one["id"] for one in rest["drills"]], rest["next"]) == (["d1"], None)
    assert (await place.ask("GET", "drills?hotel=other", 200))["drills"] == []


@pytest.mark.parametrize(
    ("said", "status", "words"),
    [
        ({"hotel": "h"}, 400, "by must be a name"),
        ({"by": "Ada"}, 400, "hotel must be the id of a hotel."),
        ({"hotel": "h", "by": "Ada", "level": 4}, 400, "level must be 1, 2 or 3."),
        ({"hotel": "h", "by": "Ada", "level": True}, 400, "level must be 1, 2 or 3."),
        ({"hotel": "x", "by": "Ada"}, 404, "There is no hotel with this id."),
        ({"hotel": "h", "by": "Ada", "when": "now"}, 400, "There is no field 'when'"),
    ],
)
async def test_what_cannot_be_held_is_refused(
    place: Place, said: dict[str, object], status: int, words: str
) -> None:
    assert words in (await place.ask("POST", "drills", status, said))["error"]
    assert (await place.store.pending())[0] == 0


async def test_there_is_one_at_a_time(place: Place) -> None:
    await place.held()
    refused = await place.ask("POST", "drills", 409, {"hotel": "h", "by": "Ben"})
    assert "under way already" in refused["error"]


async def test_the_link_of_the_mail_shows_and_its_button_acknowledges(place: Place) -> None:
    await place.held()
    await place.deliver(59)
    letter = next(c for c in (await place.master.one("d1")).copies)  # type: ignore[union-attr] # it is there
    link = place.link("d1", letter.recipient)
    for _ in range(2):
        page = await place.ada.get(link)
        assert page.status == 200
        assert "This is a drill: nothing is wrong" in page.text
    assert (await place.ask("GET", "drills/d1", 200))["acknowledged_at"] is None
    page = await place.ada.send(link, {"note": "on the train"})
    assert "Thank you, the drill is acknowledged" in page.text
    assert "It took 59 s" in page.text
    drill = await place.ask("GET", "drills/d1", 200)
    assert (drill["acknowledged_by"], drill["acknowledged_note"]) == (letter.recipient, "on the train")
    assert "You acknowledged it after 59 s" in (await place.ada.get(link)).text
    other = await place.ada.send(place.link("d1", "ben@hotel.example"), {})
    assert f"{letter.recipient} acknowledged it after 59 s" in other.text
    assert await place.store.list_incidents() == []


async def test_a_link_that_is_forged_expired_or_of_another_drill_is_refused(place: Place) -> None:
    await place.held()
    await place.held(level=2)
    link = place.link("d1")
    other = link.replace("/i/d-d1/", "/i/d-d2/")
    for wrong in (f"{link[:-3]}abc", other, "/i/d-d1/x.y"):
        for page in (await place.ada.get(wrong), await place.ada.send(wrong, {})):
            assert (page.status, "This link is not valid" in page.text) == (403, True)
    assert (await place.ada.get(place.link("gone"))).status == 404
    place.clock.advance(86_400)
    for page in (await place.ada.get(link), await place.ada.send(link, {})):
        assert (page.status, "This link has expired" in page.text) == (403, True)
    assert (await place.ask("GET", "drills/d1", 200))["acknowledged_at"] is None


async def test_a_form_of_another_site_acknowledges_nothing(place: Place) -> None:
    await place.held()
    page = await place.ada.send(place.link("d1"), {}, Origin="https://evil.example")
    assert page.status == 403
    assert (await place.ask("GET", "drills/d1", 200))["acknowledged_at"] is None


async def test_the_link_of_a_drill_opens_no_incident_and_none_opens_a_drill(place: Place) -> None:
    await place.held()
    token = place.link("d1").rpartition("/")[2]
    assert (await place.ada.get(f"/i/d1/{token}")).status == 403


async def test_a_drill_is_held_and_acknowledged_on_its_pages(place: Place) -> None:
    page = await place.ada.get("/drills")
    assert "No drill has been held here yet." in page.text
    hidden = page.hidden
    form = {**hidden, "level": "2", "by": "Ada", "note": "<b>for the new lead</b>"}
    begun = await place.ada.send("/drills", form)
    assert (begun.status, begun.to) == (303, "/drills/d1")
    assert (await place.ada.send("/drills", form)).to == "/drills/d1", "pressed twice, held once"
    page = await place.ada.get("/drills/d1")
    assert "under way" in page.text
    assert "&lt;b&gt;for the new lead" in page.text
    assert re.search(r'http-equiv="refresh" content="3"', page.text)
    place.clock.advance(0.4)
    await place.deliver(239.6)
    page = await place.ada.get("/drills/d1")
    assert "after 0.4 s" in page.text
    assert "http-equiv" not in page.text
    acked = await place.ada.send("/drills/d1/ack", {**page.hidden, "by": "Ben"})
    assert (acked.status, acked.to) == (303, "/drills/d1")
    place.clock.advance(12 * 86_400)
    line = "Last drill 12 days ago: level 2 acknowledged in 4 min."
    assert line in (await place.ada.get("/drills")).text
    assert line in (await place.ada.get("/hotels/h")).text


async def test_what_is_wrong_with_a_form_is_said_and_nothing_is_lost(place: Place) -> None:
    hidden = (await place.ada.get("/drills")).hidden
    page = await place.ada.send("/drills", {**hidden, "level": "2", "by": "", "note": "kept"})
    assert page.status == 400
    assert "Your name must be a name" in page.text
    assert ">kept</textarea>" in page.text
    await place.held(level=2)
    page = await place.ada.send("/drills", {**hidden, "level": "2", "by": "Ada"})
    assert (page.status, "under way already" in page.text) == (409, True)
    page = await place.ada.send("/drills", {**hidden, "level": "9", "by": "Ada"})
    assert (page.status, "Choose a level." in page.text) == (400, True)
    assert (await place.ada.get("/drills/none")).status == 404


async def test_a_page_says_why_it_cannot_be_acknowledged_once_more(place: Place) -> None:
    await place.held()
    await place.deliver()
    hidden = (await place.ada.get("/drills/d1")).hidden
    await place.ask("POST", "drills/d1/ack", 200, {"by": "Ben"})
    page = await place.ada.send("/drills/d1/ack", {**hidden, "by": "Cem"})
    assert (page.status, "It is acknowledged already, by Ben." in page.text) == (409, True)
    unnamed = await place.ada.send("/drills/d1/ack", {**hidden, "by": ""})
    assert unnamed.status == 400


async def test_the_page_offers_the_levels_that_the_hotel_has(place: Place) -> None:
    shown = (await place.ada.get("/drills")).text
    assert re.findall(r'name="level" value="(.)"', shown) == ["1", "2", "3"], "where nothing is known of it"
    two = replace(POLICY, levels=POLICY.levels[:2])
    place.house.deps.directory.configure([], {"h": desk("h", two)})
    shown = (await place.ada.get("/drills")).text
    assert re.findall(r'name="level" value="(.)"', shown) == ["1", "2"]
