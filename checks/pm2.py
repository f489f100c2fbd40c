"""What pm2 says of its processes, asked once for all checks that want to know.

pm2 also tells the whole environment of each process, secrets included: only the few fields of `Process` are
taken out of its answer, and the answer itself is never shown.
"""

import asyncio
import json
import math
import os
import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from checks.pm2_command import Unanswered, output
from checks.result import Reason

FRESH = 5.0
"""Seconds for which one answer does for everybody."""

MOST_PROCESSES = 1000
LONGEST_NAME = 200
BANNER = 65_536
"""Bytes in which the list must have begun."""

MOST_STARTS = 10
"""Places that are tried as the beginning of the list."""

MOST_READ = 2
"""How often, all tries together, a long answer is read through at the most."""

_START = re.compile(r"(?:^|[\r\n])[ \t\ufeff]*(\[)(?=\s*[{\]])")


@dataclass(frozen=True, slots=True)
class Process:
    """One process, as pm2 sees it. `started` is a Unix time, `memory` in bytes, `cpu` in per cent."""

    name: str
    pid: int
    status: str
    restarts: int
    started: float | None
    memory: int
    cpu: float


@dataclass(slots=True)
class _Asked:
    """One question to pm2: `waiting` counts who wants the answer, `at` is when it came."""

    answer: asyncio.Task[tuple[Process, ...]]
    waiting: int = 0
    at: float | None = None

    def answered(self, task: asyncio.Task[tuple[Process, ...]], now: float) -> None:
        self.at = now
        if not task.cancelled():
            # Looked at once, it is no error that nobody has seen: whoever asked may be gone.
            task.exception()


@dataclass(slots=True)
class Processes:
    """The processes that pm2 looks after, by the command that asks it."""

    clock: Callable[[], float] = time.monotonic
    _asked: dict[str, _Asked] = field(default_factory=dict)

    async def listed(self, command: str, timeout: float) -> tuple[Process, ...]:  # noqa: ASYNC109 - a promise
        """Return the processes, or raise `Unanswered`; who asks at the same time shares one answer."""
        asked = self._asked.get(command)
        if asked is None or (asked.at is not None and self.clock() - asked.at >= FRESH):
            asked = self._asked[command] = self._ask(command)
        asked.waiting += 1
        try:
            async with asyncio.timeout(timeout):
                return await asyncio.shield(asked.answer)
        except TimeoutError as error:
            raise Unanswered(Reason.QUERY, f"pm2 gave no answer within {timeout:g} s") from error
        finally:
            asked.waiting -= 1
            if not asked.waiting and not asked.answer.done():
                await self._drop(command, asked)

    def _ask(self, command: str) -> _Asked:
        asked = _Asked(asyncio.create_task(_ask(command)))
        asked.answer.add_done_callback(lambda task: asked.answered(task, self.clock()))
        return asked

    async def _drop(self, command: str, asked: _Asked) -> None:
        """End a question that nobody waits for any more."""
        if self._asked.get(command) is asked:
            del self._asked[command]
        asked.answer.cancel()
        await asyncio.wait((asked.answer,))


async def _ask(command: str) -> tuple[Process, ...]:
    said = await output(_words(command), os.environ)
    return await asyncio.to_thread(read, said)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Unanswered(Reason.PERMISSION, f"the command of pm2 is not one: {error}") from error
    if not words:
        raise Unanswered(Reason.PERMISSION, "the command of pm2 is empty")
    return [*words, "jlist", "--silent"]


def read(said: bytes) -> tuple[Process, ...]:
    """Return the processes in what pm2 said, whatever it says before and after; raise `Unanswered`."""
    found = _longest(said.decode("utf-8", "replace"))
    if found is None:
        raise Unanswered(Reason.QUERY, f"pm2 answered with {len(said)} bytes that are no list of processes")
    processes = (_process(one) for one in found[:MOST_PROCESSES])
    return tuple(one for one in processes if one is not None)


def _longest(text: str) -> list[dict[str, Any]] | None:
    """Return the longest list of objects; banners may hold an empty one."""
    longest: list[dict[str, Any]] | None = None
    decoder, at, left = json.JSONDecoder(), 0, max(MOST_READ * len(text), MOST_STARTS * BANNER)
    for start in (match.start(1) for match in islice(_START.finditer(text, 0, BANNER), MOST_STARTS)):
        if start < at or left <= 0:
            continue
        try:
            found, at = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            left -= error.pos - start
            continue
        except (ValueError, RecursionError):
            left -= len(text) - start
            continue
        left -= at - start
        if all(isinstance(one, dict) for one in found) and (longest is None or len(found) >= len(longest)):
            longest = found
    return longest


def _process(told: dict[str, Any]) -> Process | None:
    name, state, load = told.get("name"), told.get("pm2_env"), told.get("monit")
    if not isinstance(name, str):
        return None
    state = state if isinstance(state, dict) else {}
    load = load if isinstance(load, dict) else {}
    status = state.get("status")
    started = _number(state.get("pm_uptime")) / 1000
    return Process(
        name=name[:LONGEST_NAME],
        pid=int(_number(told.get("pid"))),
        status=status[:LONGEST_NAME] if isinstance(status, str) else "unknown",
        restarts=int(_number(state.get("restart_time"))),
        started=started or None,
        memory=int(_number(load.get("memory"))),
        cpu=_number(load.get("cpu")),
    )


def _number(value: object) -> float:
    """Return a number that can be reckoned with, and 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return float(value) if 0 <= value < 1e15 and math.isfinite(value) else 0.0
