"""The history in a state: nothing is lost or counted twice, and nothing is kept for ever."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from daemon.demo.postgres import Postgres
from daemon.store.histories import KEPT, PIECE
from daemon.store.schema import history as table
from daemon.tally import DAY, HOUR, MINUTE
from tests.support.boards import answered
from tests.support.clock import START, FakeClock
from tests.support.past import CACHE, DOWN, HEALTH, Past, a_past
from tests.support.pgbouncer import pgbouncer
from tests.support.postgres import state_database
from tests.support.statements import statements

MINUTELY, HOURLY, DAILY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
GOOD = answered(120.0)


async def stored(past: Past, hotel: str = "h") -> dict[int, int]:
    """Return how many rows there are of each width."""
    query = select(table.c.width, func.count()).where(table.c.hotel == hotel).group_by(table.c.width)
    return await past.store._transactions.read(
        lambda connection: {row.width: row[1] for row in connection.execute(query)}
    )


async def test_minutes_become_hours_and_hours_days(address: str) -> None:
    async with a_past(address) as past:
        await past.live(60, GOOD, DOWN)
        await past.live(60 * 23, GOOD)
        await past.live(60)
        now = past.clock.now()
        assert await past.counted(START, START + HOURLY, HOURLY) == [(120, 60)]
        assert await past.counted(START, now, HOURLY) == [(120, 60), *[(60, 0)] * 23, (0, 0)]
        assert await past.counted(START, now, DAILY) == [(60 * 17, 60), (60 * 8, 0)]
        rows = await stored(past)
        assert (rows[HOUR], rows[DAY]) == (24, 1)


async def test_the_widest_rows_say_the_same_as_the_narrowest(address: str) -> None:
    async with a_past(address) as past:
        for number in range(30):
            await past.live(53, answered(10.0 + number), *[DOWN] * (number % 3))
        now = past.clock.now()
        since = now - timedelta(hours=24)
        minutes = await past.counted(since, now, MINUTELY)
        hours = await past.counted(since, now, HOURLY)
        assert sum(runs for runs, _ in minutes) < sum(runs for runs, _ in hours)
        first = HOURLY - timedelta(minutes=since.minute)
        whole = minutes[int(first / MINUTELY) :]
        assert [sum(one) for one in zip(*whole, strict=True)] == [
            sum(one) for one in zip(*hours[1:], strict=True)
        ]


async def test_durations_and_peaks_outlast_being_merged(address: str) -> None:
    async with a_past(address) as past:
        await past.live(60, *[answered(100.0)] * 18, answered(900.0), answered(900.0))
        await past.live(3)
        rows = await past.history.buckets("h", since=START, until=START + HOURLY, width=HOURLY)
        (bucket,) = rows[HEALTH.id]
        assert bucket.mean == pytest.approx(0.18)
        assert bucket.p95 == pytest.approx(0.9, rel=0.025)
        assert bucket.success_rate == 100.0
        assert bucket.seconds == 3600


async def test_what_is_written_twice_counts_once(address: str) -> None:
    async with a_past(address) as past:
        past.run(GOOD)
        past.clock.advance(60)
        await past.history.recorder.pack()
        rows = past.history.recorder.waiting(9)
        await past.store.history.add(rows, {}, past.minute)
        assert await past.total(MINUTELY) == 1
        await past.history.tick()
        assert await past.total(MINUTELY) == 1
        assert await stored(past) == {MINUTE: 1}


async def test_what_nobody_heard_was_written_counts_once_after_its_hour_and_day_are_made(
    address: str,
) -> None:
    async with a_past(address) as past:
        past.run(GOOD)
        past.clock.advance(60)
        await past.history.recorder.pack()
        # The connection breaks off at the commit: it is done, and believed to be still to do.
        await past.store.history.add(past.history.recorder.waiting(9), {}, past.minute)
        past.clock.advance(17 * 3600)
        # Another replica has the hotel by now, and makes its hours and its day.
        now = past.minute
        await past.store.history.settle("h", now - 2, now)
        assert await stored(past) == {MINUTE: 1, HOUR: 1, DAY: 1}
        await past.history.tick()
        assert await stored(past) == {MINUTE: 1, HOUR: 1, DAY: 1}
        assert [await past.total(width) for width in (HOURLY, DAILY)] == [1, 1]


async def test_a_minute_that_was_begun_before_a_restart_is_gone_on_with(address: str) -> None:
    clock = FakeClock()
    for _ in range(3):
        async with a_past(address, clock) as past:
            past.run(GOOD, DOWN)
            await past.history.finish()
    async with a_past(address, clock) as past:
        assert await past.counted(START, START + MINUTELY, MINUTELY) == [(6, 3)]
        clock.advance(2 * 3600)
        await past.history.tick()
        assert await past.counted(START, START + HOURLY, HOURLY) == [(6, 3)]


async def test_hours_that_ended_while_the_porter_was_away_are_made_when_it_is_back(address: str) -> None:
    clock = FakeClock()
    async with a_past(address, clock) as past:
        await past.live(30, GOOD)
    clock.advance(3 * 86_400)
    async with a_past(address, clock) as past:
        await past.history.tick()
        assert await stored(past) == {MINUTE: 30, HOUR: 1, DAY: 1}
        assert await past.total(DAILY) == 30
        clock.advance(2 * 3600)
        await past.history.tick()
        assert await stored(past) == {HOUR: 1, DAY: 1}
        assert await past.total(DAILY) == 30


async def test_what_is_written_late_is_added_to_what_is_made_already(address: str) -> None:
    async with a_past(address) as past:
        await past.live(90, GOOD)
        past.clock.jump(-3600)
        await past.live(10, DOWN)
        past.clock.jump(3600)
        await past.live(60 * 48, GOOD)
        past.clock.jump(-47 * 3600)
        await past.live(5, DOWN)
        past.clock.jump(47 * 3600)
        day, again = START.replace(hour=0), START + timedelta(hours=2)
        assert await past.counted(START, START + HOURLY, HOURLY) == [(70, 10)]
        assert await past.counted(again, again + HOURLY, HOURLY) == [(65, 5)]
        assert await past.counted(day, day + DAILY, DAILY) == [(16 * 60 + 5, 10 + 5)]


async def test_two_replicas_that_make_the_same_hours_make_them_once(address: str) -> None:
    clock = FakeClock()
    async with a_past(address, clock) as past:
        await past.live(90, GOOD)
        upto = int(clock.now().timestamp() // 60)
        for _ in range(2):
            await past.store.history.settle("h", upto, upto)
        assert await past.counted(START, START + HOURLY, HOURLY) == [(60, 0)]
        assert (await stored(past))[HOUR] == 1


async def test_what_is_too_old_is_forgotten(address: str) -> None:
    async with a_past(address) as past:
        await past.live(60, GOOD)
        for days, left in ((2, {HOUR: 1, DAY: 1}), (41, {DAY: 1}), (401, {})):
            past.clock.advance((START + timedelta(days=days) - past.clock.now()).total_seconds())
            await past.history.tick()
            assert await stored(past) == left


async def test_the_history_of_a_hotel_that_is_gone_ages_out_too(address: str) -> None:
    async with a_past(address) as past:
        await past.live(60, GOOD)
        past.held.clear()
        past.clock.advance(3 * 86_400)
        await past.live(1)
        await past.live(1)
        assert await stored(past) == {HOUR: 1, DAY: 1}
        past.clock.advance(402 * 86_400)
        await past.live(1)
        await past.live(1)
        assert await stored(past) == {}


async def test_one_hotel_is_asked_for_and_no_other(address: str) -> None:
    async with a_past(address) as past:
        await past.live(5, GOOD)
        await past.live(5, GOOD, one=CACHE)
        now = past.clock.now()
        everything = await past.history.buckets("h", since=START, until=now, width=MINUTELY)
        assert list(everything) == [CACHE.id, HEALTH.id]
        assert list(await past.history.buckets("h", "payment", since=START, until=now, width=MINUTELY)) == [
            HEALTH.id
        ]
        assert await past.history.buckets("other", since=START, until=now, width=MINUTELY) == {}


async def test_what_says_to_be_of_a_time_far_ahead_stops_nothing(address: str) -> None:
    async with a_past(address) as past:
        past.clock.jump(4 * 365 * 86_400)
        await past.live(180, GOOD)
        past.clock.jump(-4 * 365 * 86_400)
        begun = past.clock.now()
        await past.live(1, DOWN)
        assert await stored(past) == {MINUTE: 181, HOUR: 2}
        await past.live(60 * 29, DOWN)
        hours = await past.counted(begun, past.clock.now(), HOURLY)
        assert sum(runs for runs, _ in hours) == 60 * 29 + 1
        assert await stored(past) == {MINUTE: 60 * 25, HOUR: 28, DAY: 1}


async def test_a_history_is_kept_behind_a_pooler(pg: Postgres, tmp_path: Path) -> None:
    async with (
        pgbouncer(tmp_path, pg) as pooler,
        state_database(pg) as one,
        a_past(pooler.before(one.dsn)) as past,
    ):
        await past.live(PIECE + 1, GOOD)
        assert await past.counted(START, START + HOURLY, MINUTELY) == [(1, 0)] * 60
        assert await past.total(HOURLY) == PIECE + 1


async def test_what_is_asked_of_a_history_goes_through_no_other(tmp_path: Path) -> None:
    async with a_past(tmp_path) as past:
        transactions = past.store._transactions
        with statements(transactions) as said:
            await past.live(130, GOOD)
            for width in (MINUTELY, HOURLY, DAILY):
                await past.counted(START, past.clock.now(), width)

        def explain(connection: Connection) -> set[str]:
            return {
                str(row.detail)
                for statement, parameters in said
                if "history" in statement and not statement.startswith("INSERT")
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            }

        plans = await transactions.write(explain)
        found = {plan for plan in plans if "history" in plan}
        assert found
        assert {plan for plan in found if "SEARCH history USING PRIMARY KEY (hotel" not in plan} == set()


def test_a_day_is_kept_for_longer_than_an_hour_and_that_for_longer_than_a_minute() -> None:
    assert KEPT[MINUTE] > DAY
    assert KEPT[HOUR] > 31 * DAY
    assert KEPT[DAY] > 366 * DAY
