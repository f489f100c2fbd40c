"""Which hotels are looked after here: leases on them, renewed for as long as this replica lives."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

import structlog

log = structlog.get_logger()

RENEW_EVERY = 1.5
"""Seconds between two renewals: a quarter of the time that a lease holds."""


class Tenure(Protocol):
    """What a renewal came to."""

    @property
    def held(self) -> Collection[str]:
        """The hotels that nobody else can have."""
        ...

    @property
    def surplus(self) -> Collection[str]:
        """Those of them to give back once nobody works on them: they are due to others, or not configured."""
        ...


class Leases(Protocol):
    """The part of the store that knows who looks after which hotel."""

    async def tenure(self, replica: str, version: str, hotels: Collection[str]) -> Tenure:
        """Renew what this replica holds, take what is free and its due, and return what it holds then."""
        ...

    async def give_back(self, replica: str, hotels: Collection[str]) -> None:
        """Let other replicas have these hotels."""
        ...

    async def leave(self, replica: str) -> None:
        """Let others have everything, at once."""
        ...


Move = Callable[[frozenset[str], frozenset[str]], Awaitable[None]]
"""Takes up some hotels, or lets go of others."""


class Tenancy:
    """Renews the leases of this replica, and moves hotels as they come and go.

    A hotel that is not configured any more is kept while it is `busy`: something of it is left to do.
    """

    def __init__(
        self,
        leases: Leases,
        replica: str,
        version: str,
        move: Move,
        busy: Callable[[], Collection[str]],
    ) -> None:
        self._leases = leases
        self._replica = replica
        self._version = version
        self._move = move
        self._busy = busy
        self._known: frozenset[str] = frozenset()
        self._leaving: frozenset[str] = frozenset()
        self.held: frozenset[str] = frozenset()

    def know(self, hotels: Collection[str]) -> None:
        """Look after these hotels, or this replica's share of them, from the next renewal on."""
        self._known = frozenset(hotels)

    async def tick(self) -> None:
        """Renew the leases, and act upon what has come or gone."""
        found = await self._renew()
        busy = self._busy() if found.surplus else ()
        given = {one for one in found.surplus if one in self._known or one not in busy}
        await self._become(frozenset(found.held) - given)
        if given:
            await self._leases.give_back(self._replica, given)

    async def let_go(self) -> None:
        """Look after nothing any more: others do, or soon will."""
        await self._become(frozenset())

    async def leave(self) -> None:
        """Give everything back: nobody works on it here any more."""
        await self._leases.leave(self._replica)

    async def _renew(self) -> Tenure:
        return await self._leases.tenure(self._replica, self._version, self._known)

    async def _become(self, held: frozenset[str]) -> None:
        """Let go first, then take up; what fails is done by the next renewal, as it is needed then."""
        went = self._leaving = (self.held - held) | self._leaving
        if went:
            await self._moved(frozenset(), went)
            self.held, self._leaving = self.held - went, frozenset()
        came = held - self.held
        if came:
            await self._moved(came, frozenset())
            self.held |= came
        if came or went:
            log.info("hotels.moved", came=sorted(came), went=sorted(went), held=len(held))

    async def _moved(self, came: frozenset[str], went: frozenset[str]) -> None:
        """Move hotels, and go on renewing: a long move must not cost the leases on all others."""
        moving = asyncio.ensure_future(self._move(came, went))
        try:
            while not (await asyncio.wait({moving}, timeout=RENEW_EVERY))[0]:
                await self._renew()
        except BaseException:
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)
            raise
        await moving
