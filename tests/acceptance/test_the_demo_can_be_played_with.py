"""A button of the demo leads to the right incident and mails; the tour says what came of each fault."""

import re
import signal
from pathlib import Path
from typing import Any

from aiohttp import ClientSession

from tests.support.demo_process import demo, ends, on_duty, shows, without_postgresql
from tests.support.polling import look_until
from tests.support.process import command

REVOKED = "api-credentials-invalid:channel-manager"
WITHIN = 30.0


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, text
    return match[1]


class Browser:
    """Somebody who looks at pages, without a script."""

    def __init__(self, session: ClientSession) -> None:
        self._session = session

    async def page(self, url: str) -> str:
        async with self._session.get(url) as answer:
            assert answer.status == 200, url
            return await answer.text()

    async def sees(self, url: str, pattern: str) -> str:
        """Look until a page shows something; return it."""
        page = await look_until(
            lambda: self.page(url), lambda page: re.search(pattern, page), WITHIN, pause=0.1
        )
        return found(pattern, page)

    async def incident(self, porter: str) -> Any:
        """Return the one incident about the channel manager."""
        async with self._session.get(f"{porter}/api/v1/incidents") as answer:
            every = (await answer.json())["incidents"]
        (found,) = [one for one in every if "channel_manager" in one["integrations"]]
        return found

    async def sends(self, url: str, **fields: str) -> str:
        async with self._session.post(url, data=fields) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.text()


async def test_a_button_leads_to_the_incident_and_its_mails_and_the_link_in_them_acknowledges(
    tmp_path: Path,
) -> None:
    async with demo(tmp_path) as one, ClientSession() as session:
        said = await shows(one, "All is well")
        on_duty(tmp_path, said)
        porter = found(r"status page +(http://\S+)/", said)
        site = found(r"switchboard +(http://\S+)/ ", said)
        assert found(r"inbox +(\S+)", said) == f"{site}/inbox"
        browser = Browser(session)
        mark = found(r'name="csrf" value="([^"]+)"', await browser.page(site))
        page = await browser.sends(f"{site}/faults/{REVOKED}", csrf=mark, turn="on")
        assert "The porter is looking." in page

        first = await browser.sees(
            f"{site}/inbox", r'href="/inbox/(\d+)">\[CRITICAL\][^<]*: channel_manager: [^<]*\(401\)'
        )
        incident = await browser.incident(porter)
        assert (incident["cause"], incident["state"]) == ("api-credentials-invalid", "open")
        assert incident["id"] in await browser.sees(site, r"(incidents/[^\n]*as it should be)")

        link = found(r'href="(http://[^"]+/i/[^"]+)"', await browser.page(f"{site}/inbox/{first}/html"))
        assert link.startswith(f"{porter}/i/{incident['id']}/")
        assert "Acknowledge" in await browser.page(link)
        await browser.sends(link, until="1h")
        incident = await browser.incident(porter)
        assert incident["state"] == "acknowledged"

        await browser.sends(f"{site}/faults/{REVOKED}", csrf=mark, turn="off")
        await browser.sees(f"{site}/inbox", r"(\[RESOLVED\][^<]*: channel_manager:)")
        assert "Healed</strong> after" in await browser.page(site)
        await ends(one, tmp_path, signal.SIGINT)


async def test_the_tour_says_what_came_of_each_fault_and_ends_well_if_every_cause_was_right(
    tmp_path: Path,
) -> None:
    fault = "mail-authentication-broken:dkim"
    outcome = await command("demo", "--tour", "--fault", fault, within=90, env=without_postgresql(tmp_path))
    assert outcome.code == 0, outcome.out + outcome.err
    story, end = outcome.out[outcome.out.index("1 of 1") :], outcome.out[-400:]
    assert "The key that mails are signed with is revoked" in story
    assert "The porter sees email/dkim critical" in story
    assert "cause    mail-authentication-broken (right;" in story
    assert story.index("integration-support@grand-harbour.demo: [WARNING]") < story.index("[RESOLVED]")
    assert "1 of 1 right" in end
    rows = [line.split()[:3] for line in end.splitlines() if line.startswith(fault)]
    assert rows == [[fault, "mail-authentication-broken", "right"]]
    assert list(tmp_path.iterdir()) == []


async def test_a_story_is_about_one_fault() -> None:
    outcome = await command("demo", "--fault", "overbooked", "--fault", "flapping")
    assert outcome.code == 2
    assert "with --tour there may be several" in outcome.err
