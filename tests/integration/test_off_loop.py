"""A look that hangs holds up nobody but its own check, and what comes too late counts for nothing."""

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from checks import off_loop
from checks.context import Context, Tools, Trace
from checks.memory import Memory
from checks.result import Reason, State, ok
from daemon.clock import SystemClock
from tests.support.polling import until
from tests.support.probing import look


class Disk:
    """A file system that can be made to hang."""

    def __init__(self) -> None:
        self.answers = threading.Event()
        self.begun = self.ended = 0

    def hung(self) -> off_loop.Seen:
        """Look, as long as the disk hangs."""
        self.begun += 1
        self.answers.wait(10)
        self.ended += 1
        return ok("late"), {"at": "late"}


@pytest.fixture
def disk() -> Iterator[Disk]:
    """A disk that hangs until the test is over."""
    disk = Disk()
    yield disk
    disk.answers.set()


def context(timeout: float = 0.05) -> Context:
    """Return what a check of its own runs with."""
    return Context(Tools.new(SystemClock().now), Trace(), 60.0, timeout, Memory({"at": "start"}))


async def test_a_look_that_hangs_is_unknown_and_no_second_one_begins(disk: Disk) -> None:
    ours = context()
    for _ in range(5):
        result = await off_loop.look(disk.hung, ours)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)
        assert "the file system does not answer" in result.message
    assert disk.begun == 1


async def test_the_looks_of_other_checks_go_on_however_many_hang(disk: Disk, tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text("ok\n")
    stuck = [asyncio.create_task(off_loop.look(disk.hung, context(10.0))) for _ in range(40)]
    await until(lambda: disk.begun == 40, 5.0)
    assert (await look("log", path=tmp_path / "app.log", deadline=2.0)).state is State.OK
    disk.answers.set()
    await asyncio.gather(*stuck)


async def test_what_comes_too_late_is_not_remembered(disk: Disk) -> None:
    ours = context()
    await off_loop.look(disk.hung, ours)
    disk.answers.set()
    await until(lambda: disk.ended, 5.0)
    again = await off_loop.look(lambda: (ok("in time"), {"at": "newer"}), replace(ours, timeout=5.0))
    assert again.message == "in time"
    assert ours.memory.value == {"at": "newer"}


async def test_a_finding_that_came_too_late_is_found_again(disk: Disk) -> None:
    ours = context()

    def finds() -> off_loop.Seen:
        before = str(ours.memory.value["at"])
        disk.answers.wait(10)
        disk.ended += 1
        return ok(f"read from {before}"), {"at": "end"}

    await off_loop.look(finds, ours)
    disk.answers.set()
    await until(lambda: disk.ended, 5.0)
    found = replace(ours, timeout=5.0)
    assert (await off_loop.look(finds, found)).message == "read from start"
    assert (await off_loop.look(finds, found)).message == "read from end"


async def test_looks_one_right_after_the_other_never_meet() -> None:
    ours = context(5.0)
    for number in range(200):
        assert (await off_loop.look(partial(_at, number), ours)).state is State.OK
        assert ours.memory.value == {"at": number}


async def test_what_goes_wrong_in_a_look_is_raised_where_it_was_asked_for() -> None:
    def fails() -> Any:
        raise ZeroDivisionError("a mistake of ours")

    ours = context(5.0)
    with pytest.raises(ZeroDivisionError):
        await off_loop.look(fails, ours)
    assert (await off_loop.look(lambda: (ok(), None), ours)).state is State.OK
    assert ours.memory.value == {"at": "start"}


async def test_only_one_look_at_a_time_reckons_but_none_waits_for_the_file_of_another(disk: Disk) -> None:
    reckoning: list[str] = []
    read = threading.Event()

    def reckons(name: str) -> off_loop.Seen:
        read.set()
        with off_loop.turn():
            reckoning.append(name)
            disk.answers.wait(10)
            alone = reckoning[-1] == name
        return ok(str(alone)), None

    stuck = asyncio.create_task(off_loop.look(disk.hung, context(5.0)))
    first = asyncio.create_task(off_loop.look(partial(reckons, "first"), context(5.0)))
    await until(lambda: reckoning, 5.0)
    read.clear()
    second = asyncio.create_task(off_loop.look(partial(reckons, "second"), context(5.0)))
    await until(read.is_set, 5.0)
    assert reckoning == ["first"]
    disk.answers.set()
    assert [(await one).message for one in (stuck, first, second)] == ["late", "True", "True"]


def _at(number: int) -> off_loop.Seen:
    return ok(), {"at": number}
