"""The outbox's queue: in order, to one at a time, and never lost."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.change import Change
from alerts.notification import Delivery, Kind, Notification
from alerts.outbox import Claim
from daemon.clock import SystemClock
from daemon.store import Store
from daemon.store.queue import LEASE
from tests.support.clock import START, FakeClock
from tests.support.stored import forsaken, incident, notification, opened, opening, url_of

CLAIM_AND_HANG = """
import asyncio, sys
from daemon.clock import SystemClock
from daemon.store import Store
from tests.support.stored import notification, opening

async def main():
    store = await Store.open(sys.argv[1], SystemClock())
    letters = notification("first"), notification("second", seconds=1)
    await store.commit(opening(*letters))
    (claim,) = await store.claim(9)
    await store.journal(claim, "data")
    print("claimed", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def names(claims: list[Claim]) -> list[str]:
    return [claim.notification.id for claim in claims]


async def only(store: Store) -> Notification:
    (found,) = await store.notifications_of("a", 1)
    return found


async def test_the_oldest_due_is_claimed_first(address: str) -> None:
    clock = FakeClock()
    letters = [notification(name, recipient=name, seconds=seconds) for name, seconds in (("c", 2), ("b", 1))]
    letters += [notification(name, recipient=name) for name in ("z", "a")]
    async with opened(address, clock) as store:
        await store.commit(opening(*letters))
        clock.advance(2)
        assert names(await store.claim(3)) == ["z", "a", "b"]
        assert names(await store.claim(3)) == ["c"]


async def test_what_is_not_due_yet_waits(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification(seconds=10)))
        assert await store.claim(9) == []
        clock.advance(10)
        assert names(await store.claim(9)) == ["n"]


async def test_a_resolved_mail_waits_for_its_problem_mail(address: str) -> None:
    problem, resolved = notification("problem"), notification("resolved", kind=Kind.RESOLVED, epoch=2)
    async with opened(address) as store:
        await store.commit(opening(problem, resolved))
        (claim,) = await store.claim(9)
        assert await store.claim(9) == []
        assert await store.retry(claim, START + timedelta(minutes=2), "timeout")
        assert await store.claim(9) == []
        assert await store.resume() == 0


@pytest.mark.parametrize("settle", [Store.sent, lambda store, claim: store.dead(claim, "no such user")])
async def test_a_letter_goes_when_the_one_before_it_is_settled(
    address: str, settle: Callable[[Store, Claim], Awaitable[bool]]
) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first"), notification("second")))
        (claim,) = await store.claim(9)
        assert await settle(store, claim)
        assert names(await store.claim(9)) == ["second"]


async def test_order_is_kept_for_a_recipient_and_channel_only(address: str) -> None:
    letters = (
        notification("a"),
        notification("b"),
        notification("c", recipient="lead@hotel.example"),
        notification("d", channel="sms"),
        notification("e", of="other"),
    )
    other = Change(incidents=(incident("other", key="other"),))
    async with opened(address) as store:
        await store.commit(other)
        await store.commit(opening(*letters))
        assert names(await store.claim(9)) == ["a", "c", "d", "e"]


async def test_an_excluded_letter_stays_and_holds_back_what_follows_it(address: str) -> None:
    letters = notification("first"), notification("second"), notification("third", recipient="desk")
    async with opened(address) as store:
        await store.commit(opening(*letters))
        assert names(await store.claim(9, frozenset({"first"}))) == ["third"]


async def test_a_claim_counts_the_attempt_and_knows_how_far_the_last_one_came(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification()))
        (claim,) = await store.claim(1)
        assert (claim.notification, claim.phase) == (
            replace(notification(), attempts=1, state=Delivery.SENDING),
            None,
        )
        await store.journal(claim, "data")
        assert await store.retry(claim, clock.now() + timedelta(seconds=5), "timeout: no answer")
        waiting = await only(store)
        assert (waiting.state, waiting.attempts, waiting.last_error) == (
            Delivery.PENDING,
            1,
            "timeout: no answer",
        )
        clock.advance(5)
        (claim,) = await store.claim(1)
        assert (claim.notification.attempts, claim.phase) == (2, "data")


