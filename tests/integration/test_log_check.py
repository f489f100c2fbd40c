"""The log check reads real files: what it finds, follows, and says."""

import json
import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.memory import Memories
from checks.registry import CHECKS
from checks.result import LAST, CheckId, Reason, Result, State
from tests.support.probing import look
from tests.support.watched_log import WatchedLog, line

CHECK = CheckId("h", "i", "c")
CARD = "4111 1111 1111 1111"


class Watched(WatchedLog):
    """A log file, and a check that remembers what it read of it."""

    async def look(self, **options: Any) -> Result:
        """Run the check once more."""
        return await look("log", memories=self.memories, path=self.path, **options)


@pytest.fixture
def log(tmp_path: Path) -> Watched:
    """A log file that is not there yet."""
    return Watched(tmp_path / "app.log")


async def test_success_and_failure_are_told_apart_without_patterns(log: Watched) -> None:
    log.append(line("all well"), line("broken", level="ERROR"), line("connection refused"), line("fine"))
    result = await log.look()
    assert result.state is State.OK
    assert result.measurements["lines"] == 4
    assert result.measurements["failures_percent"] == 50
    assert result.measurements["age_seconds"] < 5


async def test_too_many_failures_among_the_last_lines_are_critical_at_once(log: Watched) -> None:
    log.append(*[line("ok")] * 8, line("room 12 failed", level="ERROR"), line("ok"))
    result = await log.look(max_failures_percent=5)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert (result.observed, result.limit, result.unit) == (10, 5, "%")
    assert "1 of the last 10 lines are failures: 10 %, at most 5 % expected" in result.message
    assert "room 12 failed" in result.message


async def test_the_newest_failure_is_still_quoted_when_nothing_new_was_written(log: Watched) -> None:
    log.append(*[line("failed to push BAR rate")] * 6)
    await log.look(max_failures_percent=5)
    assert "failed to push BAR rate" in (await log.look(max_failures_percent=5)).message
    assert "BAR" not in str(log.memories.of(CHECK).value)


async def test_own_patterns_say_what_counts(log: Watched) -> None:
    log.append(line("door 1 opened"), line("door 2 jammed"), line("ERROR of the lift"), line("door 3 opened"))
    result = await log.look(success="opened", failure="jammed", last=3)
    assert result.measurements["lines"] == 3
    assert result.measurements["failures_percent"] == pytest.approx(33.33)


async def test_a_success_pattern_outranks_the_words_of_failure(log: Watched) -> None:
    log.append(*[line("backup done, error log rotated")] * 5, *[line("lift error")] * 5)
    result = await log.look(success="backup done")
    assert result.measurements["failures_percent"] == 50


async def test_few_lines_are_not_judged(log: Watched) -> None:
    log.append(line("failed"), line("failed"))
    assert (await log.look(max_failures_percent=5)).state is State.OK
    assert (await log.look(max_failures_percent=5, last=2)).reason is Reason.THRESHOLD


async def test_silence_is_stale_only_where_an_age_is_set(log: Watched) -> None:
    log.append(line("sync", ago=3600))
    assert (await log.look()).state is State.OK
    result = await log.look(max_age="30m")
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert result.message == "no success for 60 min, one expected every 30 min"
    assert result.measurements["age_seconds"] == pytest.approx(3600, abs=5)


async def test_failures_do_not_count_as_a_sign_of_life(log: Watched) -> None:
    log.append(line("sync", ago=3600), line("sync failed", ago=10))
    assert (await log.look(max_age="30m")).reason is Reason.STALE


async def test_a_file_without_a_success_is_stale_once_it_was_watched_long_enough(
    log: Watched,
) -> None:
    log.append(line("nothing of interest", ago=60))
    assert (await log.look(success="sync", max_age="30m")).state is State.OK
    later = await log.look(success="sync", max_age="30m", later=timedelta(minutes=31))
    assert later.reason is Reason.STALE
    assert "age_seconds" not in later.measurements


@pytest.mark.parametrize("options", [{}, {"max_failures_percent": 5, "max_age": "30m"}])
async def test_a_missing_file_is_missing_and_counts_by_failures(
    log: Watched, options: dict[str, Any]
) -> None:
    result = await log.look(**options)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.MISSING, False)
    assert str(log.path) in result.message


