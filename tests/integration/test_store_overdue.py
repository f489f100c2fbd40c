"""What should have been sent long ago, as the porter's audit of itself asks for it."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import update

from daemon.demo.postgres import Postgres
from daemon.store.audit import Overdue
from daemon.store.queue import LEASE
from daemon.store.schema import notifications
from tests.support.clock import START, FakeClock
from tests.support.postgres import state_database
from tests.support.stored import forsaken, notification, opened, opening

LONG = 301.0


async def test_a_letter_that_nobody_begins_to_send_is_overdue_after_five_minutes(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        one, other = notification("a", recipient="a@hotel.example"), notification("b", seconds=60)
        await store.commit(opening(one, other))
        assert await store.overdue(clock.advance(300)) == Overdue()
        assert await store.overdue(clock.advance(1)) == Overdue(1, START)
        assert await store.overdue(clock.advance(60)) == Overdue(2, START)


async def test_what_waits_for_its_next_attempt_is_not_due(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("a")))
        (claim,) = await store.claim(1)
        await store.retry(claim, START + timedelta(seconds=120), "deferred: 450")
        assert await store.overdue(clock.advance(LONG)) == Overdue()
        assert (await store.overdue(clock.advance(120))).waiting == 1


async def test_what_waits_for_an_earlier_letter_of_its_thread_is_not_due(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("a"), notification("b")))
        (claim,) = await store.claim(9)
        await store.retry(claim, START + timedelta(hours=1), "deferred: 450")
        assert await store.overdue(clock.advance(LONG)) == Overdue()


async def test_what_waits_for_a_bundle_is_not_due(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(opening(notification("a")))
        held = update(notifications).values(held_at=START)
        await store._transactions.write(lambda connection: connection.execute(held))
        assert await store.overdue(clock.advance(LONG)) == Overdue()


async def test_a_claim_that_ran_out_long_ago_is_abandoned(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store:
        await store.commit(opening(notification("a")))
        assert len(await store.claim(1)) == 1
        ran_out = LEASE.total_seconds() + 300
        assert await store.overdue(clock.advance(ran_out)) == Overdue(), "the claim has only just run out"
        assert await store.overdue(clock.advance(1)) == Overdue(abandoned=1)


async def test_a_claim_that_ran_out_long_ago_by_the_databases_clock_is_abandoned(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as store:
        await store.commit(opening(notification("a")))
        assert len(await store.claim(1)) == 1
        much_later = START + timedelta(days=1)
        assert (await store.overdue(much_later)).abandoned == 0, "the porter's own clock may be wrong"
        await forsaken(store)
        assert (await store.overdue(START)).abandoned == 1


async def test_what_was_sent_or_given_up_is_not_due(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        letters = [notification(name, recipient=f"{name}@hotel.example") for name in ("a", "b")]
        await store.commit(opening(*letters))
        one, other = await store.claim(2)
        await store.sent(one)
        await store.dead(other, "recipient_refused: 550")
        assert await store.overdue(clock.advance(LONG)) == Overdue()
