"""Commands by fork from a process that has loaded them: as themselves, but for the second that loading takes.

What a command line, an environment or a wrapper does to a fresh interpreter is not seen this way; tests of
that start one.
"""

import asyncio
import atexit
import contextlib
import gc
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

LOADED = ("run", "check", "diagnose", "status", "incidents", "silence", "who", "validate", "maintenance")
DEMO = ("faults", "show", "story", "tour")
"""Parts of the demo, loaded once somebody wants one."""

LONGEST = 1 << 20
"""Bytes of a request at the most."""


class Child:
    """A command that runs: what tests use of an `asyncio` process."""

    def __init__(self, pid: int, end: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._end = end
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(end, self._told)

    def _told(self) -> None:
        said = os.read(self._end, 16)
        asyncio.get_running_loop().remove_reader(self._end)
        os.close(self._end)
        self.returncode = int(said) if said else -signal.SIGKILL
        self._ended.set()

    async def wait(self) -> int:
        """Return the exit code once it has ended, negative for a signal."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


async def born(
    arguments: Sequence[str], streams: Sequence[int], env: Mapping[str, str], cwd: Path | None = None
) -> Child:
    """Start `nightporter` with these arguments over descriptors for its input, output and errors."""
    asking = _nursery()
    end, told = os.pipe()
    request = json.dumps({"arguments": list(arguments), "env": dict(env), "cwd": str(cwd or Path.cwd())})
    try:
        socket.send_fds(asking, [request.encode()], [*streams, told])
        pid = int(asking.recv(16))
    finally:
        os.close(told)
    return Child(pid, end)


@cache
def _nursery() -> socket.socket:
    """Return what asks this process's own nursery, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-m", __name__, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
        )

    def leave() -> None:
        ours.close()
        process.wait()

    atexit.register(leave)
    return ours


def _command(request: Mapping[str, object], received: Sequence[int]) -> NoReturn:
    for number, descriptor in enumerate(received[:3]):
        os.dup2(descriptor, number)
    for descriptor in received:
        os.close(descriptor)
    # The nursery's own were made for files: of a pipe they would ask where in it they are.
    encoding = sys.stdout.encoding
    sys.stdout = open(1, "w", encoding=encoding, closefd=False)  # noqa: SIM115 - for as long as it lives
    sys.stderr = open(  # noqa: SIM115 - and so is this
        2, "w", 1, encoding=encoding, errors="backslashreplace", closefd=False
    )
    tempfile.tempdir = None
    os.environ.clear()
    os.environ.update(request["env"])  # type: ignore[call-overload] # as `born` wrote it
    os.chdir(str(request["cwd"]))
    sys.argv = ["nightporter", *request["arguments"]]  # type: ignore[misc] # as `born` wrote it
    code = 1
    try:
        code = ended(_main)
    finally:
        # As at the end of an interpreter, but for the search through all that the nursery has loaded.
        threading._shutdown()  # type: ignore[attr-defined] # waits for threads, as the end does
        atexit._run_exitfuncs()
        os._exit(_flushed(code) & 0xFF)


def _main() -> object:
    from daemon.cli import main  # noqa: PLC0415 - what this module's users have no need of

    return main(sys.argv[1:])


def ended(command: Callable[[], object]) -> int:
    """Run a command as `sys.exit(command())` does; return the exit code, and say what an interpreter says.

    What SIGINT interrupts ends by it.
    """
    try:
        sys.exit(command())  # type: ignore[arg-type]  # whatever it is
    except SystemExit as leaving:
        if leaving.code is None or isinstance(leaving.code, int):
            return leaving.code or 0
        sys.stderr.write(f"{leaving.code}\n")
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    except BaseException as error:  # noqa: BLE001 - as an interpreter does at its end
        sys.excepthook(type(error), error, error.__traceback__)
    return 1


def _flushed(code: int) -> int:
    """Write out what is left; return the exit code, that of an interpreter whose output could not be."""
    try:
        sys.stdout.flush()
    except OSError:
        code = 120
    with contextlib.suppress(OSError):
        sys.stderr.flush()
    return code


def _tend(asking: socket.socket) -> None:
    """Start what is asked for, and tell of each end, until nobody can ask any more."""
    ends: dict[int, tuple[int, int]] = {}
    while True:
        wanted: list[int] = [asking.fileno(), *ends]
        ready, _, _ = select.select(wanted, [], [])
        for watched in [one for one in ends if one in ready]:
            pid, told = ends.pop(watched)
            os.write(told, str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])).encode())
            os.close(told)
            os.close(watched)
        if asking.fileno() not in ready:
            continue
        asked, received, _, _ = socket.recv_fds(asking, LONGEST, 4)
        if not asked:
            return
        request = json.loads(asked)
        if "demo" in request["arguments"]:
            _load("daemon.cli.demo", *(f"daemon.demo.{name}" for name in DEMO))
        pid = os.fork()
        if not pid:
            asking.close()
            for watched, (_, told) in ends.items():
                os.close(watched)
                os.close(told)
            _command(request, received)
        ends[os.pidfd_open(pid)] = (pid, received[3])
        for descriptor in received[:3]:
            os.close(descriptor)
        asking.send(str(pid).encode())


def _load(*modules: str) -> None:
    if not all(name in sys.modules for name in modules):
        for name in modules:
            import_module(name)
        gc.collect()
        gc.freeze()


if __name__ == "__main__":
    _load(*(f"daemon.cli.{name}" for name in LOADED))
    _tend(socket.socket(fileno=int(sys.argv[1])))
