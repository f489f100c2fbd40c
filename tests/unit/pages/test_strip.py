"""Strips: how stretches of time were, at a glance and in words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as some

from daemon.web.pages.strip import Strip, Tone, percent, strip

LISBON = ZoneInfo("Europe/Lisbon")
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
EDGES = [NOON + place * HOUR for place in range(-5, 1)]
NOW = NOON - timedelta(minutes=20)


@dataclass(frozen=True)
class Looked:
    """The runs of a check, counted."""

    start: datetime
    runs: int
    warnings: int = 0
    failures: int = 0
    unknowns: int = 0


def at(cell: int, runs: int = 60, **counts: int) -> Looked:
    return Looked(EDGES[cell], runs, **counts)


def strip_of(*checks: Sequence[Looked], edges: Sequence[datetime] = EDGES) -> Strip:
    return strip(checks, edges, NOW, LISBON)


def tones(drawn: Strip) -> list[Tone]:
    return [cell.tone for cell in drawn.cells]


def test_without_a_record_nothing_is_claimed() -> None:
    for drawn in (strip_of(), strip_of([]), strip_of([at(1, runs=0)])):
        assert tones(drawn) == [Tone.NONE] * 5
        assert drawn.summary == "nothing recorded yet"
        assert {cell.share for cell in drawn.cells} == {None}


def test_a_day_without_trouble_is_all_good() -> None:
    drawn = strip_of([at(cell) for cell in range(5)])
    assert tones(drawn) == [Tone.GOOD] * 5
    assert drawn.summary == "100 % of looks good"


def test_a_cell_is_as_the_worst_check_was() -> None:
    drawn = strip_of([at(2), at(3)], [at(2, failures=30), at(3, failures=29)], [at(4, warnings=1)])
    assert tones(drawn) == [Tone.NONE, Tone.NONE, Tone.BAD, Tone.FAIR, Tone.FAIR]


def test_the_worst_stretch_is_named_in_hotel_time() -> None:
    drawn = strip_of([at(0), at(1, failures=6), at(2), at(3, failures=3), at(4)])
    assert drawn.summary == "97.0 % of looks good, worst 08:00 to 09:00"
    assert drawn.cells[1].share == 90.0


def test_a_failing_stretch_is_worse_than_one_with_more_warnings() -> None:
    drawn = strip_of([at(0, warnings=60), at(1, failures=30), at(2), at(3), at(4)])
    assert "worst 08:00 to 09:00" in drawn.summary


def test_a_record_that_begins_late_says_so() -> None:
    drawn = strip_of([at(3), at(4)])
    assert drawn.summary == "100 % of looks good, recorded since 10:00"


def test_a_record_begins_with_its_first_look_and_not_with_its_bar() -> None:
    later = Looked(EDGES[3] + timedelta(minutes=25), 30, failures=3)
    assert strip_of([later]).summary == "90.0 % of looks good, recorded since 10:25"


def test_runs_that_could_not_look_are_neither_good_nor_bad() -> None:
    drawn = strip_of([at(0, unknowns=60), at(1, unknowns=30, failures=15)])
    assert tones(drawn)[:2] == [Tone.DIM, Tone.BAD]
    assert drawn.cells[0].known == 0
    assert drawn.cells[1].share == 50.0
    assert strip_of([at(0, unknowns=60)]).summary == "could not look"


def test_several_stretches_in_one_cell_are_one() -> None:
    quarters = [
        Looked(EDGES[1] + quarter * HOUR / 4, 15, failures=15 if quarter == 0 else 0) for quarter in range(4)
    ]
    drawn = strip_of(quarters)
    assert tones(drawn) == [Tone.NONE, Tone.FAIR, Tone.NONE, Tone.NONE, Tone.NONE]
    assert drawn.cells[1].share == 75.0


def test_what_lies_outside_of_the_strip_is_left_out() -> None:
    early, late = Looked(EDGES[0] - HOUR, 60, failures=60), Looked(EDGES[-1], 60, failures=60)
    assert strip_of([early, late]).summary == "nothing recorded yet"


def test_a_whole_day_is_called_by_its_date() -> None:
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in (23, 24, 25, 26)]
    drawn = strip_of([Looked(days[0], 10, failures=9), Looked(days[1], 10), Looked(days[2], 10)], edges=days)
    assert "worst 23 Nov" in drawn.summary
    today = strip_of([Looked(days[0], 10), Looked(days[1], 10), Looked(days[2], 10, failures=9)], edges=days)
    assert "worst today" in today.summary


def test_all_but_all_is_not_all() -> None:
    assert percent(99.9999) == "99.9 %"
    assert percent(0.0001) == "0.1 %"
    assert (percent(0.0), percent(100.0)) == ("0 %", "100 %")


counts = some.integers(min_value=-(10**30), max_value=10**30)
looked = some.builds(
    Looked,
    some.datetimes(NOON.replace(tzinfo=None) - 10_000 * HOUR, NOON.replace(tzinfo=None) + 10_000 * HOUR).map(
        lambda one: one.replace(tzinfo=UTC)
    ),
    counts,
    counts,
    counts,
    counts,
)


@given(some.lists(some.lists(looked, max_size=8), max_size=4))
def test_no_numbers_break_a_strip(checks: list[list[Looked]]) -> None:
    drawn = strip_of(*checks)
    assert len(drawn.cells) == 5
    for cell in drawn.cells:
        assert cell.share is None or (0 <= cell.share <= 100 and math.isfinite(cell.share))
    assert drawn.summary
