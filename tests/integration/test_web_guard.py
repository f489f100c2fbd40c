"""Who may do what over HTTP, and what every answer carries."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from daemon import logs
from daemon.web.app import ReloadOutcome
from tests.support.boards import check
from tests.support.web import House, serving

TOKEN = "s3cret-Tök"
PATHS = ("/", "/metrics", "/api/v1/status", "/api/v1/incidents", "/api/v1/incidents/none")


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as running:
        yield running


@pytest.fixture
async def locked() -> AsyncIterator[House]:
    async with serving(token=TOKEN) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as session:
        yield session


async def raw(port: int, *pieces: bytes) -> bytes:
    """Send bytes as they are and return what comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
    try:
        async with asyncio.timeout(10):
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_health_says_that_the_process_serves(house: House, client: ClientSession) -> None:
    async with client.get(house.url + "/-/healthy") as answer:
        assert (answer.status, await answer.text()) == (200, "healthy\n")


async def test_readiness_says_why_not(house: House, client: ClientSession) -> None:
    async with client.get(house.url + "/-/ready") as answer:
        assert answer.status == 200
    house.reason = "the state cannot be written: disk full"
    async with client.get(house.url + "/-/ready") as answer:
        assert answer.status == 503
        assert "disk full" in await answer.text()


async def test_a_reload_is_applied(house: House, client: ClientSession) -> None:
    house.outcome = ReloadOutcome(ok=True, lines=["`listen` was changed: that takes a restart"])
    async with client.post(house.url + "/-/reload") as answer:
        assert answer.status == 200
        assert "takes a restart" in await answer.text()
    assert house.reloads == 1


