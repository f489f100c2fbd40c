"""Ports that nobody listens on."""

import socket


def free_port() -> int:
    """Return a port of loopback that is free just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
