"""Webhooks: what is sent, and what the verifier's answers mean."""

import re

import pytest

from checks import webhook
from checks.http_request import PROBE_HEADER
from checks.result import RESPONSE_TIME, Phase, Reason, Result, State
from checks.webhook_signing import HEADER, Scheme
from tests.support.probing import look
from tests.support.receiver import SECRET, Receiver, receiver

SCHEMES: tuple[Scheme, ...] = ("hmac_sha256_hex", "square", "stripe")


async def looked(one: Receiver, *, secret: str | None = SECRET, scheme: Scheme = "hmac_sha256_hex") -> Result:
    return await look(webhook.CHECK, url=one.url, secret=secret, scheme=scheme)


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_a_verifier_that_verifies_is_ok(scheme: Scheme) -> None:
    async with receiver() as one:
        result = await looked(one, scheme=scheme)
    old = ["old"] if scheme == "stripe" else []
    assert (result.state, result.message) == (
        State.OK,
        "refuses forged events, and takes a correctly signed one",
    )
    assert one.kinds() == ["forged", "signed", "short", "unsigned", *old]
    assert {name: value for name, value in result.measurements.items() if name != RESPONSE_TIME} == {
        "forged_status": 401,
        "short_status": 401,
        "unsigned_status": 401,
        "signed_status": 200,
        **dict.fromkeys((f"{kind}_status" for kind in old), 401),
    }


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_without_the_secret_only_forgeries_are_tried(scheme: Scheme) -> None:
    async with receiver() as one:
        result = await looked(one, secret=None, scheme=scheme)
    assert (result.state, result.message) == (
        State.OK,
        "refuses every event we may send; that a real one is taken is not known",
    )
    assert one.kinds() == ["forged", "short", "unsigned"]


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_nothing_but_pings_is_sent_and_each_is_marked(scheme: Scheme) -> None:
    async with receiver({"forged": (200, 401)}) as one:
        await looked(one, scheme=scheme)
    ids = [event.fields["id"] for event in one.events]
    assert len(set(ids)) == len(one.events) >= 5
    assert all(re.fullmatch(r"nightporter-probe-[0-9a-f]{16}", name) for name in ids)
    for event in one.events:
        assert event.fields["event"] == "monitor.ping"
        assert event.headers[PROBE_HEADER] == "nightporter"
        assert event.headers["Content-Type"] == "application/json"
        assert (HEADER[scheme] in event.headers) is (event.kind != "unsigned")


async def test_a_forged_signature_is_well_formed_and_never_the_same() -> None:
    async with receiver() as one:
        for _ in range(2):
            await looked(one)
    forged = [event.headers["X-Webhook-Signature"] for event in one.events if event.kind == "forged"]
    assert all(re.fullmatch("[0-9a-f]{64}", signature) for signature in forged)
    assert len(set(forged)) == 2


async def test_the_time_and_the_phases_are_those_of_the_first_answer() -> None:
    async with receiver() as one:
        result = await looked(one)
    assert set(result.phases) == {Phase.CONNECT, Phase.PROCESSING, Phase.TRANSFER}
    assert result.measurements[RESPONSE_TIME] == pytest.approx(sum(result.phases.values()) * 1000, abs=0.01)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("forged", "a forged signature"),
        ("short", "a signature that is too short"),
        ("unsigned", "no signature"),
    ],
)
@pytest.mark.parametrize("status", [200, 202, 204])
async def test_a_forged_event_that_is_taken_twice_is_a_security_incident(
    kind: str, words: str, status: int
) -> None:
    async with receiver({kind: status}) as one:
        result = await looked(one, secret=None)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.SECURITY, True)
    assert result.message == f"accepts forged events, each of them twice: with {words} ({status})"
    assert result.measurements[f"{kind}_status"] == status
    assert one.kinds().count(kind) == 2


async def test_all_that_is_taken_is_named() -> None:
    async with receiver({"forged": 200, "short": 200, "unsigned": 200}) as one:
        result = await looked(one)
    assert result.message == (
        "accepts forged events, each of them twice: with a forged signature (200)"
        " and with a signature that is too short (200) and with no signature (200)"
    )
    assert len(one.events) == 7


async def test_a_forged_event_that_is_taken_only_once_is_a_warning() -> None:
    async with receiver({"forged": (200, 403)}) as one:
        result = await looked(one)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, False)
    assert result.message == (
        "took an event with a forged signature once (200), and refused it right after (403)"
    )


@pytest.mark.parametrize("status", [400, 401, 403, 422])
async def test_these_refusals_are_ok(status: int) -> None:
    async with receiver({"forged": status, "short": status, "unsigned": status}) as one:
        assert (await looked(one)).state is State.OK


