"""The shipped dashboards: what Grafana wants of their structure, and a person of their words."""

import itertools
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.dashboards import BOARDS, DASHBOARDS, panels
from tests.support.promtool import told

EACH = pytest.mark.parametrize("name", BOARDS)


@EACH
async def test_the_file_is_what_the_generator_writes(name: str, tmp_path: Path) -> None:
    generator = DASHBOARDS.parent / "generator"
    assert await told(sys.executable, "-B", str(generator), str(tmp_path)) == (0, "")
    assert (tmp_path / f"{name}.json").read_text() == (DASHBOARDS / f"{name}.json").read_text()


def test_the_three_of_them_can_be_told_apart() -> None:
    assert set(BOARDS) == {"overview", "integration", "porter"}
    assert len({board["uid"] for board in BOARDS.values()}) == 3
    assert len({board["title"] for board in BOARDS.values()}) == 3


@EACH
def test_no_two_panels_have_one_id_or_lie_on_each_other(name: str) -> None:
    every = BOARDS[name]["panels"]
    assert len({one["id"] for one in every}) == len(every)
    for one in every:
        at = one["gridPos"]
        assert at["w"] > 0 < at["h"]
        assert 0 <= at["x"] <= at["x"] + at["w"] <= 24
    for one, other in itertools.combinations(every, 2):
        assert not overlap(one["gridPos"], other["gridPos"]), (one["title"], other["title"])


def overlap(one: dict[str, int], other: dict[str, int]) -> bool:
    """Say whether two rectangles share a cell."""
    across = one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
    return across and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"]


@EACH
def test_every_panel_says_what_it_shows_in_which_unit_and_from_where(name: str) -> None:
    titles = [one["title"] for one in panels(BOARDS[name])]
    assert len(set(titles)) == len(titles) > 8
    for one in panels(BOARDS[name]):
        where = one["title"]
        assert len(one["description"]) > 10, where
        assert one["description"].endswith("."), where
        assert one["fieldConfig"]["defaults"]["unit"], where
        assert one["targets"], where
        refs = [target["refId"] for target in one["targets"]]
        assert len(set(refs)) == len(refs), where
        for each in (one, *one["targets"]):
            assert each["datasource"] == {"type": "prometheus", "uid": "${datasource}"}, where


@EACH
def test_variables_begin_with_the_source_and_are_all_used(name: str) -> None:
    board = BOARDS[name]
    variables = board["templating"]["list"]
    assert (variables[0]["name"], variables[0]["type"]) == ("datasource", "datasource")
    text = repr({**board, "templating": None}) + repr([one.get("query") for one in variables])
    for one in variables:
        used = f"${one['name']}" in text or f"${{{one['name']}}}" in text
        assert used, one["name"]
        if one.get("multi"):
            assert one["allValue"] == ".+", "all of them, without a list of hundreds in the query"


def test_the_overview_of_a_thousand_hotels_shows_the_worst_and_not_all() -> None:
    for one in panels(BOARDS["overview"]):
        for target in one["targets"]:
            each = "{{integration}}" in target["legendFormat"] or one["type"] == "table"
            few = ("topk(", "bottomk(", "== 1", "nightporter_incident_info")
            assert not each or any(word in target["expr"] for word in few), one["title"]


@EACH
def test_thresholds_rise(name: str) -> None:
    for one in panels(BOARDS[name]):
        limits = one["fieldConfig"]["defaults"].get("thresholds")
        if limits:
            first, *others = [step["value"] for step in limits["steps"]]
            assert first is None
            assert others == sorted(set(others)), one["title"]


@EACH
def test_people_come_to_the_porters_pages_and_see_incidents(name: str) -> None:
    board: dict[str, Any] = BOARDS[name]
    assert board["schemaVersion"] == 39
    assert any(one.get("url", "").startswith("${porter}") for one in board["links"])
    assert [one["name"] for one in board["annotations"]["list"]] == ["Incidents"]
