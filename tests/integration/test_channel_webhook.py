"""Incidents posted over real sockets: signed, to where they may go, and what each answer means."""

import asyncio
import hashlib
import hmac
import socket
import ssl
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.attempt import LostClaimError
from alerts.notification import DeliveryReason
from alerts.notifiers.reaching import Resolve
from checks.lookup import Address
from checks.resolver import Resolver
from daemon.clock import SystemClock
from tests.support.certificates import Signed, authority, leaf
from tests.support.dns_server import DnsServer, dns_server
from tests.support.hook import BODY, SECRET, Hook, hook, post, refused
from tests.support.polling import until
from tests.support.sending import Noted
from tests.support.servers import Answer, Script, free_port, http, nothing, raw, server, server_context

INSIDE = ["127.0.0.0/8"]


def asking(names: DnsServer) -> Resolve:
    """Return a look-up that asks a name server of ours."""
    resolver = Resolver(["127.0.0.1"], names.port)

    async def resolve(host: str) -> Sequence[Address]:
        found = await resolver.lookups(5.0).all(host, "A")
        return [(socket.AF_INET, address) for address in found]

    return resolve


async def test_an_incident_is_posted_with_its_signature_and_its_id() -> None:
    async with hook() as ours:
        noted = await post(f"{ours.url}?room=1")
    (one,) = ours.posts
    expected = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    assert (one.path, one.body) == ("/hook", BODY)
    assert one.headers["X-Nightporter-Signature"] == f"sha256={expected}"
    assert one.headers["X-Nightporter-Delivery"] == "n1"
    assert one.headers["Content-Type"] == "application/json"
    assert one.headers["User-Agent"] == "nightporter/1.2"
    assert one.headers["Host"] == f"127.0.0.1:{ours.port}"
    assert noted.told == ["handing over"]


async def test_a_repeat_is_the_same_bytes() -> None:
    async with hook() as ours:
        await post(ours.url)
        await post(ours.url)
    first, second = ours.posts
    assert (first.body, dict(first.headers)) == (second.body, dict(second.headers))


async def test_every_answer_of_thanks_will_do() -> None:
    async with hook() as ours:
        ours.statuses = [200, 201, 202, 204]
        for _ in range(4):
            await post(ours.url)
    assert len(ours.posts) == 4


@pytest.mark.parametrize(
    ("status", "reason", "permanent"),
    [
        (400, DeliveryReason.CONTENT_REFUSED, True),
        (401, DeliveryReason.CREDENTIALS, False),
        (403, DeliveryReason.CREDENTIALS, False),
        (404, DeliveryReason.PROTOCOL, False),
        (408, DeliveryReason.TIMEOUT, False),
        (410, DeliveryReason.PROTOCOL, False),
        (413, DeliveryReason.CONTENT_REFUSED, True),
        (415, DeliveryReason.CONTENT_REFUSED, True),
        (422, DeliveryReason.CONTENT_REFUSED, True),
        (425, DeliveryReason.DEFERRED, False),
        (429, DeliveryReason.RATE_LIMITED, False),
        (500, DeliveryReason.SERVER_ERROR, False),
        (503, DeliveryReason.SERVER_ERROR, False),
    ],
)
async def test_only_what_is_said_of_the_message_itself_is_final(
    status: int, reason: DeliveryReason, permanent: bool
) -> None:
    async with hook() as ours:
        ours.statuses = [status]
        error = await refused(ours.url)
    assert (error.reason, error.permanent) == (reason, permanent)
    assert str(status) in error.detail


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(status: int) -> None:
    async with hook() as ours:
        ours.statuses = [status]
        error = await refused(ours.url)
    assert (error.reason, error.permanent) == (DeliveryReason.PROTOCOL, False)
    assert "redirect" in error.detail
    assert [one.path for one in ours.posts] == ["/hook"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (raw(), DeliveryReason.CONNECT),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), DeliveryReason.PROTOCOL),
        (raw(b"HTTP/1.1 2000 OK\r\n\r\n"), DeliveryReason.PROTOCOL),
        (raw(b"x" * 100_000), DeliveryReason.PROTOCOL),
        (raw(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 200), DeliveryReason.PROTOCOL),
        (lambda script: script.reset(), DeliveryReason.CONNECT),
    ],
    ids=["closes", "ssh", "odd status", "endless line", "endless hints", "resets"],
)
async def test_whatever_is_no_answer_is_tried_again(answer: Answer, reason: DeliveryReason) -> None:
    async with server(answer) as odd:
        error = await refused(odd.url())
        await odd.all_closed()
    assert (error.reason, error.permanent) == (reason, False)


@pytest.mark.parametrize("answer", [nothing, lambda script: script.drip(b"H")], ids=["hangs", "drips"])
async def test_who_takes_too_long_is_left(answer: Answer) -> None:
    async with server(answer) as slow:
        error = await refused(slow.url(), deadline=0.3)
        await slow.all_closed()
    assert (error.reason, error.permanent) == (DeliveryReason.TIMEOUT, False)


async def test_interim_answers_are_passed_over() -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    async with server(raw(interim + b"HTTP/1.1 204 No Content\r\n\r\n")) as slow:
        await post(slow.url())
        assert len(slow.requests) == 1


async def test_an_endless_body_is_not_read() -> None:
    async with server(lambda script: script.drip(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 1000)) as endless:
        await post(endless.url())
        await endless.all_closed()


