"""The outbox: what is due goes out, and what came of it is written down and said."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from alerts.attempt import Claim, Progress
from alerts.notification import DeliveryError, DeliveryReason
from alerts.outbox import AT_ONCE
from tests.support.clock import START
from tests.support.outbox import Office
from tests.support.polling import until
from tests.support.stored import notification


def failing(error: Exception) -> Office:
    """Return an office with a letter whose delivery fails."""
    office = Office(notification())

    async def fail(_claim: Claim, _progress: Progress) -> None:
        raise error

    office.carrier.act = fail
    return office


async def test_what_is_due_is_delivered_once_and_marked() -> None:
    office = Office(notification("a"), notification("b"), notification("later", seconds=60))
    await office.deliver()
    await office.deliver()
    assert office.carrier.delivered == ["a", "b"]
    assert office.states() == {"a": "sent", "b": "sent", "later": "pending"}
    assert office.queue.phases == {"a": "data", "b": "data"}
    assert office.counted.attempts == [("email", "1"), ("email", "1")]
    assert office.counted.failures == []


async def test_a_delivery_is_logged_without_a_word_of_the_message() -> None:
    office = Office(notification())
    with capture_logs() as logs:
        await office.deliver()
    (line,) = logs
    assert line == {
        "event": "notification.sent",
        "log_level": "info",
        "notification": "n",
        "incident": "a",
        "kind": "problem",
        "escalation_level": "1",
        "channel": "email",
        "recipient": "team@hotel.example",
        "attempts": 1,
        "relay": "relay.example:25",
        "message_id": "<n@hotel.example>",
    }


async def test_no_more_than_four_talk_at_once_and_the_next_begins_when_one_ends() -> None:
    office = Office(*(notification(str(number)) for number in range(3 * AT_ONCE + 1)))
    gate = asyncio.Semaphore(0)

    async def wait(_claim: Claim, _progress: Progress) -> None:
        await gate.acquire()

    office.carrier.act = wait
    assert await office.outbox.deliver_due() == AT_ONCE
    await until(lambda: office.carrier.talking == AT_ONCE, 5)
    assert await office.outbox.deliver_due() == 0
    gate.release()
    await until(lambda: len(office.carrier.begun) == AT_ONCE + 1, 5, "the next to begin without a tick")
    for _ in range(3 * AT_ONCE):
        gate.release()
    await office.quiet()
    assert set(office.states().values()) == {"sent"}
    assert office.carrier.most == AT_ONCE


async def test_a_letter_being_sent_is_never_asked_for_again() -> None:
    office = Office(notification("slow"))
    go = asyncio.Event()

    async def wait(_claim: Claim, _progress: Progress) -> None:
        await go.wait()

    office.carrier.act = wait
    await office.outbox.deliver_due()
    await until(lambda: office.carrier.begun, 5)
    await office.outbox.deliver_due()
    assert office.queue.excluded == {"slow"}
    go.set()
    await office.quiet()
    await office.outbox.deliver_due()
    assert office.queue.excluded == frozenset()


async def test_a_passing_failure_is_tried_again_at_its_time() -> None:
    office = failing(DeliveryError(DeliveryReason.DEFERRED, "relay: 451 later"))
    with capture_logs() as logs:
        await office.deliver()
    row = office.queue.rows["n"]
    assert (str(row.state), row.due_at, row.last_error) == (
        "pending",
        START + timedelta(seconds=5),
        "deferred: relay: 451 later",
    )
    assert office.counted.failures == [("email", "1", DeliveryReason.DEFERRED)]
    assert [(line["event"], line["reason"], line["attempts"]) for line in logs] == [
        ("notification.retried", "deferred", 1)
    ]
    office.clock.advance(5)
    office.carrier.act = None
    await office.deliver()
    assert office.states() == {"n": "sent"}
    assert office.queue.rows["n"].attempts == 2


async def test_a_failure_for_good_is_a_dead_letter_at_once() -> None:
    office = failing(DeliveryError(DeliveryReason.RECIPIENT_REFUSED, "550 no such user", permanent=True))
    with capture_logs() as logs:
        await office.deliver()
    assert office.states() == {"n": "dead"}
    assert office.queue.rows["n"].last_error == "recipient_refused: 550 no such user"
    assert [(line["event"], line["log_level"]) for line in logs] == [("notification.died", "error")]


async def test_a_letter_that_nobody_takes_for_a_day_dies() -> None:
    office = failing(DeliveryError(DeliveryReason.CONNECT, "refused"))
    for pause in (0, 5, 15, 30):
        office.clock.advance(pause)
        await office.deliver()
    assert office.states() == {"n": "pending"}
    office.clock.advance(24 * 3600 - 50 - 121)
    await office.deliver()
    assert office.states() == {"n": "pending"}
    office.clock.advance(120)
    with capture_logs() as logs:
        await office.deliver()
    assert office.states() == {"n": "dead"}
    assert [line["event"] for line in logs] == ["notification.died"]


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (TimeoutError(), DeliveryReason.TIMEOUT, "timeout: not done within 240 s"),
        (KeyError("s3cret"), DeliveryReason.INTERNAL, "internal: KeyError"),
    ],
)
async def test_what_nobody_foresaw_is_tried_again(
    error: Exception, reason: DeliveryReason, said: str
) -> None:
    office = failing(error)
    with capture_logs() as logs:
        await office.deliver()
    assert office.states() == {"n": "pending"}
    assert office.queue.rows["n"].last_error == said
    assert [failure[2] for failure in office.counted.failures] == [reason]
    crashed = [line for line in logs if line["event"] == "notification.crashed"]
    assert len(crashed) == (reason is DeliveryReason.INTERNAL)


async def test_one_bad_message_does_not_stop_the_others() -> None:
    office = Office(*(notification(name) for name in ("a", "bad", "c")))

    async def fail(claim: Claim, _progress: Progress) -> None:
        if claim.notification.id == "bad":
            raise ZeroDivisionError

    office.carrier.act = fail
    await office.deliver()
    assert office.states() == {"a": "sent", "bad": "pending", "c": "sent"}


async def test_a_channel_that_is_gone_keeps_its_letters_waiting() -> None:
    office = Office(notification(channel="sms"))
    await office.deliver()
    assert office.queue.rows["n"].last_error == "internal: no channel sms is configured"
    assert office.states() == {"n": "pending"}


async def test_a_notifier_that_just_returns_has_delivered() -> None:
    office = Office(notification(channel="hook"))

    async def hook(_claim: Claim, _progress: Progress) -> None:
        return

    office.outbox.channels = {"hook": hook}
    await office.deliver()
    assert office.states() == {"n": "sent"}


@pytest.mark.parametrize(
    "error", [DeliveryError(DeliveryReason.CONNECT, "dropped"), TimeoutError(), KeyError()]
)
async def test_trouble_after_the_message_was_taken_is_no_failure(error: Exception) -> None:
    office = Office(notification())

    async def take_and_fail(_claim: Claim, progress: Progress) -> None:
        await progress.taken("relay.example:25")
        raise error

    office.carrier.act = take_and_fail
    await office.deliver()
    assert office.states() == {"n": "sent"}
    assert office.counted.failures == []
    assert office.queue.marks == [("n", "sent")]


async def test_a_message_is_marked_before_the_conversation_ends() -> None:
    office = Office(notification())
    go = asyncio.Event()

    async def linger(_claim: Claim, progress: Progress) -> None:
        await progress.taken("relay.example:25")
        await go.wait()

    office.outbox.channels = {"email": linger}
    await office.outbox.deliver_due()
    await until(lambda: office.states() == {"n": "sent"}, 5)
    assert office.outbox._workers
    go.set()
    await office.quiet()
