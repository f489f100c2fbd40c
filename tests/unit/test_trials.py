"""One hotel's trouble is its own: told once, tried again after growing pauses, and never for ever."""

import asyncio

import pytest
from structlog.testing import capture_logs

from daemon.reporting.trials import LONGEST, PAUSE, Trials
from tests.support.clock import FakeClock


class WeirdError(Exception):
    """Something nobody thought of."""


async def fails(said: str = "no") -> None:
    raise WeirdError(said)


async def works() -> None:
    """Do nothing, well."""


async def test_a_failure_is_told_once_and_tried_again_after_growing_pauses() -> None:
    clock = FakeClock()
    trials = Trials(clock.monotonic)
    pauses = []
    with capture_logs() as logs:
        for _ in range(9):
            assert isinstance(await trials.attempt("h", fails()), WeirdError)
            waited = 0
            while trials.waits("h"):
                clock.advance(PAUSE)
                waited += 1
            pauses.append(waited * PAUSE)
        assert await trials.attempt("h", works()) is None
    assert pauses == [min(LONGEST, PAUSE * 2**number) for number in range(9)]
    assert [(one["event"], one["hotel"]) for one in logs] == [
        ("report.failed", "h"),
        ("report.recovered", "h"),
    ]


async def test_another_failure_is_told_again_and_no_other_hotel_waits() -> None:
    trials = Trials(FakeClock().monotonic)
    with capture_logs() as logs:
        for said in ("one", "one", "two"):
            await trials.attempt("h", fails(said))
    assert [one["error"] for one in logs] == ["one", "two"]
    assert (trials.waits("h"), trials.waits("other")) == (True, False)
    trials.forgive()
    assert not trials.waits("h")


async def test_what_does_not_end_is_ended_and_is_a_failure() -> None:
    ended = []

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    trials = Trials(FakeClock().monotonic, deadline=0.01)
    with capture_logs() as logs:
        assert isinstance(await trials.attempt("h", hangs()), TimeoutError)
    assert ended == [True]
    assert [one["error"] for one in logs] == ["not done within 0.01 s"]
    assert trials.waits("h")


async def test_who_is_cancelled_leaves_nothing_behind() -> None:
    begun, ended = asyncio.Event(), []

    async def hangs() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    trying = asyncio.create_task(Trials(FakeClock().monotonic).attempt("h", hangs()))
    await begun.wait()
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert ended == [True]
