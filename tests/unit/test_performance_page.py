"""`docs/performance.md` and its pictures say what was measured; `python -m benchmarks.page` writes both."""

import json
from itertools import pairwise

import pytest
from lxml import etree

from benchmarks.__main__ import joined
from benchmarks.chart import Axis, Bar, Curve, Point, bars, curves, plain
from benchmarks.figures import Aim, Results, aims, spread
from benchmarks.page import IMAGES, LATEST, PAGE, PLACE, drawn, renewed
from benchmarks.pictures import PICTURES
from benchmarks.tables import TABLES


@pytest.fixture(scope="module")
def results() -> Results:
    found: Results = json.loads(LATEST.read_text())
    return found


def test_the_page_says_what_was_measured(results: Results) -> None:
    page = PAGE.read_text()
    assert renewed(page, results) == page
    assert sorted(PLACE.findall(page)) == sorted(TABLES)


def test_the_pictures_are_drawn_from_what_was_measured(results: Results) -> None:
    pictures = drawn(results)
    assert sorted(pictures) == sorted(PICTURES)
    for name, picture in pictures.items():
        assert picture == (IMAGES / name).read_text(), f"{name} is drawn from other results"
        assert f"images/{name}" in PAGE.read_text()
        assert etree.fromstring(picture.encode()).get("aria-label")


def test_an_aim_that_was_missed_is_called_so() -> None:
    assert Aim("", 10.0, 10.0, "").verdict == "reached"
    assert Aim("", 10.0, 10.1, "").verdict == "**not reached**"
    assert Aim("", 10.0, None, "").verdict == "not measured"


@pytest.mark.parametrize("name", ["left_out", "failed"])
def test_work_that_was_not_done_reaches_no_aim(name: str) -> None:
    seen = {"share": [0.1], "late_p99": [0.001], "left_out": [0.0], "failed": [0.0]}

    def verdicts(one: Results) -> list[str]:
        return [aim.verdict for aim in aims({"sizes": {"10000": one}}) if aim.value is not None]

    assert verdicts(seen) == ["reached", "reached"]
    assert verdicts(seen | {name: [0.2]}) == ["**not reached**", "**not reached**"]


def test_what_was_measured_elsewhere_or_otherwise_is_not_shown_beside_it() -> None:
    before = {"machine": "a", "runs": 3, "quick": False, "days": {"sizes": "1"}, "loads": {}, "sizes": 1}
    found = {"machine": "a", "runs": 3, "quick": False, "days": {"mails": "2"}, "loads": {}, "mails": 2}
    whole = joined(before, found)
    assert (whole["sizes"], whole["mails"], whole["days"]) == (1, 2, {"sizes": "1", "mails": "2"})
    for key, other in (("machine", "b"), ("runs", 1), ("quick", True)):
        assert joined(before | {key: other}, found) == found
    assert joined({}, found) == found


def test_ratios_are_those_of_runs_made_beside_each_other() -> None:
    sides = {"porter": [1.0, 2.0, 6.0], "blackbox_exporter": [2.0, 8.0, 12.0]}
    found = aims({"probes": {"http": sides}})
    assert found[0].value == 0.5


def test_what_was_not_measured_is_said_in_its_table_and_not_drawn() -> None:
    nothing: Results = {}
    assert {one.verdict for one in aims(nothing)} == {"not measured"}
    assert drawn(nothing) == {}
    for name in set(TABLES) - {"machine"}:
        assert "nan" not in TABLES[name](nothing)


def test_a_spread_names_the_lowest_and_the_highest_run() -> None:
    assert spread([0.25, 0.2, 0.3], 1000, " ms") == "250 ms (200..300)"
    assert spread([0.25], 1, " s") == "0.25 s"


@pytest.mark.parametrize(
    ("value", "said"), [(12345.6, "12,346"), (12.04, "12"), (1.234, "1.23"), (0.01234, "0.0123"), (0.0, "0")]
)
def test_numbers_are_written_as_people_write_them(value: float, said: str) -> None:
    assert plain(value) == said


def test_a_logarithmic_axis_gives_each_power_of_ten_the_same_room() -> None:
    axis = Axis(1.0, 1000.0, 0.0, 300.0)
    assert [round(axis.place(one)) for one in axis.decades()] == [0, 100, 200, 300]
    assert axis.place(0.0) == 0.0


def test_names_at_the_ends_of_curves_do_not_lie_on_each_other() -> None:
    lines = [Curve(name, [Point(1, 5, 5, 5), Point(10, 5, 5, 5)], "porter") for name in ("a & b", "c")]
    root = etree.fromstring(curves("t", "u", " ms", lines, ("aim", 5.0)).encode())
    ends = {one.text: float(one.get("y", "")) for one in root.iter() if "name" in one.get("class", "")}
    assert set(ends) == {"a & b", "c", "aim"}
    heights = sorted(ends.values())
    assert all(after - before >= 16 for before, after in pairwise(heights))


def test_a_bar_far_longer_than_all_others_is_drawn_with_a_gap() -> None:
    few = [Bar("g", "a", 1.0, 1.0, 1.0, "porter"), Bar("g", "b", 2.0, 2.0, 2.0, "first")]
    assert 'class="gap"' not in bars("t", "u", "", few)
    assert 'class="gap"' in bars("t", "u", "", [*few, Bar("g", "c", 50.0, 50.0, 50.0, "first")])
