"""Reaching a relay that has several addresses, some of them bad."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from alerts.notifiers.reaching import Resolve, reach
from checks.lookup import Lookups

GOOD, BAD = "127.0.0.1", "127.0.0.2"


def known_as(*addresses: str) -> Resolve:
    """Return a resolver that gives these addresses for every name."""

    async def resolve(_host: str) -> list[tuple[socket.AddressFamily, str]]:
        return [(socket.AF_INET, address) for address in addresses]

    return resolve


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((GOOD, 0)) as one:
        yield one


@pytest.fixture
def black_hole(listener: socket.socket) -> Iterator[int]:
    """The listener's port, on whose other address connections are neither accepted nor refused."""
    port = listener.getsockname()[1]
    with ExitStack() as stack:
        stack.enter_context(socket.create_server((BAD, port), backlog=0))
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((BAD, port))
        yield port


async def test_an_address_that_swallows_packets_does_not_hide_one_that_answers(black_hole: int) -> None:
    async with asyncio.timeout(5):
        with await reach("relay.test", black_hole, known_as(BAD, GOOD)) as found:
            assert found.getpeername() == (GOOD, black_hole)


async def test_the_address_that_swallows_packets_really_does(black_hole: int) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await reach("relay.test", black_hole, known_as(BAD))


async def test_an_address_that_refuses_is_passed_over(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with await reach("relay.test", port, known_as(BAD, GOOD)) as found:
        assert found.getpeername() == (GOOD, port)


async def test_when_every_address_refuses_the_connection_fails(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    with pytest.raises(OSError, match=r"127\.0\.0\.3"):
        await reach("relay.test", port, known_as(BAD, "127.0.0.3"))


async def test_a_name_nobody_knows_is_a_fault_of_the_lookup() -> None:
    with pytest.raises(socket.gaierror):
        await reach("nobody.invalid", 25, Lookups())
