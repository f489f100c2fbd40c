"""A TCP connection to a host by whichever of its addresses answers first."""

import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohappyeyeballs import start_connection

HEAD_START = 0.25
"""Seconds an address is given before the next one is tried beside it (RFC 8305)."""

MOST_ADDRESSES = 8

# Handed in, because it must not let one dead name server hold up the way to the next relay.
Resolve = Callable[[str], Awaitable[Sequence[tuple[socket.AddressFamily, str]]]]


async def reach(host: str, port: int, resolve: Resolve) -> socket.socket:
    """Return a connected socket, or raise OSError; an address that swallows packets holds up no other."""
    infos = [
        (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
        for family, address in (await resolve(host))[:MOST_ADDRESSES]
    ]
    return await start_connection(infos, happy_eyeballs_delay=HEAD_START, interleave=1)
