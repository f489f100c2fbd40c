"""Redirects: not followed unless asked, and never with credentials to another origin."""

import pytest

from checks.result import Reason, State
from tests.support.probing import look
from tests.support.servers import Answer, Script, http, server


def to(location: str, status: str = "302 Found") -> Answer:
    return http(status, b"", f"Location: {location}")


async def test_a_redirect_is_not_followed_unless_asked() -> None:
    async with server(to("https://elsewhere.example/path?secret=1")) as one:
        result = await look("http", url=one.url())
    assert (result.state, result.reason) == (State.WARNING, Reason.REDIRECT)
    assert result.message == "answered 302, a redirect to https://elsewhere.example"


def by_path(answers: dict[str, Answer]) -> Answer:
    def answer(script: Script) -> None:
        path = script.received.split(b" ", 2)[1].decode()
        answers[path](script)

    return answer


@pytest.mark.parametrize("location", ["/there", "there", "?there", "//127.0.0.1:{port}/there"])
async def test_a_redirect_within_the_origin_keeps_the_credentials(location: str) -> None:
    async with server() as one:
        target = "/there" if "?" not in location else "/here?there"
        place = location.replace("{port}", str(one.port))
        one.answer = by_path({"/here": to(place), target: http()})
        result = await look("http", url=one.url("/here"), api_key="key", follow_redirects=True)
        assert result.state is State.OK, result
        assert b"Authorization: Bearer key" in one.requests[1]


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"])
async def test_credentials_never_go_to_another_origin(status: str) -> None:
    async with server(http()) as other, server(to(other.url("/x"), status)) as one:
        result = await look(
            "http",
            url=one.url(),
            api_key="s3cret",
            headers={"X-Api-Key": "s3cret", "Cookie": "s3cret", "Accept-Language": "pt"},
            follow_redirects=True,
        )
        assert result.state is State.OK
        assert b"s3cret" in one.requests[0]
        assert b"s3cret" not in other.requests[0]
        assert b"Accept-Language: pt" in other.requests[0]
        assert f"Host: 127.0.0.1:{other.port}\r\n".encode() in other.requests[0]


async def test_another_host_name_is_another_origin() -> None:
    async with server() as one:
        there = one.url("/there", host="localhost")
        one.answer = by_path({"/here": to(there), "/there": http()})
        await look("http", url=one.url("/here"), api_key="s3cret", follow_redirects=True)
        assert b"s3cret" not in one.requests[1]


async def test_a_body_does_not_go_to_another_origin() -> None:
    async with server(http()) as other, server(to(other.url(), "307 Temporary")) as one:
        result = await look("http", url=one.url(), method="POST", body="<private/>", follow_redirects=True)
        assert result.reason is Reason.REDIRECT
        assert other.connections == 0


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary"])
async def test_nothing_is_changed_at_another_origin(method: str, status: str) -> None:
    async with server(http()) as other, server(to(other.url(), status)) as one:
        result = await look("http", url=one.url(), method=method, follow_redirects=True)
        assert result.reason is Reason.REDIRECT
        assert other.connections == 0


@pytest.mark.parametrize("path", ["/api/reservations", "/v1/reserv%61tions/new", "/eqc/br"])
async def test_a_redirect_to_reservations_is_not_followed(path: str) -> None:
    async with server(to(path)) as one:
        result = await look("http", url=one.url("/start"), api_key="key", follow_redirects=True)
        assert result.reason is Reason.REDIRECT
        assert len(one.requests) == 1


@pytest.mark.parametrize("follow", [True, False])
@pytest.mark.parametrize("location", ["http://xn--/", "http://[::1", "http://a b/", "http:///"])
async def test_a_redirect_to_nowhere_is_a_redirect(location: str, follow: bool) -> None:
    async with server(to(location)) as one:
        result = await look("http", url=one.url(), follow_redirects=follow)
    assert result.reason in {Reason.REDIRECT, Reason.DNS}


async def test_a_redirect_without_an_address_says_so() -> None:
    async with server(http("300 Choose")) as one:
        result = await look("http", url=one.url())
    assert result.message == "answered 300, a redirect without saying where to"


@pytest.mark.parametrize(
    ("status", "method"),
    [
        ("301 Moved", "GET"),
        ("302 Found", "GET"),
        ("303 See", "GET"),
        ("307 Temporary", "POST"),
        ("308 Perm", "POST"),
    ],
)
async def test_a_post_becomes_a_get_where_the_status_says_so(status: str, method: str) -> None:
    async with server() as one:
        one.answer = by_path({"/here": to("/there", status), "/there": http()})
        await look("http", url=one.url("/here"), method="POST", body="<ping/>", follow_redirects=True)
        request = one.requests[1].decode()
    assert request.startswith(f"{method} /there ")
    assert ("<ping/>" in request) is (method == "POST")


async def test_a_loop_ends() -> None:
    async with server(to("/again")) as one:
        result = await look("http", url=one.url("/again"), follow_redirects=True)
        assert result.reason is Reason.REDIRECT
        assert one.connections == 6
        await one.all_closed()


@pytest.mark.parametrize(
    "location",
    [
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "http://[",
        "http://user:pw@127.0.0.1/",
        "file:///etc/passwd",
    ],
)
async def test_an_odd_redirect_is_not_followed(location: str) -> None:
    async with server(to(location)) as one:
        result = await look("http", url=one.url(), follow_redirects=True)
        assert result.reason is Reason.REDIRECT
        assert one.connections == 1
