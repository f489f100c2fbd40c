"""The demo's pages in a real browser: live, for everybody, and with nothing alive in a mail."""

import re
from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, expect

from daemon.clock import SystemClock
from tests.support.chromium import DESKTOP, PHONE, chromium, tab
from tests.support.demo_site import Site, demo_site, payment_is_down

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOSTILE = """\
<!DOCTYPE html><html lang="en"><head><title>Mail</title><meta http-equiv="refresh" content="0; url=/inbox">
</head><body><h1>Words</h1><script>top.document.title = "owned"; window.parent.owned = true</script>
<img alt="" src="x" onerror="alert(1)"><form action="/heal" method="post"><button id="pay">Pay</button></form>
<a id="leave" target="_top" href="/inbox">Leave</a><a id="run" href="javascript:alert(2)">Run</a>
<a id="ack" href="{url}/-/healthy">Acknowledge</a></body></html>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Serve one site for all tests."""
    async with demo_site(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def site(whole: Site) -> AsyncIterator[Site]:
    """Give the site, with everything healed afterwards."""
    yield whole
    await whole.board.heal_all()
    whole.porter.shelf.records.clear()


def mail(html: str, **headers: str) -> bytes:
    one = EmailMessage()
    one["Subject"] = "[CRITICAL] Grand Harbour Hotel: payment: it is down"
    for name, value in {"incident": "7", "kind": "problem", "severity": "critical"}.items():
        one[f"X-Nightporter-{name}"] = headers.get(name, value)
    one.set_content("plain words, and https://a-very-long-address.example/" + "x" * 300)
    one.add_alternative(html, subtype="html")
    return bytes(one)


async def busy(site: Site) -> int:
    """Let something be on, with its incident and mail, and something have been before."""
    for name in ("sync-service-down", "cache-not-refreshing"):
        await site.board.switch_on(name)
        await site.board.heal(name)
    await site.board.switch_on("vendor-outage")
    site.porter.shelf.records.append(payment_is_down(SystemClock().now()))
    return kept(site, "<html lang='en'><title>x</title><main><h1>Words</h1></main></html>")


def kept(site: Site, html: str) -> int:
    """Put a mail into the inbox; return its number."""
    site.inbox.keep(mail(html), ["desk@h.demo"])
    return site.inbox.count


@pytest.mark.parametrize(("size", "colours"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desktop"])
async def test_the_pages_are_for_everybody(
    browser: Browser, site: Site, size: ViewportSize, colours: str
) -> None:
    number, found = await busy(site), []
    async with tab(browser, size, color_scheme=colours) as one:
        for path in ("/", "/inbox", *(f"/inbox/{number}?as={way}" for way in ("mail", "text", "headers"))):
            await one.page.goto(site.url + path)
            if path == "/":
                for group in await one.page.locator("details > summary").all():
                    await group.click()
            found += [f"{path}: {wrong}" for wrong in await one.scan()]
            if await one.overflows():
                found.append(f"{path}: is wider than the window")
        found += one.complaints
    assert found == []


async def pressed(page: Page, name: str) -> None:
    await page.locator(f'section[aria-labelledby="first"] form[action$="/{name}"] button').click()


async def test_a_page_that_is_looked_at_shows_what_comes_of_a_press(browser: Browser, site: Site) -> None:
    async with tab(browser) as here, tab(browser) as there:
        await there.page.goto(site.url)
        await there.page.goto(site.url + "/inbox")
        await here.page.goto(site.url)
        await pressed(here.page, "vendor-outage")
        await expect(here.page.locator("#on")).to_contain_text("The porter is looking", timeout=15_000)
        site.porter.shelf.records.append(payment_is_down(SystemClock().now()))
        number = kept(site, "<h1>Words</h1>")
        await expect(here.page.locator("#on")).to_contain_text("as it should be", timeout=15_000)
        await expect(here.page.locator("#on")).to_contain_text("payment: it is down")
        await expect(there.page.locator(f"#mail-{number}")).to_contain_text("it is down", timeout=15_000)
        await pressed(here.page, "vendor-outage")
        await expect(here.page.locator("#on")).to_contain_text("Healed", timeout=15_000)
        assert here.complaints + there.complaints == []
    assert not site.board.on


async def test_the_pages_do_without_a_script(browser: Browser, site: Site) -> None:
    async with tab(browser, PHONE, java_script_enabled=False) as one:
        await one.page.goto(site.url)
        await pressed(one.page, "vendor-outage")
        await expect(one.page.locator("#on")).to_contain_text(
            "The payment gateway answers 503", timeout=15_000
        )
        assert list(site.board.on) == ["vendor-outage"]
        await one.page.get_by_role("button", name="Heal everything").click()
        await expect(one.page.locator("#on")).to_contain_text("Healed", timeout=15_000)
    assert not site.board.on


async def test_a_hostile_mail_does_nothing_but_open_a_link_that_is_pressed(
    browser: Browser, site: Site
) -> None:
    await site.board.switch_on("vendor-outage")
    path = f"/inbox/{kept(site, HOSTILE.format(url=site.porter.url))}"
    async with tab(browser) as one:
        dialogs: list[str] = []
        one.page.on("dialog", lambda dialog: dialogs.append(dialog.message))
        await one.page.goto(site.url + path)
        frame = one.page.frame_locator("iframe")
        await expect(frame.locator("h1")).to_have_text("Words")
        for bait in ("pay", "leave", "run"):
            await frame.locator(f"#{bait}").click()
        async with one.page.context.expect_page() as opened:
            await frame.locator("#ack").click()
        popup = await opened.value
        await popup.wait_for_load_state()
        assert popup.url == f"{site.porter.url}/-/healthy"
        assert await popup.evaluate("window.opener === null")
        assert one.page.url == site.url + path
        assert await one.page.title() != "owned"
        assert await one.page.evaluate("window.owned") is None
        await expect(frame.locator("h1")).to_have_text("Words")
        await one.page.goto(f"{site.url}{path}/html")
        await one.page.locator("#pay").click()
        assert await one.page.evaluate("origin") == "null"
        assert await one.page.title() == "Mail"
        assert one.page.url == f"{site.url}{path}/html"
        assert dialogs == []
        assert all(re.search("sandbox|Content Security Policy|form", said) for said in one.complaints)
    assert list(site.board.on) == ["vendor-outage"]