async def test_who_says_more_than_a_status_is_not_cut_off() -> None:
    cut: list[bool] = []

    def the_rest(script: Script) -> None:
        cut.append(script.transport.is_closing())
        script.say(b"taken")

    def answer(script: Script) -> None:
        script.say(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", close=False)
        asyncio.get_running_loop().call_later(0.1, the_rest, script)

    async with server(answer) as slow:
        await post(slow.url())
        await until(lambda: bool(cut), 5, "the rest of the answer")
        await slow.all_closed()
    assert cut == [False]


async def test_an_answer_that_never_ends_is_one_all_the_same() -> None:
    async with server(raw(b"HTTP/1.1 200 OK\r\n", close=False)) as slow:
        await post(slow.url(), deadline=0.5)
        await slow.all_closed()


async def test_nobody_there_is_a_failed_connection() -> None:
    error = await refused(f"http://127.0.0.1:{free_port()}/")
    assert (error.reason, error.permanent) == (DeliveryReason.CONNECT, False)
    assert "connection refused" in error.detail


async def test_a_letter_that_is_no_longer_ours_is_not_sent() -> None:
    async with hook() as ours:
        with pytest.raises(LostClaimError):
            await post(ours.url, progress=Noted(refuse=LostClaimError()))
    assert ours.posts == []


async def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with hook() as ours:
        await post(ours.url)
    assert len(ours.posts) == 1


@pytest.mark.parametrize("name", ["inside.hotel.test", "127.1", "2130706433", "0x7f.1"])
async def test_a_name_that_leads_inside_is_refused_before_anything_is_sent(name: str) -> None:
    async def resolve(_host: str) -> Sequence[Address]:
        return [(socket.AF_INET, "127.0.0.1")]

    async with server(http()) as ours:
        error = await refused(ours.url(host=name), resolve=resolve)
    assert (error.reason, error.permanent, ours.connections) == (DeliveryReason.CONNECT, False, 0)
    assert "127.0.0.1, which is not public" in error.detail
    assert "`allow`" in error.detail


async def test_one_address_inside_among_public_ones_is_one_too_many() -> None:
    async with dns_server() as names:
        names.add("mixed.hotel.test", "A", "93.184.216.34", "10.0.0.5")
        error = await refused("http://mixed.hotel.test/", resolve=asking(names))
    assert "10.0.0.5" in error.detail


async def test_the_address_that_was_judged_is_the_one_that_is_reached() -> None:
    async with hook() as ours, dns_server() as names:
        names.add("ops.hotel.test", "A", "127.0.0.1")
        await post(f"http://ops.hotel.test:{ours.port}/hook", resolve=asking(names), allow=INSIDE)
        assert [one[:2] for one in names.asked] == [("ops.hotel.test", "A")]
    assert ours.posts[0].headers["Host"] == f"ops.hotel.test:{ours.port}"


async def test_what_the_owner_wrote_out_is_meant() -> None:
    async with hook() as ours:
        await post(f"http://127.0.0.1:{ours.port}/hook")
        await post(f"http://localhost:{ours.port}/hook", resolve=_to_here)
    assert len(ours.posts) == 2


async def test_a_name_that_there_is_not_is_said_to_be_unknown() -> None:
    error = await refused("https://nowhere.invalid/")
    assert (error.reason, error.permanent) == (DeliveryReason.DNS, False)


async def _to_here(_host: str) -> Sequence[Address]:
    return [(socket.AF_INET, "127.0.0.1")]


@pytest.fixture
def certified(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """Return what a server for `hook.hotel.test` shows, and the file of the authority that vouches for it."""
    now = SystemClock().now()
    root: Signed = authority(now)
    mine = leaf(root, ("hook.hotel.test",), now - timedelta(days=1), now + timedelta(days=1))
    ca_file = tmp_path / "ca.pem"
    ca_file.write_bytes(root.pem)
    return server_context(mine, tmp_path), ca_file


async def test_certificates_are_verified_by_the_name_of_the_url(
    certified: tuple[ssl.SSLContext, Path],
) -> None:
    context, ca_file = certified
    async with hook(tls=context) as ours:
        how: dict[str, Any] = {"resolve": _to_here, "allow": INSIDE}
        there, other = (f"https://{name}.hotel.test:{ours.port}/hook" for name in ("hook", "other"))
        await post(there, ca_file=str(ca_file), **how)
        unknown = await refused(there, **how)
        elsewhere = await refused(other, ca_file=str(ca_file), **how)
        await post(other, verify=False, **how)
        await _plain_text(ours, how)
    assert [one.body for one in ours.posts] == [BODY, BODY]
    for error in (unknown, elsewhere):
        assert (error.reason, error.permanent) == (DeliveryReason.TLS, False)
        assert "certificate is not trusted" in error.detail


async def _plain_text(ours: Hook, how: dict[str, Any]) -> None:
    async with hook() as plain:
        error = await refused(f"https://hook.hotel.test:{plain.port}/hook", **how)
    assert error.reason is DeliveryReason.TLS
    assert plain.posts == []
    assert len(ours.posts) == 2


async def test_no_failure_says_where_it_was_to_go() -> None:
    path = "/services/T0/s3cret-path"
    async with hook() as ours:
        ours.statuses = [301, 400, 401, 404, 500]
        said = [await refused(f"http://127.0.0.1:{ours.port}{path}") for _ in range(5)]
    said.append(await refused(f"https://nowhere.invalid{path}"))
    assert not [one for one in said if "s3cret" in str(one) or "nowhere" in str(one) or SECRET in str(one)]