@pytest.mark.parametrize(
    ("status", "state", "reason", "said"),
    [
        (404, State.CRITICAL, Reason.CLIENT_ERROR, "answered 404: there is no webhook at this URL"),
        (405, State.CRITICAL, Reason.CLIENT_ERROR, "answered 405: there is no webhook at this URL"),
        (410, State.CRITICAL, Reason.CLIENT_ERROR, "answered 410: there is no webhook at this URL"),
        (415, State.CRITICAL, Reason.CLIENT_ERROR, "does not accept our request: an event with a forged"),
        (407, State.CRITICAL, Reason.CREDENTIALS, "a proxy asks for credentials (407)"),
        (429, State.WARNING, Reason.RATE_LIMITED, "we are asked to come back later (429)"),
        (301, State.WARNING, Reason.REDIRECT, "answered 301, a redirect: vendors do not follow one"),
        (304, State.WARNING, Reason.REDIRECT, "answered 304, a redirect"),
        (500, State.CRITICAL, Reason.SERVER_ERROR, "answers every event with an error of the server (500)"),
    ],
)
async def test_another_status_has_its_meaning(status: int, state: State, reason: Reason, said: str) -> None:
    kinds = dict.fromkeys(("forged", "short", "unsigned", "signed"), status)
    async with receiver(kinds) as one:
        result = await looked(one)
    assert (result.state, result.reason) == (state, reason)
    assert result.message.startswith(said)


async def test_a_verifier_that_crashes_says_on_what() -> None:
    async with receiver({"short": 500, "unsigned": 502}) as one:
        result = await looked(one)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.SERVER_ERROR)
    assert result.message == (
        "the verifier crashes on an event with a signature that is too short (500)"
        " and with no signature (502)"
    )
    assert (result.measurements["forged_status"], result.measurements["short_status"]) == (401, 500)


async def test_a_signed_event_may_crash_it_too() -> None:
    async with receiver({"signed": 500}) as one:
        result = await looked(one)
    assert (result.reason, result.message) == (
        Reason.SERVER_ERROR,
        "crashes on an event with a correct signature (500)",
    )


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_another_secret_than_ours_is_content(scheme: Scheme) -> None:
    async with receiver(secret="another secret") as one:
        result = await looked(one, scheme=scheme)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert result.message.startswith("refuses a correctly signed event (401): its secret is not ours")
    assert (result.measurements["signed_refused"], result.measurements["signed_status"]) == (1, 401)


async def test_a_url_that_a_proxy_changes_breaks_the_signature_of_square() -> None:
    async with receiver() as one:
        url, one.url = one.url, f"{one.url}?behind=proxy"
        result = await look(webhook.CHECK, url=url, secret=SECRET, scheme="square")
    assert (result.reason, result.measurements["signed_refused"]) == (Reason.CONTENT, 1)


@pytest.mark.parametrize("status", [202, 204])
async def test_a_signed_event_is_taken_with_these_too(status: int) -> None:
    async with receiver({"signed": status}) as one:
        assert (await looked(one)).state is State.OK


@pytest.mark.parametrize("status", [400, 404, 422])
@pytest.mark.parametrize("forged", [401, 403])
async def test_an_event_that_is_only_unknown_is_not_called_taken(forged: int, status: int) -> None:
    async with receiver({"forged": forged, "signed": status}) as one:
        result = await looked(one)
    assert (result.state, result.message) == (
        State.OK,
        f"refuses forged events, and only does not know a correctly signed monitor.ping ({status})",
    )
    assert "signed_refused" not in result.measurements


@pytest.mark.parametrize("status", [400, 422])
async def test_a_wrong_secret_is_seen_whatever_forgeries_are_refused_with(status: int) -> None:
    refused = dict.fromkeys(("forged", "short", "unsigned"), status)
    async with receiver(refused, secret="another secret") as one:
        result = await looked(one)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CONTENT)
    assert result.message.startswith(f"refuses a correctly signed event ({status}): its secret is not ours")
    assert result.measurements["signed_refused"] == 1


async def test_a_place_that_refuses_forgeries_is_there_whatever_else_it_does_not_find() -> None:
    async with receiver({"signed": 410}) as one:
        signed = await looked(one)
    async with receiver({"unsigned": 404}) as one:
        unsigned = await looked(one)
    assert signed.message == "does not accept our request: an event with a correct signature (410)"
    assert unsigned.message == "does not accept our request: an event with no signature (404)"


async def test_an_old_event_that_is_taken_is_a_warning() -> None:
    async with receiver({"old": 200}) as one:
        result = await looked(one, scheme="stripe")
    assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
    assert result.message == (
        "takes an event with a correct signature of ten minutes ago (200): no protection against replay"
    )


async def test_an_old_event_may_crash_it() -> None:
    async with receiver({"old": 500}) as one:
        assert (await looked(one, scheme="stripe")).reason is Reason.SERVER_ERROR
