"""Logging in with the token, staying so for a while, and logging out."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from daemon import logs
from daemon.web.sessions import IDLE, LONGEST_LIFE
from tests.support.browser import Browser, browser
from tests.support.web import House, serving

TOKEN = "s3cret-Tök"
PUBLIC = "https://porter.hotel.example"
PAGES = {"/": 200, "/incidents?state=open&x=a%26b": 400, "/nowhere": 404}
IDLE_SECONDS = IDLE.total_seconds()


@pytest.fixture
async def locked() -> AsyncIterator[House]:
    async with serving(token=TOKEN, public_url=PUBLIC) as running:
        yield running


@pytest.fixture
async def ada(locked: House) -> AsyncIterator[Browser]:
    async with browser(locked.url) as opened:
        yield opened


@pytest.mark.parametrize("path", PAGES)
async def test_a_person_is_led_to_the_login_and_back(ada: Browser, path: str) -> None:
    page = await ada.get(path)
    assert page.status == 303
    assert page.to.startswith("/login?next=/")
    login = await ada.get(page.to)
    assert login.status == 200
    assert login.hidden["next"] == path
    entered = await ada.log_in(TOKEN, next=login.hidden["next"])
    assert (entered.status, entered.to) == (303, path)
    assert (await ada.get(path)).status == PAGES[path]


@pytest.mark.parametrize("path", ["/metrics", "/events", "/static/porter.js"])
async def test_what_is_no_page_asks_a_program_for_the_token(ada: Browser, path: str) -> None:
    page = await ada.get(path, Accept="*/*")
    assert (page.status, page.headers["WWW-Authenticate"]) == (401, 'Bearer realm="nightporter"')


@pytest.mark.parametrize("path", ["/api/v1/status", "/-/reload"])
async def test_the_api_never_leads_to_a_login(ada: Browser, path: str) -> None:
    assert (await ada.get(path)).status == 401
    assert (await ada.send(path, {})).status == 401


async def test_a_session_opens_pages_and_the_api(ada: Browser) -> None:
    await ada.log_in(TOKEN, "Ada")
    for path in ("/", "/api/v1/status", "/metrics"):
        assert (await ada.get(path)).status == 200
    assert "Log out Ada" in (await ada.get("/")).text


async def test_a_wrong_token_opens_nothing(ada: Browser) -> None:
    for wrong in ("wrong", "", TOKEN + "x", TOKEN[:-1], TOKEN.upper(), "\x00", "😀" * 2000):
        page = await ada.log_in(wrong, "Ada")
        assert page.status == 403
        assert not page.cookies
        assert TOKEN not in page.text
        assert 'value="Ada"' in page.text
    assert (await ada.get("/")).status == 303


async def test_the_error_stands_at_the_field_and_the_focus_goes_there(ada: Browser) -> None:
    page = await ada.log_in("wrong")
    field = page.text[page.text.index('<input id="token"') :].partition(">")[0]
    assert 'aria-invalid="true"' in field
    assert 'aria-describedby="token-error"' in field
    assert "autofocus" in field
    assert page.text.count("autofocus") == 1
    assert '<p class="wrong" id="token-error">' in page.text
    assert "<title>Error: Log in" in page.text


async def test_password_managers_know_the_fields(ada: Browser) -> None:
    page = await ada.get("/login")
    assert 'autocomplete="username"' in page.text
    assert 'autocomplete="current-password"' in page.text
    assert page.text.count("<label for=") == 2


async def test_the_login_runs_no_script_and_stands_in_no_frame(ada: Browser) -> None:
    page = await ada.get("/login")
    policy = page.headers["Content-Security-Policy"]
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in page.text
    assert page.headers["Cache-Control"] == "no-store"


async def test_what_is_typed_is_shown_as_text(ada: Browser) -> None:
    page = await ada.log_in("wrong", '"><script>alert(1)</script>\x1b[31m', next='/"><b>')
    assert "<script" not in page.text
    assert "<b>" not in page.text
    assert "\x1b" not in page.text


@pytest.mark.parametrize(
    "back",
    ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", "javascript:x", ""],
)
async def test_the_login_leads_nowhere_else(ada: Browser, back: str) -> None:
    assert (await ada.log_in(TOKEN, next=back)).to == "/"
    # Whoever is in already is sent on at once.
    assert (await ada.ask("GET", "/login", None, {})).to == "/"


async def test_the_cookie_is_for_this_host_and_no_script(ada: Browser) -> None:
    page = await ada.log_in(TOKEN)
    cookie = page.cookies["nightporter"]
    assert (cookie["httponly"], cookie["path"], cookie["samesite"]) == (True, "/", "Lax")
    assert (cookie["domain"], cookie["max-age"]) == ("", str(int(IDLE_SECONDS)))
    assert not cookie["secure"]
    assert TOKEN not in cookie.value


@pytest.mark.parametrize(
    ("host", "headers"),
    [("porter.hotel.example", {}), ("", {"X-Forwarded-Proto": "https"}), ("", {"Origin": PUBLIC})],
)
async def test_over_https_the_cookie_is_for_https_only(
    locked: House, host: str, headers: dict[str, str]
) -> None:
    async with browser(locked.url, host=host, origin=PUBLIC if host else "") as ada:
        page = await ada.send("/login", {"token": TOKEN}, **headers)
        assert page.status == 303
        assert page.cookies["__Host-nightporter"]["secure"]
        assert "nightporter" not in page.cookies
        # Behind a proxy that says nothing the cookie itself tells that there is HTTPS.
        assert (await ada.get("/")).status == 200
        # A neighbouring site cannot put a plain one in its place.
        ada.jar = {"nightporter": ada.jar["__Host-nightporter"]}
        assert (await ada.get("/", **{"X-Forwarded-Proto": "https"})).status == 303


async def test_a_session_is_renewed_while_it_is_used(locked: House, ada: Browser) -> None:
    await ada.log_in(TOKEN)
    assert not (await ada.get("/")).cookies
    for _ in range(3):
        locked.clock.advance(IDLE_SECONDS - 60)
        page = await ada.get("/")
        assert page.status == 200
        assert page.cookies["nightporter"]["max-age"] == str(int(IDLE_SECONDS))
    locked.clock.advance(IDLE_SECONDS)
    assert (await ada.get("/")).status == 303


async def test_a_session_ends_at_last_however_much_it_is_used(locked: House, ada: Browser) -> None:
    await ada.log_in(TOKEN)
    hours = int(LONGEST_LIFE.total_seconds() / 3600)
    answers = []
    for _ in range(hours // 8 + 1):
        locked.clock.advance(8 * 3600)
        answers.append((await ada.get("/")).status)
    assert answers.index(303) == hours // 8 - 1


async def test_another_token_ends_all_sessions(locked: House, ada: Browser) -> None:
    await ada.log_in(TOKEN)
    locked.token = "another"
    assert (await ada.get("/")).status == 303
    assert (await ada.get("/api/v1/status")).status == 401
    locked.token = None
    assert "Log out" not in (await ada.get("/")).text


async def test_who_logs_in_gets_a_session_of_their_own(ada: Browser) -> None:
    """What was in the browser before has no part in it."""
    await ada.log_in(TOKEN, "Mallory")
    planted = ada.jar["nightporter"]
    await ada.log_in(TOKEN, "Ada")
    assert ada.jar["nightporter"] != planted
    csrf = (await ada.get("/")).hidden["csrf"]
    ada.jar["nightporter"] = planted
    assert (await ada.get("/")).hidden["csrf"] != csrf


async def test_logging_out_ends_the_session_for_good(ada: Browser) -> None:
    await ada.log_in(TOKEN)
    kept = dict(ada.jar)
    page = await ada.send("/logout", {"csrf": (await ada.get("/")).hidden["csrf"]})
    assert (page.status, page.to) == (303, "/login")
    assert ada.jar == {}
    ada.jar = kept
    assert (await ada.get("/")).status == 303


async def test_logging_out_takes_a_form_of_ours(ada: Browser) -> None:
    await ada.log_in(TOKEN)
    assert (await ada.get("/logout")).status == 405
    assert (await ada.send("/logout", {})).status == 403
    assert (await ada.get("/")).status == 200


async def test_foreign_cookies_open_nothing(ada: Browser) -> None:
    await ada.log_in(TOKEN)
    ours = ada.jar["nightporter"]
    async with serving(token=TOKEN) as other:
        # The state has the same key; only the token is another one.
        other.token = "another token"
        async with browser(other.url) as there:
            await there.log_in("another token")
            foreign = there.jar["nightporter"]
    body, _, mark = ours.partition(".")
    for value in (
        foreign,
        body,
        mark,
        f"{body}.",
        f".{mark}",
        ours[:-1],
        f"{body}.{mark.upper()}",
        "é",
        "a=b=c",
        "a" * 7000,
    ):
        ada.jar = {"nightporter": value}
        assert (await ada.get("/")).status in {303, 400}
    ada.jar = {f"x{number}": "y" for number in range(500)} | {"nightporter": ours}
    assert (await ada.get("/")).status == 200


async def test_where_no_token_is_needed_the_login_says_so() -> None:
    async with serving() as house, browser(house.url) as ada:
        page = await ada.get("/login?next=/incidents")
        assert "No login is needed" in page.text
        assert '<a href="/incidents">' in page.text
        assert "<form" not in page.text
        assert (await ada.log_in("anything")).to == "/"
        assert ada.jar == {}


async def test_a_form_that_comes_too_late_is_explained(ada: Browser, locked: House) -> None:
    await ada.log_in(TOKEN)
    locked.clock.advance(IDLE_SECONDS)
    page = await ada.send("/logout", {"csrf": "x"}, Referer=f"{locked.url}/silences")
    assert (page.status, page.to) == (303, "/login?next=/silences&lost=1")
    assert "nothing was changed" in (await ada.get(page.to)).text


async def test_the_log_says_who_came_and_who_failed_and_never_with_what(
    ada: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("debug", "json", logs.Redactor())
    await ada.log_in("a-wrong-token")
    await ada.log_in(TOKEN, "Ada")
    logged = capsys.readouterr().err
    assert '"web.login.failed"' in logged
    assert '"web.login.succeeded"' in logged
    assert '"Ada"' in logged
    assert "a-wrong-token" not in logged
    assert "s3cret" not in logged


async def test_no_cookie_is_a_fault_of_ours(
    ada: Browser, locked: House, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "json", logs.Redactor())
    await ada.log_in(TOKEN)
    ours, chance = ada.jar["nightporter"].encode(), Random(7)  # noqa: S311 - the same nonsense in every run
    pieces = [
        b"nightporter",
        b"__Host-nightporter",
        ours,
        b"=",
        b";",
        b" ",
        b'"',
        b"\\",
        b".",
        b",",
        b"\xff",
        b"\xc3\xa9",
        b"$Path=/",
        b"%00",
        b"{}",
    ]
    reader, writer = await asyncio.open_connection("127.0.0.1", locked.port)
    for _ in range(300):
        cookie = b"".join(chance.choices(pieces, k=chance.randrange(1, 30)))
        writer.write(b"HEAD / HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\nCookie: " + cookie + b"\r\n\r\n")
        async with asyncio.timeout(10):
            head = await reader.readuntil(b"\r\n\r\n")
        assert head.split()[1] in {b"200", b"303"}, cookie
    writer.close()
    assert "web.request.failed" not in capsys.readouterr().err
