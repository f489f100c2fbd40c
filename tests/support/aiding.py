"""Incidents with what is known around them, and the letters about them: by the real rules."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from alerts.aids.sight import Sight
from alerts.aids.table import aids
from alerts.correspondence import HotelDesk
from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from alerts.incident import Severity
from alerts.message import Mail
from alerts.policy import Policy
from checks.findings import Arrivals, Findings, Gap, Scarce, Stuck, Trouble
from checks.result import QUEUE_OLDEST, QUEUE_PENDING, SYNC_DELAY, Reason, Sign
from tests.support.clock import START
from tests.support.facts import KINDS, a_hotel, failing, fine, groups
from tests.support.letters import incident, problem

ZONE = ZoneInfo("Europe/Lisbon")
TODAY = START.astimezone(ZONE).date()


def ahead(days: int) -> date:
    """Return the day so many days from today."""
    return TODAY + timedelta(days)


def stuck(
    name: str,
    days: int | None,
    code: str = "",
    trouble: Trouble = Trouble.ROOM_NOT_MAPPED,
    *,
    change: bool = False,
) -> Stuck:
    """Return a booking, or a change of one, that arrives in so many days."""
    since = START.timestamp() - 3600
    return Stuck(name, trouble, since, None if days is None else ahead(days), code, change)


def listed(*rows: Stuck, in_all: int = 0, gaps: Iterable[Gap] = ()) -> Findings:
    """Return findings of what is stuck, with its days counted."""
    days: dict[date | None, int] = {}
    for one in rows:
        days[one.arrives] = days.get(one.arrives, 0) + 1
    arrivals = tuple(Arrivals(day, number) for day, number in days.items())
    return Findings(stuck=rows, stuck_in_all=in_all or len(rows), arrivals=arrivals, gaps=tuple(gaps))


def failed_imports(found: Findings, *signs: Sign) -> Fact:
    """Return the fact of bookings that could not be imported."""
    told = "6 reservations could not be imported (BE-X1, BE-X2, BE-X3), 6 with a room type that is not mapped"
    signs = signs or (Sign.IMPORTS_FAILED, Sign.ROOM_NOT_MAPPED)
    fact = failing(
        "booking_engine/import_errors", Reason.CONTENT, *signs, message=told, type_="import_errors"
    )
    return replace(fact, findings=found)


def unmapped() -> Fact:
    """Return the fact of the room type DLX without a mapping."""
    told = "no mapping for 1 room type: DLX"
    return failing(
        "booking_engine/room_mapping",
        Reason.MISSING,
        Sign.ROOM_NOT_MAPPED,
        message=told,
        type_="room_mapping",
    )


def stock(*scarce: Scarce, in_all: int = 0, few: int | None = 2, minutes: float = 0) -> Fact:
    """Return the fact of availability in which these nights are scarce, looked at some minutes ago."""
    found = Findings(scarce=scarce, scarce_in_all=in_all or len(scarce), scarce_at=few)
    fact = fine("booking_engine/availability", "availability")
    return replace(fact, findings=found, at=START - timedelta(minutes=minutes))


def late_queue(minutes: float = 45) -> Fact:
    """Return the fact of a channel manager's queue that does not get on."""
    told = (
        f"205 updates wait, the oldest for {minutes:g} min; at most 30 min is expected; 5 stuck in work "
        "(in 5 min 0.4 a minute arrived)"
    )
    signs = (Sign.QUEUE_OLD, Sign.QUEUE_STUCK)
    fact = failing("channel_manager/queue", Reason.STALE, *signs, message=told, type_="queue")
    waiting = {QUEUE_PENDING: 205.0, QUEUE_OLDEST: START.timestamp() - 60 * minutes}
    return replace(fact, measurements=waiting | {SYNC_DELAY: 60 * minutes})


def sight(*facts: Fact) -> Sight:
    """Return the first incident that these facts amount to, with them around it."""
    hotel = a_hotel(*facts)
    group = groups(hotel, RULES)[0]
    about = incident(*group.breaches, hotel=hotel.hotel)
    about = replace(
        about,
        integrations=group.integrations,
        diagnosis=group.diagnosis,
        title=group.diagnosis.title or about.title,
        opened_at=START - timedelta(minutes=2),
        severity=Severity.CRITICAL,
        criteria=(),
    )
    return Sight(about, hotel, HotelDesk(hotel.hotel, "Grand Harbour Hotel", ZONE, Policy(), KINDS, {}, {}))


def mistaken(name: str, error: Exception) -> None:
    """Fail on a producer with a mistake in it."""
    raise AssertionError(name) from error


def mail(about: Sight, **changes: object) -> Mail:
    """Return the first letter to level 1 about an incident."""
    usual: dict[str, object] = {
        "date": START,
        "kinds": dict(KINDS),
        "aids": aids(about, mistaken),
        "healthy": (),
        "affected": (),
        "vendor": None,
        "docs_url": None,
    }
    return problem(about.incident, **(usual | changes))
