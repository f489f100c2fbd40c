"""Whoever tries tokens has few tries, and takes them from nobody else."""

from collections.abc import AsyncIterator

import pytest

from daemon import logs
from daemon.web.door import BEARERS
from daemon.web.pages.login import EACH, TOGETHER
from tests.support.browser import Browser, browser
from tests.support.web import House, serving

TOKEN, WRONG = "s3cret-Tök", "wrong"


@pytest.fixture
async def locked() -> AsyncIterator[House]:
    async with serving(token=TOKEN) as running:
        yield running


@pytest.fixture
async def mallory(locked: House) -> AsyncIterator[Browser]:
    async with browser(locked.url) as opened:
        yield opened


async def guess(visitor: Browser, address: str = "", token: str = WRONG) -> int:
    """Try a token, from an address behind a proxy on this host; return the status."""
    headers = {"X-Forwarded-For": address} if address else {}
    return (await visitor.send("/login", {"token": token}, **headers)).status


async def test_after_some_wrong_tokens_even_the_right_one_waits(locked: House, mallory: Browser) -> None:
    for _ in range(EACH.tries):
        assert await guess(mallory) == 403
    page = await mallory.log_in(TOKEN)
    assert (page.status, page.headers["Retry-After"], mallory.jar) == (429, str(int(EACH.every)), {})
    assert "Too many wrong tokens were tried. Try again in 1 minute." in page.text
    locked.clock.advance(EACH.every - 1)
    assert (await mallory.log_in(TOKEN)).headers["Retry-After"] == "1"
    locked.clock.advance(1)
    assert (await mallory.log_in(TOKEN)).status == 303


async def test_a_wall_clock_that_is_set_gives_nothing_back(locked: House, mallory: Browser) -> None:
    for _ in range(EACH.tries):
        await guess(mallory)
    locked.clock.jump(7 * 24 * 3600)
    assert await guess(mallory) == 429


async def test_only_wrong_tokens_are_counted(locked: House, mallory: Browser) -> None:
    for _ in range(EACH.tries * 2):
        assert await guess(mallory, token=TOKEN) == 303
        assert await guess(mallory, token="") == 403
    assert await guess(mallory) == 403


async def test_one_address_takes_no_tries_from_another(locked: House, mallory: Browser) -> None:
    for _ in range(EACH.tries):
        assert await guess(mallory, "203.0.113.7") == 403
    assert await guess(mallory, "203.0.113.7") == 429
    # What the visitor says of earlier proxies is not what the nearest one says of the visitor.
    assert await guess(mallory, "198.51.100.1, 203.0.113.7") == 429
    assert await guess(mallory, "198.51.100.1", TOKEN) == 303
    assert await guess(mallory) == 403


async def test_a_network_of_ipv6_is_one_address(locked: House, mallory: Browser) -> None:
    for number in range(EACH.tries):
        assert await guess(mallory, f"2001:db8:1:2::{number}") == 403
    assert await guess(mallory, "2001:db8:1:2:ffff::1") == 429
    assert await guess(mallory, "2001:db8:1:3::1") == 403


async def test_many_addresses_together_have_few_tries_too(locked: House, mallory: Browser) -> None:
    for number in range(TOGETHER.tries):
        assert await guess(mallory, f"10.0.{number // 250}.{number % 250 + 1}") == 403
    assert await guess(mallory, "10.9.9.9") == 429
    locked.clock.advance(TOGETHER.every)
    assert await guess(mallory, "10.9.9.9") == 403


async def test_who_is_in_stays_in_while_others_guess(locked: House, mallory: Browser) -> None:
    async with browser(locked.url) as ada:
        await ada.log_in(TOKEN)
        assert [await guess(mallory) for _ in range(EACH.tries + 1)][-1] == 429
        assert (await ada.get("/")).status == 200
        assert (await ada.get("/api/v1/status")).status == 200
    assert (await mallory.get("/", Authorization=f"Bearer {TOKEN}")).status == 200


async def test_guessing_at_the_api_is_no_way_round(
    locked: House, mallory: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "json", logs.Redactor())
    wrong, right = {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {TOKEN}"}
    for _ in range(BEARERS.tries):
        assert (await mallory.get("/api/v1/status", **wrong)).status == 401
    page = await mallory.get("/api/v1/status", **right)
    assert (page.status, page.headers["Retry-After"]) == (429, "1")
    assert (await mallory.get("/-/healthy")).status == 200
    logged = capsys.readouterr().err
    assert (logged.count('"web.bearer.limited"'), "wrong" in logged) == (1, False)
    assert (await mallory.get("/api/v1/status", **right, **{"X-Forwarded-For": "10.1.1.1"})).status == 200
    locked.clock.advance(BEARERS.every)
    assert (await mallory.get("/api/v1/status", **right)).status == 200


async def test_what_a_proxy_says_in_nonsense_is_an_address_as_well(locked: House, mallory: Browser) -> None:
    for address in (
        "unknown",
        "1.2.3.4:5678",
        "[::1]:80",
        "a" * 5000,
        "::ffff:1.2.3.4",
        "fe80::1%eth0",
        ",,",
    ):
        assert await guess(mallory, address) == 403
