"""What a process has used: CPU to the nanosecond, memory; and how to ask it something."""

import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path


def cpu(pid: int) -> float:
    """Return the CPU seconds that a process has used, all its threads together."""
    # Linux' clock of another process: clock_getcpuclockid(3), which Python does not offer.
    return time.clock_gettime((~pid << 3) | 2)


def private(pid: int) -> int:
    """Return the bytes of memory that are a process's own."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return 1024 * sum(map(int, re.findall(r"^Private_\w+:\s+(\d+) kB$", text, re.MULTILINE)))


@contextmanager
def running(command: Sequence[str | Path]) -> Iterator[int]:
    """Have a process while the context lasts; return its id."""
    words = [str(one) for one in command]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process.pid
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class Asker:
    """One connection that is kept, and answers that may be compressed: as Prometheus asks."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)

    def ask(self, path: str) -> bytes:
        """Return the body of an answer as it came."""
        self._connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{path} answers {answer.status}")
        return body

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def fetch(port: int, path: str) -> str:
    """Return the body of an answer, asked for over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def counted(text: str, name: str) -> float:
    """Return what all series of a counter come to, from an exposition."""
    pattern = rf"^{name}(?:\{{.*\}})? (\S+)$"
    return sum(map(float, re.findall(pattern, text, re.MULTILINE)))
