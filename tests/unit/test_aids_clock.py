"""The guest-impact clock: every deadline of what fails, by vendor and day of arrival, in hotel time."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.aids.aid import Aid, Due
from alerts.aids.clock import BY_HAND, clock, first_mailed, mailed
from alerts.aids.sight import Sight
from alerts.aids.telling import lines, said
from alerts.correspondence import HotelDesk
from alerts.facts import Fact, Facts
from alerts.impact import FALLBACK
from alerts.incident import Cause
from alerts.policy import Policy
from checks.result import Reason
from tests.support.clock import START
from tests.support.facts import KINDS, a_hotel, failing
from tests.support.letters import incident

LISBON = ZoneInfo("Europe/Lisbon")
EXPEDIA = FALLBACK["expedia"]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ZONES = ("Europe/Lisbon", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "Asia/Kathmandu")


def at(text: str, zone: ZoneInfo = LISBON) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)


def sight(*facts: Fact, cause: Cause = Cause.VENDOR_OUTAGE, zone: ZoneInfo = LISBON) -> Sight:
    hotel = a_hotel(*facts)
    about = incident(*hotel.breaches(), hotel=hotel.hotel)
    desk = HotelDesk(hotel.hotel, "Hotel", zone, Policy(), KINDS, {}, {})
    return Sight(replace(about, diagnosis=replace(about.diagnosis, cause=cause)), hotel, desk)


def called(fact: Fact, **values: str) -> Fact:
    return replace(fact, values=values)


def told(aid: Aid | None, now: datetime = START) -> tuple[str, ...]:
    assert aid is not None
    return lines(aid, now, LISBON)


def dues(since: str, now: str) -> list[tuple[str, datetime]]:
    return [(due.who, due.at) for due in mailed(EXPEDIA, at(since), at(now), LISBON)]


def test_expedia_has_a_deadline_for_each_day_of_arrival() -> None:
    assert dues("2026-11-25 14:05", "2026-11-25 14:23") == [
        ("Expedia, arrivals today (25 Nov)", at("2026-11-25 14:35")),
        ("Expedia, arrivals tomorrow (26 Nov)", at("2026-11-25 15:05")),
        ("Expedia, later arrivals", at("2026-11-26 14:05")),
    ]


def test_past_midnight_what_is_booked_for_the_day_that_begins_has_half_an_hour_again() -> None:
    found = dict(dues("2026-11-25 23:50", "2026-11-26 00:05"))
    assert found["Expedia, arrivals today (26 Nov)"] == at("2026-11-26 00:30")
    assert found["Expedia, arrivals tomorrow (27 Nov)"] == at("2026-11-26 01:00")


def test_a_day_of_a_long_outage_is_due_by_what_was_booked_first() -> None:
    found = dict(dues("2026-11-23 12:00", "2026-11-25 08:00"))
    assert found["Expedia, arrivals today (25 Nov)"] == at("2026-11-24 01:00")
    assert found["Expedia, later arrivals"] == at("2026-11-24 12:00")


@given(
    st.sampled_from(ZONES).map(ZoneInfo),
    st.integers(0, 24 * 60 * 730).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + minutes * MINUTE),
    st.timedeltas(timedelta(), timedelta(days=4)),
    st.integers(0, 3),
)
def test_no_booking_is_mailed_before_what_the_clock_says(
    zone: ZoneInfo, since: datetime, lasted: timedelta, ahead: int
) -> None:
    now = since + lasted
    today = now.astimezone(zone).date()
    arrival = today + ahead * DAY
    found = first_mailed(EXPEDIA, since, arrival, today, zone)
    step = timedelta(minutes=7)
    booked = [*(since + step * number for number in range(int(lasted / step) + 1)), now]
    every = [at_site(moment, arrival, zone) for moment in booked]
    mailed_at = [moment for moment in every if moment is not None]
    assert all(found <= moment for moment in mailed_at)
    if mailed_at and lasted > step:
        assert min(mailed_at) - found < step


def at_site(booked: datetime, arrival: date, zone: ZoneInfo) -> datetime | None:
    """Return when a site mails a booking, by the vendor's words: from the day it is booked on."""
    ahead = (arrival - booked.astimezone(zone).date()).days
    if ahead < 0:
        return None
    return booked + (30 * MINUTE, HOUR, DAY)[min(ahead, 2)]


