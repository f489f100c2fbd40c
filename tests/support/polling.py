"""Waiting for something with a deadline, never for a fixed time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

Found = TypeVar("Found")


async def until(condition: Callable[[], object], within: float, what: str = "") -> None:
    """Wait until the condition holds; fail after `within` seconds, saying what did not come."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition}")
        await asyncio.sleep(0.01)  # the poll's own pause


async def look_until(
    look: Callable[[], Awaitable[Found]],
    right: Callable[[Found], object],
    within: float,
    pause: float = 0.05,
) -> Found:
    """Look again and again, with a pause for whoever is looked at; return what is right when it is seen."""
    deadline = time.monotonic() + within
    while not right(found := await look()):
        assert time.monotonic() < deadline, f"not within {within} s; there is {found}"
        await asyncio.sleep(pause)  # the poll's own pause
    return found


def until_sync(condition: Callable[[], object], within: float, what: str = "") -> None:
    """Wait as `until` does, outside an event loop."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition}")
        time.sleep(0.02)  # the poll's own pause
