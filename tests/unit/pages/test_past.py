"""Over which stretches a record is shown."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from checks.result import CheckId
from daemon.buckets import Bucket
from daemon.web.pages.past import CARD, LATELY, VIEWS, View, young

KATHMANDU = ZoneInfo("Asia/Kathmandu")  # 5 h 45 min ahead of UTC
NOW = datetime(2026, 11, 25, 8, 7, 31, 5, tzinfo=UTC)
HEALTH = CheckId("h", "payment", "health")


@pytest.mark.parametrize("view", [CARD, *VIEWS])
def test_the_last_cell_of_a_view_holds_now(view: View) -> None:
    edges = view.edges(NOW, KATHMANDU)
    assert edges == sorted(edges)
    assert len(edges) == view.cells + 1
    assert edges[-2] <= NOW < edges[-1]


def test_the_cells_of_the_last_hour_are_whole_minutes_of_the_hotels_clock() -> None:
    edges = LATELY.edges(NOW, KATHMANDU)
    assert edges[-1] - edges[0] == timedelta(hours=1)
    assert {edge.minute % 5 for edge in edges} == {0}
    assert {edge.second for edge in edges} == {0}


@pytest.mark.parametrize(("hours", "runs", "is_young"), [(1, 3, True), (3, 3, False), (3, 0, True)])
def test_a_record_is_young_until_two_hours_are_known(hours: int, runs: int, is_young: bool) -> None:
    one = Bucket(NOW - timedelta(hours=hours), 3600, runs=runs)
    assert young({HEALTH: [one]}, NOW) is is_young


def test_no_record_is_young() -> None:
    assert young({}, NOW)
