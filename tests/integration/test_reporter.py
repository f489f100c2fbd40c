"""Each report is made and mailed once: whatever crashes, however the clock is set, whoever has the hotel."""

from datetime import timedelta
from pathlib import Path

import pytest

from alerts.reports.report import Kind
from daemon.demo.postgres import Postgres
from daemon.store.errors import LostTenureError
from tests.support.clock import FakeClock
from tests.support.inbox import inbox
from tests.support.night_watch import DAY, FRIDAY, KilledError, a_night
from tests.support.postgres import state_database
from tests.support.reported import HOTEL, HOUR, LEAD, TEAM, deliver, outbox_of
from tests.support.stored import opened


@pytest.mark.parametrize(
    "deaths",
    [["before"], ["within"], ["after"], ["before", "within", "after"], ["after", "before"], ["within"] * 3],
    ids="-".join,
)
async def test_whenever_the_porter_is_killed_each_report_is_made_and_mailed_once(
    deaths: list[str], address: str, tmp_path: Path
) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(address, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path)
        left = list(deaths)
        clock.advance(3600)
        for _ in range(4):
            while True:
                night.start(left)
                try:
                    await night.nights.tick()
                    break
                except KilledError:
                    continue
            clock.advance(DAY.total_seconds())
        assert left == []
        assert await night.made() == [
            "daily 27 06:00",
            "daily 28 06:00",
            "daily 29 06:00",
            "daily 30 06:00",
            "weekly 30 06:00",
        ]
        assert await night.mailed(relay) == {
            (TEAM, "Thursday 26 Nov"): 1,
            (TEAM, "Friday 27 Nov"): 1,
            (TEAM, "Saturday 28 Nov"): 1,
            (TEAM, "Sunday 29 Nov"): 1,
            (TEAM, "week of Monday 23 Nov"): 1,
            (LEAD, "week of Monday 23 Nov"): 1,
        }


async def test_nothing_is_reported_of_a_time_before_the_porter_was_there(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY + 2 * HOUR)
    async with opened(tmp_path, clock, held=[HOTEL]) as store:
        night = await a_night(store, clock, tmp_path)
        await night.live(22 * HOUR)
        assert await night.made() == []
        await night.live(HOUR)
        assert await night.made() == ["daily 28 06:00"]


async def test_after_an_outage_the_latest_report_is_made_up_for_and_no_other(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store:
        night = await a_night(store, clock, tmp_path)
        clock.advance(timedelta(days=5, hours=7).total_seconds())
        night.start()
        await night.nights.tick()
        assert await night.made() == ["weekly 30 06:00", "monthly 01 06:00", "daily 02 06:00"]
        await night.live(10 * HOUR)
        assert len(await night.made()) == 3


async def test_a_month_that_is_over_for_longer_than_a_week_is_not_made_up_for(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store:
        night = await a_night(store, clock, tmp_path)
        clock.advance(timedelta(days=14).total_seconds())
        night.start()
        await night.nights.tick()
        assert sorted(await night.made()) == ["daily 10 06:00", "weekly 07 06:00"]


async def test_a_clock_that_is_ahead_for_a_moment_makes_nothing(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store:
        night = await a_night(store, clock, tmp_path)
        clock.jump(timedelta(days=40).total_seconds())
        await night.live(timedelta(minutes=5), timedelta(seconds=10))
        clock.jump(-timedelta(days=40).total_seconds())
        await night.live(timedelta(minutes=5), timedelta(seconds=10))
        assert await night.made() == []
        await night.live(2 * HOUR)
        assert await night.made() == ["daily 27 06:00"]


async def test_a_clock_that_was_ahead_for_long_loses_no_report_and_repeats_none(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path)
        await night.live(2 * HOUR)
        clock.jump(timedelta(days=3).total_seconds())
        await night.live(2 * HOUR)
        clock.jump(-timedelta(days=3).total_seconds())
        await night.live(5 * DAY)
        daily = [one for one in await night.made() if one.startswith("daily")]
        assert daily == [f"daily {day} 06:00" for day in ("27", "28", "29", "30", "01", "02")]
        assert set((await night.mailed(relay)).values()) == {1}


async def test_without_mail_reports_are_kept_and_nobody_is_written_to(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store:
        night = await a_night(store, clock, tmp_path)
        night.nights.reports.configure(night.settings, None, {})
        await night.live(2 * HOUR)
        assert await night.made() == ["daily 27 06:00"]
        assert await store.pending() == (0, None, "", 0)
        assert await night.nights.reports.mail(HOTEL, Kind.DAILY, "Ada") == []


async def test_they_are_made_and_mailed_as_the_configuration_says(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY + 2 * DAY)
    more = 'reports: {at: "05:30", daily: false, to: [owner@hotel.example, lead@hotel.example]}'
    async with opened(tmp_path, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path, more)
        await night.live(30 * HOUR)
        assert await night.made() == ["weekly 30 05:30"]
        await deliver(outbox_of(store, clock, relay.port))
        mails = [one for one in relay.take() if one["X-Nightporter-Kind"] == "report"]
        assert {one["To"]: one["X-Nightporter-Level"] for one in mails} == {
            "owner@hotel.example": "1",
            LEAD: "2",
        }


async def test_as_of_now_it_is_made_without_being_kept_and_mailed_once_in_a_minute(tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(tmp_path, clock, held=[HOTEL]) as store, inbox() as relay:
        night = await a_night(store, clock, tmp_path)
        found = await night.nights.reports.now(HOTEL, Kind.WEEKLY)
        assert (found.ends, found.kind) == (FRIDAY, Kind.WEEKLY)
        for _ in range(2):
            assert await night.nights.reports.mail(HOTEL, Kind.WEEKLY, "Ada") == [TEAM, LEAD]
            clock.advance(10)
        assert await night.made() == []
        name = f"week of Monday 23 Nov so far, as of {FRIDAY:%H:%M}"
        assert await night.mailed(relay) == {(TEAM, name): 1, (LEAD, name): 1}


async def test_only_who_holds_the_hotel_makes_and_mails_and_everybody_may_look(
    pg: Postgres, tmp_path: Path
) -> None:
    async with state_database(pg) as database:
        await _look_from_elsewhere(database.dsn, tmp_path)


async def _look_from_elsewhere(address: str, tmp_path: Path) -> None:
    clock = FakeClock(FRIDAY)
    async with opened(address, clock, held=[HOTEL]) as first:
        here = await a_night(first, clock, tmp_path)
        async with opened(address, clock, held=[HOTEL]) as second:
            there = await a_night(second, clock, tmp_path)
            await here.live(2 * HOUR)
            assert await here.made() == []
            assert (await here.nights.reports.now(HOTEL, Kind.DAILY)).hotel == HOTEL
            with pytest.raises(LostTenureError):
                await here.nights.reports.mail(HOTEL, Kind.DAILY, "Ada")
            await there.nights.tick()
            assert await there.made() == ["daily 27 06:00"]
