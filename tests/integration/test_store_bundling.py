"""Letters beyond the hour's share: held, let go, or bundled; never lost, never told twice."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.bundle import Bundle
from alerts.change import Change
from alerts.incident import IncidentState
from alerts.notification import MAIL, Delivery, Kind, Notification
from daemon.store import Store
from daemon.store.bundling import APART, AT_ONCE, HOUR, SETTLE, Bundled
from tests.support.clock import START, FakeClock
from tests.support.stored import incident, notification, opened

TEAM, DESK = "team@hotel.example", "desk@hotel.example"


def flood(count: int, *, first: int = 0, to: str = TEAM, at: float = 0, urgent: bool = False) -> Change:
    """Return the change that opens so many incidents, and tells somebody of each."""
    numbers = range(first, first + count)
    return Change(
        incidents=tuple(incident(f"i{number}", key=f"key {number}") for number in numbers),
        notifications=tuple(
            replace(
                notification(f"{to[:4]}-{number}", of=f"i{number}", recipient=to, seconds=at + number / 1000),
                urgent=urgent,
            )
            for number in numbers
        ),
    )


def digest(bundle: Bundle) -> Notification:
    """Return a digest that names its incidents, each with its state."""
    named = " ".join(f"{one.id}:{one.state}" for one in bundle.incidents)
    return Notification(
        id=f"digest of {bundle.key}",
        key=bundle.key,
        incident="",
        epoch=0,
        kind=Kind.DIGEST,
        level=bundle.level,
        channel=MAIL,
        recipient=bundle.recipient,
        message=named.encode(),
        message_id="<digest@hotel.example>",
        created_at=bundle.at,
        due_at=bundle.at,
        hotel="grand-harbour",
    )


async def send(store: Store, per_hour: int = 3) -> list[str]:
    """Send all that is due; return what went out, in order."""
    sent: list[str] = []
    while claims := await store.claim(4, only=MAIL, per_hour=per_hour):
        for claim in claims:
            assert await store.sent(claim)
            sent.append(claim.notification.id)
    return sent


async def bundle(store: Store, per_hour: int = 3) -> list[Bundled]:
    """Do what is due with what is held."""
    made = [await store.bundle(one, per_hour, digest) for one in await store.held()]
    return [one for one in made if one is not None]


async def test_what_is_beyond_the_share_is_held_and_goes_out_in_one_digest(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(7))
        clock.advance(1)
        assert await send(store) == ["team-0", "team-1", "team-2"]
        assert await store.held() == [TEAM]
        assert (await store.pending())[0] == 4
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


async def test_emergencies_are_neither_counted_nor_held(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5, urgent=True))
        await store.commit(flood(4, first=5))
        clock.advance(1)
        assert await send(store) == [f"team-{number}" for number in range(8)]
        await store.commit(flood(2, first=20, urgent=True))
        assert await send(store) == ["team-20", "team-21"]


async def test_an_emergency_does_not_wait_for_word_that_is_held(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        graver = replace(notification("graver", of="i3", kind=Kind.UPDATE), urgent=True)
        await store.commit(Change(notifications=(graver,)))
        assert await send(store) == ["graver"]


async def test_what_follows_a_held_letter_is_held_with_it_though_there_is_room(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        news = notification("news", of="i3", kind=Kind.UPDATE)
        await store.commit(Change(notifications=(news,)))
        await store.commit(flood(1, first=9))
        assert await send(store, per_hour=9) == ["team-9"]
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert (made.letters, made.digest.message) == (2, b"i3:open")


async def test_a_digest_says_how_things_are_when_it_is_written(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5))
        clock.advance(1)
        await send(store)
        ended = replace(incident("i3", key="key 3"), state=IncidentState.RESOLVED, resolved_at=clock.now())
        story = notification("story", of="i3", kind=Kind.RESOLVED)
        change = Change(incidents=(ended,), notifications=(story,), superseded=("team-3",))
        await store.commit(change)
        assert await send(store) == []
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert (made.letters, made.digest.message) == (2, b"i4:open i3:resolved")


async def test_the_end_of_an_incident_does_not_come_before_the_digest_that_names_it(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        story = replace(notification("story", of="i3", kind=Kind.RESOLVED), urgent=True)
        update = replace(notification("update", of="i3", kind=Kind.UPDATE), urgent=True)
        await store.commit(Change(notifications=(story, update)))
        (sending,) = await store.claim(4, only=MAIL, per_hour=9)
        assert sending.notification.id == made.digest.id
        assert await store.claim(4, only=MAIL, per_hour=9) == []
        await store.sent(sending)
        assert await send(store) == ["story", "update"]


async def test_a_digest_that_nobody_takes_takes_its_letters_with_it(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(4))
        clock.advance(1)
        await send(store)
        clock.advance(SETTLE.total_seconds())
        await bundle(store)
        (claim,) = await store.claim(4)
        await store.dead(claim, "recipient_refused: 550")
        (row,) = await store.notifications_of("i3", 1)
        assert (row.state, row.last_error) == (Delivery.DEAD, "recipient_refused: 550")
        (dead,) = await store.dead_letters(START)
        assert (dead.hotel, dead.recipient) == ("grand-harbour", TEAM)


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


async def test_two_that_bundle_at_once_write_one_digest(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(9))
        clock.advance(1)
        await send(store)
        clock.advance(SETTLE.total_seconds())
        made = await asyncio.gather(*(store.bundle(TEAM, 3, digest) for _ in range(4)))
        assert [one is not None for one in made].count(True) == 1


async def test_a_digest_that_cannot_be_written_leaves_everything_as_it_was(address: str) -> None:
    def fail(_bundle: Bundle) -> Notification:
        raise ZeroDivisionError

    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5))
        clock.advance(1)
        await send(store)
        clock.advance(SETTLE.total_seconds())
        with pytest.raises(ZeroDivisionError):
            await store.bundle(TEAM, 3, fail)
        (made,) = await bundle(store)
        assert made.letters == 2


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


async def test_a_claim_that_is_not_marked_for_long_is_not_handed_out_to_whoever_owes_the_mark(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store:
        await store.commit(flood(1))
        clock.advance(1)
        (claim,) = await store.claim(4)
        clock.advance(3600)
        assert await store.claim(4, frozenset({claim.notification.id})) == []
        assert await store.sent(claim)


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
