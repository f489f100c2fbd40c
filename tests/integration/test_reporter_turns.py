"""Another report hour repeats no report, and a hotel whose report cannot be made stops no other's."""

from dataclasses import replace
from pathlib import Path

import pytest

from daemon.history import History
from tests.support.clock import FakeClock
from tests.support.inbox import inbox
from tests.support.night_watch import DAY, FRIDAY, Blotted, a_night
from tests.support.reported import HOTEL, HOUR, nights_over, settings_of
from tests.support.rows import tables
from tests.support.stored import opened


@pytest.mark.parametrize("hour", ["05:00", "08:00", "11:30"])
async def test_another_report_hour_neither_repeats_a_report_nor_takes_one_away(
    hour: str, tmp_path: Path
) -> None:
    clock = FakeClock(FRIDAY + 2 * DAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path)
        await night.live(26 * HOUR)
        made = ["daily 29 06:00", "daily 30 06:00", "weekly 30 06:00"]
        assert await night.made() == made
        night.settings = settings_of(tmp_path, more=f'reports: {{at: "{hour}"}}')
        night.start()
        await night.live(12 * HOUR)
        assert await night.made() == made
        assert set((await night.mailed(relay)).values()) == {1}
        await night.live(DAY)
        assert (await night.made())[-2:] == ["daily 01 " + hour, "monthly 01 " + hour]


async def test_a_hotel_whose_report_cannot_be_made_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=["a", HOTEL]) as store:
        settings = settings_of(tmp_path)
        hotel = settings.hotels[0]
        both = replace(settings, hotels=(replace(hotel, id="a"), hotel))
        history = History(store, clock, lambda: {"a", HOTEL})
        nights = nights_over(Blotted(store), clock, both, history)  # type: ignore[arg-type]  # it stands in for one
        loops = {one.name: one for one in nights.loops()}
        for seconds in (0, 3600, 600, 10):
            clock.advance(seconds)
            for one in loops.values():
                await one.once()
        assert await store.reports.ends("a") == []
        assert len(await store.reports.ends(HOTEL)) == 1
        assert {name for name, one in loops.items() if one.error} == set()
        assert (await store.rounds.of(HOTEL))["overdue"].last is not None


async def test_the_letter_of_a_report_is_not_kept_for_good(address: str, tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(address, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path)
        await night.live(2 * HOUR)
        assert set((await night.mailed(relay)).values()) == {1}
        assert await letters(address) == ["sent"]
        clock.advance(29 * 86_400)
        await store.tidy()
        assert await letters(address) == ["sent"]
        night.start()
        await night.nights.tick()
        clock.advance(2 * 86_400)
        await store.tidy()
        assert "sent" not in await letters(address)
        assert "daily 27 06:00" in await night.made()


async def letters(address: str) -> list[str]:
    """Return the states of all letters that bring a report."""
    return [row["state"] for row in (await tables(address))["notifications"] if row["kind"] == "report"]