async def test_a_bad_configuration_is_refused_with_its_problems(house: House, client: ClientSession) -> None:
    house.outcome = ReloadOutcome(ok=False, lines=["np.yml:3: mail: is missing", "np.yml:9: listen: no port"])
    async with client.post(house.url + "/-/reload") as answer:
        assert answer.status == 500
        assert (await answer.text()).splitlines()[:2] == house.outcome.lines


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_a_reload_takes_no_other_method(house: House, client: ClientSession, method: str) -> None:
    async with client.request(method, house.url + "/-/reload") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
    assert house.reloads == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Forwarded": "for=127.0.0.1"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-Anything": "x"},
        {"X-Real-IP": "127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X_Forwarded_For": "127.0.0.1"},
        {"X-Original-Forwarded-For": "127.0.0.1"},
        {"X-Envoy-External-Address": "127.0.0.1"},
        {"X-Cluster-Client-IP": "127.0.0.1"},
        {"CDN-Loop": "proxy"},
        {"Host": "porter.hotel.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "127.0.0.1@evil.example"},
        {"Host": "[::1"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_without_a_token_changes_are_for_this_host_only(
    house: House, client: ClientSession, headers: dict[str, str]
) -> None:
    async with client.post(house.url + "/-/reload", headers=headers) as answer:
        assert answer.status == 403
        assert "changes are taken from this host only" in await answer.text()
    assert house.reloads == 0


@pytest.mark.parametrize("host", ["localhost", "localhost:9187", "127.0.0.1", "127.3.2.1:80", "[::1]:9187"])
async def test_every_name_of_this_host_may_change(house: House, client: ClientSession, host: str) -> None:
    headers = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
    async with client.post(house.url + "/-/reload", headers=headers) as answer:
        assert answer.status == 200


async def test_a_request_without_or_with_two_hosts_changes_nothing(house: House) -> None:
    await raw(house.port, b"POST /-/reload HTTP/1.0\r\n\r\n")
    two = b"POST /-/reload HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    await raw(house.port, two)
    assert house.reloads == 0


@pytest.mark.parametrize("path", PATHS)
async def test_with_a_token_everything_asks_for_it(locked: House, client: ClientSession, path: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}):
        async with client.get(locked.url + path, headers=headers) as answer:
            assert answer.status == 401
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert TOKEN not in await answer.text()
    async with client.get(locked.url + path, headers={"Authorization": f"bearer {TOKEN}"}) as answer:
        assert answer.status == (404 if path.endswith("none") else 200)


async def test_the_token_opens_changes_from_anywhere(locked: House, client: ClientSession) -> None:
    async with client.post(locked.url + "/-/reload") as answer:
        assert answer.status == 401
    headers = {
        "Authorization": f"Bearer {TOKEN}",
        "Host": "porter.hotel.example",
        "X-Forwarded-For": "10.0.0.9",
    }
    async with client.post(locked.url + "/-/reload", headers=headers) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/-/healthy", "/-/ready"])
async def test_health_needs_no_token(locked: House, client: ClientSession, path: str) -> None:
    async with client.get(locked.url + path) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("path", [*PATHS, "/-/healthy", "/nowhere"])
async def test_every_answer_has_the_security_headers(house: House, client: ClientSession, path: str) -> None:
    async with client.get(house.url + path) as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == ("same-origin" if path == "/" else "no-referrer")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "nightporter"


@pytest.mark.parametrize("path", ["/", "/metrics", "/-/healthy", "/api/v1/status", "/api/v1/incidents"])
async def test_head_is_get_without_the_body(house: House, client: ClientSession, path: str) -> None:
    async with client.head(house.url + path) as answer:
        assert (answer.status, await answer.read()) == (200, b"")


async def test_an_unknown_address_is_a_short_answer_in_the_form_of_its_path(
    house: House, client: ClientSession
) -> None:
    async with client.get(house.url + "/nowhere") as answer:
        assert (answer.status, await answer.text()) == (404, "There is nothing at this address.\n")
    async with client.get(house.url + "/api/v1/nowhere") as answer:
        assert (answer.status, await answer.json()) == (404, {"error": "There is nothing at this address."})


async def test_a_fault_of_ours_is_a_plain_sentence(house: House, client: ClientSession) -> None:
    house.shelf.broken = True
    async with client.get(house.url + "/api/v1/incidents") as answer:
        assert answer.status == 500
        assert (await answer.json()) == {"error": "Night Porter could not answer this; its log says why."}


async def test_an_answer_that_breaks_off_is_not_taken_for_a_whole_one(house: House) -> None:
    tile = next(iter(house.deps.board.tiles.values()))
    tile.runs = tile.check = None  # type: ignore[assignment]  # whatever a bug may leave behind
    for path in (b"/metrics", b"/api/v1/status"):
        got = await raw(house.port, b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert got.count(b"HTTP/1.1") <= 1
        assert b"Traceback" not in got
        assert not got.endswith(b"0\r\n\r\n")


async def test_a_scraper_that_hangs_up_is_no_error(
    house: House, client: ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    many = [check("door_locks", f"lock{number}") for number in range(3000)]
    house.deps.board.watch(many, {"grand-harbour": "Grand Harbour Hotel"})
    for path in (b"/metrics", b"/api/v1/status"):
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        writer.write(b"GET " + path + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.read(100)
        writer.transport.abort()
        async with client.get(house.url + path.decode()) as answer:
            assert (answer.status, len(await answer.read()) > 100_000) == (200, True)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


async def test_oversized_heads_are_refused(house: House) -> None:
    for head in (
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n",
    ):
        assert (await raw(house.port, head)).startswith(b"HTTP/1.0 400")


async def test_who_connects_and_says_nothing_is_cut_off() -> None:
    async with serving(first_request=0.2) as house:
        assert await raw(house.port) == b""
        assert await raw(house.port, b"GET / HTTP/1.1\r\nHost: x\r\n", b"X-Slow:") == b""


async def test_who_has_asked_is_not_cut_off(client: ClientSession) -> None:
    async with serving(first_request=0.2) as house:
        reader, writer = await asyncio.open_connection("127.0.0.1", house.port)
        for _ in range(2):
            writer.write(b"GET /-/healthy HTTP/1.1\r\nHost: x\r\n\r\n")
            async with asyncio.timeout(5):
                assert b"200" in await reader.readuntil(b"healthy\n")
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.4):
                    await reader.read(1)
        writer.close()


async def test_a_body_that_is_not_as_announced_is_a_refusal_and_no_fault_of_ours(
    house: House, client: ClientSession, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("info", "json", logs.Redactor())
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    url = house.url + "/api/v1/incidents/x/ack"
    async with client.post(url, data=b"no gzip", headers=headers) as answer:
        assert (answer.status, await answer.json()) == (
            400,
            {"error": "The body does not arrive as its headers say."},
        )
    assert capsys.readouterr().err == ""


async def test_a_request_that_cannot_be_read_leaves_no_token_in_the_log(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure("debug", "json", logs.Redactor())
    got = await raw(house.port, b"GET /i/id1/a-token\x01 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert got.startswith(b"HTTP/1.0 400")
    logged = capsys.readouterr().err
    assert "a-token" not in logged
    assert "Traceback" not in logged
