"""Whose turn it is to be told, when and why."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.calendar import When
from alerts.incident import Criterion, Severity
from alerts.policy import Policy
from alerts.schedule import Turn, who
from tests.support.story import CRITERIA, OFFICE, ONE, POLICY, THREE, TWO, Story
from tests.support.zones import ROME, at

WARNING, CRITICAL, EMERGENCY = Severity.WARNING, Severity.CRITICAL, Severity.EMERGENCY
SECURITY = (Criterion.SECURITY_INCIDENT,)


def seen(turns: tuple[Turn, ...]) -> dict[str, str | None]:
    """Return when each is told by the clocks of Rome."""
    return {one.level: f"{one.at.astimezone(ROME):%d %H:%M}" if one.at else None for one in turns}


@pytest.mark.parametrize(
    ("severity", "opens", "second", "third", "desk"),
    [
        (WARNING, "2026-06-03 10:00", None, None, None),
        (CRITICAL, "2026-06-03 10:00", "03 10:15", None, "03 10:00"),
        (CRITICAL, "2026-06-03 08:50", "03 09:05", None, "03 08:50"),
        (CRITICAL, "2026-06-03 08:45", "03 09:00", None, "03 08:45"),
        (CRITICAL, "2026-06-03 17:44", "03 17:59", None, "03 17:44"),
        (CRITICAL, "2026-06-03 17:45", "04 09:00", None, "03 17:45"),
        (CRITICAL, "2026-06-05 18:00", "08 09:00", None, "05 18:00"),
        (CRITICAL, "2026-03-27 19:00", "30 09:00", None, "27 19:00"),
        (CRITICAL, "2026-10-23 19:00", "26 09:00", None, "23 19:00"),
        (EMERGENCY, "2026-06-07 03:00", "07 03:00", "07 03:30", "07 03:00"),
        (EMERGENCY, "2026-03-29 01:45", "29 01:45", "29 03:15", "29 01:45"),
        (EMERGENCY, "2026-10-25 02:45", "25 02:45", "25 02:15", "25 02:45"),
    ],
)
def test_turns_by_severity_and_hotel_time(
    severity: Severity, opens: str, second: str | None, third: str | None, desk: str | None
) -> None:
    turns = who(POLICY, severity, CRITERIA[severity], at(opens))
    first = f"{opens[8:10]} {opens[11:]}"
    assert seen(turns) == {"1": first, "2": second, "3": third, "front-desk": desk}


@pytest.mark.parametrize(
    ("severity", "criteria", "opens", "reasons"),
    [
        (
            WARNING,
            (),
            "2026-06-03 10:00",
            [
                "at once",
                "warnings go to level 1 only",
                "warnings go to level 1 only",
                "the front desk is not told of warnings",
            ],
        ),
        (
            CRITICAL,
            CRITERIA[CRITICAL],
            "2026-06-03 10:00",
            [
                "at once",
                "if nobody has acknowledged it within 15 min",
                "level 3 is told of emergencies only",
                "at once",
            ],
        ),
        (
            CRITICAL,
            (Criterion.MULTIPLE_INTEGRATIONS, Criterion.DATA_LOSS_RISK),
            "2026-06-03 02:00",
            [
                "at once",
                "outside its hours until then",
                "level 3 is told of emergencies only, which this becomes when it is open for 30 min",
                "at once",
            ],
        ),
        (
            EMERGENCY,
            CRITERIA[EMERGENCY],
            "2026-06-03 02:00",
            [
                "at once",
                "an emergency: at once, whatever the hours",
                "if nobody has acknowledged it within 30 min",
                "at once",
            ],
        ),
        (
            EMERGENCY,
            SECURITY,
            "2026-06-03 02:00",
            [
                "at once",
                "an emergency: at once, whatever the hours",
                "a security incident: at once, whatever the hours",
                "at once",
            ],
        ),
    ],
)
def test_every_turn_says_why(
    severity: Severity, criteria: tuple[Criterion, ...], opens: str, reasons: list[str]
) -> None:
    assert [one.why for one in who(POLICY, severity, criteria, at(opens))] == reasons


def test_a_turn_names_whom_it_reaches() -> None:
    policy = Policy((replace(ONE, phone="+39 055 1"),), ("desk@h.example",))
    first, desk = who(policy, CRITICAL, (), at("2026-06-03 10:00"))
    assert (first.role, first.addresses, first.phone) == (
        "Integration Support Team",
        ("one@h.example",),
        "+39 055 1",
    )
    assert (desk.role, desk.addresses) == ("Front desk", ("desk@h.example",))


def test_levels_are_in_order_however_they_are_written() -> None:
    turns = who(Policy((THREE, ONE, TWO)), WARNING, (), at("2026-06-03 10:00"))
    assert [one.level for one in turns] == ["1", "2", "3"]


def test_a_level_without_anybody_passes_its_turn_on() -> None:
    policy = Policy((replace(ONE, addresses=()), replace(TWO, addresses=()), THREE))
    turns = who(policy, WARNING, (), at("2026-06-03 10:00"))
    assert seen(turns) == {"1": None, "2": None, "3": "03 10:00"}
    assert [one.why for one in turns] == [
        "nobody can be told on level 1",
        "nobody can be told on level 2",
        "nobody can be told on level 2",
    ]


def test_hours_that_never_begin_and_those_of_emergencies_are_told_apart() -> None:
    shut = replace(TWO, hours=replace(OFFICE, days=frozenset()))
    rare = replace(TWO, hours=replace(OFFICE, when=When.EMERGENCY))
    for level, why in (
        (shut, "the hours of level 2 never begin"),
        (rare, "level 2 is told of emergencies only"),
    ):
        _, second = who(Policy((ONE, level)), CRITICAL, (), at("2026-06-03 10:00"))
        assert (second.at, second.why) == (None, why)


def test_what_who_says_is_what_is_done() -> None:
    for severity in Severity:
        for hours in range(0, 24 * 7, 5):
            opens = at("2026-03-26 00:00") + timedelta(hours=hours)
            for turn in who(POLICY, severity, CRITERIA[severity], opens):
                story = Story(opens, severity)
                told = {one[2] for one in story.opens()}
                if turn.at is not None and turn.at > opens:
                    told = {one[2] for one in story.at(turn.at)}
                expected = turn.addresses[0].partition("@")[0] in told
                assert expected == (turn.at is not None), (severity, opens, turn)