@given(st.sampled_from(ZONES).map(ZoneInfo), st.integers(0, 24 * 60 * 365), st.integers(0, 60 * 30))
def test_time_that_is_left_is_real_time_whatever_the_clocks_do(
    zone: ZoneInfo, start: int, after: int
) -> None:
    since = datetime(2026, 1, 1, tzinfo=UTC) + start * MINUTE
    now = since + after * MINUTE
    (due,) = mailed(FALLBACK["booking"], since, now, zone)
    assert due.at - since == 30 * MINUTE
    assert said(due, now, zone).endswith("(passed)" if after >= 30 else f"({30 - after} min left)")


def test_clocks_go_back_between_now_and_the_deadline_and_the_offset_says_so() -> None:
    due = Due("Booking.com", "sends bookings by e-mail", datetime(2026, 10, 25, 1, 10, tzinfo=UTC))
    now = datetime(2026, 10, 25, 0, 50, tzinfo=UTC)
    assert said(due, now, LISBON) == (
        "Booking.com: sends bookings by e-mail from 01:10 (UTC+00:00) (20 min left)"
    )


def test_booking_com_has_one_deadline() -> None:
    fact = called(failing("expedia/health", Reason.TIMEOUT, minutes=12), platform="booking")
    assert told(clock(sight(fact))) == (
        "Booking.com: sends bookings by e-mail from 08:18 (18 min left)",
        BY_HAND,
    )


def test_the_site_and_its_login_are_one_outage() -> None:
    facts = [
        failing(f"expedia/{one}", Reason.TIMEOUT, minutes=age) for one, age in (("health", 9), ("auth", 4))
    ]
    found = clock(sight(*(called(fact, platform="expedia") for fact in facts)))
    assert found is not None
    assert [due.at - START for due in found.due] == [21 * MINUTE, 51 * MINUTE, 24 * HOUR - 9 * MINUTE]


@pytest.mark.parametrize(
    ("scheme", "told_as"),
    [
        (
            "square",
            "Square: gives up repeating the events that failed from Thursday 07:57 (23 h 57 min left)",
        ),
        ("stripe", "Stripe: gives up repeating the events that failed from Saturday 07:57 (2 d 23 h left)"),
    ],
)
def test_a_gateway_gives_up_in_the_end(scheme: str, told_as: str) -> None:
    fact = called(failing("payment/webhook", Reason.CLIENT_ERROR), scheme=scheme)
    assert told(clock(sight(fact, cause=Cause.WEBHOOK_URL_WRONG))) == (told_as,)
    assert clock(sight(fact, cause=Cause.UNKNOWN)) is None


def test_siteminder_gives_up_within_minutes_and_channex_waits_half_an_hour() -> None:
    fact = failing("channel_manager/sync_process", Reason.PROCESS)
    assert told(clock(sight(called(fact, platform="siteminder")))) == (
        (
            "SiteMinder: gives up each booking after 3 tries (only its support can send it again) since "
            "07:58 (passed)"
        ),
    )
    assert told(clock(sight(called(fact, platform="channex")))) == (
        "Channex: reports bookings as not acknowledged from 08:27 (27 min left)",
    )
    down = called(failing("channel_manager/health", Reason.TIMEOUT), platform="siteminder")
    assert clock(sight(down)) is None


def test_what_has_no_deadline_says_nothing() -> None:
    assert clock(sight(failing("expedia/health", Reason.TIMEOUT))) is None
    slow = called(failing("expedia/health", Reason.RATE_LIMITED), platform="expedia")
    assert clock(sight(slow)) is None


def test_thousands_of_checks_that_fail_at_once_are_looked_through_once() -> None:
    class Counted(Facts):
        asked = 0

        def of(self, integration: str) -> tuple[Fact, ...]:
            Counted.asked += 1
            return super().of(integration)

    many = [failing(f"channel_manager/c{n}", Reason.CONNECT) for n in range(300)]
    health = called(failing("channel_manager/health", Reason.CONNECT), platform="channex")
    seen = sight(health, *many)
    facts = Counted(seen.facts.hotel, seen.now, seen.facts.kinds, (health, *many))
    assert clock(replace(seen, facts=facts)) is not None
    assert Counted.asked == 1
