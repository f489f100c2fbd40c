"""Over which stretches a record is shown."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
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


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Pacific/Chatham", "Africa/Cairo", "America/Havana"])
@pytest.mark.parametrize("view", [CARD, *VIEWS])
def test_it_does_when_clocks_are_set_by_half_an_hour_or_at_midnight(view: View, zone: str) -> None:
    hotel, day = ZoneInfo(zone), timedelta(days=1)
    starts = [datetime(2026, 1, 1, tzinfo=UTC) + number * day for number in range(365)]
    offsets = [one.astimezone(hotel).utcoffset() for one in (*starts, starts[-1] + day)]
    turns = [one for one, (now, then) in zip(starts, pairwise(offsets), strict=True) if now != then]
    assert turns
    for now in (turn + quarter * timedelta(minutes=15) for turn in turns for quarter in range(2 * 96)):
        edges = view.edges(now, hotel)
        assert all(start < end for start, end in pairwise(edges))
        assert edges[-2] <= now < edges[-1]


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
