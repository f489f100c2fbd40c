"""The hand-over digest for level 2 when its hours begin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.calendar import ALWAYS
from alerts.escalation import acknowledge
from alerts.handover import Handover, handover, missed, opening
from alerts.incident import Incident, IncidentState, Severity
from tests.support.story import ONE, POLICY, TWO, Story
from tests.support.zones import at

OPENING = at("2026-06-03 09:00")


def waits(name: str, opens: str = "2026-06-03 02:00") -> Incident:
    """Return an incident of which level 1 was told that level 2 waits."""
    story = Story(opens)
    story.opens()
    story.after(minutes=15)
    return replace(story.incident, id=name)


def ends(incident: Incident, when: str) -> Incident:
    return replace(incident, state=IncidentState.RESOLVED, resolved_at=at(when))


def names(found: Handover | None) -> tuple[list[str], list[str]] | None:
    return ([one.id for one in found.waiting], [one.id for one in found.ended]) if found else None


def test_what_is_open_and_what_came_and_went_are_handed_over_together() -> None:
    still, gone = waits("1"), ends(waits("2", "2026-06-02 21:00"), "2026-06-03 01:00")
    found = handover([still], [gone], POLICY, OPENING)
    assert found is not None
    assert (found.waiting, found.ended) == ((still,), (gone,))
    assert (found.key, found.hotel, found.opened_at) == (
        "handover:h:2026-06-03T07:00:00+00:00",
        "h",
        OPENING,
    )
    assert [(one.level, one.role, one.address) for one in found.people] == [
        ("2", "Technical Lead", "two@h.example")
    ]


def test_they_come_in_the_order_in_which_they_opened() -> None:
    later, earlier = waits("1", "2026-06-03 04:00"), waits("2", "2026-06-03 03:00")
    assert names(handover([later, earlier], [], POLICY, OPENING)) == (["2", "1"], [])


def test_one_alone_has_its_own_mail() -> None:
    assert handover([waits("1")], [], POLICY, OPENING) is None


def test_what_is_all_over_wakes_nobody() -> None:
    gone = [ends(waits(name), "2026-06-03 05:00") for name in "12"]
    assert handover([], gone, POLICY, OPENING) is None


def test_what_came_and_went_is_told_when_nothing_waits_any_more() -> None:
    gone = [ends(waits(name), "2026-06-03 05:00") for name in "21"]
    found = missed([], gone, POLICY, OPENING)
    assert names(found) == ([], ["1", "2"])
    assert found is not None
    assert (found.key, found.opened_at) == ("handover:h:2026-06-03T07:00:00+00:00", OPENING)
    assert missed([waits("3")], gone, POLICY, OPENING) is None
    assert missed([], gone, POLICY, at("2026-06-03 08:59")) is None
    assert missed([], [ends(waits("1"), "2026-06-03 09:10")], POLICY, at("2026-06-03 09:30")) is None
    assert missed([], [ends(waits("1", "2026-06-01 03:00"), "2026-06-01 04:00")], POLICY, OPENING) is None


def test_an_opening_is_known_while_the_hours_last() -> None:
    assert opening(POLICY, at("2026-06-03 17:59")) == OPENING
    assert opening(POLICY, at("2026-06-03 08:59")) is None
    assert opening(replace(POLICY, levels=(ONE, replace(TWO, hours=ALWAYS))), OPENING) is None


@pytest.mark.parametrize("now", ["2026-06-03 08:59", "2026-06-03 18:00", "2026-06-06 12:00"])
def test_there_is_none_while_level_2_is_closed(now: str) -> None:
    assert handover([waits("1"), waits("2")], [], POLICY, at(now)) is None


def test_a_late_one_is_the_same_one() -> None:
    waiting = [waits("1"), waits("2")]
    first = handover(waiting, [], POLICY, OPENING)
    assert first is not None
    assert handover(waiting, [], POLICY, OPENING + timedelta(hours=3)) == first


@pytest.mark.parametrize("now", ["2026-06-03 11:00", "2026-06-04 09:00"])
def test_what_level_2_was_told_of_at_its_opening_is_handed_over_that_day_only(now: str) -> None:
    story = Story("2026-06-03 02:00")
    story.opens()
    story.after(minutes=15)
    story.at(OPENING)
    both = [story.incident, replace(story.incident, id="8")]
    found = handover(both, [], POLICY, at(now))
    assert (found is not None) == (now == "2026-06-03 11:00")


def test_what_ended_before_the_last_closing_is_no_news() -> None:
    old = ends(waits("2", "2026-06-01 03:00"), "2026-06-01 04:00")
    assert handover([waits("1")], [old], POLICY, OPENING) is None


def test_a_weekend_is_one_closed_time() -> None:
    gone = ends(waits("2", "2026-06-05 20:00"), "2026-06-06 12:00")
    found = handover([waits("1", "2026-06-07 20:00")], [gone], POLICY, at("2026-06-08 09:00"))
    assert names(found) == (["1"], ["2"])


def test_what_somebody_looks_after_is_handed_over_too() -> None:
    now = at("2026-06-03 08:00")
    kept = acknowledge(waits("1"), "Ada", "", at("2026-06-03 12:00"), now).incident
    assert names(handover([kept, waits("2")], [], POLICY, OPENING)) == (["1", "2"], [])


def test_what_another_incident_explains_or_level_2_never_waited_for_is_left_out() -> None:
    child = replace(waits("1"), parent="9")
    at_once = Story("2026-06-03 02:00", Severity.EMERGENCY)
    at_once.opens()
    assert handover([child, at_once.incident, waits("2")], [], POLICY, OPENING) is None


def test_a_level_2_that_is_always_there_or_nobody_has_no_hand_over() -> None:
    waiting = [waits("1"), waits("2")]
    always, nobody = replace(TWO, hours=ALWAYS), replace(TWO, addresses=())
    for levels in ((ONE, always), (ONE, nobody), (ONE,)):
        assert handover(waiting, [], replace(POLICY, levels=levels), OPENING) is None
