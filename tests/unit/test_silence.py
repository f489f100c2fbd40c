"""Silences: what they match, and when they hold, by hotel time."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import options
from alerts.incident import Cause, Incident, Severity
from alerts.silence import (
    Recurring,
    Silence,
    Source,
    Span,
    active,
    configured,
    covers,
    ends_at,
    matches,
    next_window,
)
from checks.result import CheckId, Reason
from tests.support.letters import breach, incident
from tests.support.zones import HOUR, LORD_HOWE, MINUTE, NEW_YORK, ROME, TURNS, at

NIGHT = Span(at("2026-06-03 02:00"), at("2026-06-03 04:00"))


def silence(**match: str) -> Silence:
    return Silence("s-1", match or {"hotel": "*"}, NIGHT, "planned work", "night@h.example", Source.PERSON)


def every(cron: str, lasts: timedelta) -> Silence:
    return replace(silence(), window=Recurring(cron, lasts))


def failing(*checks: str) -> Incident:
    """Return an incident of `integration/check` names."""
    broken = [
        breach(Reason.TIMEOUT, "no answer", check=CheckId("grand-harbour", *name.split("/")))
        for name in checks
    ]
    names = tuple(dict.fromkeys(one.check.integration for one in broken))
    return replace(incident(*broken), integrations=names)


ONE = failing("payment/health")
TWO = failing("payment/health", "expedia/auth")


@pytest.mark.parametrize(
    ("key", "fits", "fails"),
    [
        ("hotel", "grand-harbour", "grand"),
        ("hotel", "grand-*", "*-hotel"),
        ("integration", "payment", "payments"),
        ("integration", "pay*", "PAY*"),
        ("check", "health", "webhook"),
        ("check", "payment/health", "expedia/health"),
        ("check", "grand-harbour/payment/*", "other/payment/*"),
        ("check", "*", "a/grand-harbour/payment/health"),
        ("cause", "vendor-outage", "vendor-unreachable"),
        ("cause", "vendor-*", "local-*"),
        ("severity", "critical", "warning"),
    ],
)
def test_a_silence_matches_by_each_key(key: str, fits: str, fails: str) -> None:
    told = replace(ONE, diagnosis=replace(ONE.diagnosis, cause=Cause.VENDOR_OUTAGE))
    assert matches(silence(**{key: fits}), told)
    assert not matches(silence(**{key: fails}), told)


def test_all_keys_of_a_match_must_fit() -> None:
    assert matches(silence(integration="payment", severity="critical"), ONE)
    assert not matches(silence(integration="payment", severity="warning"), ONE)


def test_an_incident_that_became_worse_is_no_longer_silenced() -> None:
    calm = silence(severity="critical")
    assert matches(calm, ONE)
    assert not matches(calm, replace(ONE, severity=Severity.EMERGENCY))


@pytest.mark.parametrize(
    ("key", "one", "both"), [("integration", "payment", "*"), ("check", "health", "*/*")]
)
def test_a_silence_for_a_part_does_not_hide_the_rest(key: str, one: str, both: str) -> None:
    assert not matches(silence(**{key: one}), TWO)
    assert matches(silence(**{key: both}), TWO)


@pytest.mark.parametrize("key", ["integration", "check"])
def test_what_touches_nothing_is_not_silenced_by_what_it_touches(key: str) -> None:
    assert not matches(silence(**{key: "*"}), replace(ONE, integrations=(), breaches=()))


@pytest.mark.parametrize("match", [{}, {"room": "1"}, {"hotel": "h", "": "x"}])
def test_a_silence_that_matches_by_nothing_known_is_refused(match: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="must match one or more of cause, check, hotel"):
        Silence("s-1", match, NIGHT, "x", "x", Source.PERSON)


def test_windows_without_length_are_refused() -> None:
    with pytest.raises(ValueError, match="must begin before"):
        Span(NIGHT.begins, NIGHT.begins)
    with pytest.raises(ValueError, match="must last longer"):
        Recurring("0 2 * * *", timedelta())


def test_a_silence_covers_what_it_matches_within_its_window_only() -> None:
    here = silence(integration="payment")
    assert covers(here, ONE, NIGHT.begins, ROME)
    assert not covers(here, TWO, NIGHT.begins, ROME)
    assert not covers(here, ONE, NIGHT.begins - timedelta.resolution, ROME)
    assert not covers(here, ONE, NIGHT.ends, ROME)


def test_one_window_ends_once() -> None:
    once = silence()
    assert ends_at(once, at("2026-06-03 03:00"), ROME) == NIGHT.ends
    assert ends_at(once, NIGHT.ends, ROME) is None
    assert next_window(once, at("2026-06-01 12:00"), ROME) == NIGHT
    assert next_window(once, NIGHT.begins, ROME) is None


def test_a_window_recurs_in_hotel_time() -> None:
    nightly = every("0 2 * * *", 2 * HOUR)
    for zone in (ROME, NEW_YORK):
        begins = at("2026-06-03 02:00", zone)
        assert next_window(nightly, begins - HOUR, zone) == Span(begins, begins + 2 * HOUR)
        assert not active(nightly, begins - timedelta.resolution, zone)
        assert active(nightly, begins, zone)
        assert ends_at(nightly, begins + HOUR, zone) == begins + 2 * HOUR
        assert not active(nightly, begins + 2 * HOUR, zone)
    assert not active(nightly, at("2026-06-03 02:00", NEW_YORK), ROME)


def test_the_next_window_is_not_the_current_one() -> None:
    nightly = every("0 2 * * *", 2 * HOUR)
    found = next_window(nightly, at("2026-06-03 03:00"), ROME)
    assert found == Span(at("2026-06-04 02:00"), at("2026-06-04 04:00"))


def test_windows_that_touch_or_overlap_are_one() -> None:
    for lasts in (HOUR, 90 * MINUTE):
        evening = every("0 20-22 * * *", lasts)
        whole = Span(at("2026-06-03 20:00"), at("2026-06-03 22:00") + lasts)
        assert next_window(evening, at("2026-06-03 12:00"), ROME) == whole
        assert ends_at(evening, at("2026-06-03 20:10"), ROME) == whole.ends
        following = next_window(evening, at("2026-06-03 20:10"), ROME)
        assert following is not None
        assert following.begins == at("2026-06-04 20:00")


def test_windows_that_join_without_end_are_followed_for_a_while() -> None:
    endless, now = every("* * * * *", 2 * MINUTE), at("2026-06-03 12:00")
    end = ends_at(endless, now, ROME)
    assert end is not None
    assert end > now + 24 * HOUR
    assert active(endless, end, ROME)


@pytest.mark.parametrize(
    ("zone", "cron", "day", "gap_ends"),
    [
        (ROME, "30 2 * * *", "2026-03-29", "03:00"),
        (NEW_YORK, "15 2 * * *", "2026-03-08", "03:00"),
        (LORD_HOWE, "10 2 * * *", "2026-10-04", "02:30"),
    ],
)
def test_a_window_in_the_hour_that_is_skipped_begins_after_it(
    zone: ZoneInfo, cron: str, day: str, gap_ends: str
) -> None:
    begins = at(f"{day} {gap_ends}", zone)
    found = next_window(every(cron, HOUR), at(f"{day} 00:00", zone), zone)
    assert found == Span(begins, begins + HOUR)


@pytest.mark.parametrize(
    ("zone", "cron", "time"),
    [
        (ROME, "30 2 * * *", "2026-10-25 02:30"),
        (NEW_YORK, "15 1 * * *", "2026-11-01 01:15"),
        (LORD_HOWE, "45 1 * * *", "2026-04-05 01:45"),
    ],
)
def test_a_window_in_the_hour_that_comes_twice_comes_twice(zone: ZoneInfo, cron: str, time: str) -> None:
    brief, first, second = every(cron, 10 * MINUTE), at(time, zone), at(time, zone, fold=1)
    assert next_window(brief, first - HOUR, zone) == Span(first, first + 10 * MINUTE)
    assert next_window(brief, first, zone) == Span(second, second + 10 * MINUTE)


def test_a_configured_silence_becomes_the_value() -> None:
    once = options.Silence.model_validate(
        {
            "match": {"integration": "payment"},
            "from": "2026-06-03T02:00:00+02:00",
            "to": "2026-06-03T04:00:00+02:00",
            "reason": "gateway moves",
        }
    )
    assert configured(once, 1) == Silence(
        "configuration-1",
        {"integration": "payment"},
        NIGHT,
        "gateway moves",
        "configuration",
        Source.CONFIGURATION,
    )
    nightly = options.Silence.model_validate(
        {"match": {"check": "backup"}, "cron": "0 2 * * *", "for": "2h", "reason": "backup"}
    )
    assert configured(nightly, 2).window == Recurring("0 2 * * *", 2 * HOUR)


def test_a_configured_silence_is_for_all_hotels_unless_it_says_which() -> None:
    def of(**match: str) -> Silence:
        planned = {"match": match, "cron": "0 2 * * *", "for": "2h", "reason": "x"}
        return configured(options.Silence.model_validate(planned), 1)

    other = replace(ONE, hotel="small-harbour")
    assert matches(of(integration="payment"), ONE)
    assert matches(of(integration="payment"), other)
    assert not matches(of(integration="payment", hotel="grand-harbour"), other)


near_a_turn = st.builds(
    lambda turn, minutes: turn + minutes * MINUTE, st.sampled_from(TURNS), st.integers(-300, 300)
)
zones = st.sampled_from([ROME, NEW_YORK, LORD_HOWE])
expressions = st.one_of(
    st.tuples(st.sampled_from(["0", "30", "*/10", "10-50/20"]), st.sampled_from(["1", "2", "1-3"])),
    st.tuples(st.sampled_from(["0", "15", "40"]), st.sampled_from(["*", "*/2"])),
)
recurring = st.builds(
    lambda fields, lasts: every(f"{fields[0]} {fields[1]} * * *", lasts * MINUTE),
    expressions,
    st.sampled_from([5, 10, 20, 35]),
)


@settings(deadline=None)
@given(recurring, zones, near_a_turn, st.integers(0, 99))
def test_a_silence_holds_from_its_beginning_to_its_end(
    planned: Silence, zone: ZoneInfo, now: datetime, percent: int
) -> None:
    end = ends_at(planned, now, zone)
    assert (end is not None) is active(planned, now, zone)
    if end is not None:
        assert active(planned, now + (end - now) * percent / 100, zone)
    following = next_window(planned, now, zone)
    assert following is not None
    assert following.begins > (end or now)
    assert not active(planned, (end or now) + (following.begins - (end or now)) * percent / 100, zone)
    assert active(planned, following.begins, zone)
    assert ends_at(planned, following.begins, zone) == following.ends
