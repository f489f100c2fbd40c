"""What bundles leave alone: emergencies, the order of a thread, and everything when one cannot be written."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.bundle import Bundle
from alerts.change import Change
from alerts.incident import IncidentState
from alerts.notification import MAIL, Delivery, Kind, Notification
from daemon.store.bundling import PATIENCE, ROUNDS, SETTLE
from tests.support.clock import START, FakeClock
from tests.support.flood import TEAM, bundle, digest, flood, send
from tests.support.stored import incident, notification, opened


async def test_emergencies_are_neither_counted_nor_held(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5, urgent=True))
        await store.commit(flood(4, first=5))
        clock.advance(1)
        assert await send(store) == [f"team-{number}" for number in range(8)]
        await store.commit(flood(2, first=20, urgent=True))
        assert await send(store) == ["team-20", "team-21"]


async def test_reports_take_no_more_than_half_of_the_share(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        reports = [notification(f"report-{one}", of="", kind=Kind.REPORT, epoch=0) for one in range(9)]
        await store.commit(Change(notifications=tuple(reports)))
        clock.advance(1)
        assert len(await send(store, per_hour=4)) == 9
        await store.commit(flood(4))
        clock.advance(1)
        assert await send(store, per_hour=4) == ["team-0", "team-1"]


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


async def test_a_digest_knows_what_is_new_to_its_reader(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(3))
        clock.advance(1)
        await send(store)
        told = notification("again", of="i0", kind=Kind.REMINDER)
        higher = notification("higher", of="i4", kind=Kind.ESCALATION)
        await store.commit(flood(2, first=3, to="level-3@hotel.example"))
        await store.commit(Change(notifications=(told, higher)))
        await store.commit(flood(1, first=5))
        await send(store)
        clock.advance(SETTLE.total_seconds())
        found: list[Bundle] = []

        def write(bundle: Bundle) -> Notification:
            found.append(bundle)
            return digest(bundle)

        await store.bundle(TEAM, 3, write)
        assert [one.id for one in found[0].incidents] == ["i0", "i4", "i5"]
        assert found[0].new == {"i4", "i5"}


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


async def test_what_is_urgent_waits_behind_nothing_that_is_not(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        for number in range(9):
            await store.commit(flood(1, first=number, to=f"{number}@hotel.example"))
        await store.commit(flood(1, first=9, urgent=True))
        clock.advance(1)
        ids = [claim.notification.id for claim in await store.claim(2, only=MAIL, per_hour=3)]
        assert ids == ["team-9", "0@ho-0"]


def calm(name: str, kind: Kind, seconds: float = 0) -> Notification:
    """Return a letter that is about no incident."""
    return replace(
        notification(name, of=name, kind=kind, seconds=seconds), incident="", hotel="grand-harbour"
    )


async def test_alerts_go_first_then_drills_then_reports_and_what_else_is_of_no_incident(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        early = [calm(f"report-{number}", Kind.REPORT) for number in range(5)]
        more = (
            calm("handover", Kind.DIGEST, 1),
            calm("reminder", Kind.REMINDER, 2),
            calm("drill", Kind.DRILL, 3),
        )
        await store.commit(Change(notifications=(*early, *more)))
        await store.commit(flood(2, at=4))
        await store.commit(flood(1, first=9, at=5, urgent=True))
        clock.advance(60)
        sent = []
        while claims := await store.claim(1, only=MAIL, per_hour=60):
            sent += [one.notification.id for one in claims]
            assert await store.sent(claims[0])
        assert sent[:4] == ["team-9", "team-0", "team-1", "drill"]
        assert sent[4:] == [*(one.id for one in early), "handover", "reminder"]


async def test_what_waited_for_long_lets_no_more_go_first_but_emergencies(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(Change(notifications=(calm("report", Kind.REPORT),)))
        clock.advance(PATIENCE.total_seconds())
        await store.commit(flood(2))
        await store.commit(flood(1, first=9, urgent=True))
        clock.advance(1)
        ids = [claim.notification.id for claim in await store.claim(3, only=MAIL, per_hour=60)]
        assert ids == ["team-9", "report", "team-0"]


async def test_a_report_never_vanishes_in_a_digest_however_many_mails_there_are(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(6))
        clock.advance(1)
        assert len(await send(store)) == 3
        kinds = (Kind.REPORT, Kind.REMINDER, Kind.DIGEST, Kind.DRILL)
        await store.commit(Change(notifications=tuple(calm(f"{kind} of it", kind) for kind in kinds)))
        assert set(await send(store)) == {f"{kind} of it" for kind in kinds}
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        assert (made.letters, made.digest.message) == (3, b"i3:open i4:open i5:open")


async def test_a_digest_of_incidents_does_not_wait_for_reports(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.commit(flood(5))
        clock.advance(1)
        await send(store)
        await store.commit(Change(notifications=(calm("report", Kind.REPORT),)))
        clock.advance(SETTLE.total_seconds())
        (made,) = await bundle(store)
        ids = [claim.notification.id for claim in await store.claim(4, only=MAIL, per_hour=9)]
        assert ids == [made.digest.id, "report"]


async def test_many_who_have_had_enough_are_passed_over_in_one_claim(address: str) -> None:
    clock = FakeClock()
    many = range(ROUNDS * 4 + 1)
    async with opened(address, clock) as store:
        for number in many:
            await store.commit(flood(1, first=number, to=f"{number:04}@hotel.example"))
        clock.advance(1)
        assert len(await send(store, per_hour=1)) == len(many)
        for number in many:
            await store.commit(flood(1, first=1000 + number, to=f"{number:04}@hotel.example"))
        await store.commit(flood(1, first=2000))
        clock.advance(5)
        (claim,) = await store.claim(4, only=MAIL, per_hour=1)
        assert claim.notification.id == "team-2000"
