"""Looking names up: one dead name holds nobody else up."""

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest

from checks.lookup import Address, Lookups, system


@dataclass
class Stuck:
    """A resolver that hangs for every name that begins with `slow`, until it is released."""

    release: threading.Event = field(default_factory=threading.Event)

    def __call__(self, host: str) -> Sequence[Address]:
        if host.startswith("slow"):
            self.release.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "hung")
        return system(host)


@pytest.fixture
def stuck() -> Iterator[Stuck]:
    one = Stuck()
    yield one
    one.release.set()


async def test_a_name_has_its_addresses() -> None:
    assert (socket.AF_INET, "127.0.0.1") in await Lookups()("localhost")


async def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(socket.gaierror):
        await Lookups()("nowhere.invalid")
    with pytest.raises(UnicodeError):
        await Lookups()("a" * 70 + ".example")


async def test_names_that_hang_delay_no_other(stuck: Stuck) -> None:
    lookups = Lookups(stuck)
    waiting = [asyncio.create_task(lookups(f"slow{number}")) for number in range(40)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await lookups("localhost")
    assert not any(task.done() for task in waiting)
    stuck.release.set()
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(answer, socket.gaierror) for answer in answers)


async def test_a_name_that_hangs_takes_one_thread_however_often_it_is_asked(stuck: Stuck) -> None:
    lookups, before = Lookups(stuck), set(threading.enumerate())
    for _ in range(10):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await lookups("slow")
    assert len(set(threading.enumerate()) - before) == 1
    stuck.release.set()
    with pytest.raises(socket.gaierror):
        await lookups("slow")
