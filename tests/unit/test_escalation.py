"""Who is told of an incident, when: by severity, in the hours of hotel time, once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.calendar import ALWAYS
from alerts.decision import Step
from alerts.incident import Cause, Criterion, Severity
from alerts.notification import Delivery
from alerts.policy import Policy
from tests.support.story import ONE, POLICY, THREE, TWO, Story, an_incident, said
from tests.support.zones import at

WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
PROBLEM_1 = ("problem-1", "problem", "one")
PROBLEM_DESK = ("problem-front-desk", "problem", "desk")
ESCALATION_2, ESCALATION_3 = ("escalation-2", "escalation", "two"), ("escalation-3", "escalation", "three")
DEFERRED = ("deferred-2", "update", "one")


def test_a_warning_goes_to_level_1_only() -> None:
    story = Story(severity=WARNING)
    assert story.opens() == [PROBLEM_1]
    assert story.after(hours=23) == []
    assert story.next is not None
    assert story.next.reason == "A reminder: warnings go to level 1 only."


def test_a_critical_incident_goes_to_level_1_and_the_front_desk_and_later_to_level_2() -> None:
    story = Story()
    assert story.opens() == [PROBLEM_1, PROBLEM_DESK]
    assert story.next_level() == ("2", "2026-06-03 10:15")
    assert story.after(minutes=14, seconds=59) == []
    assert story.after(seconds=1) == [ESCALATION_2]
    assert story.after(minutes=30) == []
    assert story.next is not None
    assert story.next.reason == "A reminder: level 3 is told of emergencies only."


def test_an_emergency_goes_to_levels_1_and_2_whatever_the_hours_and_later_to_level_3() -> None:
    story = Story("2026-06-07 03:00", EMERGENCY)
    assert story.opens() == [PROBLEM_1, ESCALATION_2, PROBLEM_DESK]
    assert story.next_level() == ("3", "2026-06-07 03:30")
    assert story.after(minutes=30) == [ESCALATION_3]
    assert story.notes == []
    assert story.next is not None
    assert story.next.reason == "A reminder: all levels have been told."


def test_a_security_incident_goes_to_level_3_at_once() -> None:
    story = Story("2026-06-07 03:00", WARNING)
    story.incident = replace(story.incident, severity=EMERGENCY, criteria=(Criterion.SECURITY_INCIDENT,))
    assert story.opens() == [PROBLEM_1, ESCALATION_2, ESCALATION_3, PROBLEM_DESK]


@pytest.mark.parametrize(
    ("opens", "opening"),
    [
        ("2026-06-03 02:00", "2026-06-03 09:00"),
        ("2026-06-03 17:50", "2026-06-04 09:00"),
        ("2026-06-05 20:00", "2026-06-08 09:00"),
        ("2026-06-01 20:00", "2026-06-03 09:00"),
        ("2026-03-28 23:00", "2026-03-30 09:00"),
        ("2026-10-24 23:00", "2026-10-26 09:00"),
        ("2026-12-24 20:00", "2026-12-28 09:00"),
    ],
    ids=["night", "evening", "weekend", "holiday", "spring", "autumn", "christmas"],
)
def test_level_2_waits_for_its_hours_and_level_1_is_told_so_once(opens: str, opening: str) -> None:
    story = Story(opens)
    assert story.opens() == [PROBLEM_1, PROBLEM_DESK]
    assert story.next_level() == ("2", opening)
    story.now += timedelta(minutes=15)
    made = story.planned()
    assert said(made) == [DEFERRED]
    assert "is told at 09:00 on" in made.orders[0].reason
    assert story.after(minutes=5) == []
    before = at(opening) - timedelta(seconds=1)
    assert [one for one in story.at(before) if one[1] != "reminder"] == []
    assert story.at(opening) == [ESCALATION_2]


def test_a_wait_that_nobody_was_told_of_in_time_is_written_down_and_level_2_told() -> None:
    story = Story("2026-06-03 02:00")
    story.opens()
    assert story.at("2026-06-03 09:05") == [ESCALATION_2]
    assert "level 1 was not told that level 2 waits: it is told now" in story.notes
    assert story.after(hours=1) == []


def test_level_2_whose_turn_comes_as_its_hours_begin_has_not_waited() -> None:
    story = Story("2026-06-03 08:45")
    story.opens()
    assert story.at("2026-06-03 09:00") == [ESCALATION_2]
    assert story.notes == []


def test_level_2_that_waited_and_is_not_needed_any_more_is_never_told() -> None:
    story = Story("2026-06-03 02:00")
    story.opens()
    story.after(minutes=15)
    story.now += timedelta(hours=1)
    assert story.resolves() == [("resolved", "resolved", "one"), ("resolved", "resolved", "desk")]
    assert story.notes == ["level 2 is not told: it was over before the hours began that it waited for"]
    assert story.at("2026-06-03 09:00") == []


def test_nothing_is_lost_in_an_outage_and_each_person_gets_one_message() -> None:
    story = Story("2026-06-07 03:00", EMERGENCY)
    story.now += timedelta(hours=5)
    assert story.opens() == [PROBLEM_1, ESCALATION_2, ESCALATION_3, PROBLEM_DESK]


def test_somebody_on_two_levels_gets_one_message_at_a_time() -> None:
    both = replace(TWO, addresses=("one@h.example", "two@h.example"))
    story = Story(severity=EMERGENCY, policy=Policy((ONE, both, THREE)))
    assert story.opens() == [PROBLEM_1, ESCALATION_2]


def test_the_same_moment_twice_tells_nobody_twice() -> None:
    story = Story(severity=EMERGENCY)
    story.opens()
    steps = story.incident.steps
    assert story.tell() == []
    assert story.incident.steps == steps


def test_a_rise_tells_those_who_know_and_the_front_desk() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.now += timedelta(minutes=5)
    assert story.becomes(CRITICAL) == [PROBLEM_DESK, ("update-critical-1-vendor-outage", "update", "one")]
    assert story.after(minutes=10) == [ESCALATION_2]


def test_a_rise_to_an_emergency_tells_level_2_at_once_and_everybody_else_an_update() -> None:
    story = Story("2026-06-07 03:00")
    story.opens()
    story.after(minutes=15)
    update = "update-emergency-2-vendor-outage"
    assert story.becomes(EMERGENCY) == [
        ESCALATION_2,
        (update, "update", "one"),
        (update, "update", "desk"),
    ]
    assert story.after(minutes=15) == [ESCALATION_3]


def test_another_cause_is_told_once_each_way() -> None:
    story = Story(severity=WARNING)
    story.opens()
    assert story.is_caused_by(Cause.RATE_LIMITED) == [("update-warning-0-rate-limited", "update", "one")]
    assert story.is_caused_by(Cause.VENDOR_OUTAGE) == [("update-warning-0-vendor-outage", "update", "one")]
    assert story.is_caused_by(Cause.RATE_LIMITED) == []


def test_the_front_desk_hears_of_a_rise_and_of_no_other_news() -> None:
    story = Story()
    story.opens()
    assert story.is_caused_by(Cause.RATE_LIMITED) == [("update-critical-1-rate-limited", "update", "one")]
    rise = story.becomes(EMERGENCY)
    assert ("update-emergency-2-rate-limited", "update", "desk") in rise


def test_news_says_what_is_new() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.incident = replace(story.incident, severity=EMERGENCY)
    assert [order.reason for order in story.planned(Step.WORSENED).orders][-1] == "it is an emergency now"


def test_reminders_go_to_everybody_told_but_the_front_desk() -> None:
    story = Story()
    story.opens()
    story.after(minutes=15)
    assert story.after(hours=3, minutes=59) == []
    assert story.after(minutes=1) == [("reminder-1", "reminder", "one"), ("reminder-1", "reminder", "two")]
    assert story.after(hours=13) == [("reminder-2", "reminder", "one"), ("reminder-2", "reminder", "two")]
    assert story.after(hours=3) == []


def test_a_warning_is_reminded_of_once_a_day_at_most() -> None:
    story = Story(severity=WARNING)
    story.opens()
    assert story.after(hours=23, minutes=59) == []
    assert story.after(minutes=1) == [("reminder-1", "reminder", "one")]


def test_a_reminder_takes_the_place_of_one_that_still_waits() -> None:
    story = Story(severity=WARNING)
    story.delivers = Delivery.PENDING
    story.opens()
    story.after(days=1)
    story.after(days=1)
    assert [row.state for row in story.rows] == [Delivery.PENDING, Delivery.SUPERSEDED, Delivery.PENDING]


def test_a_reopening_begins_anew() -> None:
    story = Story()
    story.opens()
    story.after(minutes=20)
    story.resolves()
    story.after(hours=1)
    assert story.reopens(CRITICAL) == [PROBLEM_1, PROBLEM_DESK]
    assert story.after(minutes=15) == [ESCALATION_2]


@pytest.mark.parametrize("severity", list(Severity))
def test_without_a_policy_nobody_is_told_and_the_incident_says_so(severity: Severity) -> None:
    story = Story(severity=severity, policy=None)
    assert story.opens() == []
    assert (story.next, story.incident.standstill) == (None, "nobody is configured to be told")


def test_without_a_level_2_level_3_is_still_for_emergencies_only() -> None:
    story = Story(policy=Policy((ONE, THREE)))
    assert story.opens() == [PROBLEM_1]
    assert story.after(hours=1) == []
    assert story.next is not None
    assert story.next.reason == "A reminder: no level 2 is configured."


def test_the_plan_of_an_incident_of_another_time_is_its_snapshot() -> None:
    assert an_incident(at("2026-06-03 10:00"), CRITICAL).policy is POLICY
    always = Policy((ONE, replace(TWO, hours=ALWAYS)))
    story = Story("2026-06-07 03:00", policy=always)
    story.opens()
    assert story.after(minutes=15) == [ESCALATION_2]
