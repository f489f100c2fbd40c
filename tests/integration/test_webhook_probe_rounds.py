"""Webhooks that do not answer everything in one run: nothing that was found is lost until the next."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from checks import webhook
from checks.memory import Memories
from checks.result import CheckId, Phase, Reason, Result, State
from tests.support.probing import look
from tests.support.receiver import SECRET, Receiver, receiver
from tests.support.servers import free_port

TAKEN = "took a forged event (200) that could not be confirmed ({}): one with a forged signature"


async def looked(one: Receiver, memories: Memories, **more: Any) -> Result:
    return await look(webhook.CHECK, url=one.url, memories=memories, **({"secret": SECRET} | more))


@pytest.mark.parametrize(
    ("again", "said"), [(429, 429), (500, 500), (404, 404), (302, 302), (0, "no answer")]
)
async def test_a_forgery_that_was_taken_outranks_whatever_kept_us_from_confirming_it(
    again: int, said: object
) -> None:
    async with receiver({"forged": (200, again), "short": 500}) as one:
        result = await looked(one, Memories())
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, False)
    assert result.message == TAKEN.format(said)


async def test_a_forgery_that_was_taken_outranks_a_verifier_that_falls_silent() -> None:
    async with receiver({"forged": 200}) as one:
        one.pause = 0.6
        result = await looked(one, Memories(), deadline=0.9)
    assert (result.reason, result.message) == (Reason.MISMATCH, TAKEN.format("no answer"))


@pytest.mark.parametrize("again", [429, 500, 0])
async def test_what_was_taken_in_two_runs_is_a_security_incident(again: int) -> None:
    memories = Memories()
    async with receiver({"forged": (200, again, 200)}) as one:
        first = await looked(one, memories)
        one.allowed = 1
        second = await looked(one, memories)
    assert first.reason is Reason.MISMATCH
    assert (second.reason, second.decisive) == (Reason.SECURITY, True)
    assert second.message == "accepts forged events, each of them twice: with a forged signature (200)"


async def test_what_could_not_be_confirmed_is_tried_first_in_the_next_run() -> None:
    memories = Memories()
    async with receiver({"unsigned": (200, 500, 401)}) as one:
        assert (await looked(one, memories)).reason is Reason.MISMATCH
        one.forget()
        one.statuses["unsigned"] = (401,)
        healed = await looked(one, memories)
        assert one.kinds() == ["unsigned", "forged", "signed", "short"]
        one.forget()
        await looked(one, memories)
    assert healed.state is State.OK
    assert one.kinds()[0] == "forged"


async def test_what_was_taken_is_forgotten_in_time() -> None:
    memories = Memories()
    async with receiver({"forged": (200, 500)}) as one:
        await looked(one, memories)
        one.forget()
        late = await looked(one, memories, later=timedelta(hours=7))
    assert late.reason is Reason.MISMATCH


async def test_a_host_that_is_gone_is_not_hidden_by_what_was_taken_before() -> None:
    memories = Memories()
    async with receiver({"forged": (200, 500)}) as one:
        await looked(one, memories)
        gone = Receiver(url=one.url)
    assert (await looked(gone, memories)).reason is Reason.CONNECT


async def test_a_verifier_that_is_slow_is_judged_over_two_runs() -> None:
    memories = Memories()
    async with receiver() as one:
        one.pause = 0.3
        first = await looked(one, memories, deadline=1.2)
        asked = one.kinds()
        one.forget()
        second = await looked(one, memories, deadline=1.2)
    assert first.state is State.OK
    assert first.message.startswith("refuses forged events, and takes a correctly signed one; ")
    assert first.message.endswith(" of 4 trials follow in the next run")
    assert asked[:2] == ["forged", "signed"]
    assert (second.state, second.message) == (
        State.OK,
        "refuses forged events, and takes a correctly signed one",
    )
    # What was cut off goes first.
    assert one.kinds()[0] == asked[-1]
    assert second.measurements["short_status"] == second.measurements["unsigned_status"] == 401


async def test_a_slow_verifier_with_another_secret_is_seen_at_once() -> None:
    async with receiver(secret="another") as one:
        one.pause = 0.3
        result = await looked(one, Memories(), deadline=1.2)
    assert (result.reason, result.measurements["signed_refused"]) == (Reason.CONTENT, 1)


async def test_a_verifier_that_hangs_on_one_event_hides_none_that_comes_after_it() -> None:
    memories = Memories()
    async with receiver({"unsigned": 200}) as one:
        one.hangs = "short"
        first = await looked(one, memories, deadline=0.9)
        second = await looked(one, memories, deadline=0.9)
    assert (first.reason, first.failed_phase) == (Reason.TIMEOUT, Phase.PROCESSING)
    assert first.message.endswith("at last to an event with a signature that is too short")
    assert second.reason is Reason.SECURITY


async def rounds(one: Receiver, memories: Memories, allowed: int, runs: int) -> list[Result]:
    found = []
    for _ in range(runs):
        one.allowed = allowed
        found.append(await looked(one, memories))
    return found


async def test_a_limit_on_how_often_it_is_asked_hides_no_wrong_secret() -> None:
    async with receiver(secret="another") as one:
        found = await rounds(one, Memories(), 1, 4)
    assert [result.reason for result in found] == [Reason.RATE_LIMITED, *[Reason.CONTENT] * 3]
    assert found[-1].measurements["signed_refused"] == 1


async def test_who_answers_everything_over_some_runs_is_well_however_few_each_takes() -> None:
    memories = Memories()
    async with receiver() as one:
        first, *more = await rounds(one, memories, 2, 4)
        assert one.kinds()[:6] == ["forged", "signed", "short", "short", "unsigned", "forged"]
        one.allowed = 0
        nothing = await looked(one, memories)
    assert (first.state, first.reason) == (State.WARNING, Reason.RATE_LIMITED)
    assert [result.state for result in more] == [State.OK] * 3
    assert nothing.reason is Reason.RATE_LIMITED


async def test_what_was_learnt_with_other_options_is_forgotten() -> None:
    memories = Memories()
    async with receiver() as one:
        one.allowed = 2
        assert (await looked(one, memories, secret="another")).reason is Reason.CONTENT
        one.allowed = 3
        one.forget()
        result = await looked(one, memories)
    assert one.kinds()[0] == "forged"
    assert result.reason is Reason.RATE_LIMITED


@pytest.mark.parametrize(
    "stored",
    [
        {"of": 5},
        {"of": "", "first": "old", "answers": []},
        {"of": "", "first": "", "answers": {"forged": {"status": "200", "at": "now"}}},
    ],
)
async def test_a_memory_that_cannot_be_read_is_none(stored: Mapping[str, Any]) -> None:
    memories = Memories()
    memories.restore({CheckId("h", "i", "c"): stored})
    async with receiver() as one:
        assert (await looked(one, memories)).state is State.OK


async def test_nothing_is_remembered_of_a_webhook_that_is_well_or_gone_and_never_the_secret() -> None:
    memories, check = Memories(), CheckId("h", "i", "c")
    async with receiver() as one:
        await looked(one, memories)
        assert memories.of(check).value == {}
        await looked(Receiver(url=f"http://127.0.0.1:{free_port()}/"), memories)
        assert memories.of(check).value == {}
        one.allowed = 2
        await looked(one, memories)
        kept = memories.of(check).value
        one.allowed = 4
        await looked(one, memories)
    assert memories.of(check).value == {}
    assert set(kept["answers"]) == {"forged", "signed"}
    assert (kept["first"], len(kept["of"])) == ("short", 4)
    assert SECRET not in repr(kept)


async def test_a_forgery_that_was_taken_twice_is_told_until_it_is_tried_again() -> None:
    memories = Memories()
    async with receiver({"forged": (200, 500, 200)}) as one:
        _, second, third = await rounds(one, memories, 2, 2) + await rounds(one, memories, 0, 1)
    assert (second.reason, third.reason) == (Reason.SECURITY, Reason.SECURITY)


async def test_who_asks_us_to_stay_away_is_asked_no_more_and_has_told_nothing() -> None:
    async with receiver({"forged": 200}) as one:
        one.fields, one.body = {"Content-Type": "text/html"}, "<html>"
        one.allowed = 1
        await looked(one, Memories())
        assert one.kinds() == ["forged", "forged"]
    async with receiver({"signed": 503}) as two:
        two.fields = {"Retry-After": "60"}
        await looked(two, other := Memories())
    assert set(other.of(CheckId("h", "i", "c")).value["answers"]) == {"forged"}


async def test_who_verifies_after_the_answer_has_his_turns_too() -> None:
    memories = Memories()
    async with receiver({"forged": 200}) as one:
        for _ in range(2):
            one.allowed = 2
            await looked(one, memories, ack_before_verify=True)
    assert one.kinds() == ["forged", "signed", "short", "short", "unsigned", "forged"]


async def test_an_unknown_event_is_told_from_a_wrong_secret_by_an_earlier_run() -> None:
    memories = Memories()
    async with receiver({"signed": 422}) as one:
        one.allowed = 1
        await looked(one, memories)
        one.allowed, one.hangs = 9, "short"
        result = await looked(one, memories, deadline=0.2)
    assert result.reason is Reason.TIMEOUT
    assert "signed_refused" not in result.measurements
