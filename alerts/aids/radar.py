"""Overbooking radar: nights with few rooms left, while changes reach those who sell them late."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.aids.aid import Aid, AidKind
from alerts.aids.days import said
from alerts.aids.sight import Sight
from alerts.facts import Fact
from alerts.incident import Cause
from alerts.message_text import clean, hotel_time, minutes
from checks.findings import Scarce
from checks.result import SYNC_DELAY

LATE = frozenset(
    {
        Cause.SYNC_SERVICE_DOWN,
        Cause.SYNC_SERVICE_CRASH_LOOP,
        Cause.RATE_LIMITED,
        Cause.HIGH_UPDATE_VOLUME,
        Cause.NETWORK_LATENCY,
        Cause.PROCESSING_BOTTLENECK,
        Cause.PRODUCER_STOPPED,
        Cause.CACHE_NOT_REFRESHING,
        Cause.VENDOR_OUTAGE,
        Cause.VENDOR_UNREACHABLE,
        Cause.WRONG_HOST_NAME,
        Cause.API_CREDENTIALS_INVALID,
        Cause.PROPERTY_NOT_AUTHORISED,
        Cause.CERTIFICATE_EXPIRED,
        Cause.CERTIFICATE_INVALID,
        Cause.LOCAL_NETWORK_DOWN,
        Cause.LOCAL_DNS_BROKEN,
    }
)
"""What keeps changes from those who sell the rooms."""

WRONG = frozenset({Cause.AVAILABILITY_MISMATCH, Cause.OVERBOOKED})
"""What has them sell by wrong numbers."""

SELLERS = frozenset({"booking_engine", "channel_manager"})
ON_THE_WAY = frozenset({"health", "cache", "sync_log", "sync_process", "queue", "log"})
"""Checks that show whether changes reach them."""

WITHIN = 30
"""Days that the radar sees ahead."""
NEXT = 5
"""Nights that are named in one line."""
MOST_ROOMS = 3
"""Lines that the desk is given for room types."""
OLD = timedelta(minutes=5)
"""From when on it is said how old the numbers are."""
NORMAL = timedelta(minutes=5)
"""How long an update may be on its way where all is well: channels take so long to close a room."""
SHORT = timedelta(minutes=1)
"""What has stood still for less is said to have stopped: how late it is says nothing yet."""


@dataclass(frozen=True, slots=True)
class _Stock:
    """Which nights are scarce, in which way changes are late, and what `today` is."""

    nights: tuple[Scarce, ...]
    in_all: int
    few: int
    late: str
    today: date
    seen: str


def radar(sight: Sight) -> Aid | None:
    """Return which nights may be sold twice, or that none can be; None where it is not about that."""
    cause = sight.incident.diagnosis.cause
    found = next((fact for fact in _known(sight) if fact.findings.scarce_at is not None), None)
    late = _late(sight) if cause in LATE else ""
    if found is None or not (late or cause in WRONG):
        return None
    scarce = found.findings
    stock = _Stock(
        nights=scarce.scarce,
        in_all=max(scarce.scarce_in_all, len(scarce.scarce)),
        few=scarce.scarce_at or 0,
        late=late,
        today=sight.now.astimezone(sight.desk.timezone).date(),
        seen=_seen(found.at, sight),
    )
    if not stock.nights and not late:
        return None
    if stock.nights:
        return Aid(AidKind.RADAR, "Rooms that may be sold twice", tuple(_lines(stock)), tuple(_desk(stock)))
    return Aid(AidKind.RADAR, "No room is at risk yet", tuple(_none(stock)), tuple(_none_at_the_desk(stock)))


def _known(sight: Sight) -> Iterator[Fact]:
    """Yield what is known of those who sell the rooms, as far as it was looked at lately."""
    for name in sight.facts.integrations:
        if sight.facts.kinds.get(name) in SELLERS:
            yield from (fact for fact in sight.facts.of(name) if not fact.stale)


def _late(sight: Sight) -> str:
    """Return how late changes reach whom, the latest first; an empty text where they are not."""
    behind: dict[str, timedelta] = {}
    for fact in _known(sight):
        name = fact.check.integration
        if name in sight.incident.integrations and fact.check.check in ON_THE_WAY:
            late = _behind(fact, sight.now)
            if late is not None:
                behind[name] = max(late, behind.get(name, timedelta()))
    latest = sorted(((late, name) for name, late in behind.items()), reverse=True)
    if not latest:
        return ""
    return "updates " + " and ".join(f"{_how(late)} on {clean(name, 64)}" for late, name in latest)


def _how(late: timedelta) -> str:
    return "stopped" if late < SHORT else f"{minutes(late)} late"


def _behind(fact: Fact, now: datetime) -> timedelta | None:
    """Return how far behind one is by what it measures, or by how long nothing has got through to it.

    None is one that is not behind: what waits for no longer than is normal gets through.
    """
    if fact.breach is None or fact.clearing:
        return None
    delay = fact.measurements.get(SYNC_DELAY)
    if delay is None:
        return max(timedelta(), now - fact.breach.since)
    late = timedelta(seconds=min(max(0.0, delay), 1e8))
    return late if late >= NORMAL else None


def _seen(at: datetime, sight: Sight) -> str:
    if sight.now - at < OLD:
        return ""
    return f" (numbers of {hotel_time(at, sight.now, sight.desk.timezone)})"


def _lines(stock: _Stock) -> Iterator[str]:
    first, rest = stock.nights[0], stock.nights[1:]
    late = f", {stock.late}" if stock.late else ""
    yield f"{_room(first)}, {_night(first, stock)}: {_left(first)}{late}: stop-sell advised{stock.seen}."
    if rest:
        following = ", ".join(f"{_night(one, stock)} {_room(one)} {_left(one)}" for one in rest[:NEXT])
        yield f"The next: {following}."
    if stock.in_all > 1 + NEXT:
        yield f"Within {WITHIN} days, {stock.in_all:,} room-nights have {_few(stock)} left."
    for one in rest[NEXT:]:
        yield f"{_night(one, stock)}: {_room(one)}, {_left(one)}."


def _none(stock: _Stock) -> Iterator[str]:
    yield (
        f"No night of the next {WITHIN} days has {_few(stock)} left of any room type{stock.seen}: the lag "
        "cannot oversell anything soon, and no stop-sell is needed yet."
    )
    yield f"{stock.late[:1].upper()}{stock.late[1:]}."


def _few(stock: _Stock) -> str:
    return "1 room or none" if stock.few == 1 else f"{stock.few} rooms or fewer"


def _left(one: Scarce) -> str:
    return f"{one.left} left" if one.left else "none left"


def _room(one: Scarce) -> str:
    return clean(one.room, 30)


def _night(one: Scarce, stock: _Stock) -> str:
    return said(one.night, stock.today)


def _desk(stock: _Stock) -> Iterator[str]:
    """Yield what not to sell until it is over, by room type, that of the next night first."""
    yield (
        "Close these nights in the extranet of each travel site, and sell them in the house only after "
        "looking there, until you hear that it is over:"
    )
    rooms: dict[str, list[Scarce]] = {}
    for one in stock.nights:
        rooms.setdefault(_room(one), []).append(one)
    beyond = stock.in_all - len(stock.nights)
    some = MOST_ROOMS if len(rooms) <= MOST_ROOMS and beyond <= 0 else MOST_ROOMS - 1
    for room, nights in list(rooms.items())[:some]:
        shown = ", ".join(f"{_night(one, stock)} ({_left(one)})" for one in nights[:NEXT])
        more = f" and {len(nights) - NEXT} more" if len(nights) > NEXT else ""
        yield f"{room}: {shown}{more}."
    others = list(rooms)[some:]
    also = [f"of {', '.join(others)}"] if others else []
    also += [f"on {beyond:,} later nights"] if beyond > 0 else []
    if also:
        yield f"Few are left also {' and '.join(also)}: see the availability in the PMS before you sell."


def _none_at_the_desk(stock: _Stock) -> Iterator[str]:
    yield (
        f"Every room type has more than {stock.few} {'room' if stock.few == 1 else 'rooms'} left on each of "
        f"the next {WITHIN} nights: nothing has to be closed yet, go on selling as usual."
    )
