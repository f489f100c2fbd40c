"""A form that is sent twice acts once, even while nobody knows yet how it ended."""

import asyncio
from dataclasses import dataclass, field
from typing import cast

import pytest
from aiohttp import web

from daemon.store import StateError
from daemon.web.patience import UnsettledError, patiently
from daemon.web.sheets import REMEMBERED, Once, Sheet


@dataclass
class Desk:
    """Takes a form, and writes it down once the state answers."""

    path: str = "/maintenance/h/test-backups"
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    away: bool = False
    written: int = 0

    async def send(self, once: Once, name: str = "form", by: str = "Ada") -> None:
        await once.do(cast("web.Request", self), Sheet({"by": by}, name), self._act)

    async def _act(self) -> None:
        await patiently(self._write(), 0.01)

    async def _write(self) -> None:
        await self.answers.wait()
        if self.away:
            raise StateError("is away")
        self.written += 1


async def test_a_form_that_is_sent_again_while_it_is_written_waits_for_the_same() -> None:
    desk, once = Desk(), Once()
    with pytest.raises(UnsettledError, match="may still happen"):
        await desk.send(once)
    again = asyncio.create_task(desk.send(once))
    desk.answers.set()
    await again
    await desk.send(once)
    assert desk.written == 1


async def test_a_form_that_could_not_be_written_is_written_when_it_is_sent_again() -> None:
    desk, once = Desk(away=True), Once()
    with pytest.raises(UnsettledError):
        await desk.send(once)
    desk.answers.set()
    with pytest.raises(StateError, match="is away"):
        await desk.send(once)
    desk.away = False
    await desk.send(once)
    await desk.send(once)
    assert desk.written == 1


async def test_other_words_and_other_forms_are_not_the_same() -> None:
    desk, once = Desk(), Once()
    desk.answers.set()
    await desk.send(once)
    await desk.send(once, by="Grace")
    await desk.send(once, name="another")
    assert desk.written == 3


async def test_forms_are_remembered_up_to_a_number() -> None:
    desk, once = Desk(), Once()
    desk.answers.set()
    for number in range(REMEMBERED + 1):
        await desk.send(once, name=str(number))
    assert len(once._sent) == REMEMBERED
