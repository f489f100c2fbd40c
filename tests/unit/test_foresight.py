"""Who is said to be next comes true when nothing but time passes."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.criteria import severity
from alerts.incident import Cause, Criterion, Severity
from alerts.message_mail import FRONT_DESK
from alerts.policy import Policy
from tests.support.story import ONE, POLICY, THREE, TWO, Story, said
from tests.support.zones import HOUR, MINUTE, at

WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
DATA = (Criterion.DATA_LOSS_RISK,)


def night(severity: Severity, *criteria: Criterion, policy: Policy = POLICY) -> Story:
    """Return what opens on a Sunday at three in the morning."""
    story = Story("2026-06-07 03:00", severity, policy)
    story.incident = replace(story.incident, criteria=criteria)
    story.opens()
    return story


def test_a_warning_says_who_is_told_when_it_becomes_critical_by_lasting() -> None:
    story = Story("2026-06-03 10:00", WARNING)
    story.opens()
    assert story.next_level() == ("2", "2026-06-03 11:00")
    assert story.next is not None
    assert story.next.reason == "It becomes critical then, if it is still open."


def test_at_night_the_front_desk_is_the_first_to_hear_of_a_warning_that_lasts() -> None:
    assert night(WARNING).next_level() == (FRONT_DESK, "2026-06-07 04:00")


def test_those_who_know_are_next_when_there_is_nobody_else_to_hear_of_the_rise() -> None:
    story = night(WARNING, policy=Policy((ONE,)))
    assert story.next_level() == ("1", "2026-06-07 04:00")


def test_what_can_only_be_a_warning_is_not_said_to_rise() -> None:
    story = Story(severity=WARNING)
    story.incident = replace(
        story.incident, diagnosis=replace(story.incident.diagnosis, cause=Cause.CUSTOMER_DECLINES)
    )
    story.opens()
    assert story.next is not None
    assert story.next.reason == "A reminder: warnings go to level 1 only."


@pytest.mark.parametrize(
    ("criterion", "rises"),
    [(Criterion.DATA_LOSS_RISK, "04:00"), (Criterion.MULTIPLE_INTEGRATIONS, "03:30")],
)
def test_level_2_that_waits_is_told_sooner_when_it_becomes_an_emergency(
    criterion: Criterion, rises: str
) -> None:
    story = night(CRITICAL, criterion)
    assert story.next_level() == ("2", f"2026-06-07 {rises}")
    story.now += 15 * MINUTE
    (order,) = story.planned().orders
    assert order.reason.endswith(
        f"is told at 09:00 on Monday, 8 June, or at {rises} when it becomes an emergency"
    )


def test_a_deadline_of_the_vendor_is_foreseen() -> None:
    story = night(CRITICAL, Criterion.CRITICAL_SYSTEM_DOWN)
    story.graver_at = at("2026-06-07 03:20")
    story.tell()
    assert story.next_level() == ("2", "2026-06-07 03:20")


def test_an_acknowledgement_and_a_silence_put_off_what_is_foreseen() -> None:
    story = night(CRITICAL, *DATA)
    story.acknowledged(at("2026-06-07 05:00"))
    assert story.next_level() == ("2", "2026-06-07 05:00")
    story = night(CRITICAL, *DATA)
    story.silenced = at("2026-06-07 04:30")
    story.tell()
    assert story.next_level() == ("2", "2026-06-07 04:30")


def test_lasting_long_is_no_news_by_itself() -> None:
    story = night(CRITICAL, Criterion.CRITICAL_SYSTEM_DOWN)
    story.now += HOUR
    story.tell()
    assert story.becomes(CRITICAL, Criterion.PERSISTENT_FAILURES) == []


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 7 * 24 * 12),
    st.sets(st.sampled_from(list(Criterion))),
    st.sampled_from(
        [POLICY, Policy((ONE, THREE)), Policy((TWO, THREE)), Policy((ONE, TWO), POLICY.front_desk)]
    ),
)
def test_who_is_next_at_what_time_comes_true(slot: int, criteria: set[Criterion], policy: Policy) -> None:
    opens = at("2026-03-26 00:00") + timedelta(minutes=5 * slot)
    story = Story(opens, severity(criteria, opens, policy, opens), policy)
    story.incident = replace(story.incident, criteria=tuple(one for one in Criterion if one in criteria))
    story.opens()
    for _ in range(5):
        promised = story.next
        assert promised is not None
        levels = set[str]()
        while story.now < promised.at:
            # It may be looked at any time in between, as it is every half minute.
            story.now = min(story.now + 20 * MINUTE, promised.at)
            grows(story, policy)
            made = story.planned()
            levels = {one.level for order in made.orders for one in order.people}
            if story.now < promised.at:
                assert {one[1] for one in said(made)} <= {"reminder", "update"}
                assert story.next == promised
        assert promised.level in levels


def grows(story: Story, policy: Policy) -> None:
    """Let an incident become graver by lasting, as its criteria say."""
    incident, held = story.incident, set(story.incident.criteria)
    if story.now - incident.opened_at >= policy.persistent_after:
        held.add(Criterion.PERSISTENT_FAILURES)
    grade = severity(held, incident.opened_at, policy, story.now)
    story.incident = replace(
        incident, severity=grade, criteria=tuple(one for one in Criterion if one in held)
    )
