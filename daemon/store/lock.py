"""One process per state: a lock file beside it, held for as long as the process lives."""

import contextlib
import errno
import fcntl
import os
import re
import socket
from pathlib import Path

from daemon.store.errors import StateError

_HOLDER = re.compile(r"pid (\d{1,10}) on ([A-Za-z0-9._-]{1,255})\n", re.ASCII)
_TAKEN = {errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES}


class ProcessLock:
    """An flock on `FILE.lock`, which says who holds it. The kernel drops it when the process ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, state: Path) -> "ProcessLock":
        """Take the lock of a state file, or raise StateError that says who holds it."""
        path = state.with_name(f"{state.name}.lock")
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StateError(
                f"state {state}: the lock file {path} cannot be opened ({error.strerror}); "
                "give the porter's user the right to write the directory and what lies in it"
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _holder(descriptor)
            os.close(descriptor)
            raise _refusal(state, path, holder, error) from error
        _sign(descriptor)
        return cls(descriptor)

    def release(self) -> None:
        """Let another process have the state. The file stays: removing it could unlock a third one."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _sign(descriptor: int) -> None:
    # The name is a courtesy: without room for it the lock holds all the same.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"pid {os.getpid()} on {socket.gethostname()}\n".encode(), 0)


def _holder(descriptor: int) -> str:
    match = _HOLDER.fullmatch(os.pread(descriptor, 300, 0).decode("ascii", "replace"))
    return f"process {match[1]} on {match[2]}" if match else "another process"


def _refusal(state: Path, path: Path, holder: str, error: OSError) -> StateError:
    if error.errno in _TAKEN:
        return StateError(
            f"state {state}: is in use by {holder}; stop that one first, or give this one a state of its own"
        )
    return StateError(
        f"state {state}: the lock file {path} cannot be locked ({error.strerror}); "
        "put the state on a local disk"
    )
