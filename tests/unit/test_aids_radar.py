"""The overbooking radar: few rooms left while changes are late, and nothing where neither is so."""

from dataclasses import replace

import pytest

from alerts.aids.aid import Aid
from alerts.aids.radar import radar
from alerts.facts import Fact
from alerts.incident import Cause
from alerts.message_aids import MOST_LINES
from checks.findings import Scarce
from checks.result import SYNC_DELAY, Reason, Sign
from tests.support.aiding import ahead, late_queue, sight, stock, unmapped
from tests.support.facts import clearing, failing, fine

TWO = (Scarce("DLX", ahead(3), 1), Scarce("STE", ahead(3), 2))


def made(*facts: Fact) -> Aid:
    aid = radar(sight(*facts))
    assert aid is not None
    return aid


def stopped(name: str) -> Fact:
    return failing(f"{name}/sync_process", Reason.PROCESS, Sign.NOT_RUNNING, minutes=7, type_="process")


def test_few_rooms_and_late_updates_make_a_stop_sell() -> None:
    aid = made(late_queue(22), stock(*TWO))
    assert aid.heading == "Rooms that may be sold twice"
    assert aid.lines == (
        "DLX, Sat 28 Nov: 1 left, updates 22 min late on channel_manager: stop-sell advised.",
        "The next: Sat 28 Nov STE 2 left.",
    )
    assert aid.desk == (
        (
            "Close these nights in the extranet of each travel site, and sell them in the house only after "
            "looking "
            "there, until you hear that it is over:"
        ),
        "DLX: Sat 28 Nov (1 left).",
        "STE: Sat 28 Nov (2 left).",
    )


def test_a_lag_with_plenty_of_rooms_cannot_oversell_anything_soon() -> None:
    aid = made(late_queue(22), stock())
    assert aid.heading == "No room is at risk yet"
    assert aid.lines == (
        (
            "No night of the next 30 days has 2 rooms or fewer left of any room type: the lag cannot "
            "oversell "
            "anything soon, and no stop-sell is needed yet."
        ),
        "Updates 22 min late on channel_manager.",
    )
    assert aid.desk == (
        (
            "Every room type has more than 2 rooms left on each of the next 30 nights: nothing has to be "
            "closed yet, go on selling as usual."
        ),
    )


def test_who_is_later_stands_first_and_what_cannot_be_measured_counts_from_when_it_broke() -> None:
    process = stopped("booking_engine")
    log = failing("booking_engine/sync_log", Reason.STALE, minutes=5, type_="log")
    log = replace(log, measurements={SYNC_DELAY: 2400.0})
    assert "updates 40 min late on booking_engine" in made(process, log, stock(*TWO)).lines[0]
    assert "updates 7 min late on booking_engine" in made(process, stock(*TWO)).lines[0]


def test_what_is_late_on_an_integration_that_is_not_concerned_is_not_told() -> None:
    other = fine("booking_engine/cache", "cache", **{SYNC_DELAY: 86_400.0})
    assert "booking_engine" not in made(late_queue(22), other, stock(*TWO)).lines[0]


def test_sold_out_counts_as_none_left_and_one_room_is_singular() -> None:
    aid = made(late_queue(), stock(Scarce("DLX", ahead(0), 0), few=1))
    assert aid.lines == ("DLX, today: none left, updates 45 min late on channel_manager: stop-sell advised.",)
    assert "1 room or none" in made(late_queue(), stock(few=1)).lines[0]


def test_numbers_that_are_not_new_say_of_when_they_are() -> None:
    assert "stop-sell advised (numbers of 07:48)" in made(late_queue(), stock(*TWO, minutes=12)).lines[0]
    assert "(numbers of 07:48): the lag cannot" in made(late_queue(), stock(minutes=12)).lines[0]


def test_many_nights_are_few_lines_at_the_desk_and_all_on_the_page() -> None:
    nights = [Scarce(room, ahead(day), 1) for day in range(5) for room in ("A", "B", "C", "D")]
    aid = made(late_queue(), stock(*nights, in_all=77))
    assert len(aid.lines) == 3 + 14
    assert aid.lines[2] == "Within 30 days, 77 room-nights have 2 rooms or fewer left."
    assert len(aid.desk) == MOST_LINES
    assert aid.desk[1] == (
        "A: today (1 left), tomorrow (1 left), Fri 27 Nov (1 left), Sat 28 Nov (1 left), Sun 29 Nov (1 left)."
    )
    assert aid.desk[3] == (
        "Few are left also of C, D and on 57 later nights: see the availability in the PMS before you sell."
    )


@pytest.mark.parametrize("few", [None, 2])
def test_nobody_is_bothered_where_nothing_is_late(few: int | None) -> None:
    broken = failing("payment/health", Reason.CONNECT)
    assert radar(sight(broken, stock(*TWO, few=few))) is None
    assert radar(sight(unmapped(), stock(*TWO, few=few))) is None


def test_a_hotel_whose_stock_nobody_looked_at_hears_nothing_of_it() -> None:
    assert radar(sight(late_queue(), stock(few=None))) is None
    assert radar(sight(late_queue())) is None
    assert radar(sight(late_queue(), replace(stock(*TWO), stale=True))) is None


def test_what_has_just_cleared_is_not_late() -> None:
    process = stopped("channel_manager")
    assert "45 min late" in made(process, late_queue(), stock(*TWO)).lines[0]
    assert "7 min late" in made(process, clearing(late_queue()), stock(*TWO)).lines[0]


def test_an_overbooked_night_tells_which_others_are_near_it() -> None:
    sold = failing("booking_engine/availability", Reason.THRESHOLD, Sign.NO_INVENTORY, type_="availability")
    aid = made(replace(sold, findings=stock(*TWO).findings))
    assert aid.lines[0] == "DLX, Sat 28 Nov: 1 left: stop-sell advised."
    assert radar(sight(replace(sold, findings=stock().findings))) is None


@pytest.mark.parametrize("seconds", [0, 0.4, 61, 299])
def test_updates_that_wait_no_longer_than_is_normal_advise_no_stop_sell(seconds: float) -> None:
    queue = late_queue()
    large = replace(queue, measurements={**queue.measurements, SYNC_DELAY: seconds})
    assert radar(sight(large, stock(*TWO))) is None


def test_what_has_only_just_stopped_is_told_in_the_first_mail_without_a_number() -> None:
    refused = failing("channel_manager/health", Reason.CREDENTIALS, minutes=0, type_="health")
    about = sight(refused, stock(*TWO))
    assert about.incident.diagnosis.cause is Cause.API_CREDENTIALS_INVALID
    aid = radar(about)
    assert aid is not None
    assert aid.lines[0] == "DLX, Sat 28 Nov: 1 left, updates stopped on channel_manager: stop-sell advised."
