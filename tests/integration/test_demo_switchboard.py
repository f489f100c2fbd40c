"""The switchboard of the demo: a button per fault, pressed over real sockets, from these very pages only."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from pathlib import Path

import asyncpg
import pytest
import pytest_asyncio

from alerts.incident import Cause
from daemon.clock import SystemClock
from daemon.demo.faults import FAULTS, TOUR, WITHOUT_DATABASE
from daemon.demo.features import FEATURES
from daemon.demo.hotel import Hotel
from daemon.demo.postgres import Postgres
from daemon.demo.site import SiteError, open_site
from daemon.demo.switchboard import Switchboard, SwitchError
from daemon.demo.witness import Witness
from tests.support.demo_site import Site, demo_site, payment_is_down
from tests.support.open_hotel import open_hotel
from tests.support.polling import look_until

pytestmark = pytest.mark.asyncio(loop_scope="module")

OUTAGE, REVOKED = "vendor-outage", "api-credentials-invalid"
FOREIGN = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Serve one site for all tests, over a hotel without a database."""
    async with demo_site(tmp_path_factory.mktemp("demo")) as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def site(whole: Site) -> AsyncIterator[Site]:
    """Give the site, with everything healed before and after."""
    yield whole
    await whole.board.heal_all()
    whole.porter.shelf.records.clear()
    whole.reloads.clear()


async def buttons(site: Site) -> dict[str, bool]:
    """Return the faults that have a button, and whether it can be pressed."""
    page = await site.page("/")
    found = re.findall(r'action="/faults/([^"]+)">.*?<button([^>]*)>', page, re.DOTALL)
    return {name.replace("%3A", ":"): "disabled" not in attributes for name, attributes in found}


async def test_every_fault_has_a_button_and_says_what_to_expect(site: Site) -> None:
    assert set(await buttons(site)) == set(FAULTS)
    page = unescape(await site.page("/"))
    for fault in FAULTS.values():
        assert fault.sentence in page
        assert f"<strong>{fault.cause}</strong>" in page


async def test_where_to_see_what_leads_to_the_button_of_its_fault(site: Site) -> None:
    page = await site.page("/")
    section = page.partition('id="features"')[2].partition("</section>")[0]
    led_to = re.findall(r'break <a href="#([^"]+)">', section)
    assert len(led_to) == sum(bool(one.fault) for one in FEATURES)
    for anchor in led_to:
        assert f'<div id="{anchor}" data-live>' in page


async def test_what_needs_a_database_says_so_where_there_is_none(site: Site) -> None:
    closed = {name for name, open_ in (await buttons(site)).items() if not open_}
    assert closed == {name for name, fault in FAULTS.items() if fault.needs_database}
    assert "this hotel has no database" in await site.page("/")
    assert (await site.press("overbooked")).status == 409
    assert not site.board.on


async def test_a_press_breaks_and_another_heals(site: Site) -> None:
    answer = await site.press(OUTAGE)
    assert (answer.status, answer.headers["Location"]) == (303, "/#on")
    vendor = site.hotel.vendors.hosts["payment"]
    assert "*" in vendor.answers
    page = await site.page("/")
    assert "On</strong> since" in page
    chapter = page.partition('<article class="chapter')[2].partition("</article>")[0]
    assert f'action="/faults/{OUTAGE}"' in chapter
    assert 'name="turn" value="off"' in chapter
    assert (await site.press(OUTAGE, "off")).status == 303
    assert "*" not in vendor.answers
    page = await site.page("/")
    assert "Healed</strong> after" in page
    assert "On</strong> since" not in page
    assert 'id="heal-' not in page


async def test_what_flaps_promises_no_mail_before_it_is_seen_to(site: Site) -> None:
    row = (await site.page("/")).partition("fails, recovers, and fails again")[2].partition("</form>")[0]
    assert "a mail within some 45 seconds: it takes three breaches" in row


