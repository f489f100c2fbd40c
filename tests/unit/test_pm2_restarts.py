"""Whether a process restarts again and again: counts over a quarter of an hour."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from checks.pm2 import Process
from checks.process import Options, judge, remembered, rise
from checks.result import Reason, Result, State

MINUTE = 60.0


class Watch:
    """Follows the restarts of a process, remembering as the check does."""

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}

    def see(self, minute: float, *restarts: int) -> int:
        samples = remembered(self.value, minute * MINUTE, restarts)
        self.value = json.loads(json.dumps({"samples": samples}))
        return rise(samples, restarts)


def verdict(*statuses: str, workers: int = 1, recent: int = 0) -> Result:
    ours = [Process("sync", 1, status, 2, 0.0, 100, 0.0) for status in statuses]
    return judge(Options(name="sync", workers=workers), ours, recent)


def test_the_first_look_knows_of_no_restarts() -> None:
    assert Watch().see(0, 4711) == 0


def test_restarts_are_counted_over_a_quarter_of_an_hour() -> None:
    watch = Watch()
    seen = [watch.see(minute, minute // 5) for minute in range(60)]
    assert seen[:16] == [0] * 5 + [1] * 5 + [2] * 5 + [3]
    assert set(seen[16:]) == {3}


def test_restarts_are_forgotten_after_a_quarter_of_an_hour() -> None:
    watch = Watch()
    watch.see(0, 0)
    assert watch.see(1, 9) == 9
    assert [watch.see(minute, 9) for minute in (10, 15, 17)] == [9, 9, 0]


def test_a_gap_in_watching_counts_against_the_last_look() -> None:
    watch = Watch()
    watch.see(0, 1)
    assert watch.see(600, 5) == 4
    assert watch.see(616, 5) == 0


def test_the_worker_that_restarts_most_counts_not_all_together() -> None:
    watch = Watch()
    watch.see(0, 1, 7, 3, 2)
    assert watch.see(1, 2, 8, 4, 3) == 1, "a reload of all workers is no crash loop"
    assert watch.see(2, 2, 11, 4, 3) == 4


@pytest.mark.parametrize("after", [(0,), (3, 0), ()])
def test_counting_begins_anew_when_workers_change_or_pm2_does(after: Sequence[int]) -> None:
    watch = Watch()
    watch.see(0, 2)
    watch.see(2, 5)
    assert watch.see(3, *after) == 0


def test_what_is_remembered_stays_small_however_often_is_looked() -> None:
    watch = Watch()
    for second in range(7200):
        watch.see(second / 60, second)
    assert len(watch.value["samples"]) <= 17


def test_a_clock_set_back_is_survived() -> None:
    watch = Watch()
    watch.see(600, 3)
    assert watch.see(0, 4) == 0
    assert watch.see(1, 5) == 1


@pytest.mark.parametrize(
    "value",
    [
        {"samples": None},
        {"samples": [1]},
        {"samples": [[0, "x"]]},
        {"samples": [[0, [1, 2]], [0, [1]]]},
        {"other": 1},
    ],
)
def test_a_memory_that_is_none_is_ignored(value: dict[str, Any]) -> None:
    assert rise(remembered(value, 60.0, (3,)), (3,)) == 0


def test_enough_workers_are_ok() -> None:
    result = verdict("online", "online", workers=2)
    assert (result.state, result.message) == (State.OK, "2 of 2 workers are online")
    assert dict(result.measurements) == {
        "online": 2,
        "restarts": 4,
        "restarts_recent": 0,
        "memory_bytes": 200,
    }


def test_too_few_workers_are_process() -> None:
    result = verdict("online", "errored", "stopped", "errored", workers=3)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.PROCESS, False)
    assert result.message == "1 of 3 workers of sync are online; the others: errored, stopped"
    assert "pm2 knows of no more" in verdict("online", workers=2).message


@pytest.mark.parametrize(("recent", "reason"), [(2, None), (3, Reason.PROCESS)])
def test_a_crash_loop_is_process_though_it_is_online(recent: int, reason: Reason | None) -> None:
    result = verdict("online", recent=recent)
    assert result.reason is reason
    if reason:
        assert result.message == "sync restarts again and again: 3 times within 15 minutes"
