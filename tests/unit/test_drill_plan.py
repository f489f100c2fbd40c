"""Who is told in a drill, and what is said of when a real alarm would reach them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alerts.calendar import EMERGENCY, OfficeHours
from alerts.decision import Addressee
from alerts.drill_plan import READ_BACK, NobodyError, planned
from alerts.policy import LevelPolicy, Policy
from tests.support.drills import LISBON, MAILBOX, NOW, POLICY, WRITER, plan_of

AT_WORK = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
MAIL = frozenset({"email"})


def test_level_one_is_told_as_always() -> None:
    plan = plan_of("1")
    assert [one.address for one in plan.people] == ["ada@hotel.example", "ben@hotel.example"]
    assert plan.why == (
        "Level 1, Integration Support Team, is told now, whatever its hours. So it is of every real alarm.",
        "The front desk is not told.",
    )


def test_a_level_outside_its_hours_is_told_and_the_difference_said() -> None:
    plan = plan_of("2")
    assert plan.why[0] == (
        "Level 2, Technical Lead, is told now, whatever its hours. It is outside its hours: a real alarm of "
        "now waits for Thursday 09:00 hotel time, an emergency does not."
    )
    assert (
        plan_of("2", now=AT_WORK)
        .why[0]
        .endswith("A real alarm reaches it after 15 min without an acknowledgement, an emergency at once.")
    )


def test_level_three_is_for_emergencies() -> None:
    assert (
        plan_of("3")
        .why[0]
        .endswith(
            "A real alarm reaches it only if it is an emergency: a security incident at once, any other "
            "after 30 min without an acknowledgement."
        )
    )
    assert Addressee("3", "CTO", "sms", channel="sms") in plan_of("3").people


def test_a_channel_that_could_page_is_left_out_and_named() -> None:
    plan = plan_of("2")
    assert [(one.channel, one.address) for one in plan.people] == [
        ("email", "lead@hotel.example"),
        ("hook", "hook"),
    ]
    assert "Not told: prom." in plan.why[1]


def test_the_mailbox_that_is_read_back_gets_a_copy_unless_it_is_of_the_level() -> None:
    plan = plan_of("1", MAILBOX)
    assert plan.people[-1] == Addressee("1", READ_BACK, MAILBOX)
    assert plan.why[-1] == f"A copy goes to {MAILBOX}, where the porter looks whether it arrives."
    of_the_level = plan_of("1", "ada@hotel.example")
    assert [one.address for one in of_the_level.people] == ["ada@hotel.example", "ben@hotel.example"]
    assert of_the_level.read_back == "ada@hotel.example"


def test_without_mail_there_is_no_mailbox_to_read_back() -> None:
    plan = planned(POLICY, "3", ways={"sms"}, mailbox=MAILBOX, now=NOW, zone=LISBON)
    assert [one.address for one in plan.people] == ["sms"]
    assert plan.read_back is None


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        (EMERGENCY, "A real alarm reaches it only if it is an emergency, and then at once."),
        (OfficeHours(zone=LISBON), "Its hours never begin: a real alarm reaches it only if it is an"),
    ],
)
def test_odd_hours_of_level_two_are_said(hours: OfficeHours, words: str) -> None:
    policy = Policy(levels=(replace(POLICY.levels[1], hours=hours),))
    assert words in planned(policy, "2", ways=WRITER.ways, mailbox=None, now=NOW, zone=LISBON).why[0]


def test_a_level_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(NobodyError, match=r"This hotel has no level 3; there are: 1, 2\."):
        planned(Policy(levels=POLICY.levels[:2]), "3", ways=MAIL, mailbox=None, now=NOW, zone=LISBON)


@pytest.mark.parametrize(
    "level", [LevelPolicy("1", "Nobody", ()), LevelPolicy("1", "R", (), channels=("prom",))]
)
def test_a_level_that_a_drill_cannot_reach_is_refused(level: LevelPolicy) -> None:
    with pytest.raises(NobodyError, match="Nobody of level 1 can be told in a drill"):
        planned(Policy(levels=(level,)), "1", ways=MAIL, mailbox=MAILBOX, now=NOW, zone=LISBON)