async def test_pressing_twice_is_pressing_once(site: Site) -> None:
    for _ in range(2):
        assert (await site.press("sync-service-down")).status == 303
    assert list(site.board.on) == ["sync-service-down"]
    for _ in range(2):
        assert (await site.press("sync-service-down", "off")).status == 303
    assert not site.board.on


async def test_faults_about_the_same_check_are_not_on_together(site: Site) -> None:
    await site.press(OUTAGE)
    refused = await site.press(REVOKED)
    assert refused.status == 409
    page = await refused.text()
    assert "vendor-outage is on, and both are about payment/health: heal that first" in page
    assert list(site.board.on) == [OUTAGE]
    assert not (await buttons(site))[REVOKED]
    # Where the refusal was shown, the page is asked for again.
    await site.page(f"/faults/{REVOKED}")


async def test_what_has_nothing_to_do_with_each_other_is_on_together_and_healed_at_once(site: Site) -> None:
    independent = (OUTAGE, "sync-service-down", "webhook-secret-wrong", "mail-authentication-broken:dkim")
    for name in independent:
        assert (await site.press(name)).status == 303
    assert list(site.board.on) == list(independent)
    assert (await site.post("/heal")).status == 303
    assert not site.board.on
    assert "*" not in site.hotel.vendors.hosts["payment"].answers


async def test_a_fault_of_the_configuration_has_it_read_again(site: Site) -> None:
    await site.press("wrong-host-name")
    assert "https://booking-engine.invalid" in site.reloads[-1]
    await site.press("wrong-host-name", "off")
    assert "https://booking-engine.invalid" not in site.reloads[-1]


@pytest.mark.parametrize(
    ("path", "turn", "status"),
    [
        ("/faults/no-such-fault", "on", 404),
        ("/faults/%00", "on", 404),
        ("/faults/vendor-outage", "sideways", 400),
        ("/faults/vendor-outage", "", 400),
        ("/elsewhere", "on", 404),
    ],
)
async def test_what_is_no_button_is_refused(site: Site, path: str, turn: str, status: int) -> None:
    assert (await site.post(path, turn=turn)).status == status
    assert not site.board.on


@pytest.mark.parametrize(
    "headers",
    [
        FOREIGN,
        {"Origin": "null"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"X-Forwarded-For": "10.0.0.1"},
    ],
)
async def test_a_page_of_another_site_cannot_press(site: Site, headers: dict[str, str]) -> None:
    for path in (f"/faults/{OUTAGE}", "/heal"):
        assert (await site.post(path, headers, turn="on")).status == 403
    assert not site.board.on


@pytest.mark.parametrize("mark", ["", "x", "\N{SNOWMAN}" * 30])
async def test_a_form_that_is_none_of_the_page_cannot_press(site: Site, mark: str) -> None:
    assert (await site.post(f"/faults/{OUTAGE}", csrf=mark, turn="on")).status == 403
    assert not site.board.on


async def test_no_get_and_no_other_kind_of_body_changes_anything(site: Site) -> None:
    mark = await site.mark()
    await site.page(f"/faults/{OUTAGE}?turn=on&csrf={mark}")
    said = {"csrf": mark, "turn": "on"}
    async with site.session.post(f"{site.url}/faults/{OUTAGE}", json=said) as answer:
        assert answer.status == 415
    async with site.session.post(f"{site.url}/faults/{OUTAGE}", data=b"x" * 10_000) as answer:
        assert answer.status == 413
    assert not site.board.on


async def test_incidents_and_mails_stand_with_the_fault_they_came_of(site: Site) -> None:
    await site.press(OUTAGE)
    await site.press("sync-service-down")
    site.porter.shelf.records.append(payment_is_down(SystemClock().now()))
    site.inbox.keep(b"Subject: it is down\r\nX-Nightporter-Incident: 7\r\n\r\n", ["a@hotel.example"])
    site.inbox.keep(b"Subject: of-incident-8\r\nX-Nightporter-Incident: 8\r\n\r\n", ["a@hotel.example"])
    page = await fresh(site, "as it should be")
    chapters = page.split('<article class="chapter')[1:]
    sync, outage = chapters[0], chapters[1]
    assert f'href="{site.porter.url}/incidents/7"' in outage
    assert "it is down</a>" in outage
    assert "first mail " in outage
    assert "No incident yet" in sync
    assert "of-incident-8" not in outage + sync


