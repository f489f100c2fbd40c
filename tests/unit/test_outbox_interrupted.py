"""The outbox when it is stopped, when its queue is down, and when a row is no longer its own."""

import asyncio

import pytest
from structlog.testing import capture_logs

from alerts.attempt import Claim, Progress, QueueError
from alerts.notification import DeliveryError, DeliveryReason
from tests.support.clock import START
from tests.support.outbox import Office
from tests.support.polling import until
from tests.support.stored import notification


async def hang(_claim: Claim, _progress: Progress) -> None:
    await asyncio.Event().wait()


async def refuses(office: Office) -> bool:
    """Return whether the outbox says that its queue is down."""
    try:
        await office.outbox.deliver_due()
    except QueueError:
        return True
    return False


async def test_draining_delivers_everything_that_is_due() -> None:
    office = Office(*(notification(str(number)) for number in range(50)), notification("later", seconds=60))
    await office.outbox.drain(5)
    assert len(office.carrier.delivered) == 50
    assert office.states()["later"] == "pending"


async def test_draining_nothing_is_done_at_once() -> None:
    await Office().outbox.drain(5)


async def test_a_conversation_interrupted_before_the_message_went_out_is_due_at_once() -> None:
    office = Office(notification())
    office.carrier.act = hang
    with capture_logs() as logs:
        await office.outbox.drain(0.05)
    row = office.queue.rows["n"]
    assert (str(row.state), row.due_at, row.last_error) == ("pending", START, "interrupted, phase begun")
    assert [line["event"] for line in logs] == ["outbox.left", "notification.interrupted"]
    assert office.counted.failures == []


async def test_a_conversation_interrupted_in_the_middle_of_the_message_says_so() -> None:
    office = Office(notification())

    async def hang_in_data(claim: Claim, progress: Progress) -> None:
        await progress.handing_over()
        await hang(claim, progress)

    office.carrier.act = hang_in_data
    await office.outbox.drain(0.05)
    row = office.queue.rows["n"]
    assert (str(row.state), row.last_error) == ("pending", "interrupted, phase data")
    assert office.queue.phases == {"n": "data"}


async def test_a_stop_right_after_acceptance_still_marks_the_letter_sent() -> None:
    office = Office(notification())

    async def linger(claim: Claim, progress: Progress) -> None:
        await progress.taken("relay.example:25")
        await hang(claim, progress)

    office.outbox.channels = {"email": linger}
    await office.outbox.drain(0.05)
    assert office.states() == {"n": "sent"}
    assert office.queue.marks == [("n", "sent")]


async def test_a_stop_during_the_marking_itself_marks_the_letter_sent_once() -> None:
    office = Office(notification())
    office.queue.slow = asyncio.Event()
    draining = asyncio.create_task(office.outbox.drain(0.05))
    await until(lambda: office.carrier.delivered, 5)
    # The time to drain is up while the mark is being written.
    await until(lambda: not office.outbox._workers, 5)
    assert not draining.done()
    office.queue.slow.set()
    await draining
    assert office.states() == {"n": "sent"}
    assert office.queue.marks == [("n", "sent")]


async def test_a_letter_that_was_taken_while_the_queue_was_down_is_marked_later_and_not_sent_again() -> None:
    office = Office(notification("a"), notification("b", seconds=1))

    async def pull_the_plug(_claim: Claim, progress: Progress) -> None:
        await progress.handing_over()
        office.queue.down = True

    async def carry(claim: Claim, progress: Progress) -> None:
        await pull_the_plug(claim, progress)
        office.carrier.delivered.append(claim.notification.id)
        await progress.taken("relay.example:25")

    office.outbox.channels = {"email": carry}
    with capture_logs() as logs:
        await office.deliver()
        office.clock.advance(1)
        assert await refuses(office)
        assert await refuses(office)
        assert office.states() == {"a": "sending", "b": "pending"}
        assert logs == []
        office.queue.down = False
        office.outbox.channels = {"email": office.carrier}
        await office.deliver()
    assert office.carrier.delivered == ["a", "b"]
    assert office.queue.marks == [("a", "sent"), ("b", "sent")]
    assert [line["notification"] for line in logs] == ["a", "b"]


async def test_a_failure_that_cannot_be_written_down_is_kept_too() -> None:
    office = Office(notification())

    async def fail(_claim: Claim, _progress: Progress) -> None:
        office.queue.down = True
        raise DeliveryError(DeliveryReason.RECIPIENT_REFUSED, "550", permanent=True)

    office.carrier.act = fail
    await office.deliver()
    assert await refuses(office)
    office.queue.down = False
    await office.deliver()
    assert office.states() == {"n": "dead"}
    assert office.carrier.begun == ["n"]


async def test_nothing_goes_out_whose_progress_cannot_be_written_down() -> None:
    office = Office(notification())

    async def pull_the_plug(_claim: Claim, _progress: Progress) -> None:
        office.queue.down = True

    office.carrier.act = pull_the_plug
    await office.deliver()
    assert office.carrier.delivered == []
    office.queue.down = False
    office.carrier.act = None
    await office.deliver()
    office.clock.advance(5)
    await office.deliver()
    assert office.carrier.delivered == ["n"]


async def test_a_row_that_is_no_longer_ours_is_not_sent() -> None:
    office = Office(notification())

    async def lose(_claim: Claim, _progress: Progress) -> None:
        office.queue.snatch("n")

    office.carrier.act = lose
    with capture_logs() as logs:
        await office.deliver()
    assert office.carrier.delivered == []
    assert office.queue.marks == []
    assert [line["event"] for line in logs] == ["notification.claim_lost"]


async def test_a_mark_that_comes_too_late_changes_nothing_and_is_said() -> None:
    office = Office(notification())

    async def lose_late(_claim: Claim, progress: Progress) -> None:
        await progress.handing_over()
        office.queue.snatch("n")
        await progress.taken("relay.example:25")

    office.outbox.channels = {"email": lose_late}
    with capture_logs() as logs:
        await office.deliver()
    assert office.queue.marks == []
    assert [(line["event"], line["outcome"]) for line in logs] == [
        ("notification.claim_lost", "notification.sent")
    ]


async def test_a_down_queue_at_the_end_is_raised_and_nothing_keeps_talking() -> None:
    office = Office(notification())

    async def pull_and_hang(claim: Claim, progress: Progress) -> None:
        office.queue.down = True
        await hang(claim, progress)

    office.carrier.act = pull_and_hang
    with pytest.raises(QueueError, match="the state is down"):
        await office.outbox.drain(0.05)
    assert not office.outbox._workers
