"""What the porter is asked for at the switchboard of the demo, and where each feature is said to be seen."""

from collections.abc import AsyncIterator
from html import unescape

import pytest
import pytest_asyncio

from daemon.demo.catcher import Inbox
from daemon.demo.configuration import HOTEL
from daemon.demo.errands import BY, ERRANDS, Errands
from daemon.demo.faults import FAULTS
from daemon.demo.features import FEATURES
from daemon.demo.ports import free_port
from daemon.demo.witness import witness
from tests.support.demo_site import Site, demo_site

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def site(whole: Site) -> Site:
    """Give the site, with no drill asked for."""
    whole.drills.asked.clear()
    return whole


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with demo_site(tmp_path_factory.mktemp("demo")) as found:
        yield found


async def test_the_porter_is_asked_for_a_drill_as_people_ask_for_it(site: Site) -> None:
    answer = await site.post("/errands/drill")
    assert (answer.status, answer.headers["Location"]) == (303, "/#ask")
    assert site.drills.asked == [(HOTEL, "1", BY)]
    assert "The drill has begun: its mail is in the inbox." in await site.page("/")


async def test_what_the_porter_refuses_is_told_as_it_says_it(site: Site) -> None:
    await site.post("/errands/drill")
    async with site.session.post(
        site.url + "/errands/drill", data={"csrf": await site.mark()}, allow_redirects=False
    ) as answer:
        page = await answer.text()
    assert answer.status == 409
    assert 'role="alert">A drill of level 1 is under way already' in page
    assert "quiet-night trouble" in page
    # Where the refusal was shown, the page is asked for again.
    await site.page("/errands/drill")


@pytest.mark.parametrize("kind", ["daily", "weekly", "monthly"])
async def test_a_report_is_mailed_and_it_is_said_to_whom(site: Site, kind: str) -> None:
    assert (await site.post(f"/errands/report-{kind}")).status == 303
    page = await site.page("/")
    assert "report was mailed to " in page
    assert f'/reports/{HOTEL}/{kind}"' in page


async def test_the_hand_over_is_a_digest_to_level_2_of_what_was_over_by_the_morning(site: Site) -> None:
    before = site.inbox.count
    assert (await site.post("/errands/hand-over")).status == 303
    [letter] = [one for one in site.inbox.letters() if one.number > before]
    assert (letter.to, letter.kind, letter.level) == ("tech-lead@grand-harbour.demo", "digest", "2")
    assert "(a simulated night): 2 incidents are over" in letter.subject
    assert "They came and went while the office was closed." in letter.text
    assert "in the inbox, as level 2 gets it" in await site.page("/")


async def test_every_errand_has_a_button_and_no_other_is_run(site: Site) -> None:
    page = await site.page("/")
    assert all(f'action="/errands/{name}"' in page for name in ERRANDS)
    assert (await site.post("/errands/coffee")).status == 404


async def test_a_porter_that_does_not_answer_is_told_of() -> None:
    async with witness(f"http://127.0.0.1:{free_port()}") as nobody:
        done = await Errands().run(ERRANDS["drill"], nobody, Inbox())
    assert (done.well, done.told) == (False, "The porter does not answer.")


async def test_every_feature_names_a_fault_that_there_is(site: Site) -> None:
    page = unescape(await site.page("/"))
    for one in FEATURES:
        assert one.name in page
        assert not one.fault or one.fault in FAULTS
