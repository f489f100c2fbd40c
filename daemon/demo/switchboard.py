"""The switchboard: which faults are on, since when, and which cannot be on together."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import asyncpg

from alerts.message_text import clean
from daemon.clock import SystemClock
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS
from daemon.demo.hotel import Hotel

REMEMBERED = 12
"""Faults that were on before and are still shown."""

MISHAPS = (OSError, LookupError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What switching can raise: somebody may have stopped a part of the hotel, which is something to try."""


class SwitchError(Exception):
    """A fault cannot be switched; the message says why, as a sentence."""


@dataclass(frozen=True, slots=True)
class Episode:
    """A fault that is on, or was. `until` is None while it is."""

    number: int
    fault: Fault
    since: datetime
    until: datetime | None = None


class Switchboard:
    """Switches the faults of a hotel; `reconfigure` has the porter read its configuration again."""

    def __init__(self, hotel: Hotel, reconfigure: Callable[[], None], say: Callable[[str], None]) -> None:
        self._hotel = hotel
        self._reconfigure = reconfigure
        self._say = say
        self._on: dict[str, Episode] = {}
        self._past: deque[Episode] = deque(maxlen=REMEMBERED)
        self._count = 0
        self._busy = asyncio.Lock()

    @property
    def on(self) -> Mapping[str, Episode]:
        """What is on, by the names of the faults, the oldest first."""
        return self._on

    def episodes(self) -> Iterator[Episode]:
        """Yield what is on and what was before, each newest first."""
        yield from reversed(self._on.values())
        yield from reversed(self._past)

    def obstacle(self, fault: Fault) -> str:
        """Return why a fault cannot be switched on now; nothing when it can."""
        if fault.needs_database and self._hotel.database is None:
            return "this hotel has no database (pip install 'nightporter[demo]' brings PostgreSQL)"
        for name, episode in self._on.items():
            shared = sorted(fault.shared(episode.fault))
            if shared and name != fault.name:
                return f"{name} is on, and both are about {shared[0]}: heal that first"
        return ""

    async def switch_on(self, name: str) -> Episode:
        """Switch a fault on; one that is on stays on. Raise SwitchError where it cannot be."""
        async with self._busy:
            if name in self._on:
                return self._on[name]
            fault = FAULTS[name]
            obstacle = self.obstacle(fault)
            if obstacle:
                raise SwitchError(f"{name} cannot be switched on: {obstacle}.")
            self._count += 1
            episode = Episode(self._count, fault, SystemClock().now())
            # What breaks half-way can be healed only if it is known to be on.
            self._on[name] = episode
            await self._do(fault, fault.on(self._hotel))
            self._say(f"{fault.sentence} ...  ({name})")
            return episode

    async def heal(self, name: str) -> None:
        """Switch a fault off, if it is on; raise SwitchError where it cannot be."""
        async with self._busy:
            episode = self._on.get(name)
            if episode is None:
                return
            await self._do(episode.fault, episode.fault.off(self._hotel))
            del self._on[name]
            self._past.append(replace(episode, until=SystemClock().now()))
            self._say(f"Healed: {name}.")

    async def heal_all(self) -> None:
        """Switch off everything that is on, the newest first."""
        for name in reversed(tuple(self._on)):
            await self.heal(name)

    async def _do(self, fault: Fault, switching: Awaitable[None]) -> None:
        try:
            await switching
        except MISHAPS as error:
            said = clean(str(error)) or type(error).__name__
            raise SwitchError(f"{fault.name} could not be switched: {said}.") from error
        self._reconfigure()
