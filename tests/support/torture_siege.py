"""The siege: processes die, at random and at exact points, while vendors fail and a relay misbehaves."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from random import Random

from tests.support.smtp import Authority
from tests.support.torture_audit import Crash, Evidence, Verdict, audit
from tests.support.torture_daemon import Doom, Point
from tests.support.torture_house import House
from tests.support.torture_relay import Relay, relay
from tests.support.torture_replica import Replica
from tests.support.torture_state import picture, unfinished, waiting
from tests.support.torture_vendor import Vendors, vendors

DOOM_WITHIN = 30.0
"""Seconds that an exact point may be waited for; then it is a kill like any other."""

HEALED_WITHIN = 180.0
HASTEN_EVERY = 5.0
REPORT_EVERY = 8

AT_START = {Point.RESUMING, Point.RESUMED}

Say = Callable[[str], None]


def silently(_text: str) -> None:
    """Say nothing of how it goes."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How hard it is: so many kills, drawn from a seed, over a house of this size."""

    seed: int
    kills: int = 48
    hotels: int = 24
    integrations: int = 4
    gone: Sequence[int] = (2, 5, 11)
    patience: float = 90.0
    longest_life: float = 5.0
    most_passes: int = 8

    def fates(self) -> Iterator[Doom | float]:
        """Return how each life ends: at an exact point, or after so many seconds."""
        random = Random(self.seed)  # noqa: S311 - no secret, but the same each time
        points = list(islice(cycle(Point), max(len(Point), self.kills // 2)))
        fates: list[Doom | float] = [
            Doom(point, 1 if point in AT_START else random.randint(1, self.most_passes)) for point in points
        ]
        fates += [random.uniform(0.0, self.longest_life) for _ in range(self.kills - len(points))]
        random.shuffle(fates)
        return iter(fates)


@dataclass
class Siege:
    """What goes on, and what it came to."""

    plan: Plan
    house: House
    relay: Relay
    vendors: Vendors
    replicas: Sequence[Replica]
    say: Say = silently
    crashes: list[Crash] = field(default_factory=list)
    died_at: Counter[Point] = field(default_factory=Counter)
    swapped: bool = False

    async def hold(self) -> None:
        """Let the processes live and die by the plan, all at the same time."""
        fates = self.plan.fates()
        async with asyncio.TaskGroup() as group:
            for one in self.replicas:
                self._configure(one)
                group.create_task(self._live(one, fates))

    async def _live(self, one: Replica, fates: Iterator[Doom | float]) -> None:
        """Let a process live one life after the other, each with the next fate, and start it once more."""
        for fate in fates:
            doom = fate if isinstance(fate, Doom) else None
            await one.start(doom)
            if await one.ended(DOOM_WITHIN if isinstance(fate, Doom) else fate):
                assert doom is not None, one.last_words()
                self.died_at[doom.point] += 1
            else:
                await one.kill()
            await self._note()
            if len(self.crashes) % REPORT_EVERY == 0:
                await self._report()
        await one.start()

    async def _note(self) -> None:
        at = time.monotonic()
        left = await waiting(self.replicas[0].state)
        self.crashes.append(Crash(at, left.unmarked, left.handed_over))

    async def _report(self) -> None:
        letters, cases = await unfinished(self.replicas[0].state)
        self.say(
            f"{len(self.crashes)} of {self.plan.kills} kills, {self.died_at.total()} at exact points; "
            f"{len(self.relay.kept)} messages kept in {self.relay.conversations} conversations; "
            f"{letters} letters wait, {cases} incidents are open"
        )

    async def heal(self) -> None:
        """Let everything work again, and wait until nothing is open and no letter waits."""
        self.vendors.broken = False
        self.relay.heal()
        for one in self.replicas:
            assert await one.ready(), one.last_words()
        deadline = time.monotonic() + HEALED_WITHIN
        hasten_at = 0.0
        while any(left := await unfinished(self.replicas[0].state)):
            assert time.monotonic() < deadline, f"{left[0]} letters wait, {left[1]} incidents are open"
            if time.monotonic() >= hasten_at:
                hasten_at = time.monotonic() + HASTEN_EVERY
                await self._hasten()
            for one in self.replicas:
                assert not await one.ended(0.25), one.last_words()

    async def _hasten(self) -> None:
        """Have what waits for its next attempt tried now: the relays are configured in another order."""
        self.swapped = not self.swapped
        for one in self.replicas:
            self._configure(one)
            assert await one.ask("POST", "/-/reload") == 200, one.last_words()

    def _configure(self, one: Replica) -> None:
        ports = self.house.relays[::-1] if self.swapped else self.house.relays
        one.config.write_text(self.house.text(one.state, one.port, ports))

    async def end(self) -> Verdict:
        """Stop everything, and hold what was kept against what was committed."""
        codes = [await one.stop() for one in self.replicas]
        assert codes == [0] * len(codes), "\n".join(one.last_words() for one in self.replicas)
        found = await picture(self.replicas[0].state)
        return audit(Evidence(found, self.relay.kept, self.crashes, self.house.staff, self.house.refused))


@asynccontextmanager
async def siege(
    directory: Path, plan: Plan, *, state: str | None = None, replicas: int = 1, say: Say = silently
) -> AsyncIterator[Siege]:
    """Prepare a siege of so many processes over a state; no process outlives the context."""
    authority = Authority()
    ca_file = directory / "ca.pem"
    ca_file.write_bytes(authority.pem)
    where = state or f"sqlite:///{directory}/state.db"
    async with (
        vendors(plan.seed) as ours,
        relay(plan.seed, authority.server(), patience=plan.patience, listeners=2) as post,
    ):
        house = House(
            directory, ours.url, tuple(post.ports), ca_file, plan.hotels, plan.integrations, plan.gone
        )
        house.furnish()
        post.refused = house.refused
        found = [Replica(directory, where, f"porter-{number}") for number in range(1, replicas + 1)]
        try:
            yield Siege(plan, house, post, ours, found, say)
        finally:
            await asyncio.gather(*(one.kill() for one in found if one.alive))
