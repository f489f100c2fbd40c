"""The command that asks pm2: it gets little of our environment, and ends with all that it started."""

import asyncio
import os
import shutil
import signal
import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from checks.result import Reason

MOST_BYTES = 8 * 1024 * 1024
LAST_WORDS = 0.3
"""Seconds that the rest of an answer may take once the command has ended."""

PASSED_ON = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "PM2_HOME", "LANG", "LANGUAGE", "TZ", "NODE_OPTIONS", "NODE_PATH"}
)
"""What of our environment the command gets, and `LC_*`: the rest is none of its business, secrets least."""


class Unanswered(Exception):  # noqa: N818 - a finding about pm2, not an error of ours
    """pm2 could not be asked, or its answer not be understood."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


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


Started = tuple[asyncio.SubprocessTransport, _Listening]


async def output(words: Sequence[str], given: Mapping[str, str]) -> bytes:
    """Return what a command says; it ends with us, and all that it started in its group.

    `given` is our environment. Raises `Unanswered`.
    """
    passed_on = {name: value for name, value in given.items() if name in PASSED_ON or name.startswith("LC_")}
    _expect_a_daemon(words, passed_on)
    starting = asyncio.create_task(_start(words, passed_on))
    try:
        transport, listening = await asyncio.shield(starting)
    except asyncio.CancelledError:
        # Breaking off a start would leave behind what is started just now.
        starting.add_done_callback(_end_started)
        await asyncio.wait((starting,))
        raise
    try:
        await listening.done.wait()
        code = transport.get_returncode()
    finally:
        end(transport)
    if len(listening.said) > MOST_BYTES:
        raise Unanswered(Reason.QUERY, f"pm2 answered with more than {MOST_BYTES // 1024 // 1024} MiB")
    if code in {126, 127}:
        raise Unanswered(Reason.PERMISSION, f"pm2 cannot be run: exit code {code}, is node in the PATH?")
    if code != 0:
        raise Unanswered(Reason.QUERY, f"pm2 ended with exit code {code} instead of a list of processes")
    return bytes(listening.said)


def end(transport: asyncio.SubprocessTransport) -> None:
    """End a command and all of its group, even if it has ended itself; what is another user's lives on."""
    group = transport.get_pid()
    try:
        with suppress(ProcessLookupError, PermissionError):
            # Some loops forget the id of what has ended; 0 would be ourselves.
            if group:
                os.killpg(group, signal.SIGKILL)
    finally:
        # Closing kills as well, and may do so as little.
        with suppress(ProcessLookupError, PermissionError):
            transport.close()


def _end_started(starting: asyncio.Task[Started]) -> None:
    if not starting.cancelled() and starting.exception() is None:
        end(starting.result()[0])


async def _start(words: Sequence[str], environment: Mapping[str, str]) -> Started:
    try:
        return await asyncio.get_running_loop().subprocess_exec(
            _Listening,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            env=environment,
        )
    except FileNotFoundError as error:
        raise Unanswered(Reason.PERMISSION, f"there is no command {words[0]}; `pm2` must name it") from error
    except (OSError, ValueError) as error:
        fault = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise Unanswered(Reason.PERMISSION, f"{words[0]} cannot be run: {fault}") from error


def _expect_a_daemon(words: Sequence[str], environment: Mapping[str, str]) -> None:
    """Raise `Unanswered` where pm2 has no daemon: it would start one, under the wrong user most likely."""
    command = words[0]
    plain = words[1:2] == ["jlist"] and Path(command).name == "pm2" and "\0" not in command
    if not plain or shutil.which(command, path=environment.get("PATH")) is None:
        return
    home = environment.get("PM2_HOME") or f"{environment.get('HOME', '')}/.pm2"
    if not _listens(f"{home}/rpc.sock"):
        raise Unanswered(
            Reason.PERMISSION,
            f"no pm2 runs for this user (nobody listens at {home}/rpc.sock); run the porter as the user "
            "of those processes, set PM2_HOME, or let `pm2` be a command such as `sudo -n -u USER pm2`",
        )


def _listens(path: str) -> bool:
    """Say whether somebody listens at a socket; if that cannot be found out, perhaps."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.setblocking(False)
        try:
            asking.connect(path)
        except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
            return False
        except (OSError, ValueError):
            return True
    return True
