"""A service manager's end of the notification socket: what it is told, in order."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.polling import until


class Told:
    """What came in so far."""

    def __init__(self, sock: socket.socket, address: str) -> None:
        self.address = address
        self._socket = sock
        self._words: list[str] = []

    def words(self) -> list[str]:
        """Return every assignment that came, in order."""
        while True:
            try:
                self._words += self._socket.recv(65536).decode().split("\n")
            except BlockingIOError:
                return self._words

    def count(self, word: str) -> int:
        """Return how often something was said."""
        return self.words().count(word)

    async def hear(self, beginning: str, within: float = 20.0, times: int = 1) -> str:
        """Wait until something that begins so was said, and return the latest."""

        def found() -> list[str]:
            return [word for word in self.words() if word.startswith(beginning)]

        await until(lambda: len(found()) >= times, within, f"{beginning}; there is {self._words}")
        return found()[-1]


@contextmanager
def listening(directory: Path, *, abstract: bool = False) -> Iterator[Told]:
    """Listen at a path of the directory, or at an abstract name."""
    path = str(directory / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(f"\0{path}" if abstract else path)
        sock.setblocking(False)
        yield Told(sock, f"@{path}" if abstract else path)
