"""What pm2 says of its processes, asked once for all checks that want to know.

pm2 also tells the whole environment of each process, secrets included: only the few fields of `Process` are
taken out of its answer, and the answer itself is never shown.
"""

import asyncio
import json
import math
import os
import shlex
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from checks.result import Reason

FRESH = 5.0
"""Seconds for which one answer does for everybody."""

MOST_BYTES = 8 * 1024 * 1024
LAST_WORDS = 0.3
"""Seconds that the rest of an answer may take once the command has ended."""

MOST_PROCESSES = 1000
LONGEST_NAME = 200
BANNER = 65_536
"""Bytes in which the list must have begun."""

MOST_STARTS = 100
"""Lines that are tried as the beginning of the list."""


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


class Unanswered(Exception):  # noqa: N818 - a finding about pm2, not an error of ours
    """pm2 could not be asked, or its answer not be understood."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


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
    said = await _output(_words(command))
    return await asyncio.to_thread(read, said)


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise Unanswered(Reason.PERMISSION, f"the command of pm2 is not one: {error}") from error
    if not words:
        raise Unanswered(Reason.PERMISSION, "the command of pm2 is empty")
    return [*words, "jlist", "--silent"]


class _Listening(asyncio.SubprocessProtocol):
    """Collects what a command says, until it has ended or said too much."""

    def __init__(self) -> None:
        self.said = bytearray()
        self.done = asyncio.Event()

    def pipe_data_received(self, _fd: int, data: bytes) -> None:
        self.said += data[: MOST_BYTES + 1 - len(self.said)]
        if len(self.said) > MOST_BYTES:
            self.done.set()

    def process_exited(self) -> None:
        # Somebody it left behind may hold the pipe open for ever.
        asyncio.get_running_loop().call_later(LAST_WORDS, self.done.set)

    def connection_lost(self, _error: Exception | None) -> None:
        self.done.set()


async def _output(words: list[str]) -> bytes:
    """Return what a command says; it ends with us, and all that it started in its group."""
    transport, listening = await _start(words)
    try:
        await listening.done.wait()
        code = transport.get_returncode()
    finally:
        if transport.get_returncode() is None:
            with suppress(ProcessLookupError):
                os.killpg(transport.get_pid(), signal.SIGKILL)
        transport.close()
    if len(listening.said) > MOST_BYTES:
        raise Unanswered(Reason.QUERY, f"pm2 answered with more than {MOST_BYTES // 1024 // 1024} MiB")
    if code in {126, 127}:
        raise Unanswered(Reason.PERMISSION, f"pm2 cannot be run: exit code {code}, is node in the PATH?")
    if code != 0:
        raise Unanswered(Reason.QUERY, f"pm2 ended with exit code {code} instead of a list of processes")
    return bytes(listening.said)


async def _start(words: list[str]) -> tuple[asyncio.SubprocessTransport, _Listening]:
    try:
        return await asyncio.get_running_loop().subprocess_exec(
            _Listening,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise Unanswered(Reason.PERMISSION, f"there is no command {words[0]}; `pm2` must name it") from error
    except (OSError, ValueError) as error:
        fault = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise Unanswered(Reason.PERMISSION, f"{words[0]} cannot be run: {fault}") from error


def read(said: bytes) -> tuple[Process, ...]:
    """Return the processes in what pm2 said, whatever it says before and after; raise `Unanswered`."""
    text = said.decode("utf-8", "replace")
    decoder = json.JSONDecoder()
    for start in _starts(text):
        try:
            found, _ = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if all(isinstance(one, dict) for one in found):
            processes = (_process(one) for one in found[:MOST_PROCESSES])
            return tuple(one for one in processes if one is not None)
    raise Unanswered(Reason.QUERY, f"pm2 answered with {len(said)} bytes that are no list of processes")


def _starts(text: str) -> list[int]:
    """Return where a list may begin: at the beginning of a line; banners have such lines too."""
    starts, at = ([0] if text.startswith("[") else []), 0
    while len(starts) < MOST_STARTS and (at := text.find("\n[", at, BANNER)) >= 0:
        at += 1
        starts.append(at)
    return starts


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
