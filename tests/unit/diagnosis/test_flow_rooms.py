"""What the diagnosis makes of room types that are not mapped, mapped twice, or sold too often."""

from alerts.diagnosis.flow_availability import RULES
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, clearing, failing, fine, groups

UNMAPPED = failing("booking_engine/room_mapping", Reason.MISSING, Sign.ROOM_NOT_MAPPED, type_="room_mapping")
IMPORTS = "booking_engine/import_errors"


def test_a_missing_mapping_explains_the_bookings_that_fail_for_it() -> None:
    imports = failing(IMPORTS, Reason.CONTENT, Sign.IMPORTS_FAILED, Sign.ROOM_NOT_MAPPED)
    assert causes(a_hotel(UNMAPPED, imports), RULES) == {
        "room-type-not-mapped": ["booking_engine/import_errors", "booking_engine/room_mapping"]
    }


def test_a_missing_mapping_explains_no_booking_that_fails_for_something_else() -> None:
    imports = failing(IMPORTS, Reason.CONTENT, Sign.IMPORTS_FAILED)
    assert causes(a_hotel(UNMAPPED, imports), RULES) == {
        "room-type-not-mapped": ["booking_engine/room_mapping"],
        "unknown": ["booking_engine/import_errors"],
    }


def test_bookings_that_failed_for_a_mapping_keep_their_cause_once_it_is_there() -> None:
    imports = failing(IMPORTS, Reason.CONTENT, Sign.IMPORTS_FAILED, Sign.ROOM_NOT_MAPPED)
    assert causes(a_hotel(clearing(UNMAPPED), imports), RULES) == {
        "room-type-not-mapped": ["booking_engine/import_errors"]
    }


def test_the_first_step_for_lost_bookings_is_a_room_for_each_guest() -> None:
    (found,) = groups(a_hotel(UNMAPPED), RULES)
    assert found.diagnosis.steps[0].startswith("Keep a room for each guest")


def test_fewer_mappings_than_before_alone_prove_nothing() -> None:
    fewer = failing("booking_engine/room_mapping", Reason.MISMATCH, type_="room_mapping")
    assert causes(a_hotel(fewer), RULES) == {"unknown": ["booking_engine/room_mapping"]}


def test_nights_below_zero_and_bookings_without_a_room_are_one_overbooking() -> None:
    nights = failing("booking_engine/availability", Reason.THRESHOLD, Sign.NO_INVENTORY)
    imports = failing(IMPORTS, Reason.CONTENT, Sign.IMPORTS_FAILED, Sign.NO_INVENTORY)
    assert causes(a_hotel(nights, imports), RULES) == {
        "overbooked": ["booking_engine/availability", "booking_engine/import_errors"]
    }


def test_the_first_step_for_an_overbooking_stops_the_sale() -> None:
    nights = failing("booking_engine/availability", Reason.THRESHOLD, Sign.NO_INVENTORY)
    (found,) = groups(a_hotel(nights), RULES)
    assert found.diagnosis.steps[0].startswith("Stop selling")


def test_nights_without_a_number_are_no_overbooking() -> None:
    gaps = failing("booking_engine/availability", Reason.MISSING)
    assert causes(a_hotel(gaps), RULES) == {"unknown": ["booking_engine/availability"]}


def test_a_room_type_mapped_twice_makes_both_sides_disagree() -> None:
    twice = failing("booking_engine/room_mapping", Reason.MISMATCH, Sign.MAPPED_TWICE)
    assert causes(a_hotel(twice), RULES) == {"availability-mismatch": ["booking_engine/room_mapping"]}


def test_a_room_type_that_is_not_mapped_says_more_than_another_that_is_mapped_twice() -> None:
    both = failing("booking_engine/room_mapping", Reason.MISSING, Sign.ROOM_NOT_MAPPED, Sign.MAPPED_TWICE)
    (found,) = groups(a_hotel(both), RULES)
    assert (found.cause, found.diagnosis.runner_up) == ("room-type-not-mapped", "availability-mismatch")


def test_more_rooms_free_than_there_are_is_a_mismatch() -> None:
    above = failing("booking_engine/availability", Reason.MISMATCH, state=State.WARNING, above_physical=3.0)
    assert causes(a_hotel(above), RULES) == {"availability-mismatch": ["booking_engine/availability"]}


def test_far_off_nights_without_a_number_are_no_mismatch() -> None:
    later = failing("booking_engine/availability", Reason.MISMATCH, state=State.WARNING, above_physical=0.0)
    assert causes(a_hotel(later), RULES) == {"unknown": ["booking_engine/availability"]}


def test_tables_that_cannot_be_read_prove_nothing() -> None:
    unread = failing("booking_engine/room_mapping", Reason.QUERY)
    assert causes(a_hotel(unread, fine(IMPORTS, "import_errors")), RULES) == {}
