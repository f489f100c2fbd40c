"""Rules about room types: what is not mapped, mapped twice, or sold more often than it is there."""

from alerts.diagnosis import explains
from alerts.diagnosis.conditions import sign, some, why
from alerts.diagnosis.rule import Rule, View, Words
from alerts.facts import Fact
from alerts.incident import Cause
from checks.result import Reason, Sign

FAILED_IMPORTS = (
    "Keep a room for each guest whose booking did not get in, the next arrivals first: SELECT "
    "reservation_id, check_in, error FROM reservation_import_errors WHERE resolved_at IS NULL ORDER BY "
    "check_in;"
)

_ROOM_NOT_MAPPED = Rule(
    Cause.ROOM_TYPE_NOT_MAPPED,
    Words(
        title="a room type is not mapped",
        sentence="and the PMS do not know each other's room types: bookings of one of them get lost",
        summary="A room type has no active mapping to the booking engine's: it cannot be sold, and bookings "
        "of it cannot be imported.",
        steps=(
            FAILED_IMPORTS,
            (
                "Find what is not mapped, and map it: SELECT DISTINCT room_type_id FROM availability WHERE "
                "date >= CURRENT_DATE AND room_type_id NOT IN (SELECT pms_room_type_id FROM "
                "room_type_mappings WHERE is_active AND booking_engine_room_type_id <> '');"
            ),
            "Then import those bookings again in the PMS, and see that each of them is there.",
        ),
    ),
    needs=(sign("a room type has no mapping", Sign.ROOM_NOT_MAPPED),),
    explains=explains.signs(Sign.ROOM_NOT_MAPPED),
    test="Import one of the failed bookings again after mapping its room type: if it still fails, read the "
    "new error.",
)

_OVERBOOKED = Rule(
    Cause.OVERBOOKED,
    Words(
        title="more rooms are sold than there are",
        sentence="and the hotel have sold more rooms than there are",
        summary="Availability is below zero, or bookings cannot be imported because no room is left.",
        steps=(
            "Stop selling that room type for those nights at once, by hand in every extranet.",
            (
                "See what is oversold: SELECT room_type_id, date, available_rooms FROM availability WHERE "
                "available_rooms < 0 AND date >= CURRENT_DATE ORDER BY date; and who is left over: SELECT "
                "reservation_id, check_in FROM reservation_import_errors WHERE resolved_at IS NULL;"
            ),
            (
                "Let the duty manager decide before the guests arrive: upgrade, another room type, or a room "
                "elsewhere that the hotel pays; then import the bookings again."
            ),
        ),
    ),
    needs=(sign("more is sold than there is", Sign.NO_INVENTORY),),
    explains=explains.signs(Sign.NO_INVENTORY),
    test="Compare the reservations of the first such night with the rooms there are: rooms out of order or "
    "counted twice are no overbooking.",
)


def _too_many(fact: Fact) -> bool:
    counted = fact.check.check == "availability" and why(fact) is Reason.MISMATCH
    return counted and fact.measurements.get("above_physical", 0.0) > 0


def _too_many_free(fact: Fact, _view: View) -> bool:
    return _too_many(fact)


_MAPPED_TWICE = Rule(
    Cause.AVAILABILITY_MISMATCH,
    Words(
        title="a room type is mapped twice",
        sentence="and the PMS disagree about what is free: a room type is mapped twice",
        summary="Two room types stand for one: each update of one overwrites the other's availability.",
        steps=(
            "Have somebody stop selling both room types, by hand in the extranets, until this is over.",
            (
                "Find and correct it: SELECT pms_room_type_id, booking_engine_room_type_id FROM "
                "room_type_mappings WHERE is_active ORDER BY 2, 1; (each id may stand there once)"
            ),
            (
                "Then send all availability again (full sync), and compare a night of both room types on "
                "both sides."
            ),
        ),
    ),
    needs=(sign("a room type is mapped more than once", Sign.MAPPED_TWICE),),
    explains=explains.both(explains.checks("room_mapping"), explains.signs(Sign.MAPPED_TWICE)),
    kinds=frozenset({"booking_engine"}),
    test="Compare one night of each room type on both sides: only what is mapped twice differs.",
)

_TOO_MANY_FREE = Rule(
    Cause.AVAILABILITY_MISMATCH,
    Words(
        title="more rooms are free than there are",
        sentence="may sell rooms that do not exist: more are free than there are",
        summary="The PMS offers more rooms of a type than it has: a wrong number of rooms, or a change "
        "counted twice.",
        steps=(
            "Have somebody stop selling those room types on those nights, by hand in the extranets.",
            (
                "Find them: SELECT room_type_id, date, available_rooms, physical_rooms FROM availability "
                "WHERE available_rooms > physical_rooms AND date >= CURRENT_DATE ORDER BY date;"
            ),
            "Correct the numbers in the PMS, and send all availability again (full sync).",
        ),
    ),
    needs=(some("more rooms are free than there are", _too_many),),
    explains=_too_many_free,
    test="Count the reservations of one such night: if the rooms there are minus them is less than what is "
    "free, the number is wrong.",
)

RULES: tuple[Rule, ...] = (_ROOM_NOT_MAPPED, _OVERBOOKED, _MAPPED_TWICE, _TOO_MANY_FREE)
