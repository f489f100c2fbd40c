"""The siege: processes die, at random and at exact points, while vendors fail and a relay misbehaves."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.support.smtp import Authority
from tests.support.torture_audit import Crash, Evidence, Frozen, Verdict, audit
from tests.support.torture_clock import Wall
from tests.support.torture_daemon import Doom, Point
from tests.support.torture_house import House
from tests.support.torture_plan import Blow, Freeze, Kill, Plan, Restart
from tests.support.torture_relay import Relay, relay
from tests.support.torture_replica import Replica
from tests.support.torture_state import openings, picture, unfinished, waiting
from tests.support.torture_vendor import Vendors, vendors

DOOM_WITHIN = 30.0
"""Seconds that an exact point may be waited for; then it is a kill like any other."""

ENOUGH_WITHIN = HEALED_WITHIN = 180.0
HASTEN_EVERY = 20.0
REPORT_EVERY = 8
TRIES = 3
"""How often an exact point that was missed is tried once more."""

JUMPS = (-7200, 0, 7200)
"""Seconds that the wall clock may be wrong by."""

Say = Callable[[str], None]


def silently(_text: str) -> None:
    """Say nothing of how it goes."""


@dataclass
class Siege:
    """What goes on, and what it came to.

    `restart` ends and begins the state's server, where it has one; `refused` counts the starts that failed
    while it was away.
    """

    plan: Plan
    house: House
    relay: Relay
    vendors: Vendors
    replicas: Sequence[Replica]
    say: Say = silently
    restart: Callable[[], Awaitable[None]] | None = None
    clock: Wall | None = None
    crashes: list[Crash] = field(default_factory=list)
    freezes: list[Frozen] = field(default_factory=list)
    died_at: Counter[Point] = field(default_factory=Counter)
    killed: int = 0
    restarted: int = 0
    jumped: int = 0
    refused: int = 0
    swapped: bool = False
    _reachable: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def hold(self) -> None:
        """Let everything befall the processes, all of them at the same time."""
        blows, over = self.plan.blows(), asyncio.Event()
        async with asyncio.TaskGroup() as around:
            around.create_task(self._jump(over))
            async with asyncio.TaskGroup() as group:
                for one in self.replicas:
                    self._configure(one)
                    group.create_task(self._live(one, blows))
            await self._make_up()
            await self._work_on()
            over.set()

    async def _make_up(self) -> None:
        """Have a process die at each exact point that none came to in its time."""
        points = self.plan.points if self.plan.kills else ()
        missed = (Doom(point, 1) for point in points for _ in range(TRIES) if not self.died_at[point])
        await self._live(self.replicas[0], missed)

    async def _work_on(self) -> None:
        """Wait until enough has happened."""
        deadline = time.monotonic() + ENOUGH_WITHIN
        while (count := await openings(self.replicas[0].state)) < self.plan.openings:
            assert time.monotonic() < deadline, f"incidents have opened only {count} times"
            assert not await self.replicas[0].ended(0.25), self.replicas[0].last_words()

    async def _jump(self, over: asyncio.Event) -> None:
        """Set the wall clock, if it can be, to and fro."""
        random = Random(self.plan.seed)  # noqa: S311 - no secret, but the same each time
        while self.clock is not None and not over.is_set():
            self.clock.set(random.choice(JUMPS))
            self.jumped += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(random.uniform(1.0, self.plan.longest_life)):
                    await over.wait()

    async def _live(self, one: Replica, blows: Iterator[Blow]) -> None:
        """Let a process live, one life after the other."""
        for blow in blows:
            if isinstance(blow, Doom) and one.alive:
                await self._die(one)
            if not one.alive:
                await one.start(blow if isinstance(blow, Doom) else None)
            await self._strike(one, blow)
        if not one.alive:
            await one.start()
        await self._be_ready(one)

    async def _strike(self, one: Replica, blow: Blow) -> None:
        match blow:
            case Doom(point):
                if not await one.ended(DOOM_WITHIN):
                    await self._die(one)
                elif one.fell:
                    self.died_at[point] += 1
                    await self._mourn()
                else:
                    self._excuse(one)
            case Kill(after):
                await self._live_for(one, after)
                await self._die(one)
            case Freeze(after, lasts):
                await self._freeze(one, after, lasts)
            case Restart(after):
                await self._live_for(one, after)
                await self._restart()

    async def _die(self, one: Replica) -> None:
        assert one.alive, one.last_words()
        await one.kill()
        await self._mourn()

    async def _mourn(self) -> None:
        """Note what a process left behind."""
        self.killed += 1
        await self._note()
        if self.killed % REPORT_EVERY == 0:
            await self._report()

    async def _freeze(self, one: Replica, after: float, lasts: float) -> None:
        """Stop a process in its tracks, and let it go on as if nothing had been."""
        await self._be_ready(one)
        await self._live_for(one, after)
        began = time.monotonic()
        one.send(signal.SIGSTOP)
        await self._note()
        assert not await one.ended(lasts), one.last_words()
        one.send(signal.SIGCONT)
        self.freezes.append(Frozen(began, time.monotonic()))

    async def _live_for(self, one: Replica, seconds: float) -> None:
        """Let a process live; one that began while its state was away has ended, and begins again."""
        if await one.ended(seconds):
            self._excuse(one)
            await one.start()

    async def _be_ready(self, one: Replica) -> None:
        while not await one.ready():
            self._excuse(one)
            await one.start()

    def _excuse(self, one: Replica) -> None:
        assert self.restarted, one.last_words()
        assert one.process is not None
        assert one.process.returncode == 1, one.last_words()
        self.refused += 1

    async def _restart(self) -> None:
        assert self.restart is not None
        async with self._reachable:
            await self.restart()
            self.restarted += 1
        await self._note()

    async def _note(self) -> None:
        at = time.monotonic()
        async with self._reachable:
            left = await waiting(self.replicas[0].state)
        self.crashes.append(Crash(at, left.unmarked, left.handed_over))

    async def _report(self) -> None:
        async with self._reachable:
            letters, cases = await unfinished(self.replicas[0].state)
        self.say(
            f"{self.killed} of {self.plan.kills} kills, {self.died_at.total()} at exact points; "
            f"{len(self.relay.kept)} messages kept in {self.relay.conversations} conversations; "
            f"{letters} letters wait, {cases} incidents are open"
        )

    async def heal(self) -> None:
        """Let everything work again, and wait until nothing is open and no letter waits."""
        self.vendors.broken = False
        self.relay.heal()
        if self.clock is not None:
            self.clock.set(0)
        for one in self.replicas:
            assert await one.ready(), one.last_words()
        deadline = time.monotonic() + HEALED_WITHIN
        hasten_at = 0.0
        while any(left := await unfinished(self.replicas[0].state, but_about=self.house.lasting)):
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
        return audit(
            Evidence(
                found,
                self.relay.kept,
                self.crashes,
                {name: staff.first for name, staff in self.house.staff.items()},
                self.house.refused,
                self.house.lasting,
                self.freezes,
            )
        )


@asynccontextmanager
async def siege(
    directory: Path,
    plan: Plan,
    *,
    state: str | None = None,
    replicas: int = 1,
    restart: Callable[[], Awaitable[None]] | None = None,
    clock: Wall | None = None,
    say: Say = silently,
) -> AsyncIterator[Siege]:
    """Prepare a siege of so many processes over a state; no process outlives the context."""
    authority = Authority()
    ca_file = directory / "ca.pem"
    ca_file.write_bytes(authority.pem)
    where = state or f"sqlite:///{directory}/state.db"
    environment = clock.environment if clock else {}
    async with (
        vendors(plan.seed, plan.pace) as ours,
        relay(plan.seed, authority.server(), patience=plan.patience, listeners=2) as post,
    ):
        house = House(
            directory,
            ours.url,
            tuple(post.ports),
            ca_file,
            plan.hotels,
            plan.integrations,
            plan.gone,
            runs=plan.runs,
        )
        house.furnish()
        post.refused = house.refused
        names = [f"porter-{number}" for number in range(1, replicas + 1)]
        found = [Replica(directory, where, name, environment) for name in names]
        try:
            yield Siege(plan, house, post, ours, found, say, restart, clock)
        finally:
            await asyncio.gather(*(one.kill() for one in found if one.alive))
