"""DNS look-ups with servers and a deadline of our own."""

from collections.abc import Sequence


class Resolver:
    """Asks the configured name servers, or the system's when there are none."""

    def __init__(self, servers: Sequence[str] = (), port: int = 53) -> None:
        self.configure(servers, port)

    def configure(self, servers: Sequence[str], port: int) -> None:
        """Ask these servers from now on."""
        self.servers, self.port = tuple(servers), port
