"""Which bookings are not in the PMS, who arrives first, and which gap in the mapping frees how many."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime

from alerts.aids import pasting
from alerts.aids.aid import Aid, AidKind
from alerts.aids.days import said
from alerts.aids.sight import Sight
from alerts.message_text import clean, hotel_time
from checks.findings import COUNTED, MOST_STUCK, Findings, Gap, Stuck, Trouble

FIRST = 5
"""Bookings that are named in one line, and days that are counted one by one."""
MOST_GAPS = 3
MOST_IDS = 10
"""Ids that the front desk is given in one line."""

WHY = {
    Trouble.ROOM_NOT_MAPPED: "room type not mapped",
    Trouble.NO_INVENTORY: "no room left",
    Trouble.ORIGINAL_MISSING: "booking not in the PMS",
    Trouble.INVALID: "refused as invalid",
    Trouble.OTHER: "see its error",
}


def triage(sight: Sight) -> Aid | None:
    """Return the list of what did not get into the PMS, by arrival; None where there is none."""
    found = [fact.findings for fact in sight.breached() if fact.findings.stuck]
    if not found:
        return None
    today = sight.now.astimezone(sight.desk.timezone).date()
    stuck = sorted((one for each in found for one in each.stuck), key=lambda one: _order(one, today))
    shown = stuck[:MOST_STUCK]
    return Aid(
        AidKind.TRIAGE,
        "Bookings that are not in the PMS",
        lines=tuple(_lines(sight, shown, found, today)),
        desk=tuple(_desk(shown, found, today)),
    )


def _order(one: Stuck, today: date) -> tuple[bool, bool, date, float]:
    day = one.arrives or today
    return one.arrives is None, day < today, day, one.since


def _lines(sight: Sight, stuck: list[Stuck], found: list[Findings], today: date) -> Iterator[str]:
    yield f"{_in_all(found)}: {', '.join(_days(found, today))}."
    gaps = _gaps(found)
    if gaps:
        yield f"Fixing the mapping of {', of '.join(_frees(gap) for gap in gaps)} of them."
    first = [f"{_name(one)} ({_on(one, today)}, {_why(one)})" for one in stuck[:FIRST]]
    further = sum(map(_total, found)) - len(first)
    more = f"; and {further:,} more" if further > 0 else ""
    yield f"{'The first to arrive' if more else 'They are'}: {', '.join(first)}{more}."
    for gap in gaps:
        yield f"What there is of {gap.code}: {pasting.see(gap)}"
        yield f"To map it{pasting.unset(gap)}: {pasting.close(gap)}"
    for changes in (False, True):
        query = pasting.waiting(
            [one.id for one in stuck if one.change is changes and one.id], changes=changes
        )
        if query:
            yield f"What waits: {query}"
    for one in stuck[FIRST:]:
        since = hotel_time(datetime.fromtimestamp(one.since, UTC), sight.now, sight.desk.timezone)
        yield f"{_name(one)}: {_arrives(one, today)}, {_why(one)}, since {since}."


def _in_all(found: list[Findings]) -> str:
    """Return how many bookings, and changes of some, are missing; "at least" where not all were counted."""
    counts = Counter[bool]()
    for one in found:
        counts[one.stuck[0].change] += _total(one)
    least = "At least " if any(one.stuck_in_all >= COUNTED for one in found) else ""
    what = " and ".join(_many(counts[change], change=change) for change in (False, True) if counts[change])
    return f"{least}{what} {'is' if counts.total() == 1 else 'are'} not in the PMS"


def _many(count: int, *, change: bool) -> str:
    words = ("change of a booking", "changes of bookings") if change else ("booking", "bookings")
    return f"{count:,} {words[count != 1]}"


def _total(found: Findings) -> int:
    return max(found.stuck_in_all, len(found.stuck))


def _days(found: list[Findings], today: date) -> Iterator[str]:
    """Yield how many arrive on each day, today's first; what is not known of the rest."""
    counts = _arrivals(found)
    known = [day for day in counts if day is not None]
    ahead, begun = sorted(day for day in known if day >= today), [day for day in known if day < today]
    for day in ahead[:FIRST]:
        verb = " arrives" if counts[day] == 1 else " arrive"
        on = said(day, today)
        yield f"{counts[day]}{verb if day == ahead[0] else ''} {on if on[0].islower() else f'on {on}'}"
    later = sum(counts[day] for day in ahead[FIRST:])
    if later:
        yield f"{later} later"
    if begun:
        yield f"{sum(counts[day] for day in begun)} should have arrived already"
    if counts[None]:
        yield f"{counts[None]} on a day that nobody knows (it may be today)"
    rest = sum(map(_total, found)) - counts.total()
    if rest > 0:
        yield f"{rest} after these"


def _arrivals(found: Iterable[Findings]) -> Counter[date | None]:
    counts = Counter[date | None]()
    for one in found:
        for arrivals in one.arrivals:
            counts[arrivals.day] += arrivals.number
    return counts


def _gaps(found: list[Findings]) -> list[Gap]:
    """Return the gaps of all lists, that which frees most first."""
    gaps: dict[str, Gap] = {}
    for one in found:
        for gap in one.gaps:
            before = gaps.get(gap.code)
            gaps[gap.code] = gap._replace(frees=gap.frees + before.frees) if before else gap
    return sorted(gaps.values(), key=lambda gap: (-gap.frees, gap.code))[:MOST_GAPS]


def _frees(gap: Gap) -> str:
    return f"{gap.code} frees {gap.frees:,}"


def _name(one: Stuck) -> str:
    name = clean(one.id, 40) or "one without an id"
    return f"change of {name}" if one.change else name


def _arrives(one: Stuck, today: date) -> str:
    if one.arrives is None:
        return _on(one, today)
    return f"{'arrived' if one.arrives < today else 'arrives'} {_on(one, today)}"


def _on(one: Stuck, today: date) -> str:
    return "arrival not known" if one.arrives is None else said(one.arrives, today)


def _why(one: Stuck) -> str:
    return f"{one.code} not mapped" if one.code else WHY[one.trouble]


def _desk(stuck: list[Stuck], found: list[Findings], today: date) -> Iterator[str]:
    """Yield which guests the desk must expect without a booking in the PMS, and what to do for them."""
    counts = _arrivals(found)
    rejected = any(one.change and one.trouble is not Trouble.ORIGINAL_MISSING for one in stuck)
    wrong = "right in the PMS" if rejected else "in the PMS"
    soon = [day for day in counts if day is not None and 0 <= (day - today).days <= 1]
    for day in sorted(soon):
        one = counts[day] == 1
        guests = "1 guest arrives" if one else f"{counts[day]:,} guests arrive"
        whose = "whose booking is" if one else "whose bookings are"
        ids = [clean(row.id, 40) for row in stuck if row.arrives == day and row.id][:MOST_IDS]
        numbers = f": {', '.join(ids)}" if ids else ""
        more = f" and {counts[day] - len(ids):,} more" if ids and counts[day] > len(ids) else ""
        yield f"{guests} {said(day, today)} {whose} not {wrong}{numbers}{more}."
    if not soon:
        yield "None of the guests whose bookings are missing in the PMS is known to arrive today or tomorrow."
    if counts[None]:
        yield f"For {counts[None]:,} of them nobody knows the day of arrival: it may be today."
    yield (
        "Look them up in the extranet of the travel site or of the booking engine, keep a room for each, and "
        "enter it by hand if the guest arrives before it is in the PMS."
    )
