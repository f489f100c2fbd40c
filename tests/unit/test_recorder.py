"""What is not written down yet is counted rightly, whatever the clock does, and takes bounded room."""

import asyncio

from checks.result import Result
from daemon.recorder import SLICE, Recorder, minute_of
from daemon.tally import Stored, Tally, places
from tests.support.boards import answered, check
from tests.support.clock import START, FakeClock

HEALTH = check("payment", "health")
GOOD = answered(120.0)


def recording(most: int = 100) -> tuple[Recorder, FakeClock]:
    clock = FakeClock()
    return Recorder(clock, most), clock


def run(recorder: Recorder, *results: Result) -> None:
    for result in results:
        recorder.note(HEALTH, result, result)


def runs_of(rows: list[Stored]) -> list[tuple[int, int]]:
    found = []
    for row in rows:
        tally = Tally()
        for _, at in places(row.body):
            tally.absorb(row.body, at)
        found.append((row.start - minute_of(START), tally.runs))
    return found


async def test_a_minute_is_packed_once_it_is_over() -> None:
    recorder, clock = recording()
    run(recorder, GOOD, GOOD)
    await recorder.pack()
    assert recorder.waiting(9) == []
    clock.advance(60)
    run(recorder, GOOD)
    await recorder.pack()
    (row,) = recorder.waiting(9)
    assert (row.hotel, row.integration, row.width) == ("grand-harbour", "payment", 1)
    assert runs_of([row]) == [(0, 2)]
    assert runs_of(recorder.held("grand-harbour")) == [(0, 2), (1, 1)]


async def test_a_minute_that_comes_again_is_a_row_of_its_own() -> None:
    recorder, clock = recording()
    run(recorder, GOOD)
    clock.advance(60)
    await recorder.pack()
    clock.jump(-60)
    run(recorder, GOOD, GOOD)
    clock.jump(-60)
    await recorder.pack()
    rows = recorder.waiting(9)
    assert sorted(runs_of(rows)) == [(0, 1), (0, 2)]
    assert len({row[:-1] for row in rows}) == 2


async def test_what_is_not_written_stays_until_it_is() -> None:
    recorder, _ = recording()
    run(recorder, GOOD)
    recorder.pack_all()
    rows = recorder.waiting(9)
    assert recorder.waiting(9) == rows
    recorder.written(rows)
    assert recorder.waiting(9) == recorder.held("grand-harbour") == []


async def test_the_oldest_makes_room_and_is_counted() -> None:
    recorder, clock = recording(most=3)
    for _ in range(5):
        run(recorder, GOOD)
        clock.advance(60)
        await recorder.pack()
    rows = recorder.waiting(9)
    assert runs_of(rows) == [(2, 1), (3, 1), (4, 1)]
    assert recorder.lost == 2
    recorder.written(rows)
    assert recorder.lost == 0


async def test_hotels_that_go_are_packed_and_the_others_go_on() -> None:
    recorder, _ = recording()
    other = check("payment", "health", hotel="other")
    run(recorder, GOOD)
    recorder.note(other, GOOD, GOOD)
    recorder.pack_all(lambda hotel: hotel == "other")
    assert [row.hotel for row in recorder.waiting(9)] == ["other"]
    recorder.note(other, GOOD, GOOD)
    run(recorder, GOOD)
    assert runs_of(recorder.held("grand-harbour")) == [(0, 2)]


async def test_what_goes_while_it_is_being_packed_is_packed_once() -> None:
    recorder, clock = recording(most=10_000)
    for number in range(SLICE * 3):
        recorder.note(check(f"i{number}", "health"), GOOD, GOOD)
    clock.advance(60)
    packing = asyncio.create_task(recorder.pack())
    await asyncio.sleep(0)
    recorder.pack_all()
    await packing
    assert len(recorder.waiting(10_000)) == SLICE * 3


async def test_packing_many_lets_others_have_their_turn() -> None:
    recorder, clock = recording(most=10_000)
    for number in range(SLICE * 4):
        recorder.note(check(f"i{number}", "health"), GOOD, GOOD)
    clock.advance(60)
    packing = asyncio.create_task(recorder.pack())
    await asyncio.sleep(0)
    assert not packing.done()
    recorder.note(HEALTH, GOOD, GOOD)
    await packing
    assert len(recorder.waiting(10_000)) == SLICE * 4
