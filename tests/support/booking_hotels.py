"""Honest hotels: when they are booked, with seasons, weekends, quiet nights, slow days and groups."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from checks.rhythm import DAY, HOUR, Rhythm, Slot, learn

FIRST_DAY = date(2026, 3, 2)
FIRST = datetime(2026, 3, 2, tzinfo=UTC).timestamp()
LEARNT, MONTH = 56, 30
SIZES = (2, 5, 12, 30, 80, 250)
"""Bookings a day."""
FEASTS, ON_A_FEAST = 4, 0.4
GROUP_TAKES = 2400.0


@dataclass(frozen=True, slots=True)
class Character:
    """How a hotel is booked. `steady` is the shape of the gamma that each day's level is drawn from."""

    size: int
    night: float
    evening: float
    weekend: float
    trend: float
    steady: float
    groups: float
    feasts: frozenset[int]

    @classmethod
    def drawn(cls, random: Random, size: int) -> "Character":
        """Draw one: every third hotel's season rises or falls by up to 84 % over the three months."""
        return cls(
            size,
            random.uniform(0.02, 0.3),
            random.uniform(1, 2.5),
            random.uniform(0.5, 1.6),
            random.choice([0, 0, random.uniform(-0.84, 0.84)]),
            random.choice([8, 15, 30]),
            random.choice([0, 0.03, 0.1]),
            frozenset(random.sample(range(LEARNT + MONTH), FEASTS)),
        )

    def hours(self) -> list[float]:
        """Return the share of a day's bookings that each hour brings."""
        shape = [
            self.night if hour < 6 else 0.6 if hour < 9 else self.evening if 18 <= hour < 23 else 1.0
            for hour in range(24)
        ]
        return [one / sum(shape) for one in shape]

    def level(self, random: Random, day: int) -> float:
        """Draw how many bookings a day may expect."""
        weekend = self.weekend if day % 7 >= 5 else 1.0
        season = 1 + self.trend * (day / (LEARNT + MONTH) - 0.5)
        feast = ON_A_FEAST if day in self.feasts else 1.0
        return self.size * weekend * season * feast * random.gammavariate(self.steady, 1 / self.steady)


def bookings(random: Random, size: int) -> list[float]:
    """Return the Unix times of the bookings of three months."""
    character = Character.drawn(random, size)
    found = [at for day in range(LEARNT + MONTH) for at in _day(random, character, day)]
    return sorted(found)


def _day(random: Random, character: Character, day: int) -> Iterator[float]:
    level = character.level(random, day)
    for hour, share in enumerate(character.hours()):
        at = hour + random.expovariate(level * share)
        while at < hour + 1:
            moment = FIRST + day * DAY + at * HOUR
            yield moment
            if random.random() < character.groups:
                yield from (moment + random.random() * GROUP_TAKES for _ in range(random.randint(4, 30)))
            at += random.expovariate(level * share)


def quarters(made: list[float]) -> Counter[Slot]:
    """Return in how many quarters of each hour any booking was made."""
    seen = {int(at // 900) for at in made}
    slots = (int((900 * one - FIRST) // HOUR) for one in seen)
    return Counter((FIRST_DAY + timedelta(days=slot // 24), slot % 24) for slot in slots)


def learnt(made: list[float], came: Counter[Slot], newest: float) -> Rhythm:
    """Return the rhythm as the check learns it when `newest` was the newest booking."""
    begins = max(made[0], newest - LEARNT * DAY)
    first, last = (datetime.fromtimestamp(at, UTC) for at in (begins, newest))
    within = {slot: some for slot, some in came.items() if _at(first) <= slot <= _at(last)}
    return learn(within, begins, newest, UTC)


def _at(moment: datetime) -> Slot:
    return moment.date(), moment.hour
