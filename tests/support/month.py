"""A month of a hotel's nights in fast-forward: noise, faults, and what the porter made of them."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

from alerts.incident import Incident
from alerts.incidents import resolved
from alerts.notification import Notification
from daemon.settings import Settings, checks_of
from tests.support import month_hotel
from tests.support.month_calendar import DAY, Days
from tests.support.month_faults import House, Injected
from tests.support.month_ledger import MemoryLedger
from tests.support.month_noise import Noise
from tests.support.month_porter import Porter
from tests.support.month_recording import Recorded, recorded

FIRST = datetime(2026, 10, 4, 23, tzinfo=UTC)
"""Midnight in Lisbon of Monday, 5 October 2026, a holiday; three weeks later the clocks go back."""

HOURLY = 3600.0
SHORTEST, LONGEST = timedelta(minutes=25), timedelta(minutes=90)
AFTER_AN_HOUR = timedelta(minutes=75)
"""How long a fault lasts at least that is looked for once an hour."""

LEEWAY = timedelta(hours=3)
"""How long after a fault checks that look once an hour may need to see that it is over."""


@dataclass(frozen=True, slots=True)
class Told:
    """A letter that went out: when, and in which state its incident was then."""

    at: datetime
    letter: Notification
    incident: Incident

    @property
    def cause(self) -> str:
        """The cause that the letter names."""
        return header(self.letter, "X-Nightporter-Cause")


def header(letter: Notification, name: str) -> str:
    """Return a header of a letter."""
    head = letter.message.partition(b"\r\n\r\n")[0].decode()
    prefix = f"{name}: "
    return next((line.removeprefix(prefix) for line in head.split("\r\n") if line.startswith(prefix)), "")


@dataclass(slots=True)
class Month:
    """What became of it."""

    days: int
    faults: Sequence[Injected]
    told: list[Told] = field(default_factory=list)
    digests: list[Notification] = field(default_factory=list)
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    looks: int = 0
    lost: int = 0
    spared: int = 0
    seconds: float = 0.0

    @property
    def incidents(self) -> list[Incident]:
        """Every incident, the oldest first."""
        return sorted(self.ledger.incidents.values(), key=lambda one: one.opened_at)

    def during(self, fault: Injected) -> list[Incident]:
        """Return the incidents that a fault brought about: opened while it lasted, of what it turned."""
        names = {check.partition("/")[0] for check in fault.seen}
        return [
            one
            for one in self.incidents
            if fault.begins <= one.opened_at <= fault.ends + LEEWAY and names & set(one.integrations)
        ]

    def letters(self, incident: Incident) -> list[Told]:
        """Return the letters about an incident, in the order they went out."""
        return [one for one in self.told if one.letter.incident == incident.id]

    def story(self, incidents: Iterable[Incident] | None = None) -> str:
        """Tell of incidents, of all by default: what was seen, decided and told."""
        return "\n".join(
            line for one in (self.incidents if incidents is None else incidents) for line in self._lines(one)
        )

    def _lines(self, incident: Incident) -> Iterator[str]:
        yield f"{incident.id} {incident.key} {incident.severity} {list(incident.criteria)} {incident.title}"
        for breach in incident.breaches:
            yield f"    {breach.check}: {breach.state}, {breach.reason}: {breach.message}"
        for event in self.ledger.events:
            if event.incident == incident.id:
                yield f"  {event.at:%d %b %H:%M:%S} {event.kind}: {event.text}"

    def figures(self) -> str:
        """Say how much it was."""
        return (
            f"{self.days} days, {self.looks:,} results, {self.lost:,} lost probes, "
            f"{len(self.faults)} faults: {len(self.incidents)} incidents, {len(self.told)} letters, "
            f"in {self.seconds:.0f} s"
        )


Progress = Callable[[int, "Month"], None]


@dataclass(frozen=True, slots=True)
class Almanac:
    """What a month is made of: the hotel's settings, and what was recorded of it."""

    settings: Settings
    healthy: Mapping[str, Recorded]
    seen: Mapping[str, Mapping[str, Recorded]]

    @classmethod
    def of(cls, directory: Path) -> "Almanac":
        """Read it all; the hotel's configuration is written into an empty directory."""
        healthy, seen = recorded()
        return cls(month_hotel.settings(directory), healthy, seen)

    def intervals(self) -> dict[str, float]:
        """Return how often each check looks, in seconds."""
        return {f"{one.id.integration}/{one.id.check}": one.interval for one in checks_of(self.settings)}

    def fault(self, name: str, begins: datetime, random: Random) -> Injected:
        """Return a fault that begins then; it lasts long enough for the check that looks most seldom."""
        seen, intervals = self.seen[name], self.intervals()
        shortest = AFTER_AN_HOUR if max(intervals[one] for one in seen) >= HOURLY else SHORTEST
        lasts = random.uniform(shortest.total_seconds(), LONGEST.total_seconds())
        return Injected(name, begins, begins + timedelta(seconds=lasts), seen, random)

    async def live(
        self,
        days: int,
        seed: int,
        faults: Sequence[Injected] = (),
        progress: Progress = lambda _day, _month: None,
    ) -> Month:
        """Live through so many days; `progress` is told of each that has passed."""
        month = Month(days, faults)
        checks = checks_of(self.settings)
        zone = self.settings.hotels[0].timezone
        random = Random(seed)  # noqa: S311 - no secret, but the same each time
        noise = Noise(checks, self.healthy, random, Days(FIRST, days, zone))

        async def post(now: datetime) -> None:
            for letter in month.ledger.waiting():
                month.ledger.deliver(letter, now)
                incident = month.ledger.incidents.get(letter.incident)
                if incident is None:
                    month.digests.append(letter)
                else:
                    month.told.append(Told(now, letter, incident))

        started = time.perf_counter()
        porter = Porter(self.settings, House(noise, faults).see, month.ledger, post, FIRST)
        for fault in faults:
            if fault.leaves_no_state:
                porter.at(fault.ends, partial(_put_right, porter, month, fault))
        for day in range(1, days + 1):
            await porter.work(FIRST + day * DAY)
            month.looks, month.lost, month.spared = porter.looks, noise.lost, noise.spared
            month.seconds = time.perf_counter() - started
            progress(day, month)
        return month


async def _put_right(porter: Porter, month: Month, fault: Injected) -> None:
    """Let a person say that what leaves no state is dealt with."""
    for incident in month.during(fault):
        if str(incident.diagnosis.cause) == fault.cause:
            await porter.act(incident.id, lambda one, now: resolved(one, "dealt with", now, dismissed=True))
