"""Level 2 hears once of what came and went while it was away, over restarts, over both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.incident import Incident, IncidentState
from alerts.message import Renderer
from daemon.handing_over import HandingOver
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.rows import tables
from tests.support.stored import opened
from tests.support.story import POLICY, Story
from tests.support.zones import at

LETTERS = Correspondent("Porter <porter@hotel.example>", Renderer(), "https://porter.hotel.example")
DESK = HotelDesk("h", "Grand Harbour", ZoneInfo("Europe/Lisbon"), POLICY, {}, {}, {})
NIGHT = at("2026-06-03 02:00")


def over(name: str) -> Incident:
    """Return an incident that waited for level 2, and ended at four."""
    story = Story("2026-06-03 02:00")
    story.opens()
    story.after(minutes=15)
    ended = at("2026-06-03 04:00")
    return replace(story.incident, id=name, key=name, state=IncidentState.RESOLVED, resolved_at=ended)


def porter(store: Store, clock: FakeClock) -> HandingOver:
    one = HandingOver(store, clock, lambda: {"h"})
    one.configure(LETTERS, {"h": DESK})
    return one


async def letters(address: str) -> list[tuple[str, str]]:
    rows = (await tables(address))["notifications"]
    return [(row["recipient"], bytes(row["message"]).decode()) for row in rows]


async def on_duty(store: Store, clock: FakeClock, until: datetime) -> None:
    """Look every ten minutes, by a porter that has just begun each time."""
    while clock.now() < until:
        await porter(store, clock).tick()
        clock.advance(timedelta(minutes=10).total_seconds())


def clock_at(moment: datetime) -> FakeClock:
    clock = FakeClock()
    clock.advance((moment - clock.now()).total_seconds())
    return clock


async def test_what_was_all_over_before_the_office_opened_is_told_once(address: str) -> None:
    clock = clock_at(NIGHT - timedelta(days=1))
    async with opened(address, clock) as store:
        await on_duty(store, clock, NIGHT)
        await store.commit(Change(incidents=(over("1"), over("2"))))
        await on_duty(store, clock, at("2026-06-03 08:59"))
        assert await letters(address) == []
        await on_duty(store, clock, at("2026-06-03 16:00"))
        [(recipient, mail)] = await letters(address)
        assert recipient == "two@h.example"
        assert "Subject: [DIGEST] Grand Harbour: 2 incidents are over" in mail
        assert "They came and went while the office was closed." in " ".join(
            mail.replace("=\r\n", "").split()
        )
        await on_duty(store, clock, at("2026-06-05 16:00"))
        assert len(await letters(address)) == 1


async def test_a_night_without_anything_and_a_porter_that_is_new_tell_nothing(address: str) -> None:
    clock = clock_at(at("2026-06-03 10:00"))
    async with opened(address, clock) as store:
        await store.commit(Change(incidents=(over("1"),)))
        await on_duty(store, clock, at("2026-06-05 16:00"))
        assert await letters(address) == []


async def test_an_opening_that_nobody_was_on_duty_at_is_told_of_within_hours(address: str) -> None:
    for hours, told in ((3, 1), (5, 0)):
        clock = clock_at(NIGHT - timedelta(days=1))
        async with opened(address, clock) as store:
            await on_duty(store, clock, NIGHT)
            await store.commit(Change(incidents=(over(f"late-{hours}"),)))
            before = len(await letters(address))
            clock.advance((at("2026-06-03 09:00") + timedelta(hours=hours) - clock.now()).total_seconds())
            await porter(store, clock).tick()
            assert len(await letters(address)) - before == told
