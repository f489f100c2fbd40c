"""A change may be written twice: whoever does not know whether it was, writes it once more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.change import Change, Event
from alerts.incident import IncidentState
from alerts.notification import Delivery
from daemon.store import ContradictionError
from tests.support.clock import START
from tests.support.stored import incident, notification, opened, opening

LATER = START + timedelta(minutes=3)


async def test_a_change_that_is_written_twice_changes_nothing_more(address: str) -> None:
    events = (Event("a", START, "told", "problem to a@h"), Event("a", LATER, "note", "Ann: ü"))
    change = replace(opening(notification()), events=events)
    async with opened(address) as store:
        await store.commit(change)
        once = await store.incident("a")
        await store.commit(change)
        assert await store.incident("a") == once
        assert once is not None
        assert once.events == events


async def test_lines_that_differ_in_anything_are_all_kept(address: str) -> None:
    line = Event("a", START, "told", "reminder to a@h")
    lines = (line, replace(line, at=LATER), replace(line, kind="note"), replace(line, text="reminder to b@h"))
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident("a"), incident("b", key="other"))))
        await store.commit(Change(events=(*lines, replace(line, incident="b"))))
        record = await store.incident("a")
        assert record is not None
        assert sorted(map(repr, record.events)) == sorted(map(repr, lines))


async def test_what_was_sent_from_memory_ends_as_sent_and_is_not_sent_again(address: str) -> None:
    first, second = notification("first"), notification("second", recipient="lead@hotel.example")
    async with opened(address) as store:
        await store.commit(opening(first))
        sent = replace(first, state=Delivery.SENT, sent_at=LATER, attempts=2)
        await store.commit(replace(opening(sent, second), spoken={"first": LATER}))
        told = await store.notifications_of("a", 1)
        assert [(one.id, one.state, one.sent_at) for one in told] == [
            ("first", Delivery.SENT, LATER),
            ("second", Delivery.PENDING, None),
        ]
        assert [claim.notification.id for claim in await store.claim(10)] == ["second"]


async def test_what_was_sent_from_memory_is_taken_from_whoever_is_about_to_send_it(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first")))
        (claim,) = await store.claim(10)
        await store.commit(Change(spoken={"first": LATER}))
        assert not await store.journal(claim, "data")
        (told,) = await store.notifications_of("a", 1)
        assert (told.state, told.sent_at) == (Delivery.SENT, LATER)


async def test_what_was_sent_or_withdrawn_stays_as_it_is_whatever_memory_says(address: str) -> None:
    letters = (notification("sent"), notification("gone", recipient="lead@hotel.example"))
    async with opened(address) as store:
        await store.commit(opening(*letters))
        await store.commit(Change(superseded=("gone",)))
        (claim,) = await store.claim(10)
        assert await store.sent(claim)
        await store.commit(Change(spoken={"sent": LATER, "gone": LATER, "unheard-of": LATER}))
        told = await store.notifications_of("a", 1)
        assert [(one.state, one.sent_at) for one in told] == [
            (Delivery.SENT, START),
            (Delivery.SUPERSEDED, None),
        ]


async def test_a_contradiction_is_told_from_a_state_that_cannot_be_used(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident("a"),)))
        with pytest.raises(ContradictionError, match="contradicts what is stored"):
            await store.commit(Change(incidents=(incident("b"),)))
        ended = replace(incident("a"), state=IncidentState.RESOLVED, resolved_at=START)
        await store.commit(Change(incidents=(ended, incident("b"))))
