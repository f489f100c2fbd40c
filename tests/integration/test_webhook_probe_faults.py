"""Webhooks that cannot be reached, hang, ramble or mislead, and which verdict wins."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from checks import webhook
from checks.integrations import looks_http
from checks.integrations.built_in import Tuning
from checks.result import RESPONSE_TIME, Phase, Reason, State
from tests.support.certificates import authority, leaf
from tests.support.hotel import site
from tests.support.polling import until
from tests.support.probing import look
from tests.support.receiver import SECRET, receiver
from tests.support.servers import Script, free_port, http, raw, server, server_context

NOW = datetime.now(UTC)


async def test_nobody_there_is_connect_and_is_asked_once() -> None:
    result = await look(webhook.CHECK, url=f"http://127.0.0.1:{free_port()}/hook")
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONNECT)
    assert result.failed_phase is Phase.CONNECT
    assert RESPONSE_TIME not in result.measurements


async def test_an_unknown_host_is_dns() -> None:
    result = await look(webhook.CHECK, url="http://pms.invalid/hook")
    assert (result.reason, result.failed_phase) == (Reason.DNS, Phase.RESOLVE)


async def test_a_certificate_that_is_not_trusted_is_tls_and_nothing_is_sent(tmp_path: Path) -> None:
    signed = leaf(authority(NOW), ("127.0.0.1",), NOW - timedelta(days=1), NOW + timedelta(days=90))
    async with receiver(tls=server_context(signed, tmp_path)) as one:
        result = await look(webhook.CHECK, url=one.url, secret=SECRET)
    assert (result.state, result.reason, one.events) == (State.CRITICAL, Reason.TLS, [])


async def test_a_private_authority_is_trusted_and_the_certificate_read(tmp_path: Path) -> None:
    house = authority(NOW)
    (tmp_path / "ca.pem").write_bytes(house.pem)
    ends = (NOW + timedelta(days=90)).replace(microsecond=0)
    signed = leaf(house, ("127.0.0.1",), NOW - timedelta(days=1), ends)
    async with receiver(tls=server_context(signed, tmp_path)) as one:
        result = await look(webhook.CHECK, url=one.url, secret=SECRET, ca_file=tmp_path / "ca.pem")
    assert (result.state, result.certificate_expiry) == (State.OK, ends.timestamp())
    assert Phase.TLS in result.phases


async def test_silence_ends_with_the_words_of_what_was_asked() -> None:
    async with server() as one:
        result = await look(webhook.CHECK, url=one.url(), deadline=0.2)
        await one.all_closed()
    assert (result.state, result.reason, result.failed_phase) == (
        State.CRITICAL,
        Reason.TIMEOUT,
        Phase.PROCESSING,
    )
    assert result.message == "no answer within 0.18 s, at last to an event with a forged signature"


async def test_what_was_found_before_a_silence_is_still_told() -> None:
    def answer(script: Script) -> None:
        if b"test-signature" not in script.received:
            http("200 OK")(script)

    async with server(answer) as one:
        result = await look(webhook.CHECK, url=one.url(), deadline=0.3)
    assert (result.reason, result.decisive) == (Reason.SECURITY, True)
    assert result.measurements["forged_status"] == 200


async def test_a_crash_outranks_a_wrong_secret_and_a_lost_connection_both() -> None:
    async with receiver({"unsigned": 500}, secret="another") as one:
        assert (await look(webhook.CHECK, url=one.url, secret="ours")).reason is Reason.SERVER_ERROR

    def answer(script: Script) -> None:
        if b"test-signature" in script.received:
            script.reset()
        else:
            http("500 Oops")(script)

    async with server(answer) as two:
        result = await look(webhook.CHECK, url=two.url())
    assert (result.reason, result.measurements["forged_status"]) == (Reason.PROTOCOL, 500)


async def test_an_accepted_forgery_outranks_everything() -> None:
    async with receiver({"forged": 404, "short": 500, "unsigned": 200}, secret="another") as one:
        result = await look(webhook.CHECK, url=one.url, secret="ours")
    assert (result.reason, result.decisive) == (Reason.SECURITY, True)
    assert result.message == "accepts forged events, each of them twice: with no signature (200)"


@pytest.mark.parametrize("status", [429, 503])
async def test_who_asks_us_to_stay_away_is_left_alone(status: int) -> None:
    async with receiver({"forged": status}) as one:
        one.fields = {"Retry-After": "120"}
        result = await look(webhook.CHECK, url=one.url, secret=SECRET)
    assert (result.state, result.reason, result.retry_after) == (State.WARNING, Reason.RATE_LIMITED, 120.0)
    assert one.kinds() == ["forged"]


async def test_a_redirect_is_not_followed() -> None:
    async with server(http("200 OK")) as elsewhere:
        async with server(http("307 Away", b"", f"Location: {elsewhere.url()}")) as one:
            result = await look(webhook.CHECK, url=one.url())
        assert (result.reason, elsewhere.connections) == (Reason.REDIRECT, 0)


async def test_an_endless_body_hides_no_accepted_forgery() -> None:
    def answer(script: Script) -> None:
        script.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", close=False)
        script.drip(b"x" * 1000)

    async with server(answer) as one:
        result = await look(webhook.CHECK, url=one.url(), deadline=2)
        await one.all_closed()
    assert result.reason is Reason.SECURITY


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"220 mail.hotel.example ESMTP\r\n", Reason.PROTOCOL),
        (b"HTTP/1.1 ", Reason.PROTOCOL),
        (b"HTTP/1.1 401 No\r\nX: " + b"y" * 70_000, Reason.TOO_LARGE),
    ],
)
async def test_what_is_no_answer_is_no_refusal(said: bytes, reason: Reason) -> None:
    async with server(raw(said)) as one:
        result = await look(webhook.CHECK, url=one.url())
    assert (result.reason, result.state is State.OK) == (reason, False)


async def test_neither_secret_nor_answer_is_told() -> None:
    async with receiver(secret="another") as one:
        one.body = "the secret is hunter2"
        result = await look(webhook.CHECK, url=one.url, secret="hunter2-hunter2")
    assert "hunter2" not in repr(result)


async def test_the_look_takes_url_secret_scheme_and_trust_of_the_webhook(tmp_path: Path) -> None:
    hook = {
        "url": "https://pms.hotel.test/api/webhooks/payment",
        "secret": "s3cr3t",
        "scheme": "square",
        "ack_before_verify": True,
        "verify": False,
        "ca_file": str(tmp_path / "ca.pem"),
    }
    kind, options = looks_http.webhook(site("payment", webhook=hook), Tuning())
    assert kind is webhook.CHECK
    assert options == webhook.Options(**hook)
    assert kind.target(options) == "pms.hotel.test:443"
    assert "s3cr3t" not in repr(options)


def test_an_unknown_scheme_is_a_mistake() -> None:
    with pytest.raises(ValidationError, match="hmac_sha256_hex"):
        webhook.Options(url="https://pms.hotel.test/hook", scheme="md5")


async def test_the_deadline_is_one_for_all_trials() -> None:
    def answer(script: Script) -> None:
        script.drip(b"HTTP/1.1 100 Continue\r\n\r\n", 10)

    async with server(answer) as one:
        result = await look(webhook.CHECK, url=one.url(), deadline=0.2)
        await until(lambda: not one.open, 5)
    assert (result.reason, one.connections) == (Reason.TIMEOUT, 1)
