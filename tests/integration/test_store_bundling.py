"""Letters beyond the hour's share: held, let go, or bundled; never lost, never told twice."""

from datetime import timedelta

from alerts.notification import MAIL, Delivery
from daemon.store.bundling import APART, AT_ONCE, HOUR, SETTLE
from tests.support.clock import FakeClock
from tests.support.flood import DESK, TEAM, bundle, flood, send
from tests.support.stored import opened


async def test_what_is_beyond_the_share_is_held_and_goes_out_in_one_digest(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(7))
        clock.advance(1)
        assert await send(store) == ["team-0", "team-1", "team-2"]
        assert await store.held() == [TEAM]
        waiting, _, _, held = await store.pending()
        assert (waiting, held) == (4, 4)
        assert await bundle(store) == []
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert made.letters == 4
        assert made.digest.message == b"i3:open i4:open i5:open i6:open"
        assert await send(store) == [made.digest.id], "the digest goes out whatever went before"
        assert (await store.pending())[0] == 0
        row, *_ = await store.notifications_of("i3", 1)
        assert row.state is Delivery.BUNDLED
        record = await store.incident("i3")
        assert record is not None
        assert [(event.kind, event.text) for event in record.events] == [
            ("bundled", f"the mail to {TEAM} goes out in a digest: it has had 3 within the hour")
        ]


async def test_there_is_a_digest_every_ten_minutes_at_the_most(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        clock.advance(SETTLE.total_seconds())
        assert len(await bundle(store)) == 1
        await store.commit(flood(2, first=4))
        await send(store)
        clock.advance(APART.total_seconds() - 1)
        assert await bundle(store) == []
        clock.advance(1)
        (made,) = await bundle(store)
        assert made.digest.message == b"i4:open i5:open"


async def test_what_is_within_the_share_again_goes_out_alone(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(3))
        clock.advance(1)
        await send(store)
        clock.advance(HOUR.total_seconds() - 30)
        await store.commit(flood(4, first=3))
        assert await send(store) == []
        clock.advance(29)
        assert await bundle(store) == []
        assert await send(store) == []
        clock.advance(1)
        assert await bundle(store) == []
        assert await send(store) == ["team-3", "team-4", "team-5"]
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert made.digest.message == b"i6:open"


async def test_each_recipient_has_a_share_of_their_own(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5))
        await store.commit(flood(2, first=5, to=DESK))
        clock.advance(1)
        assert await send(store) == ["team-0", "team-1", "team-2", "desk-5", "desk-6"]


async def test_what_waits_for_its_next_attempt_takes_no_share_and_is_held_later(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5))
        clock.advance(1)
        while claims := await store.claim(4, only=MAIL, per_hour=3):
            for claim in claims:
                await store.retry(claim, clock.now() + timedelta(seconds=5), "deferred")
        assert await bundle(store) == []
        assert await store.held() == [], "nothing has gone out yet"
        clock.advance(5)
        assert len(await send(store)) == 3
        assert await store.held() == [TEAM]


async def test_a_clock_set_back_holds_nothing_for_longer(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        clock.jump(-7200)
        assert await bundle(store) == []
        assert await send(store) == ["team-3"], "what was sent in the time to come is long ago"


async def test_of_more_than_is_held_at_once_everything_is_told(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(2 * AT_ONCE))
        clock.advance(1)
        for claim in await store.claim(4, only=MAIL, per_hour=3):
            await store.sent(claim)
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert made.letters == 2 * AT_ONCE - 3
        assert await send(store) == [made.digest.id]
        assert (await store.pending())[0] == 0


async def test_everything_of_a_flood_is_told_once_and_nothing_is_lost(address: str) -> None:
    clock = FakeClock()
    told: list[str] = []
    async with opened(address, clock) as store:
        for step in range(20):
            await store.commit(flood(10, first=10 * step, at=step))
            clock.advance(1)
            told += await send(store, per_hour=60)
        assert len(told) == 60
        names = [f"i{name.removeprefix('team-')}" for name in told]
        for _ in range(80):
            for made in await bundle(store, per_hour=60):
                names += [word.partition(":")[0] for word in made.digest.message.decode().split()]
            told += await send(store, per_hour=60)
            clock.advance(10)
        assert (await store.pending())[0] == 0
    assert sorted(names) == sorted(f"i{number}" for number in range(200))
    assert len(told) == 61
