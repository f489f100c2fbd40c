"""When faults are injected: at various hours, so that each is a new incident, some of them together."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random

from daemon.demo.faults import FAULTS
from daemon.scheduler import SPREAD, phase
from daemon.settings import checks_of
from tests.support.month import FIRST, Almanac
from tests.support.month_faults import EVENTS, Injected

TOO_SELDOM = frozenset({"blocklist-unreliable"})
"""Faults that one look an hour does not see often enough within 90 minutes to be told of."""

FAMILIES = {"vendor-outage": "reach", "vendor-unreachable": "reach", "flapping": "reach"}
A_DAY = timedelta(hours=27)
"""An incident that comes back within a day is the same one."""

TOGETHER = (
    ("sync-service-down", "local-network-down"),
    ("bounces-not-suppressed", "vendor-outage"),
    ("overbooked", "rate-limited"),
    ("room-type-not-mapped", "gateway-degraded"),
)
"""Faults that happen at once: the second begins while the first lasts."""

SECOND_AFTER = timedelta(minutes=9)


def all_faults() -> list[str]:
    """Return every fault that can be told of in time."""
    return [name for name in FAULTS if name not in TOO_SELDOM]


def plan(
    almanac: Almanac, names: Sequence[str], seed: int, first: datetime, every: timedelta
) -> list[Injected]:
    """Return the faults with their times: one slot after the other, in an order that keeps likes apart."""
    random = Random(seed)  # noqa: S311 - no secret, but the same each time
    left = list(names)
    random.shuffle(left)
    made: list[Injected] = []
    slot = first
    while left:
        begins = slot + random.uniform(0.02, 0.5) * every
        name = next((one for one in left if _is_new(almanac, one, begins, made)), None)
        if name is not None:
            left.remove(name)
            made.append(almanac.fault(name, _seen_soon(almanac, name, begins), random))
            for other in _with(name, left):
                left.remove(other)
                made.append(almanac.fault(other, begins + SECOND_AFTER, random))
        slot += every
    return made


def _seen_soon(almanac: Almanac, name: str, begins: datetime) -> datetime:
    """Return when a fault begins: a change of ours shortly before the check that looks every 5 minutes."""
    if name != "local-change":
        return begins
    check = next(one for one in checks_of(almanac.settings) if one.id[1:] == ("payment", "webhook"))
    first = min(check.interval, SPREAD) * phase(check.id)
    gone = ((begins - FIRST).total_seconds() - first) % check.interval
    return begins + timedelta(seconds=check.interval - gone - 40.0)


def _with(name: str, left: Sequence[str]) -> Iterator[str]:
    return (second for one, second in TOGETHER if one == name and second in left)


def _is_new(almanac: Almanac, name: str, begins: datetime, made: Sequence[Injected]) -> bool:
    """Say whether nothing like it happened within a day, and no check still tells of another event."""
    checks = set(almanac.seen[name])
    for one in made:
        recent = begins - one.ends < A_DAY
        if recent and _family(one.name) & _family(name):
            return False
        if (one.cause in EVENTS or FAULTS[name].cause in EVENTS) and recent and checks & set(one.seen):
            return False
    return True


def _family(name: str) -> set[str]:
    cause = FAULTS[name].cause
    return {FAMILIES.get(cause, cause)}
