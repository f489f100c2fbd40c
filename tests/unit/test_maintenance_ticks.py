"""The porter ticks by its reports what it has seen all of, and leaves the rest to people."""

from dataclasses import replace
from datetime import timedelta

from alerts.maintenance import OWNERS, PORTER, UNSEEN, Entry, Evidence, ticks
from alerts.recurrence import Rhythm
from alerts.reports.report import Kind, Report, Tone
from tests.support.clock import START

DAY = timedelta(days=1)
DAILY = Report(
    kind=Kind.DAILY,
    hotel="h",
    hotel_name="Grand Harbour Hotel",
    timezone="Europe/Lisbon",
    begins=START - DAY,
    ends=START,
    made_at=START + timedelta(seconds=20),
    headline="Nothing broke.",
    tone=Tone.GOOD,
    sections=(),
    evidence={task.id: f"seen of {task.id}" for task in OWNERS},
    known_from=START - DAY,
)


def done(report: Report) -> list[str]:
    return [one.task for one in ticks(report, OWNERS)]


def test_what_was_seen_whole_is_ticked_by_the_report_of_its_rhythm() -> None:
    for kind in Kind:
        assert done(replace(DAILY, kind=kind)) == [
            task.id for task in OWNERS if task.every is Rhythm(kind.value) and task.evidence is Evidence.WHOLE
        ]
    assert "test-backups" not in done(replace(DAILY, kind=Kind.WEEKLY))
    first = ticks(DAILY, OWNERS)[0]
    assert (first.by, first.at, first.evidence) == (PORTER, DAILY.made_at, "seen of review-logs")
    assert first.by_itself
    assert not Entry("e1", "h", "review-logs", START, PORTER).by_itself


def test_what_could_not_be_collected_stays_for_a_person() -> None:
    seen = {"review-logs": f"{UNSEEN}no log directory is configured", "check-queues": "at most 40 waited"}
    assert done(replace(DAILY, evidence=seen)) == ["check-queues"]
    assert done(replace(DAILY, known_from=DAILY.begins + timedelta(hours=1))) == []
    assert len(done(replace(DAILY, known_from=DAILY.begins))) == 4
    assert done(replace(DAILY, known_from=None)) == []


def test_hours_in_which_nothing_was_watched_leave_everything_to_people() -> None:
    assert done(replace(DAILY, figures={"watched.hours_missing": 12.0})) == []
    assert len(done(replace(DAILY, figures={"watched.hours_missing": 0.0}))) == 4


def test_the_ticks_of_a_report_are_the_same_whenever_they_are_made() -> None:
    again = replace(DAILY, made_at=DAILY.made_at + DAY)
    assert [one.id for one in ticks(DAILY, OWNERS)] == [one.id for one in ticks(again, OWNERS)]
    tomorrow = replace(DAILY, ends=DAILY.ends + DAY)
    assert not {one.id for one in ticks(DAILY, OWNERS)} & {one.id for one in ticks(tomorrow, OWNERS)}
