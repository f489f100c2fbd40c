"""Five weeks of how the checks of the simulated hotel did, as the porter would have counted: invented."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from daemon.tally import DAY, HOUR, Peak, Stored, Tally, body_of

WEEKS = 5
LOOKS = 12
"""Looks of each check in an hour."""
VARIANTS = 4
"""Hours of one kind that differ: drawing each for itself would take seconds."""

PACES: Mapping[str, tuple[float, Sequence[str]]] = {
    "booking_engine": (
        0.18,
        ("health", "cache", "availability", "reservations", "import_errors", "sync_process", "webhook"),
    ),
    "expedia": (0.35, ("health", "auth", "rates", "modification_queue")),
    "payment": (0.24, ("health", "transactions", "webhook")),
    "email": (0.12, ("provider", "smtp", "delivery", "quota")),
    "channel_manager": (0.15, ("health", "queue", "sync_process")),
    "door_locks": (0.03, ("gateway",)),
    "pms": (0.01, ("database", "logs")),
    "network": (0.02, ("control",)),
}
"""The seconds that each integration usually takes to answer, and which of its checks have a past."""


@dataclass(frozen=True, slots=True)
class Outage:
    """When a check failed, in minutes since 1970."""

    integration: str
    check: str
    begins: int
    ends: int

    def share(self, hour: int) -> float:
        """Return how much of the hour from a minute on it takes."""
        return max(0, min(self.ends, hour + HOUR) - max(self.begins, hour)) / HOUR


def rows(hotel: str, now: int, outages: Sequence[Outage]) -> Iterator[Stored]:
    """Yield the hours of the weeks before minute `now`, up to the last that is over."""
    until = now - now % HOUR
    bodies = {name: _bodies(name) for name in PACES}
    for start in range(until - WEEKS * 7 * DAY, until, HOUR):
        for name in PACES:
            hit = [one for one in outages if one.integration == name and one.share(start)]
            usual = bodies[name][start // HOUR % 24][start // DAY % VARIANTS]
            yield Stored(hotel, HOUR, start, name, 0, _failing(name, start, hit) if hit else usual)


def _bodies(integration: str) -> list[list[bytes]]:
    """Return what is usual of each hour of the day, in some variants."""
    return [[_hour(integration, hour, variant) for variant in range(VARIANTS)] for hour in range(24)]


def _hour(integration: str, hour: int, variant: int) -> bytes:
    random = Random(f"{integration} {hour} {variant}")  # noqa: S311 - the same past every time
    return body_of({check: _well(integration, check, hour, random) for check in PACES[integration][1]})


def _well(integration: str, check: str, hour: int, random: Random, failed: int = 0) -> Tally:
    busy = 1.0 if 8 <= hour < 22 else 0.4
    tally = Tally()
    tally.runs, tally.failures, tally.answers = LOOKS, failed, True
    for _ in range(LOOKS - failed):
        tally.time(PACES[integration][0] * (0.8 + 0.4 * busy) * random.lognormvariate(0, 0.25))
    for peak, value in _peaks(check, busy, random):
        tally.rise(peak, value)
    return tally


def _peaks(check: str, busy: float, random: Random) -> Iterator[tuple[Peak, float]]:
    if check in {"queue", "modification_queue"}:
        yield Peak.QUEUE_PENDING, float(random.randint(0, round(60 * busy)))
        yield Peak.QUEUE_AGE, random.uniform(0, 90 * busy)
    elif check == "webhook":
        yield Peak.EVENTS, float(random.randint(2, round(14 * busy) + 3))
    elif check == "reservations":
        yield from _silence(random.uniform(1.0, 3.0) / busy, random)
    elif check == "transactions":
        yield Peak.SUCCESS, random.uniform(0.97, 1.0)
        yield from _silence(random.uniform(0.3, 1.2) / busy, random)
    elif check == "delivery":
        yield from _silence(random.uniform(0.2, 0.8) / busy, random)
        yield Peak.DELIVERED, random.uniform(0.97, 1.0)
        yield Peak.BOUNCED, random.uniform(0.005, 0.02)
    elif check == "quota":
        yield Peak.QUOTA_USED, random.uniform(0.1, 0.2)
    elif check == "logs":
        yield Peak.ERRORS, float(random.choice([0, 0, 0, 1]))


def _silence(hours: float, random: Random) -> Iterator[tuple[Peak, float]]:
    yield Peak.SILENT, 3600 * hours
    yield Peak.ONE_IN, random.uniform(1.5, 40)


def _failing(integration: str, start: int, outages: Sequence[Outage]) -> bytes:
    hour = start // HOUR % 24
    random = Random(f"{integration} {hour}")  # noqa: S311 - the same past every time
    lost = {one.check: round(LOOKS * one.share(start)) for one in outages}
    return body_of(
        {
            check: _well(integration, check, hour, random, lost.get(check, 0))
            for check in PACES[integration][1]
        }
    )