async def test_a_cause_that_is_not_the_one_to_expect_is_said_to_be_another(site: Site) -> None:
    await site.press(OUTAGE)
    site.porter.shelf.records.append(payment_is_down(SystemClock().now(), Cause.CUSTOMER_DECLINES))
    assert "cause: customer-declines" in await fresh(site, "not vendor-outage")


async def test_an_incident_of_another_time_did_not_come_of_it(site: Site) -> None:
    site.porter.shelf.records.append(payment_is_down(SystemClock().now() + timedelta(minutes=1)))
    await site.press(OUTAGE)
    await site.press(OUTAGE, "off")
    assert "Healed" in await fresh(site, "No incident came of it")


async def fresh(site: Site, text: str) -> str:
    """Return the page once it shows a text: what the porter said holds for a moment."""
    return await look_until(lambda: site.page("/"), lambda page: text in page, 10)


async def test_the_page_lets_a_browser_do_no_more_than_the_porters_own(site: Site) -> None:
    async with site.session.get(site.url) as ours, site.session.get(site.porter.url) as porters:
        for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy", "Cache-Control"):
            assert ours.headers[name] == porters.headers[name]
        rules, theirs = (one.headers["Content-Security-Policy"].split("; ") for one in (ours, porters))
        assert [rule for rule in rules if "style-src" not in rule] == [
            rule for rule in theirs if "style-src" not in rule
        ]
        page = await ours.text()
    assert " style=" not in page
    assert "<script>" not in page


async def test_what_was_before_is_remembered_but_not_for_ever(site: Site) -> None:
    for _ in range(20):
        await site.board.switch_on("cache-not-refreshing")
        await site.board.heal("cache-not-refreshing")
    assert (await site.page("/")).count('<article class="chapter') == 12


async def test_an_address_that_is_taken_is_named(site: Site) -> None:
    port = int(site.url.rpartition(":")[2])
    with pytest.raises(SiteError, match=f"cannot listen on 127.0.0.1:{port}"):
        async with open_site(site.board, site.inbox, Witness(site.url, site.session), port):
            pass


async def test_the_faults_to_begin_with_do_not_get_in_each_others_way_but_for_the_network() -> None:
    names = [*TOUR[:-1], *WITHOUT_DATABASE.values()]
    shared = {
        (one, other): FAULTS[one].shared(FAULTS[other]) for one in names for other in names if one != other
    }
    assert {pair for pair, checks in shared.items() if checks} == set()
    assert not any(FAULTS[name].needs_database for name in TOUR if name not in WITHOUT_DATABASE)


async def test_a_switch_that_breaks_says_so_and_can_be_tried_again(tmp_path: Path, pg: Postgres) -> None:
    async with open_hotel(tmp_path, pg) as hotel:
        board = Switchboard(hotel, lambda: None, lambda _text: None)
        await board.switch_on("overbooked")
        hidden = await hide(hotel, "availability", "away")
        with pytest.raises(SwitchError, match="overbooked could not be switched"):
            await board.heal("overbooked")
        assert "overbooked" in board.on
        await hide(hotel, hidden, "availability")
        await board.heal("overbooked")
        assert not board.on


async def hide(hotel: Hotel, table: str, name: str) -> str:
    """Give a table of the hotel's database another name."""
    assert hotel.database is not None
    connection = await asyncpg.connect(hotel.database.server.to(hotel.database.name))
    try:
        await connection.execute(f"ALTER TABLE {table} RENAME TO {name}")
    finally:
        await connection.close()
    return name
