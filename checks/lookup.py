"""Host names -> addresses, as the system's resolver has them, without one dead name holding up the others.

The system's resolver cannot be interrupted, and the event loop's few threads for it are soon all waiting for
name servers that do not answer. Here every look-up has a thread of its own, and a name never more than one.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address

Address = tuple[socket.AddressFamily, str]
LookUp = Callable[[str], Sequence[Address]]

MOST = 256
"""Look-ups under way at the most."""


def system(host: str) -> Sequence[Address]:
    """Return a host's addresses as the system has them; block, and raise socket.gaierror or UnicodeError."""
    answers = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [(family, str(address[0])) for family, _, _, _, address in answers]


def _literal(host: str) -> Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return (socket.AF_INET if address.version == 4 else socket.AF_INET6, host)


class Lookups:
    """The look-ups under way, by name: whoever asks for one of them waits with the others."""

    def __init__(self, look_up: LookUp = system) -> None:
        self._look_up = look_up
        self._underway: dict[str, asyncio.Future[Sequence[Address]]] = {}

    async def __call__(self, host: str) -> Sequence[Address]:
        """Return a host's addresses in the resolver's order; raise socket.gaierror when there are none."""
        literal = _literal(host)
        if literal is not None:
            return (literal,)
        asked = self._underway.get(host)
        if asked is None:
            if len(self._underway) >= MOST:
                raise socket.gaierror(socket.EAI_AGAIN, "too many host names are being looked up")
            asked = self._underway[host] = asyncio.get_running_loop().create_future()
            asked.add_done_callback(lambda _: self._underway.pop(host, None))
            # A daemon: no name server may keep the porter from ending.
            threading.Thread(target=self._run, args=(host, asked), daemon=True).start()
        # Whoever gives up waiting must not take the answer away from the others.
        return await asyncio.shield(asked)

    def _run(self, host: str, asked: asyncio.Future[Sequence[Address]]) -> None:
        found: Sequence[Address] = ()
        failure: OSError | UnicodeError | None = None
        try:
            found = self._look_up(host)
        except (OSError, UnicodeError) as error:
            failure = error
        # The loop may have ended meanwhile: then nobody waits any more.
        with suppress(RuntimeError):
            asked.get_loop().call_soon_threadsafe(_answer, asked, found, failure)


def _answer(
    asked: asyncio.Future[Sequence[Address]], found: Sequence[Address], failure: OSError | UnicodeError | None
) -> None:
    if asked.done():
        return
    if failure is None:
        asked.set_result(found)
        return
    asked.set_exception(failure)
    # Everybody who asked may have given up; then nobody is left to retrieve it.
    asked.exception()
