"""The outbox where a channel lets in no letter, or one at a time, and where channels are many."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

from structlog.testing import capture_logs

from alerts.attempt import Claim, Progress
from alerts.notification import DeliveryError, DeliveryReason
from alerts.outbox import AT_ONCE
from tests.support.clock import START
from tests.support.outbox import Carrier, Office
from tests.support.polling import until
from tests.support.stored import notification


@dataclass
class Gate(Carrier):
    """A carrier that lets in `most` letters at a time: None for all."""

    open: int | None = None
    trouble: list[str] = field(default_factory=list)

    def room(self, most: int) -> int:
        return most if self.open is None else max(0, self.open - self.talking)

    def troubles(self) -> list[str]:
        return self.trouble


def gated(*names: str, room: int | None) -> tuple[Office, Gate]:
    """Return an office with letters, whose only way lets in so many."""
    office = Office(*(notification(name, recipient=name) for name in names))
    gate = Gate(open=room)
    office.outbox.channels = {"email": gate}
    return office, gate


async def test_what_nobody_takes_waits_untouched() -> None:
    office, gate = gated("a", "b", room=0)
    gate.trouble = ["the relay has a rest"]
    assert await office.outbox.deliver_due() == 0
    assert {row.attempts for row in office.queue.rows.values()} == {0}
    assert office.outbox.troubles() == ["the relay has a rest"]
    assert office.counted.attempts == []


async def test_draining_does_not_wait_for_a_relay_that_has_a_rest() -> None:
    office, _ = gated("a", room=0)
    await office.outbox.drain(60)
    assert office.states() == {"a": "pending"}


async def test_one_letter_finds_out_and_the_others_follow_when_it_has_passed() -> None:
    office, gate = gated("a", "b", "c", room=1)
    go = asyncio.Event()

    async def wait(_claim: Claim, _progress: Progress) -> None:
        await go.wait()
        gate.open = None

    gate.act = wait
    assert await office.outbox.deliver_due() == 1
    await until(lambda: gate.begun, 5)
    assert await office.outbox.deliver_due() == 0
    assert gate.begun == ["a"]
    go.set()
    await office.quiet()
    await office.deliver()
    assert set(office.states().values()) == {"sent"}


async def test_two_that_ask_at_once_do_not_both_send_the_only_one() -> None:
    office, gate = gated("a", "b", room=1)
    assert sum(await asyncio.gather(office.outbox.deliver_due(), office.outbox.deliver_due())) == 1
    gate.open = 0
    await office.quiet()
    assert gate.begun == ["a"]


async def test_what_waits_for_its_next_attempt_is_due_when_the_way_is_free_again() -> None:
    office, gate = gated("a", room=None)

    async def fail(_claim: Claim, _progress: Progress) -> None:
        raise DeliveryError(DeliveryReason.CONNECT, "refused")

    gate.act = fail
    await office.deliver()
    assert office.queue.rows["a"].due_at == START + timedelta(seconds=5)
    gate.act, gate.open = None, 0
    await office.deliver()
    gate.open = None
    await office.deliver()
    assert office.states() == {"a": "sent"}
    assert office.clock.now() == START


async def test_a_channel_that_hangs_holds_up_no_other() -> None:
    hooks = [notification(f"hook {number}", channel="hook") for number in range(2 * AT_ONCE)]
    office = Office(*hooks, notification("mail"))
    hanging = Carrier()
    go = asyncio.Event()

    async def wait(_claim: Claim, _progress: Progress) -> None:
        await go.wait()

    hanging.act = wait
    office.outbox.channels = {"hook": hanging, "email": office.carrier}
    await office.outbox.deliver_due()
    await until(lambda: office.states()["mail"] == "sent", 5, "the mail")
    assert len(hanging.begun) == AT_ONCE
    go.set()
    await office.quiet()
    assert set(office.states().values()) == {"sent"}


async def test_what_talks_says_that_it_is_still_there() -> None:
    office = Office(notification("slow"))
    go = asyncio.Event()

    async def wait(_claim: Claim, _progress: Progress) -> None:
        await go.wait()

    office.carrier.act = wait
    await office.outbox.deliver_due()
    await until(lambda: office.carrier.begun, 5)
    await office.outbox.deliver_due()
    assert office.queue.renewed == ["slow"]
    go.set()
    await office.quiet()


async def test_only_mail_is_rationed() -> None:
    office = Office(notification("hook", channel="hook"))
    office.outbox.channels = {"hook": office.carrier}
    office.outbox.per_hour = 60
    await office.deliver()
    assert office.queue.per_hour is None
    office.outbox.channels = {"email": office.carrier}
    await office.deliver()
    assert office.queue.per_hour == 60


async def test_who_wants_to_know_hears_of_a_dead_letter_once_it_is_written_down() -> None:
    office = Office(notification("a"))

    async def refuse(_claim: Claim, _progress: Progress) -> None:
        office.queue.down = True
        raise DeliveryError(DeliveryReason.RECIPIENT_REFUSED, "550", permanent=True)

    office.carrier.act = refuse
    office.outbox.channels = {"email": office.carrier}
    await office.deliver()
    assert office.dead == []
    office.queue.down = False
    await office.deliver()
    assert office.dead == ["a"]


async def test_a_letter_that_may_have_been_taken_before_says_so_in_the_log() -> None:
    office = Office(notification("again"), notification("two relays"), notification("once"))
    office.queue.phases["again"] = "data"

    async def hand_over_twice(claim: Claim, progress: Progress) -> None:
        if claim.notification.id == "two relays":
            await progress.handing_over()

    office.carrier.act = hand_over_twice
    with capture_logs() as logs:
        await office.deliver()
    assert {line["notification"]: line.get("maybe_dup") for line in logs} == {
        "again": True,
        "two relays": True,
        "once": None,
    }