async def test_what_is_no_file_could_not_be_looked_at(tmp_path: Path) -> None:
    result = await look("log", path=tmp_path)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)


async def test_a_named_pipe_does_not_hold_the_porter_up(log: Watched) -> None:
    os.mkfifo(log.path)
    assert (await log.look(deadline=1.0)).reason is Reason.PERMISSION


async def test_a_path_through_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert (await look("log", path=tmp_path / "file" / "app.log")).reason is Reason.MISSING


async def test_an_empty_file_is_fine_until_it_is_too_old(log: Watched) -> None:
    log.path.touch()
    result = await log.look(max_age="30m")
    assert result.state is State.OK
    assert result.message == "0 of the last 0 lines are failures; no success yet"
    assert (await log.look(max_age="30m", later=timedelta(hours=1))).reason is Reason.STALE


async def test_lines_of_our_own_probes_do_not_count(log: Watched) -> None:
    log.append(line("refused", level="ERROR")[:-1] + " X-Monitor-Probe: nightporter\n", line("ok"))
    log.append('10.0.0.1 - - "POST /hook" 401 failed "NightPorter/1.0"\n')
    result = await log.look()
    assert (result.measurements["lines"], result.measurements["failures_percent"]) == (1, 0)


async def test_a_card_number_is_told_of_and_never_shown_or_kept(log: Watched) -> None:
    log.append(line("all well"), line(f"charge failed for {CARD} and 4242-4242-4242-4242"))
    result = await log.look(max_failures_percent=5)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.SECURITY, True)
    assert "2 card numbers stand" in result.message
    assert f"in the line at byte {len(line('all well'))}:" in result.message
    for text in (result.message, str(log.memories.of(CHECK).value)):
        assert not any(part in text for part in ("4111", "1111", "4242"))
    assert (await log.look(max_failures_percent=50)).state is State.OK


async def test_a_quoted_line_shows_no_card_number(log: Watched) -> None:
    log.append(*[line("ok")] * 2, *[line(f"payment for {CARD} refused")] * 5)
    await log.look(max_failures_percent=5)
    again = await log.look(max_failures_percent=5)
    assert again.reason is Reason.THRESHOLD
    assert "payment for [card number] refused" in again.message


async def test_the_window_is_kept_over_a_restart_of_the_porter(log: Watched) -> None:
    log.append(*[line("failed")] * 5)
    await log.look(max_failures_percent=60)
    stored = json.loads(json.dumps(log.memories.take()[CHECK]))
    log.memories = Memories()
    log.memories.restore({CHECK: stored})
    log.append(*[line("ok")] * 5)
    result = await log.look(max_failures_percent=60)
    assert (result.measurements["lines"], result.measurements["failures_percent"]) == (10, 50)
    assert len(json.dumps(log.memories.of(CHECK).value)) < 500


async def test_other_patterns_begin_a_new_window(log: Watched) -> None:
    log.append(line("a"), line("b"), line("b"))
    assert (await log.look(success="a")).measurements["lines"] == 1
    assert (await log.look(success="b")).measurements["lines"] == 2


async def test_the_main_measurement_is_the_age_of_the_newest_success(log: Watched) -> None:
    log.append(line("ok", ago=100), line("ok", ago=50), line("failed", ago=1))
    result = await log.look()
    assert result.measurements[CHECKS["log"].measurement] == pytest.approx(50, abs=5)
    assert result.measurements[LAST] == pytest.approx(time.time() - 50, abs=5)


async def test_a_line_without_a_time_is_as_old_as_its_reading(log: Watched) -> None:
    log.append("ok\n")
    assert (await log.look()).measurements["age_seconds"] < 5


async def test_a_line_without_a_time_is_no_younger_than_its_file(log: Watched) -> None:
    log.append("ok\n")
    os.utime(log.path, (time.time() - 900, time.time() - 900))
    assert (await log.look()).measurements["age_seconds"] == pytest.approx(900, abs=5)


async def test_a_time_to_come_hides_no_silence(log: Watched) -> None:
    log.append(line("ok", ago=-86_400))
    assert (await log.look(max_age="30m")).state is State.OK
    assert (await log.look(max_age="30m", later=timedelta(minutes=40))).reason is Reason.STALE
