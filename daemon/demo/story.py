"""The demo's story: all is well, something fails, a mail, it heals, a mail; then whatever is pressed."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from daemon.demo.catcher import Inbox
from daemon.demo.fault import Fault
from daemon.demo.frame import framed, say, show
from daemon.demo.letter import Letter
from daemon.demo.scene import Play, Scene
from daemon.demo.switchboard import SwitchError

CALM = 6.0
"""Seconds of a quiet night before the fault: time to look at the status page."""

TROUBLE = 10.0
"""Seconds between the problem mail and the recovery."""

HURRY = 2.0
"""Seconds of both when nobody is to look: with `once`."""

MAIL_WITHIN = 40.0

WITH_IT = 1.5
"""Seconds in which others get their mail about the same."""


@dataclass(slots=True)
class Reader:
    """Reads the mails as they come, each once."""

    inbox: Inbox
    number: int = 0

    async def next(self) -> Letter:
        """Return the next mail."""
        found = await self.inbox.after(self.number)
        self.number = found.number
        return found

    async def catch_up(self, tell: Callable[[Letter], None]) -> None:
        """Tell of all mails that have come meanwhile."""
        while self.number < self.inbox.count:
            tell(await self.next())

    async def until(
        self, kind: str, about: Fault, tell: Callable[[Letter], None], within: float = MAIL_WITHIN
    ) -> bool:
        """Tell of mails until one of a kind has come that is about a fault, and those that come with it."""
        try:
            async with asyncio.timeout(within):
                while True:
                    letter = await self.next()
                    tell(letter)
                    if letter.kind == kind and letter.integrations & about.integrations:
                        break
        except TimeoutError:
            return False
        with suppress(TimeoutError):
            while True:
                async with asyncio.timeout(WITH_IT):
                    tell(await self.next())
        return True


def of(fault: Fault, *, once: bool = False) -> Play:
    """Return the story of a fault; it ends with the last mail only with `once`."""
    return partial(_night, fault, once=once)


def in_a_line(letter: Letter) -> None:
    """Tell of a mail in a line."""
    say(f"A mail has come, to {letter.to}: {letter.subject}")


async def _night(fault: Fault, scene: Scene, *, once: bool) -> bool:
    obstacle = scene.board.obstacle(fault)
    if obstacle:
        say(f"{fault.name} cannot be shown: {obstacle}.")
        return False
    reader = Reader(scene.inbox)
    try:
        told = await _story(scene, fault, reader, *((HURRY, HURRY) if once else (CALM, TROUBLE)))
    except SwitchError as error:
        say(str(error))
        told = not once
    if told and not once:
        say("That was the story. The porter stays on duty until you press Ctrl-C; now it is your turn:")
        show(f"  {scene.site}/")
        while True:
            in_a_line(await reader.next())
    return told


async def _story(scene: Scene, fault: Fault, reader: Reader, calm: float, trouble: float) -> bool:
    """Tell it to its end; somebody at the switchboard may be quicker, which is no failure of it."""
    say(f"All is well. In {calm:.0f} seconds something will happen: {fault.name} ...")
    await asyncio.sleep(calm)
    await scene.board.switch_on(fault.name)
    if not await _mail(scene, fault, reader, "problem"):
        return fault.name not in scene.board.on
    if fault.lasting:
        say("No look can tell that such an event is over: its incident stays open, for a day at most.")
    say(f"In {trouble:.0f} seconds everything will be as it was ...")
    await asyncio.sleep(trouble)
    if fault.name not in scene.board.on:
        return True
    await scene.board.heal(fault.name)
    if fault.lasting:
        return True
    say("The fault is gone. Two good looks in a row decide ...")
    return await _mail(scene, fault, reader, "resolved")


async def _mail(scene: Scene, fault: Fault, reader: Reader, kind: str) -> bool:
    """Show mails as they come; say so when the one that is waited for does not."""

    def tell(letter: Letter) -> None:
        if letter.integrations & fault.integrations:
            say("A mail has come:")
            show(framed(letter))
        else:
            in_a_line(letter)

    if await reader.until(kind, fault, tell):
        return True
    say(f"No {kind} mail came within {MAIL_WITHIN:.0f} seconds. The porter said:\n{scene.porter.said()}")
    return False
