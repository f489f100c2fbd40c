"""What is not known is said not to be, what was not looked at has no tick, what is overdue comes first."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.incident import Cause
from alerts.message_evidence import FAULT
from alerts.reports.drift import Change
from alerts.reports.facts import Doing, Held, IntegrationFacts, Stretch
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind, Point, Report, Tone
from alerts.reports.speed import compared, worst_hour
from alerts.reports.writing import write
from tests.support.report_facts import DAY, ENDS, HOUR, MINUTE, coming, facts, happening, integration


def text_of(found: Report) -> str:
    return " ".join(plain_text(found).split())


def points(found: Report) -> Mapping[str, Tone]:
    blocks = [block for one in found.sections for block in one.blocks]
    return {block.text: block.tone for block in blocks if isinstance(block, Point)}


def test_a_week_of_which_only_the_last_minutes_were_watched_says_so_first() -> None:
    found = write(facts(Kind.WEEKLY, known_from=ENDS - 20 * MINUTE, hours=148, gaps=0))
    begins = "Only the last 20 min of this week were watched. Nothing broke."
    assert (found.headline, found.tone) == (begins, Tone.FAIR)
    assert found.figures["watched.hours_missing"] == 167
    assert found.figures["watched.minutes"] == 20


def test_hours_before_the_first_look_and_gaps_after_it_are_both_missing() -> None:
    begins = ENDS - 24 * HOUR
    found = write(facts(known_from=begins + 9 * MINUTE + 3 * HOUR, hours=24, gaps=2))
    assert found.figures["watched.hours_missing"] == 5
    assert "5 of 24 hours were not watched" in found.headline
    late = write(facts(known_from=begins + 9 * MINUTE))
    assert (late.headline.startswith("Only"), late.figures["watched.hours_missing"]) == (False, 0)
    assert write(facts(known_from=None)).figures["watched.hours_missing"] == 24


def test_where_nothing_could_be_looked_at_nothing_has_a_tick() -> None:
    blind = (IntegrationFacts("expedia", Doing(9, unknowns=9)),)
    found = write(facts(integrations=blind))
    assert (found.headline, found.tone) == ("Nothing could be looked at.", Tone.FAIR)
    told = points(found)
    assert told["Nothing broke."] is told["Nothing is open."] is Tone.PLAIN
    assert points(write(facts()))["Nothing broke."] is Tone.GOOD


@pytest.mark.parametrize("kind", Kind)
def test_what_is_not_watched_is_named_in_one_line(kind: Kind) -> None:
    found = write(facts(kind))
    lines = [line for line in points(found) if line.startswith("Not watched here: ")]
    assert len(lines) == 1
    assert "queues and delays, " in lines[0]
    assert "No new kind of error" not in text_of(found)


def test_a_cause_is_said_as_mails_say_it() -> None:
    one = replace(happening("critical", ENDS - HOUR, None), summary="Its service has stopped.", fault="us")
    said = f"Cause: Its service has stopped. Whose fault: {FAULT['us']}. Nobody acknowledged it."
    assert said in text_of(write(facts(incidents=(one,))))
    other = replace(one, id="inc-2", title="expedia: its service has stopped")
    found = text_of(write(facts(Kind.MONTHLY, incidents=(replace(one, spans=((ENDS, None),)), other))))
    assert "the vendor is down and its service has stopped 2 " in " ".join(found.split())
    unknown = replace(one, cause=str(Cause.UNKNOWN), fault="unknown")
    assert "Cause: Not known yet. Its service has stopped. Whose fault: not known." in text_of(
        write(facts(incidents=(unknown,)))
    )


def test_what_is_overdue_is_said_to_be_and_comes_first() -> None:
    found = write(facts(coming=(coming("certificate.a.b", 3), coming("credential.key", -2.5))))
    assert found.headline.startswith("1 credential is overdue, nothing broke and 1 certificate ends")
    assert list(points(found))[:2] == [
        "Overdue: Something ends: 27 Nov 2026, 2 days ago",
        "Something ends: 3 Dec 2026, in 3 days",
    ]


def test_the_worst_hour_is_that_of_the_largest_share_of_looks_that_failed() -> None:
    hours = (
        Stretch(ENDS - 5 * HOUR, 383, 9),
        Stretch(ENDS - 4 * HOUR, 36, 7),
        Stretch(ENDS - 3 * HOUR, 36, 7),
        Stretch(ENDS - 2 * HOUR, 2, 2),
    )
    one = IntegrationFacts("payment", Doing(457, failures=25), hours=hours)
    assert worst_hour(facts(), one) == hours[1]
    within = happening("critical", ENDS - 3 * HOUR, ENDS - 2 * HOUR)
    assert worst_hour(facts(incidents=(within,)), one) == hours[2]
    assert worst_hour(facts(), replace(one, hours=hours[3:])) == hours[3]
    assert worst_hour(facts(), replace(one, hours=())) is None


@pytest.mark.parametrize(
    ("p50", "p95", "said"),
    [
        ((16.0, 194.0), (320.0, 330.0), "faster"),
        ((194.0, 16.0), (320.0, 330.0), "slower"),
        ((16.0, 194.0), (900.0, 330.0), "slower"),
        ((180.0, 194.0), (320.0, 330.0), "alike"),
        ((180.0, None), (320.0, None), "not known"),
    ],
)
def test_answers_are_compared_by_both_numbers_that_are_shown(
    p50: tuple[float, float | None], p95: tuple[float, float | None], said: str
) -> None:
    assert compared(p50, p95).text == said


def test_since_when_the_time_before_is_known_is_said_once() -> None:
    one = replace(integration("expedia"), before=Doing(9, p50_ms=180.0, p95_ms=320.0))
    plain = facts(Kind.MONTHLY, integrations=(one,))
    found = text_of(write(replace(plain, known_before=plain.spans.before.ends - 7 * DAY)))
    assert found.count("is known from 25 Oct 2026 on") == 1
    assert "0 the month before" not in found
    assert "p95 before" in found
    new = facts(Kind.MONTHLY, integrations=(integration("email", {"quota_used_ratio": 0.2}),))
    assert "before" not in text_of(write(new)).replace("nothing is known of the month before", "")


def test_each_value_of_a_setting_that_changed_is_told_up_to_a_few() -> None:
    steps = tuple((ENDS - place * DAY, f"v{place}") for place in range(7, 0, -1))
    few = Change("email", ("dns",), "record", "v9", "v6", ENDS, 2, steps[:2])
    many = Change("email", ("dns",), "record", "v9", "v1", ENDS, 7, steps)
    found = text_of(write(facts(Kind.MONTHLY, drift=(few, many), settings=1)))
    assert "changed 2 times Before: v9 Since Mon 23 Nov 06:00: v7 Since Tue 24 Nov 06:00: v6 Seen" in found
    assert "changed 7 times Before: v9 Since Wed 25 Nov 06:00: v5" in found
    assert "Those are the last of its changes." in found


def test_a_drill_stands_once_in_a_month() -> None:
    held = Held("2", ENDS - 2 * DAY, timedelta(minutes=4))
    assert text_of(write(facts(Kind.MONTHLY, drills=(held,)))).count("acknowledged in 4 min") == 1
    found = text_of(write(facts(Kind.MONTHLY, drills=(replace(held, at=ENDS - 59 * DAY),))))
    assert "No drill was held this month. Last drill" in found
