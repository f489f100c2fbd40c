"""Silences and the signing key are kept, and what they make pointless is taken back in the same change."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.change import Change
from alerts.notification import Delivery
from alerts.silence import Recurring, Silence, Source, Span
from daemon.store import StateError
from tests.support.clock import START
from tests.support.stored import NewState, forsaken, notification, opened, opening

HOUR = timedelta(hours=1)


def silence(name: str = "s", *, begins: float = 0, ends: float = 2) -> Silence:
    """Return a silence of a person that begins and ends so many hours after the start."""
    return Silence(
        name,
        {"integration": "payment", "check": "*/log 'Größe'"},
        Span(START + begins * HOUR, START + ends * HOUR),
        "the gateway is serviced \N{BELL}",
        "Ana",
        Source.PERSON,
    )


async def test_every_field_of_a_silence_survives_a_restart(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(silences=(silence(),)))
    async with opened(address) as store:
        assert await store.silences(START) == [silence()]


async def test_silences_are_those_in_force_or_to_come_by_their_beginning(address: str) -> None:
    over, now, later = silence("over", ends=1), silence("now"), silence("later", begins=5, ends=6)
    async with opened(address) as store:
        await store.commit(Change(silences=(later, now, over)))
        assert await store.silences(START + HOUR - timedelta.resolution) == [now, over, later]
        assert await store.silences(START + HOUR) == [now, later], "the moment it ends is outside"


async def test_a_silence_that_is_removed_is_over(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(silences=(silence("a"), silence("b"))))
        await store.commit(Change(removed_silences=("a", "unheard-of")))
        assert await store.silences(START) == [silence("b")]
        await store.commit(Change(silences=(silence("a"),)))
        assert await store.silences(START) == [silence("b")], "an id is used once"


@pytest.mark.parametrize(
    "wrong",
    [
        replace(silence(), source=Source.CONFIGURATION),
        replace(silence(), window=Recurring("0 3 * * *", HOUR)),
    ],
)
async def test_what_the_configuration_holds_is_not_stored_too(address: str, wrong: Silence) -> None:
    async with opened(address) as store:
        with pytest.raises(TypeError, match="a person has asked for"):
            await store.commit(replace(opening(), silences=(wrong,)))
        assert await store.open_incidents() == []


async def test_a_silence_is_written_with_its_consequences_or_not_at_all(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first")))
        orphan = notification("orphan", of="unheard-of")
        with pytest.raises(StateError, match=r"(?i)foreign key"):
            await store.commit(Change(silences=(silence(),), cancelled=("first",), notifications=(orphan,)))
        assert await store.silences(START) == []
        (letter,) = await store.notifications_of("a", 1)
        assert letter.state is Delivery.PENDING


async def test_what_waits_is_cancelled_and_what_is_sent_stays_so(address: str) -> None:
    letters = [notification(name, recipient=name) for name in ("gone", "waits")]
    async with opened(address) as store:
        await store.commit(opening(*letters))
        (claim,) = await store.claim(1)
        assert claim.notification.id == "gone"
        assert await store.sent(claim)
        await store.commit(Change(cancelled=("gone", "waits", "unheard-of")))
        told = await store.notifications_of("a", 1)
        assert [one.state for one in told] == [Delivery.SENT, Delivery.CANCELLED]
        assert await store.claim(9) == []


@pytest.mark.parametrize("settle", ["retry", "restart"])
async def test_a_letter_cancelled_on_its_way_is_not_sent_a_second_time(address: str, settle: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first"), notification("other", recipient="b")))
        claim, other = await store.claim(2)
        await store.commit(Change(cancelled=("first",)))
        if settle == "retry":
            assert await store.retry(claim, START, "timeout")
            assert await store.retry(other, START, "timeout")
        else:
            await forsaken(store)
            assert await store.resume() == 2
        told = await store.notifications_of("a", 1)
        assert [one.state for one in told] == [Delivery.CANCELLED, Delivery.PENDING]


async def test_a_letter_cancelled_on_its_way_may_still_arrive(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification("first")))
        (claim,) = await store.claim(1)
        await store.commit(Change(cancelled=("first",)))
        assert await store.sent(claim)
        (letter,) = await store.notifications_of("a", 1)
        assert letter.state is Delivery.SENT


async def test_the_key_that_signs_links_is_drawn_once_and_kept(new_state: NewState) -> None:
    address, elsewhere = await new_state(), await new_state()
    async with opened(address) as store, opened(elsewhere) as other:
        drawn = await store.secret()
        assert len(drawn) == 32
        assert await store.secret() == drawn
        assert await other.secret() != drawn
    async with opened(address) as store:
        assert await store.secret() == drawn
