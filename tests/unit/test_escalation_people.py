"""Who is there to be told: empty levels, refused mail, people who left, and those who hear of the end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.incident import Cause, Severity
from alerts.notification import Delivery
from alerts.policy import LevelPolicy, Policy
from alerts.roster import Roster
from tests.support.story import ONE, POLICY, THREE, TWO, Story
from tests.support.zones import MINUTE

WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
NOBODY_1, NOBODY_2 = replace(ONE, addresses=()), replace(TWO, addresses=())
ESCALATION_2, ESCALATION_3 = ("escalation-2", "escalation", "two"), ("escalation-3", "escalation", "three")


def rejects(story: Story, *names: str) -> None:
    """Let the mails to these people be refused for good."""
    story.rows = [
        replace(row, state=Delivery.DEAD) if row.recipient.partition("@")[0] in names else row
        for row in story.rows
    ]


@pytest.mark.parametrize("severity", [WARNING, CRITICAL])
@pytest.mark.parametrize("levels", [(NOBODY_1, TWO, THREE), (TWO, THREE)], ids=["empty", "none"])
def test_without_anybody_on_level_1_the_next_level_is_told_at_once(
    levels: tuple[LevelPolicy, ...], severity: Severity
) -> None:
    story = Story("2026-06-07 03:00", severity, replace(POLICY, levels=levels, front_desk=()))
    assert story.opens() == [ESCALATION_2]
    assert story.after(hours=1) == []


def test_without_anybody_on_level_2_its_step_goes_to_level_3_at_the_time_of_level_2() -> None:
    story = Story("2026-06-03 02:00", policy=Policy((ONE, NOBODY_2, THREE)))
    story.opens()
    assert story.next_level() == ("3", "2026-06-03 09:00")
    assert story.after(minutes=15) == [("deferred-2", "update", "one")]
    assert story.at("2026-06-03 09:00") == [ESCALATION_3]


def test_an_emergency_without_anybody_on_level_2_goes_to_level_3_at_once() -> None:
    story = Story(severity=EMERGENCY, policy=Policy((ONE, NOBODY_2, THREE)))
    assert story.opens() == [("problem-1", "problem", "one"), ESCALATION_3]


def test_without_anybody_at_all_the_incident_says_so() -> None:
    story = Story(policy=Policy((ONE, TWO)))
    story.staff = frozenset()
    assert story.opens() == []
    assert (story.next, story.incident.standstill) == (None, "nobody is left to tell")


@pytest.mark.parametrize(
    ("unreached", "told"), [("one", ["two"]), ("two", ["one"]), ("one two", ["one", "two"])]
)
def test_who_gets_no_messages_is_left_out_of_a_level_with_anybody_else(
    unreached: str, told: list[str]
) -> None:
    both = replace(ONE, addresses=(*ONE.addresses, *TWO.addresses))
    story = Story(policy=Policy((both,)))
    story.unreached = frozenset(f"{name}@h.example" for name in unreached.split())
    assert [recipient for _, _, recipient in story.opens()] == told


def test_a_level_whose_mails_are_all_refused_passes_to_the_next_at_once() -> None:
    story = Story("2026-06-07 03:00", WARNING, replace(POLICY, front_desk=()))
    story.opens()
    rejects(story, "one")
    assert story.after(seconds=5) == [ESCALATION_2]
    rejects(story, "two")
    assert story.after(seconds=5) == [ESCALATION_3]
    rejects(story, "three")
    assert story.after(seconds=5) == []
    assert (story.next, story.incident.standstill) == (None, "nobody is left to tell")
    assert story.resolves() == []


def test_a_level_with_somebody_left_passes_nothing_on() -> None:
    pair = replace(ONE, addresses=("one@h.example", "other@h.example"))
    story = Story("2026-06-07 03:00", WARNING, Policy((pair, TWO)))
    story.opens()
    rejects(story, "one")
    assert story.after(hours=1) == []
    assert story.resolves() == [("resolved", "resolved", "other")]


def test_one_mail_that_is_refused_after_others_arrived_passes_nothing_on() -> None:
    story = Story("2026-06-07 03:00", WARNING)
    story.opens()
    story.delivers = Delivery.DEAD
    story.is_caused_by(Cause.RATE_LIMITED)
    assert story.after(hours=1) == []
    people = Roster(POLICY, tuple(story.rows), None).people("1")
    assert [one.address for one in people] == ["one@h.example"]


def test_a_level_is_not_passed_over_while_somebody_looks_after_the_incident() -> None:
    story = Story(severity=WARNING)
    story.opens()
    story.acknowledged()
    rejects(story, "one")
    assert story.after(minutes=59) == []
    assert story.after(minutes=1) == [ESCALATION_2]


def test_somebody_who_left_is_skipped_with_one_note() -> None:
    pair = replace(ONE, addresses=("one@h.example", "other@h.example"))
    story = Story(severity=WARNING, policy=Policy((pair, TWO)))
    story.staff = frozenset({"one@h.example", "two@h.example"})
    assert story.opens() == [("problem-1", "problem", "one")]
    story.becomes(CRITICAL)
    assert story.notes == ["other@h.example is not told: no longer configured for this hotel"]


def test_a_level_that_left_as_a_whole_passes_to_the_next_with_a_note() -> None:
    story = Story("2026-06-07 03:00", WARNING)
    story.staff = frozenset({"two@h.example"})
    assert story.opens() == [ESCALATION_2]
    assert story.notes == ["one@h.example is not told: no longer configured for this hotel"]


def test_somebody_who_left_after_being_told_hears_no_more_and_nobody_else_is_woken() -> None:
    story = Story("2026-06-07 03:00", WARNING)
    story.opens()
    story.staff = frozenset({"two@h.example", "new@h.example"})
    assert story.after(days=2) == []
    assert story.incident.standstill == "warnings go to level 1 only"
    assert story.resolves() == []
    assert story.notes == ["one@h.example is not told: no longer configured for this hotel"]


def test_the_end_is_told_to_exactly_those_who_were_told() -> None:
    story = Story()
    story.opens()
    story.after(minutes=15)
    assert story.resolves() == [("resolved", "resolved", name) for name in ("one", "desk", "two")]
    assert story.resolves() == []
    assert (story.next, story.incident.standstill) == (None, "")


@pytest.mark.parametrize(
    ("state", "hears"),
    [
        (Delivery.PENDING, True),
        (Delivery.SENDING, True),
        (Delivery.SENT, True),
        (Delivery.BUNDLED, True),
        (Delivery.DEAD, False),
        (Delivery.CANCELLED, False),
        (Delivery.SUPERSEDED, False),
    ],
)
def test_who_has_been_told_depends_on_what_became_of_their_mail(state: Delivery, *, hears: bool) -> None:
    story = Story(severity=WARNING)
    story.delivers = state
    story.opens()
    assert [one[2] for one in story.resolves()] == (["one"] if hears else [])


def test_a_problem_that_still_waits_is_superseded_by_the_whole_story() -> None:
    story = Story(severity=CRITICAL)
    story.opens()
    story.delivers = Delivery.PENDING
    story.after(minutes=15)
    story.now += MINUTE
    story.resolves()
    waited = [row for row in story.rows if row.level == "2"]
    assert [(row.kind, row.state) for row in waited] == [
        ("escalation", Delivery.SUPERSEDED),
        ("resolved", Delivery.PENDING),
    ]


def test_the_end_is_told_with_what_each_knows() -> None:
    story = Story()
    story.opens()
    story.delivers = Delivery.PENDING
    story.after(minutes=15)
    people = Roster(POLICY, tuple(story.rows), None).told()
    assert [(one.address, one.level, one.role, one.knows) for one in people] == [
        ("one@h.example", "1", "Integration Support Team", True),
        ("desk@h.example", "front-desk", "Front desk", True),
        ("two@h.example", "2", "Technical Lead", False),
    ]


def test_somebody_told_on_two_levels_hears_of_the_end_once() -> None:
    both = replace(TWO, addresses=("one@h.example",))
    story = Story(policy=Policy((ONE, both)))
    story.opens()
    assert story.after(minutes=15) == [("escalation-2", "escalation", "one")]
    story.now += timedelta(minutes=1)
    assert story.resolves() == [("resolved", "resolved", "one")]
