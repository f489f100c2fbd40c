"""What may stand before a webhook, or instead of one: a guard, a web page, a PMS that verifies later."""

import pytest

from checks import webhook
from checks.result import Reason, Result, State
from checks.webhook_signing import Scheme
from tests.support.probing import look
from tests.support.receiver import SECRET, Receiver, receiver

EVERY = ("forged", "signed", "short", "unsigned")
PAGE = {"Content-Type": "text/html; charset=utf-8"}
GUARD = {"cf-mitigated": "challenge", "Content-Type": "text/html"}


async def looked(one: Receiver, *, secret: str | None = SECRET) -> Result:
    return await look(webhook.CHECK, url=one.url, secret=secret)


@pytest.mark.parametrize("secret", [SECRET, None])
async def test_a_web_page_that_answers_everything_is_no_security_incident(secret: str | None) -> None:
    async with receiver(dict.fromkeys(EVERY, 200)) as one:
        one.fields, one.body = PAGE, " <!DOCTYPE html><html><title>Welcome</title>"
        result = await looked(one, secret=secret)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, False)
    assert result.message == "a web page answers, no webhook (200)"
    assert "signed_refused" not in result.measurements


@pytest.mark.parametrize(
    ("statuses", "fields", "body"),
    [
        (dict.fromkeys(EVERY, 200), PAGE, "OK"),
        (dict.fromkeys(EVERY, 200), {}, "<html>"),
        (dict.fromkeys(EVERY, 200), PAGE, "<html>" + "x" * 300_000),
        (dict.fromkeys(EVERY, 200) | {"signed": 202}, PAGE, "<html>"),
        (dict.fromkeys(EVERY, 200) | {"unsigned": 401}, PAGE, "<html>"),
    ],
)
async def test_what_only_looks_like_a_page_still_accepts_forgeries(
    statuses: dict[str, int], fields: dict[str, str], body: str
) -> None:
    async with receiver(statuses) as one:
        one.fields, one.body = fields, body
        assert (await looked(one)).reason is Reason.SECURITY


async def acknowledged(one: Receiver, scheme: Scheme = "hmac_sha256_hex") -> Result:
    return await look(webhook.CHECK, url=one.url, secret=SECRET, scheme=scheme, ack_before_verify=True)


@pytest.mark.parametrize("scheme", ["hmac_sha256_hex", "square", "stripe"])
async def test_who_verifies_after_the_answer_cannot_be_judged_from_outside(scheme: Scheme) -> None:
    async with receiver(dict.fromkeys((*EVERY, "old"), 202)) as one:
        result = await acknowledged(one, scheme)
    assert (result.state, result.message) == (
        State.OK,
        "answers before it verifies: whether it takes forged events cannot be judged from outside",
    )
    assert len(one.events) == len(set(one.kinds()))


async def test_who_verifies_after_the_answer_is_still_held_to_everything_else() -> None:
    async with receiver(dict.fromkeys(EVERY, 200) | {"unsigned": 500}) as one:
        assert (await acknowledged(one)).reason is Reason.SERVER_ERROR
    async with receiver() as one:
        assert (await acknowledged(one)).message.endswith("takes a correctly signed one")


@pytest.mark.parametrize("fields", [GUARD, PAGE, {"cf-mitigated": "block"}])
async def test_a_guard_in_front_that_refuses_everybody_is_forbidden(fields: dict[str, str]) -> None:
    async with receiver(dict.fromkeys(EVERY, 403)) as one:
        one.fields = fields
        result = await looked(one)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.FORBIDDEN)
    assert result.message == "something in front blocks every event (403)"
    assert "signed_refused" not in result.measurements


async def test_who_refuses_everybody_alike_is_a_guard_or_has_another_secret() -> None:
    async with receiver(dict.fromkeys(EVERY, 403)) as one:
        result = await looked(one)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.FORBIDDEN)
    assert result.message == (
        "refuses every event in the same way, a correctly signed one too (403):"
        " something in front blocks them, or its secret is not ours"
    )
    assert result.measurements["signed_refused"] == 1


async def test_without_the_secret_only_a_guard_that_owns_to_it_is_seen() -> None:
    async with receiver(dict.fromkeys(EVERY, 403)) as one:
        one.fields = PAGE
        unsure = await looked(one, secret=None)
        one.fields = GUARD
        sure = await looked(one, secret=None)
    assert (unsure.state, unsure.message) == (
        State.OK,
        "refuses every event we may send; that a real one is taken is not known",
    )
    assert sure.reason is Reason.FORBIDDEN


async def test_a_refusal_in_html_is_one_where_the_signed_event_is_taken() -> None:
    async with receiver({"forged": 403, "short": 403, "unsigned": 403}) as one:
        one.fields = PAGE
        assert (await looked(one)).state is State.OK
