"""A TCP connection to a host by whichever of its addresses answers first."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

from aiohappyeyeballs import start_connection

HEAD_START = 0.25
"""Seconds an address is given before the next one is tried beside it (RFC 8305)."""

MOST_ADDRESSES = 8

Resolve = Callable[[str], Awaitable[Sequence[tuple[socket.AddressFamily, str]]]]


async def system_resolve(host: str) -> Sequence[tuple[socket.AddressFamily, str]]:
    """Return the addresses the system's resolver gives, in its order; socket.gaierror when there are none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [(socket.AddressFamily(family), str(address[0])) for family, _, _, _, address in found]


async def reach(host: str, port: int, resolve: Resolve = system_resolve) -> socket.socket:
    """Return a connected socket, or raise OSError; an address that swallows packets holds up no other."""
    infos = [
        (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, port))
        for family, address in (await resolve(host))[:MOST_ADDRESSES]
    ]
    return await start_connection(infos, happy_eyeballs_delay=HEAD_START, interleave=1)
