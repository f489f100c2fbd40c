"""Waiting for something with a deadline, never for a fixed time."""

import asyncio
import time
from collections.abc import Callable


async def until(condition: Callable[[], object], within: float, what: str = "") -> None:
    """Wait until the condition holds; fail after `within` seconds, saying what did not come."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition}")
        await asyncio.sleep(0.01)  # the poll's own pause


def until_sync(condition: Callable[[], object], within: float, what: str = "") -> None:
    """Wait as `until` does, outside an event loop."""
    deadline = time.monotonic() + within
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within} s: {what or condition}")
        time.sleep(0.02)  # the poll's own pause
