"""The first minutes: a button is pressed, incident and mail are there, and somebody looks after it."""

import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page, expect

from tests.support.chromium import PHONE, chromium, tab
from tests.support.demo_process import demo, ends, on_duty, shows

SOON = 30_000
"""Milliseconds in which what is waited for has come, on a loaded machine too."""

FAULT = "api-credentials-invalid%3Achannel-manager"
TITLE = "channel_manager: refuses our credentials"


@dataclass(frozen=True)
class Addresses:
    """Where a demo is."""

    status: str
    switchboard: str


@asynccontextmanager
async def playing(directory: Path) -> AsyncIterator[Addresses]:
    async with demo(directory) as one:
        said = await shows(one, "porter's log", within=60)
        on_duty(directory, said)
        yield Addresses(*(found(name, said) for name in ("status page", "switchboard")))
        await ends(one, directory, signal.SIGTERM)


def found(name: str, said: str) -> str:
    match = re.search(rf"{name} +(http://\S+?)/?\s", said)
    assert match is not None, said
    return match[1]


async def test_a_fault_becomes_an_incident_and_a_mail_and_is_taken_care_of(tmp_path: Path) -> None:
    async with (
        playing(tmp_path) as demo_at,
        chromium() as browser,
        tab(browser) as one,
        tab(browser, PHONE) as phone,
    ):
        await one.page.goto(demo_at.status)
        await phone.page.goto(demo_at.switchboard)
        await phone.page.locator(f'section[aria-labelledby="first"] form[action$="/{FAULT}"] button').click()
        await one.page.get_by_role("link", name=re.compile(TITLE)).first.click(timeout=SOON)
        await acknowledge(one.page)
        await phone.page.goto(f"{demo_at.switchboard}/inbox")
        mail = phone.page.get_by_role("link", name=re.compile(TITLE)).first
        await mail.click(timeout=SOON)
        frame = phone.page.frame_locator("iframe")
        await expect(frame.locator("body")).to_contain_text("What to do", ignore_case=True, timeout=SOON)
        assert one.complaints + phone.complaints == []


async def acknowledge(page: Page) -> None:
    """Take care of the incident whose page this is."""
    await expect(page.locator("h1")).to_contain_text(TITLE)
    form = page.locator('form[action$="/ack"]')
    await form.get_by_label("Your name").fill("Ana, on duty")
    await form.get_by_role("button").click()
    await expect(page.locator("main")).to_contain_text("acknowledged", ignore_case=True)
    await expect(page.locator("main")).to_contain_text("Ana, on duty")
