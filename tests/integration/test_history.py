"""The history as pages and reports ask for it: of all that was seen, written down or not."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from checks.result import QUEUE_PENDING, Result, ok
from daemon.buckets import Bucket, Span
from daemon.history import HOTELS, History
from daemon.store import StateError
from daemon.tally import Stored
from tests.support.boards import answered, check
from tests.support.clock import START, FakeClock
from tests.support.past import CACHE, DOWN, HEALTH, Past, a_past
from tests.support.stored import alter, opened

MINUTELY, HOURLY, DAILY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = answered(120.0)
LISBON = ZoneInfo("Europe/Lisbon")
NO_ROOM = "CREATE TRIGGER no_room BEFORE INSERT ON history BEGIN SELECT RAISE(ABORT, 'no room'); END"
"""What keeps rows from being written, and from nothing else."""


@pytest.fixture
async def past(tmp_path: Path) -> AsyncIterator[Past]:
    async with a_past(tmp_path) as one:
        yield one


async def total(past: Past, width: timedelta = MINUTELY) -> int:
    since, until = past.clock.now() - timedelta(hours=23), past.clock.now() + timedelta(seconds=1)
    return sum(runs for runs, _ in await past.counted(since, until, width))


def hotels_with_hours(directory: Path) -> int:
    """Return for how many hotels hours are made."""
    query = "SELECT count(DISTINCT hotel) FROM history WHERE width = 60"
    with closing(sqlite3.connect(directory / "state.db")) as connection:
        return int(connection.execute(query).fetchone()[0])


async def test_what_has_just_been_seen_is_told_at_once(past: Past) -> None:
    past.run(GOOD, DOWN)
    past.clock.advance(1)
    assert await total(past) == 2


async def test_a_row_of_buckets_has_no_holes(past: Past) -> None:
    past.run(GOOD)
    past.clock.advance(180)
    past.run(GOOD)
    past.clock.advance(1)
    rows = await past.history.buckets("h", since=START, until=past.clock.now(), width=MINUTELY)
    assert [bucket.runs for bucket in rows[HEALTH.id]] == [1, 0, 0, 1]
    assert rows[HEALTH.id][1] == Bucket(START + MINUTELY, 60)
    assert rows[HEALTH.id][1].success_rate is None


async def test_an_integration_is_the_sum_of_its_checks_and_as_fast_as_its_answers(past: Past) -> None:
    counting = check("payment", "queue", hotel="h")
    queue = replace(counting, type=replace(counting.type, name="queue", measurement=QUEUE_PENDING))
    rooms = replace(CACHE, type=replace(CACHE.type, name="sql", measurement="value"))
    rooms = replace(rooms, id=rooms.id._replace(integration="payment", check="rooms"))
    past.run(answered(100), answered(300), DOWN)
    past.run(Result(ok().state, measurements={QUEUE_PENDING: 7.0}, duration=9.0), one=queue)
    past.run(Result(ok().state, measurements={"value": 3.0}, duration=9.0), one=rooms)
    past.clock.advance(1)
    found = await past.history.integrations("h", since=START, until=past.clock.now(), width=MINUTELY)
    ((bucket,),) = found.values()
    assert (bucket.runs, bucket.failures, bucket.mean, bucket.peaks) == (5, 1, 0.2, {"queue_pending": 7.0})
    alone = await past.history.buckets("h", since=START, until=past.clock.now(), width=MINUTELY)
    assert alone[queue.id][0].mean == 9.0
    assert alone[rooms.id][0].peaks == {"value": 3.0, "value_lowest": 3.0}


async def test_the_days_of_a_hotel_are_made_of_hours_through_a_change_of_its_clocks(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2026, 10, 23, 12, tzinfo=UTC))
    async with a_past(tmp_path, clock) as past:
        await past.live(60 * 24 * 4, GOOD)
        edges = [datetime(2026, 10, day, tzinfo=LISBON) for day in (24, 25, 26, 27)]
        rows = await past.history.between("h", edges=edges)
        assert [bucket.runs for bucket in rows[HEALTH.id]] == [24 * 60, 25 * 60, 24 * 60]
        assert [bucket.seconds // 3600 for bucket in rows[HEALTH.id]] == [24, 25, 24]


@pytest.mark.parametrize("span", list(Span))
async def test_cells_and_points_of_a_span_are_of_a_width_that_is_kept(past: Past, span: Span) -> None:
    past.run(GOOD)
    past.clock.advance(1)
    now = past.clock.now()
    for width, least in ((span.cell, 12), (span.point, 60)):
        assert past.history.width_for(now - span.length, width) == width
        rows = await past.history.buckets("h", since=now - span.length, until=now, width=width)
        assert least <= len(rows[HEALTH.id]) <= 170
        assert rows[HEALTH.id][-1].runs == 1


@pytest.mark.parametrize(
    ("days", "width"), [(1, MINUTELY), (2, HOURLY), (39, HOURLY), (41, DAILY), (400, DAILY)]
)
async def test_what_is_older_is_told_in_wider_buckets(past: Past, days: int, width: timedelta) -> None:
    assert past.history.width_for(START - timedelta(days=days), MINUTELY) == width


@pytest.mark.parametrize(
    ("back", "asked", "told"),
    [
        (timedelta(hours=24, minutes=55), timedelta(minutes=5), timedelta(minutes=5)),
        # Minutes are kept, but not all those of the first bucket.
        (timedelta(hours=25), timedelta(minutes=5), HOURLY),
        (timedelta(hours=25), MINUTELY, MINUTELY),
    ],
)
async def test_no_bucket_holds_more_than_its_time(
    tmp_path: Path, back: timedelta, asked: timedelta, told: timedelta
) -> None:
    async with a_past(tmp_path, FakeClock(START + timedelta(minutes=3))) as past:
        await past.live(60 * 26, GOOD)
        now = past.clock.now()
        rows = await past.history.buckets("h", since=now - back, until=now, width=asked)
        assert {bucket.seconds for bucket in rows[HEALTH.id]} == {told.total_seconds()}
        assert {bucket.runs for bucket in rows[HEALTH.id][:-1]} == {told // MINUTELY}


async def test_what_cannot_be_written_is_kept_and_told_and_written_later(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_past(tmp_path, clock) as past:
        alter(tmp_path / "state.db", NO_ROOM)
        for _ in range(3):
            past.run(GOOD)
            clock.advance(60)
            with pytest.raises(StateError):
                await past.history.tick()
        assert await total(past) == 3
        alter(tmp_path / "state.db", "DROP TRIGGER no_room")
        await past.history.tick()
        assert past.history.recorder.held("h") == []
        assert await total(past) == 3


async def test_what_is_being_written_is_not_told_twice(past: Past) -> None:
    past.run(GOOD)
    past.clock.advance(60)
    await past.history.recorder.pack()
    await past.store.history.add(past.history.recorder.waiting(9), {}, past.minute)
    assert await total(past) == 1


async def test_the_end_of_a_duty_writes_the_present_minute(tmp_path: Path) -> None:
    clock = FakeClock()
    async with a_past(tmp_path, clock) as past:
        past.run(GOOD)
        await past.history.finish()
    async with a_past(tmp_path, clock) as past:
        clock.advance(1)
        assert await total(past) == 1


async def test_a_hotel_that_goes_takes_its_history_along(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store:
        here, there = (History(store, clock, lambda: {"h"}) for _ in range(2))
        here.note(HEALTH, GOOD, GOOD)
        await here.finish({"h"}.__contains__)
        there.note(HEALTH, GOOD, GOOD)
        clock.advance(1)
        rows = await there.buckets("h", since=START, until=clock.now(), width=MINUTELY)
        assert [bucket.runs for bucket in rows[HEALTH.id]] == [2]


async def test_nothing_is_forgotten_on_the_word_of_a_clock_that_was_just_set(past: Past) -> None:
    await past.live(60, GOOD)
    past.clock.jump(2 * 365 * 86_400)
    for _ in range(3):
        await past.live(60)
    past.clock.jump(-2 * 365 * 86_400)
    await past.history.tick()
    assert await past.counted(START, START + HOURLY, HOURLY) == [(60, 0)]


@pytest.mark.parametrize("wrong", [datetime(1970, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)])
async def test_nothing_is_forgotten_on_the_word_of_a_clock_that_a_host_begins_with(
    tmp_path: Path, wrong: datetime
) -> None:
    right, clock = FakeClock(), FakeClock(wrong)
    async with a_past(tmp_path, right) as past:
        await past.live(60, GOOD)
    async with a_past(tmp_path, clock) as past:
        for _ in range(5):
            await past.live(1)
        clock.jump((right.now() - clock.now()).total_seconds())
        await past.live(60)
        assert await past.counted(START, START + HOURLY, HOURLY) == [(60, 0)]


async def test_a_clock_that_jumps_about_neither_loses_nor_doubles_a_run(past: Past) -> None:
    runs = 0
    for number, jump in enumerate((0, -600, 300, 7200, -7200, -59, 61, 3600, -3600), 1):
        past.clock.jump(jump)
        for _ in range(number * 7):
            past.run(GOOD)
            runs += 1
            past.clock.advance(20)
            await past.history.tick()
    past.clock.advance(3 * 3600)
    await past.history.tick()
    assert await total(past) == await total(past, HOURLY) == runs


async def test_many_hotels_have_their_hours_made_a_few_at_a_time(tmp_path: Path) -> None:
    clock = FakeClock()
    hotels = {f"h{number}" for number in range(HOTELS + 1)}
    async with a_past(tmp_path, clock, hotels) as past:
        for hotel in hotels:
            past.run(GOOD, one=check("payment", "health", hotel=hotel))
        clock.advance(7200)
        await past.history.tick()
        assert hotels_with_hours(tmp_path) == HOTELS
        await past.history.tick()
        assert hotels_with_hours(tmp_path) == HOTELS + 1


async def test_a_damaged_row_costs_no_more_than_itself(past: Past) -> None:
    await past.live(10, GOOD)
    row = Stored("h", 1, past.minute - 1, "payment", 77, b"\x01\x06health\x05\x00")
    await past.store.history.add([row], {}, past.minute)
    assert await total(past) == 10
    past.clock.advance(7200)
    await past.history.tick()
    assert await total(past, HOURLY) == 10


async def test_two_checks_of_one_hotel_are_told_apart(past: Past) -> None:
    past.run(GOOD)
    past.run(DOWN, one=CACHE)
    past.clock.advance(1)
    rows = await past.history.buckets("h", None, "cache", since=START, until=past.clock.now(), width=MINUTELY)
    assert list(rows) == [CACHE.id]
