"""Nothing is changed because the page of another site says so."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alerts.incident import IncidentState
from daemon.web.sessions import Sessions
from tests.support.browser import Browser, browser
from tests.support.web import House, Shift, on_shift, serving

TOKEN = "s3cret-Tök"
PUBLIC = "https://porter.hotel.example"
MULTIPART = "multipart/form-data; boundary=x"


@pytest.fixture
async def locked() -> AsyncIterator[House]:
    async with serving(token=TOKEN, public_url=PUBLIC) as running:
        yield running


@pytest.fixture
async def ada(locked: House) -> AsyncIterator[Browser]:
    async with browser(locked.url) as opened:
        await opened.log_in(TOKEN, "Ada")
        yield opened


async def mark(visitor: Browser) -> str:
    """Return what the forms of a visitor's pages carry."""
    return (await visitor.get("/")).hidden["csrf"]


async def still_in(visitor: Browser) -> bool:
    return (await visitor.get("/")).status == 200


async def test_a_form_of_ours_is_taken(ada: Browser) -> None:
    assert (await ada.send("/logout", {"csrf": await mark(ada)})).status == 303
    assert not await still_in(ada)


async def test_a_form_without_the_mark_of_its_session_changes_nothing(ada: Browser, locked: House) -> None:
    async with browser(locked.url) as mallory:
        await mallory.log_in(TOKEN, "Mallory")
        foreign = await mark(mallory)
    for shown in (
        {},
        {"csrf": ""},
        {"csrf": foreign},
        {"csrf": "é"},
        {"csrf": "a" * 10_000},
        {"CSRF": await mark(ada)},
    ):
        page = await ada.send("/logout", shown)
        assert page.status == 403
        assert "nothing was changed" in page.text
    assert await still_in(ada)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "https://porter.hotel.example.evil.example"},
        {"Origin": "https://[::1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_a_form_on_another_site_changes_nothing_even_with_the_mark(
    ada: Browser, headers: dict[str, str]
) -> None:
    assert (await ada.send("/logout", {"csrf": await mark(ada)}, **headers)).status == 403
    assert await still_in(ada)


@pytest.mark.parametrize("origin", [PUBLIC, ""])
async def test_our_own_address_is_ours_by_both_its_names(ada: Browser, origin: str) -> None:
    ada.origin = origin
    if origin:
        # A proxy before us has asked under another name: the browser has the cookie for HTTPS then.
        ada.jar = {"__Host-nightporter": ada.jar["nightporter"]}
    assert (await ada.send("/logout", {"csrf": await mark(ada)})).status == 303


async def test_the_login_of_another_site_logs_nobody_in(locked: House) -> None:
    async with browser(locked.url) as ada:
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
            page = await ada.send("/login", {"token": TOKEN}, **headers)
            assert (page.status, ada.jar) == (403, {})


async def test_a_session_needs_the_mark_for_the_api_too(ada: Browser, locked: House) -> None:
    assert (await ada.send("/-/reload", {})).status == 403
    assert locked.reloads == 0
    assert (await ada.send("/-/reload", {}, **{"X-CSRF-Token": "wrong"})).status == 403
    assert (await ada.send("/-/reload", {}, **{"X-CSRF-Token": await mark(ada)})).status == 200
    assert locked.reloads == 1


async def test_the_bearer_of_the_token_needs_no_mark(locked: House) -> None:
    async with browser(locked.url) as program:
        page = await program.send("/-/reload", {}, Authorization=f"Bearer {TOKEN}")
        assert (page.status, locked.reloads) == (200, 1)


async def test_a_password_that_a_proxy_passes_on_is_no_matter(ada: Browser) -> None:
    assert (await ada.get("/", Authorization="Basic YWRhOnB3")).status == 200


@pytest.mark.parametrize("kind", [MULTIPART, "text/plain", "application/json", ""])
async def test_the_mark_stands_in_a_form_or_a_header_and_nowhere_else(ada: Browser, kind: str) -> None:
    csrf = await mark(ada)
    body = f'--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n--x--\r\n'
    cookie = "; ".join(f"{name}={value}" for name, value in ada.jar.items())
    headers = {"Cookie": cookie, "Content-Type": kind}
    async with ada.session.post(ada.url + "/logout?csrf=" + csrf, data=body, headers=headers) as answer:
        assert answer.status == 403
    assert await still_in(ada)


async def test_without_a_token_a_form_needs_the_mark_of_this_house() -> None:
    async with serving() as house, browser(house.url) as ada:
        assert (await ada.send("/logout", {})).status == 403
        csrf = house_mark(house)
        assert (await ada.send("/logout", {"csrf": csrf})).status == 303
        assert (await ada.send("/logout", {"csrf": csrf}, **{"X-Forwarded-For": "10.0.0.1"})).status == 403
        assert (await ada.send("/logout", {"csrf": csrf}, Origin="https://evil.example")).status == 403


def house_mark(house: House) -> str:
    return Sessions(house.deps.links.key, lambda: None).csrf(None)


async def test_without_a_token_a_program_on_this_host_needs_none() -> None:
    async with (
        serving() as house,
        ClientSession() as program,
        program.post(house.url + "/-/reload") as answer,
    ):
        assert (answer.status, house.reloads) == (200, 1)


async def test_a_form_has_a_bounded_number_of_fields(ada: Browser) -> None:
    many = {f"field{number}": "x" for number in range(60)} | {"csrf": await mark(ada)}
    page = await ada.send("/logout", many)
    assert (page.status, page.text) == (400, "The form has too many fields.\n")
    page = await ada.send("/logout", {"csrf": await mark(ada), "long": "x" * 70_000})
    assert page.status == 413
    assert (await ada.send("/login", many)).status == 400
    assert await still_in(ada)


async def test_what_takes_no_form_says_so_first(ada: Browser) -> None:
    for path, status in (("/", 405), ("/metrics", 405), ("/nowhere", 404)):
        assert (await ada.send(path, {})).status == status


async def test_the_link_of_a_mail_needs_no_session(tmp_path: Path) -> None:
    async with on_shift(tmp_path) as shift:
        shift.house.token = TOKEN
        token = await a_link(shift)
        async with browser(shift.house.url) as ada:
            assert (await ada.get(token)).status == 200
            assert (await shift.now()).state is IncidentState.OPEN
            assert (await ada.send(token, {"until": "1h"})).status == 200
        assert (await shift.now()).state is IncidentState.ACKNOWLEDGED


async def a_link(shift: Shift) -> str:
    now = shift.house.clock.now()
    return shift.links.address(await shift.now(), "ada@hotel.example", now)
