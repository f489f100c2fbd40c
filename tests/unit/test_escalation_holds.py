"""What holds the steps of an incident: an acknowledgement, a silence, another incident; and what does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.decision import Step
from alerts.escalation import acknowledge, lapse
from alerts.incident import Cause, IncidentState, Severity
from alerts.notification import Delivery
from tests.support.story import POLICY, TWO, Story, an_incident
from tests.support.zones import HOUR, MINUTE, at

NOON = at("2026-06-03 12:00")
WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
ESCALATION_2, ESCALATION_3 = ("escalation-2", "escalation", "two"), ("escalation-3", "escalation", "three")


def test_an_acknowledgement_holds_the_steps_until_the_promised_time() -> None:
    story = Story()
    story.opens()
    story.now += 10 * MINUTE
    assert story.acknowledged() == []
    assert story.next_level() == ("2", "2026-06-03 11:10")
    assert story.next is not None
    assert story.next.reason == "The time promised by Ada ends then."
    assert story.after(minutes=59, seconds=59) == []
    assert story.after(seconds=1) == [ESCALATION_2]
    assert story.incident.state is IncidentState.OPEN


def test_a_promise_that_ends_outside_the_hours_makes_level_2_wait_for_them() -> None:
    story = Story("2026-06-03 17:00")
    story.opens()
    story.acknowledged(at("2026-06-03 20:00"))
    assert story.next_level() == ("2", "2026-06-04 09:00")
    assert story.at("2026-06-03 20:00") == [("deferred-2", "update", "one")]
    assert story.at("2026-06-04 09:00") == [ESCALATION_2]
    assert story.notes == []


def test_a_promise_that_outlasts_the_wait_leaves_nothing_to_write_down() -> None:
    story = Story("2026-06-03 08:30")
    story.opens()
    story.acknowledged(at("2026-06-03 09:30"))
    assert story.at("2026-06-03 09:30") == [ESCALATION_2]
    assert story.notes == []


def test_a_rise_is_told_while_an_incident_is_acknowledged_but_escalates_later() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.acknowledged()
    assert story.becomes(EMERGENCY) == [
        ("problem-front-desk", "problem", "desk"),
        ("update-emergency-2-vendor-outage", "update", "one"),
    ]
    assert story.after(hours=1) == [ESCALATION_2, ESCALATION_3]


def test_reminders_wait_while_an_incident_is_acknowledged_and_one_that_was_not_sent_is_cancelled() -> None:
    story = Story(severity=CRITICAL, policy=replace(POLICY, levels=POLICY.levels[:1]))
    story.opens()
    story.delivers = Delivery.PENDING
    assert story.after(hours=4) == [("reminder-1", "reminder", "one")]
    story.acknowledged(story.now + 9 * HOUR)
    assert story.rows[-1].state is Delivery.CANCELLED
    assert story.after(hours=8) == []
    assert story.after(hours=1) == [("reminder-2", "reminder", "one")]


def test_a_second_acknowledgement_takes_the_place_of_the_first() -> None:
    story = Story()
    story.opens()
    story.acknowledged()
    story.acknowledged(story.now + 2 * HOUR)
    assert story.after(hours=1, minutes=59) == []
    assert story.after(minutes=1) == [ESCALATION_2]


def test_an_acknowledgement_lasts_an_hour_unless_said_otherwise() -> None:
    decision = acknowledge(an_incident(NOON, CRITICAL), " Ada\r\n ", "on it", None, NOON)
    promise = decision.incident.acknowledgement
    assert promise is not None
    assert (promise.by, promise.at, promise.until, promise.note) == ("Ada", NOON, NOON + HOUR, "on it")
    assert decision.step is Step.ACKNOWLEDGED
    assert decision.incident.state is IncidentState.ACKNOWLEDGED
    assert decision.event.text == "acknowledged by Ada for 1 h: on it"


@pytest.mark.parametrize(
    ("by", "until", "says"),
    [
        ("Ada", NOON, "is past"),
        ("Ada", NOON - HOUR, "is past"),
        ("Ada", NOON + timedelta(days=7, seconds=1), "longer than 7 days"),
        ("Ada", NOON.replace(tzinfo=None), "offset from UTC"),
        (" \n ", None, "say who"),
    ],
)
def test_what_cannot_be_promised_is_refused(by: str, until: datetime | None, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        acknowledge(an_incident(NOON, CRITICAL), by, "", until, NOON)


def test_seven_days_can_be_promised() -> None:
    week = NOON + timedelta(days=7)
    promise = acknowledge(an_incident(NOON, CRITICAL), "Ada", "", week, NOON).incident.acknowledgement
    assert promise is not None
    assert (promise.until, promise.until.tzinfo) == (week, UTC)


def test_what_is_resolved_cannot_be_acknowledged() -> None:
    over = replace(an_incident(NOON, CRITICAL), state=IncidentState.RESOLVED)
    with pytest.raises(ValueError, match="nothing left to acknowledge"):
        acknowledge(over, "Ada", "", None, NOON)


def test_a_promise_lapses_when_its_time_is_over() -> None:
    incident = acknowledge(an_incident(NOON, CRITICAL), "Ada", "", None, NOON).incident
    assert lapse(incident, NOON + HOUR - timedelta(seconds=1)) is None
    decision = lapse(incident, NOON + HOUR)
    assert decision is not None
    assert (decision.step, decision.incident.state) == (Step.LAPSED, IncidentState.OPEN)
    assert decision.incident.acknowledgement is None
    assert decision.event.text == "the time promised by Ada is over"
    assert lapse(decision.incident, NOON + HOUR) is None


def test_a_silence_holds_everything_and_those_due_are_told_when_it_ends() -> None:
    story = Story()
    story.silenced = story.now + HOUR
    assert story.opens() == []
    assert story.after(minutes=30) == []
    assert story.next_level() == ("1", "2026-06-03 11:00")
    assert story.next is not None
    assert story.next.reason == "The silence ends then."
    story.silenced = None
    assert story.after(minutes=30) == [
        ("problem-1", "problem", "one"),
        ESCALATION_2,
        ("problem-front-desk", "problem", "desk"),
    ]


def test_what_opens_and_ends_within_a_silence_is_told_to_nobody() -> None:
    story = Story()
    story.silenced = story.now + HOUR
    story.opens()
    story.now += 30 * MINUTE
    assert story.resolves() == []


def test_what_was_told_before_a_silence_and_ends_within_it_is_told_as_resolved() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.silenced = story.now + HOUR
    assert story.after(minutes=30) == []
    assert story.resolves() == [("resolved", "resolved", "one")]


def test_news_of_a_silence_are_told_when_it_ends() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.silenced = story.now + 30 * MINUTE
    assert story.is_caused_by(Cause.RATE_LIMITED) == []
    assert story.next_level() == ("1", "2026-06-03 10:30")
    story.silenced = None
    assert story.after(minutes=30) == [("update-warning-0-rate-limited", "update", "one")]


def test_a_silence_that_ends_at_night_makes_level_2_wait() -> None:
    story = Story("2026-06-03 17:50")
    story.silenced = at("2026-06-03 22:00")
    story.opens()
    story.silenced = None
    assert story.at("2026-06-03 22:00") == [
        ("problem-1", "problem", "one"),
        ("problem-front-desk", "problem", "desk"),
    ]
    assert story.next_level() == ("2", "2026-06-04 09:00")
    assert story.after(hours=1) == []
    assert story.notes == []


def test_an_incident_that_another_explains_is_told_with_that_one() -> None:
    story = Story()
    story.incident = replace(story.incident, parent="3")
    assert story.opens() == []
    assert story.after(hours=1) == []
    assert (story.next, story.incident.standstill) == (None, "told with incident 3")
    assert story.resolves() == []


def test_an_incident_told_before_another_explained_it_is_told_as_resolved() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.incident = replace(story.incident, parent="3")
    assert story.after(days=2) == []
    assert story.resolves() == [("resolved", "resolved", "one")]


def test_an_incident_that_is_explained_no_longer_is_told_of() -> None:
    story = Story()
    story.incident = replace(story.incident, parent="3")
    story.opens()
    story.incident = replace(story.incident, parent=None)
    assert [one[0] for one in story.after(hours=1)] == ["problem-1", "escalation-2", "problem-front-desk"]


def test_level_2_of_emergencies_only_is_not_told_of_a_critical_incident() -> None:
    only = replace(TWO, hours=POLICY.levels[2].hours)
    story = Story(policy=replace(POLICY, levels=(POLICY.levels[0], only)))
    story.opens()
    assert story.after(hours=1) == []
    assert story.next is not None
    assert story.next.reason == "A reminder: level 2 is told of emergencies only."


def test_what_has_not_gone_out_to_further_levels_waits_when_somebody_looks_after_it() -> None:
    story = Story()
    story.opens()
    story.delivers = Delivery.PENDING
    assert story.after(minutes=15) == [ESCALATION_2]
    story.acknowledged()
    assert story.rows[-1].state is Delivery.CANCELLED
    assert story.notes[-1] == "the message to level 2 had not gone out yet, and waits"
    assert story.next_level() == ("2", "2026-06-03 11:15")
    assert story.after(minutes=59) == []
    assert story.after(minutes=1) == [ESCALATION_2]


def test_who_was_told_on_a_level_is_not_told_again_with_those_who_were_not() -> None:
    levels = (POLICY.levels[0], replace(POLICY.levels[1], addresses=(*TWO.addresses, "also@hotel.example")))
    story = Story(policy=replace(POLICY, levels=levels))
    story.opens()
    story.after(minutes=15)
    story.rows = [
        replace(row, state=Delivery.PENDING) if row.recipient == "also@hotel.example" else row
        for row in story.rows
    ]
    story.acknowledged()
    assert story.after(hours=1) == [("escalation-2", "escalation", "also")]


def test_what_first_tells_of_an_incident_is_not_withdrawn() -> None:
    story = Story()
    story.delivers = Delivery.PENDING
    story.opens()
    story.acknowledged()
    assert {row.state for row in story.rows} == {Delivery.PENDING}
