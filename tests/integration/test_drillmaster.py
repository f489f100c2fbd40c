"""A drill goes the way of real alarms, is seen to its end, and touches nothing else."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest

from alerts.drill import Drill, Outcome
from alerts.drill_options import Mailbox
from alerts.notification import Delivery, Kind
from daemon.drillmaster import Drillmaster, DrillRefusedError, Why
from daemon.imap_dialogue import ImapError
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.drills import MAILBOX, WRITER, desk
from tests.support.stored import opened

HOTEL = "grand-harbour"
BOX = Mailbox(address=MAILBOX, host="imap.hotel.example", username="drills", password="secret")


class Place:
    """A drillmaster over a store, a mailbox that has what it is given, and whether it was said to be so."""

    def __init__(
        self, store: Store, clock: FakeClock, name: str = "d", *, mailbox: Mailbox | None = None
    ) -> None:
        self.store = store
        self.clock = clock
        self.arrived: set[str] = set()
        self.trouble = ""
        self.looks = 0
        self.posted = 0
        self.held = {HOTEL, "h"}
        numbers = count(1)
        self.master = Drillmaster(
            store, clock, lambda: f"{name}{next(numbers)}", held=lambda: self.held, posted=self._post
        )
        desks = {HOTEL: desk(), "h": desk("h")}
        self.master.configure(WRITER, desks, mailbox, self._look)

    def _post(self) -> None:
        self.posted += 1

    async def _look(self, mailbox: Mailbox, message_id: str) -> bool:
        self.looks += 1
        if self.trouble:
            raise ImapError(self.trouble)
        return message_id in self.arrived

    async def deliver(self, most: int = 10) -> None:
        """Deliver what is due, as a perfect relay would."""
        for claim in await self.store.claim(most):
            assert await self.store.sent(claim)

    async def now(self, name: str = "d1") -> Drill:
        found = await self.master.one(name)
        assert found is not None
        return found

    async def later(self, seconds: float) -> None:
        self.clock.advance(seconds)
        await self.master.tick()


@asynccontextmanager
async def place(address: Path | str, mailbox: Mailbox | None = None) -> AsyncIterator[Place]:
    clock = FakeClock()
    async with opened(address, clock) as store:
        yield Place(store, clock, mailbox=mailbox)


async def test_a_drill_reaches_its_level_and_ends_by_itself(address: str) -> None:
    async with place(address) as one:
        drill = await one.master.hold(HOTEL, "1", "Ada", "before the season")
        assert one.posted == 1
        assert drill.outcome is Outcome.RUNNING
        assert drill.stored_at is not None
        await one.deliver()
        await one.later(1)
        found = await one.now()
        assert found.outcome is Outcome.DELIVERED
        assert {copy.recipient for copy in found.copies} == {"ada@hotel.example", "ben@hotel.example"}
        assert found.ended_at == one.clock.now()


async def test_it_opens_no_incident_and_its_letters_are_of_none(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        claims = await one.store.claim(10)
        assert {(c.notification.incident, c.notification.kind) for c in claims} == {("", Kind.DRILL)}
        assert await one.store.list_incidents() == []


async def test_it_goes_out_at_once_however_many_mails_went_before(address: str) -> None:
    async with place(address) as one:
        for level in ("1", "2", "3"):
            await one.master.hold(HOTEL, level, "Ada")
        assert len(await one.store.claim(20, only="email", per_hour=1)) == 4
        assert await one.store.held() == []


async def test_one_at_a_time_a_hotel_and_level(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        with pytest.raises(DrillRefusedError, match="A drill of level 1 is under way already") as refused:
            await one.master.hold(HOTEL, "1", "Ben")
        assert refused.value.why is Why.RUNNING
        await one.master.hold("h", "1", "Ben")


@pytest.mark.parametrize(("hotel", "level", "why"), [("x", "1", Why.UNKNOWN), (HOTEL, "4", Why.NOBODY)])
async def test_what_cannot_be_held_is_refused(tmp_path: Path, hotel: str, level: str, why: Why) -> None:
    async with place(tmp_path) as one:
        with pytest.raises(DrillRefusedError) as refused:
            await one.master.hold(hotel, level, "Ada")
        assert refused.value.why is why
        assert (await one.store.pending())[0] == 0


async def test_without_mail_and_channels_nobody_can_be_told(tmp_path: Path) -> None:
    async with place(tmp_path) as one:
        one.master.configure(None, {HOTEL: desk()}, None, one._look)
        with pytest.raises(DrillRefusedError, match="Nobody can be told"):
            await one.master.hold(HOTEL, "1", "Ada")


async def test_what_no_relay_takes_is_given_up_after_five_minutes(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        (claim,) = await one.store.claim(1)
        await one.store.retry(claim, one.clock.now() + timedelta(minutes=30), "connect: refused")
        await one.later(299)
        assert (await one.now()).outcome is Outcome.RUNNING
        await one.later(1)
        found = await one.now()
        assert found.outcome is Outcome.UNDELIVERED
        assert {copy.state for copy in found.copies} == {Delivery.CANCELLED}
        assert await one.store.claim(5) == [], "nobody wants a test of yesterday"


async def test_a_letter_that_is_taken_while_the_drill_ends_stays_taken(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "3", "Ada")
        mail = next(c for c in await one.store.claim(5) if c.notification.channel == "email")
        await one.later(300)
        assert await one.store.sent(mail)
        found = await one.now()
        assert [copy.state for copy in found.copies if copy.channel == "email"] == [Delivery.SENT]


async def test_a_refused_recipient_is_a_dead_letter_as_it_would_be_in_earnest(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "3", "Ada")
        for claim in await one.store.claim(5):
            await one.store.dead(claim, "recipient_refused: 550 no such user")
        await one.later(1)
        assert (await one.now()).outcome is Outcome.UNDELIVERED
        dead = await one.store.dead_letters(one.clock.now() - timedelta(hours=1))
        assert {(letter.hotel, letter.recipient) for letter in dead} == {
            (HOTEL, "cto@hotel.example"),
            (HOTEL, "sms"),
        }


async def test_the_mail_is_looked_for_until_it_is_there(address: str) -> None:
    async with place(address, BOX) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        await one.later(1)
        assert one.looks == 0, "nothing was sent yet"
        await one.deliver()
        await one.later(1)
        assert (one.looks, (await one.now()).outcome) == (1, Outcome.RUNNING)
        (box,) = (copy for copy in (await one.now()).copies if copy.read_back)
        one.arrived.add(box.message_id)
        await one.later(3)
        found = await one.now()
        assert found.seen_at == one.clock.now()
        assert found.outcome is Outcome.DELIVERED


async def test_a_drill_outlasts_the_porter_that_began_it(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        one = Place(store, clock, mailbox=BOX)
        await one.master.hold(HOTEL, "1", "Ada")
    async with opened(address, clock) as store:
        other = Place(store, clock, mailbox=BOX)
        await other.deliver()
        other.arrived = {copy.message_id for copy in (await other.now()).copies}
        await other.later(1)
        assert (await other.now()).outcome is Outcome.DELIVERED


async def test_who_does_not_hold_the_hotel_leaves_the_drill_to_who_does(address: str) -> None:
    async with place(address) as one:
        other = Place(one.store, one.clock, "other")
        other.held = set()
        await other.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        await other.later(1)
        assert (await one.now("other1")).outcome is Outcome.RUNNING
        one.clock.advance(10)
        await one.master.tick()
        assert (await one.now("other1")).outcome is Outcome.DELIVERED


async def test_any_replica_begins_a_drill_and_any_takes_its_acknowledgement(address: str) -> None:
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(address, clock))
        other = await stack.enter_async_context(opened(address, clock, ["other"])) if store.shared else store
        here, there = Place(store, clock), Place(other, clock, "other")
        await there.master.hold(HOTEL, "1", "Ada")
        with pytest.raises(DrillRefusedError, match="under way already"):
            await here.master.hold(HOTEL, "1", "Ben")
        await here.deliver()
        await here.later(1)
        await here.master.acknowledge("other1", "Ben")
        with pytest.raises(DrillRefusedError, match="acknowledged already, by Ben"):
            await there.master.acknowledge("other1", "Ada")
        assert (await there.now("other1")).outcome is Outcome.ACKNOWLEDGED


async def test_a_drill_that_nobody_sees_to_ends_all_the_same(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        one.held = set()
        await one.deliver()
        await one.later(539)
        assert (await one.now()).outcome is Outcome.RUNNING
        await one.later(1)
        assert (await one.now()).outcome is Outcome.DELIVERED


async def test_it_is_acknowledged_once_within_a_day(address: str) -> None:
    async with place(address) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        await one.later(240)
        drill = await one.master.acknowledge("d1", "Ben", "here")
        assert drill.acknowledged is not None
        assert drill.acknowledged.at - drill.asked_at == timedelta(minutes=4)
        assert (await one.now()).outcome is Outcome.ACKNOWLEDGED
        with pytest.raises(DrillRefusedError, match="It is acknowledged already, by Ben") as refused:
            await one.master.acknowledge("d1", "Cem")
        assert refused.value.why is Why.ACKNOWLEDGED
        with pytest.raises(DrillRefusedError, match="no drill with this id"):
            await one.master.acknowledge("d9", "Cem")


async def test_after_a_day_nothing_is_left_to_acknowledge(tmp_path: Path) -> None:
    async with place(tmp_path) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        await one.later(86_400)
        with pytest.raises(DrillRefusedError) as refused:
            await one.master.acknowledge("d1", "Ben")
        assert refused.value.why is Why.OVER


async def test_while_nothing_is_under_way_the_state_is_left_alone(tmp_path: Path) -> None:
    async with place(tmp_path) as one:
        await one.master.tick()
        before = one.master._looked_at
        await one.later(9)
        assert one.master._looked_at == before
        await one.later(1)
        assert one.master._looked_at == one.clock.monotonic()
