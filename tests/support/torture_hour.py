"""A porter by a clock moved by hand, whose relay is away: real state, engine, outbox and sockets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute, Tempo
from alerts.outbox import Outbox
from alerts.policy import LevelPolicy, Policy
from checks.check import Check
from checks.lookup import Lookups
from checks.result import Reason, Result, State, ok
from tests.support import sending
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store
from tests.support.outbox import Counted
from tests.support.smtp import Authority
from tests.support.torture_house import Staff

STAFF = Staff("h")
POLICY = Policy(
    levels=(LevelPolicy("1", "Support", STAFF.support), LevelPolicy("2", "Lead", (STAFF.lead,))),
    front_desk=(STAFF.desk,),
)
BREATH, LOOK, TURN = 10, 60, 600
"""Seconds between two ticks of engine and outbox, two looks of a check, and two turns to ill or well."""

DOWN = Result(State.CRITICAL, Reason.SERVER_ERROR, "the answer was 503 Service Unavailable")
LONGEST = 20.0
"""Real seconds that the outbox may take for what is due at one moment."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What works through the hour."""

    night: Night
    outbox: Outbox
    clock: FakeClock
    checks: Sequence[Check]
    random: Random
    ill: set[Check] = field(default_factory=set)

    async def work(self, seconds: int, *, turning: bool) -> None:
        """Let time pass, while checks are `turning` to ill and well, or all stay well."""
        for _ in range(0, seconds, BREATH):
            self.clock.advance(BREATH)
            for check in self.checks:
                if self.random.random() < BREATH / LOOK:
                    self._look(check, turns=turning and self.random.random() < LOOK / TURN)
            await self.night.engine.tick()
            await self.outbox.drain(LONGEST)

    def heal(self) -> None:
        """Let all be well."""
        self.ill.clear()

    def _look(self, check: Check, *, turns: bool) -> None:
        if turns:
            self.ill.symmetric_difference_update({check})
        self.night.observer.observe(check, DOWN if check in self.ill else ok())


@asynccontextmanager
async def desk(directory: Path, relay: int, authority: Authority, seed: int) -> AsyncIterator[Desk]:
    """Have a porter with ten integrations, over a state in this directory, while the context lasts."""
    ca_file = directory / "ca.pem"
    await asyncio.to_thread(ca_file.write_bytes, authority.pem)
    clock, random = FakeClock(), Random(seed)  # noqa: S311 - no secret, but the same each time
    checks = [a_check(integration=f"i{number}", kind="generic") for number in range(10)]
    options = sending.relay(relay, "starttls", ca_file=str(ca_file))
    route = MailRoute([options], sending.SENDER, Lookups(), Tempo(clock.monotonic, random.random))
    async with a_store(directory, clock) as store:
        night = Night(store, clock, checks, policy=POLICY)
        outbox = Outbox(store, {MAIL: route}, clock.now, random.random, Counted())
        yield Desk(night, outbox, clock, checks, random)
