"""What channels hear: those of a level what the level hears, those of no level everything."""

from dataclasses import replace
from datetime import timedelta

from alerts.incident import Cause, Severity
from alerts.notification import MAIL, Delivery
from alerts.policy import Policy
from tests.support.story import ONE, POLICY, THREE, TWO, Story

WITH_SMS = Policy((ONE, TWO, replace(THREE, channels=("sms",))), POLICY.front_desk)
WITH_BRIDGE = replace(POLICY, channels=("bridge",))
CHANNELS_ONLY = Policy((replace(ONE, addresses=(), channels=("sms",)),), channels=("bridge",))
LISTENERS_ONLY = Policy(channels=("bridge",))


def heard(told: list[tuple[str, str, str]], channel: str) -> list[tuple[str, str]]:
    """Return step and kind of what a channel is told."""
    return [(step, kind) for step, kind, who in told if who == channel]


def test_a_channel_of_a_level_is_told_with_the_level_and_of_the_end() -> None:
    story = Story(severity=Severity.EMERGENCY, policy=WITH_SMS)
    assert heard(story.opens(), "sms") == []
    assert heard(story.after(minutes=30), "sms") == [("escalation-3", "escalation")]
    assert [row.channel for row in story.rows if row.recipient == "sms"] == ["sms"]
    assert heard(story.resolves(), "sms") == [("resolved", "resolved")]


def test_a_channel_of_a_level_that_is_not_told_hears_nothing() -> None:
    story = Story(policy=WITH_SMS)
    told = [*story.opens(), *story.after(hours=1), *story.resolves()]
    assert heard(told, "sms") == []


def test_a_channel_of_no_level_hears_of_everything_from_the_opening_to_the_end() -> None:
    story = Story(severity=Severity.WARNING, policy=WITH_BRIDGE)
    assert heard(story.opens(), "bridge") == [("problem-channels", "problem")]
    assert heard(story.becomes(Severity.CRITICAL), "bridge") == [
        ("update-critical-1-vendor-outage", "update")
    ]
    assert heard(story.after(minutes=15), "bridge") == [("escalation-2", "escalation")]
    assert heard(story.is_caused_by(Cause.GATEWAY_DEGRADED), "bridge") == [
        ("update-critical-1-gateway-degraded", "update")
    ]
    assert heard(story.resolves(), "bridge") == [("resolved", "resolved")]
    levels = [(row.kind.value, row.level) for row in story.rows if row.recipient == "bridge"]
    assert levels == [
        ("problem", "1"),
        ("update", "1"),
        ("escalation", "2"),
        ("update", "1"),
        ("resolved", "1"),
    ]


def test_a_channel_is_told_once_of_an_emergency_that_opens() -> None:
    told = Story(severity=Severity.EMERGENCY, policy=WITH_BRIDGE).opens()
    assert heard(told, "bridge") == [("problem-channels", "problem")]


def test_machines_are_not_reminded_and_the_phone_of_a_level_is() -> None:
    story = Story(severity=Severity.EMERGENCY, policy=replace(WITH_SMS, channels=("bridge",)))
    story.opens()
    story.after(minutes=30)
    told = story.after(hours=4)
    assert heard(told, "bridge") == []
    assert heard(told, "sms") == [("reminder-1", "reminder")]


def test_a_silence_holds_channels_back_too() -> None:
    story = Story(policy=WITH_BRIDGE)
    story.silenced = story.now + timedelta(hours=1)
    assert story.opens() == []
    story.silenced = None
    assert heard(story.after(hours=1), "bridge") == [("problem-channels", "problem")]


def test_a_problem_that_still_waits_is_superseded_for_channels_too() -> None:
    story = Story(policy=WITH_BRIDGE)
    story.delivers = Delivery.PENDING
    story.opens()
    story.resolves()
    states = [(row.kind.value, row.state.value) for row in story.rows if row.channel == "bridge"]
    assert states == [("problem", "superseded"), ("resolved", "pending")]


def test_a_channel_that_gave_up_on_the_problem_is_not_told_of_its_end() -> None:
    story = Story(policy=WITH_BRIDGE)
    story.opens()
    story.rows = [replace(row, state=Delivery.DEAD) if row.channel == "bridge" else row for row in story.rows]
    assert heard(story.resolves(), "bridge") == []


def test_a_dead_channel_row_refuses_nobody_and_leaves_the_level_manned() -> None:
    story = Story(severity=Severity.EMERGENCY, policy=WITH_SMS)
    story.opens()
    story.after(minutes=30)
    story.rows = [replace(row, state=Delivery.DEAD) if row.channel == "sms" else row for row in story.rows]
    assert [who for _, _, who in story.after(hours=4)] == ["one", "two", "three"]


def test_no_channel_stands_in_for_people_who_cannot_be_reached() -> None:
    policy = replace(WITH_BRIDGE, levels=(replace(ONE, channels=("sms",)), TWO))
    story = Story(policy=policy)
    story.opens()
    story.rows = [replace(row, state=Delivery.DEAD) if row.channel == MAIL else row for row in story.rows]
    assert ("escalation-2", "escalation", "two") in story.after(minutes=1)


def test_a_level_of_channels_that_all_gave_up_passes_its_turn_on() -> None:
    phones = replace(ONE, addresses=(), channels=("sms", "voice"))
    story = Story(policy=replace(WITH_BRIDGE, levels=(phones, TWO)))
    story.opens()
    for name, passed_on in (("sms", []), ("voice", ["two"])):
        story.rows = [replace(row, state=Delivery.DEAD) if row.channel == name else row for row in story.rows]
        told = [who for step, _, who in story.after(minutes=1) if step == "escalation-2" and who == "two"]
        assert told == passed_on


def test_without_mail_channels_are_told_all_the_same() -> None:
    story = Story(policy=CHANNELS_ONLY)
    assert {who for _, _, who in story.opens()} == {"sms", "bridge"}
    assert {who for _, _, who in story.resolves()} == {"sms", "bridge"}


def test_where_nobody_is_told_but_machines_it_is_said_that_nobody_is() -> None:
    story = Story(policy=LISTENERS_ONLY)
    assert story.opens() == [("problem-channels", "problem", "bridge")]
    assert (story.next, story.incident.standstill) == (None, "nobody is configured to be told")
    assert story.resolves() == [("resolved", "resolved", "bridge")]


def test_a_channel_that_is_gone_is_not_told_and_the_timeline_says_so() -> None:
    story = Story(policy=WITH_BRIDGE)
    story.opens()
    story.staff = frozenset({"one@h.example", "desk@h.example"})
    assert heard(story.resolves(), "bridge") == []
    assert "bridge is not told: no longer configured for this hotel" in story.notes


def test_what_comes_back_is_told_to_channels_again() -> None:
    story = Story(policy=WITH_BRIDGE)
    story.opens()
    story.resolves()
    assert heard(story.reopens(Severity.CRITICAL), "bridge") == [("problem-channels", "problem")]