async def test_a_delivery_is_recorded_with_its_moment(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification()))
        (claim,) = await store.claim(1)
        clock.advance(3)
        assert await store.sent(claim)
        sent = await only(store)
        assert (sent.state, sent.sent_at, sent.attempts) == (Delivery.SENT, clock.now(), 1)
        assert sent.message == notification().message
        assert (await store.pending())[:2] == (0, None)


async def test_a_stale_token_changes_nothing(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification()))
        (stale,) = await store.claim(1)
        await forsaken(store)
        await store.resume()
        (fresh,) = await store.claim(1)
        assert not await store.journal(stale, "data")
        assert not await store.sent(stale)
        assert not await store.retry(stale, clock.now(), "late")
        assert not await store.dead(stale, "late")
        kept = await only(store)
        assert (kept.state, kept.last_error) == (Delivery.SENDING, "")
        assert await store.sent(fresh)
        assert not await store.sent(fresh)


async def test_a_claim_nobody_speaks_for_any_more_is_handed_out_again(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store:
        await store.commit(opening(notification()))
        (lost,) = await store.claim(1)
        clock.advance(LEASE.total_seconds() - 1)
        await store.journal(lost, "connect")
        clock.advance(LEASE.total_seconds() - 1)
        assert await store.claim(1) == []
        clock.advance(1)
        assert names(await store.claim(1)) == ["n"]
        assert not await store.sent(lost)


async def test_what_is_superseded_is_not_sent_unless_it_is_on_its_way(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first"), notification("second")))
        (first,) = await store.claim(9)
        await store.commit(Change(superseded=("first", "second", "unheard-of")))
        assert await store.sent(first)
        assert await store.claim(9) == []
        assert [one.state for one in await store.notifications_of("a", 1)] == [
            Delivery.SENT,
            Delivery.SUPERSEDED,
        ]


async def test_pending_counts_what_waits_and_what_is_being_sent(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("old"), notification("new", seconds=60)))
        await store.claim(1)
        assert (await store.pending())[:2] == (2, START)


async def test_concurrent_claims_share_and_never_overlap(address: str) -> None:
    letters = [notification(str(number), recipient=str(number)) for number in range(40)]
    async with opened(address) as store:
        await store.commit(opening(*letters))
        batches = await asyncio.gather(*(store.claim(5) for _ in range(10)))
    claimed = [name for batch in batches for name in names(batch)]
    assert sorted(claimed, key=int) == [str(number) for number in range(40)]


@pytest.mark.parametrize("incidents", [1, 2000])
async def test_two_thousand_letters_are_each_handed_out_once_and_in_order(
    address: str, incidents: int
) -> None:
    count = 2000
    about = [incident(str(number), key=str(number)) for number in range(incidents)]
    letters = [
        notification(str(number), of=str(number % incidents), recipient=str(number), seconds=number / count)
        for number in range(count)
    ]
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(Change(incidents=tuple(about), notifications=tuple(letters)))
        clock.advance(1)
        claimed: list[str] = []
        # A claim may run out on a busy machine: what this process still works on is its own to exclude.
        while claims := await store.claim(250, frozenset(claimed)):
            claimed += names(claims)
            assert await store.sent(claims[0])
        assert claimed == [str(number) for number in range(count)]
        assert (await store.pending())[0] == count - 8


async def test_a_process_killed_while_sending_loses_nothing(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CLAIM_AND_HANG, url_of(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"claimed\n"
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    async with opened(tmp_path, SystemClock()) as store:
        assert await store.open_incidents() == [incident()]
        assert (await store.pending())[:2] == (2, START)
        assert await store.claim(9) == []
        assert await store.resume() == 1
        (again,) = await store.claim(9)
        assert (again.notification.id, again.phase) == ("first", "data")
        assert again.notification.message == notification().message
        assert await store.sent(again)
        assert names(await store.claim(9)) == ["second"]
