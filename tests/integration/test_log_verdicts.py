"""What a log check makes of traces, of old failures, and of clocks that were wrong."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from checks import log
from checks.memory import Memories
from checks.result import Reason, Result, Sign, State
from tests.support.probing import look
from tests.support.watched_log import WatchedLog, line

TRACE = "java.lang.NullPointerException: room\n" + "".join(
    f"    at Pay.step{n}(Pay.java:{n})\n" for n in range(25)
)


class Watched(WatchedLog):
    """A log file, and a built-in look at it that remembers."""

    async def look(self, later: float = 0.0, **options: Any) -> Result:
        """Look for words in it, so many seconds later."""
        made = {"paths": (self.path,), "what": "payment", "timezone": ZoneInfo("Europe/Lisbon"), **options}
        return await look(log.WORDS, memories=self.memories, later=timedelta(seconds=later), **made)


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    """A log file that is not there yet."""
    return Watched(tmp_path / "payment.log")


async def test_traces_do_not_dilute_the_failures_they_belong_to(watched: Watched) -> None:
    watched.append(*[line("event died", level="ERROR") + TRACE] * 100)
    result = await watched.look()
    assert (result.reason, result.measurements["failures_percent"]) == (Reason.THRESHOLD, 100)


async def test_a_trace_is_no_sign_of_life(watched: Watched) -> None:
    watched.append(line("sync ok", ago=4000))
    memories = Memories()
    await look("log", memories=memories, path=watched.path, max_age="30m")
    watched.append(line("sync died", level="ERROR"), TRACE)
    result = await look("log", memories=memories, path=watched.path, max_age="30m")
    assert (result.reason, result.measurements["lines"]) == (Reason.STALE, 3)


async def test_in_a_log_without_times_lines_that_begin_with_a_blank_count(watched: Watched) -> None:
    watched.append("  payment ok\n" * 10, "payment ok\n")
    assert (await watched.look()).measurements["lines"] == 11


async def test_failures_of_hours_ago_are_history_when_nothing_follows(watched: Watched) -> None:
    watched.append(*[line("payment ok", ago=30_000)] * 47, *[line("connection refused", ago=28_000)] * 3)
    assert (await watched.look(recent=1800)).state is State.OK
    watched.append(line("payment refused"))
    assert (await watched.look(recent=1800)).reason is Reason.THRESHOLD
    assert (await watched.look(recent=1800, later=1700)).reason is Reason.THRESHOLD
    assert (await watched.look(recent=1800, later=1900)).state is State.OK


async def test_a_clock_that_was_ahead_hides_no_silence_for_longer_than_the_limit(watched: Watched) -> None:
    watched.append(line("sync", ago=-7200))
    os.utime(watched.path, (time.time() + 7200,) * 2)
    await watched.look(later=7200, max_age=1800)
    assert (await watched.look(max_age=1800)).state is State.OK
    assert (await watched.look(later=1900, max_age=1800)).reason is Reason.STALE


async def test_a_time_to_come_without_a_zone_is_no_later_than_its_file(watched: Watched) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)
    watched.append(f"{ahead:%Y-%m-%d %H:%M:%S} payment ok\n")
    result = await watched.look()
    assert result.measurements["last_timestamp_seconds"] <= time.time() + 1


async def test_a_success_that_waits_to_be_read_is_not_called_missing(watched: Watched) -> None:
    watched.append(line("sync", ago=4000))
    assert (await watched.look(max_age=1800)).reason is Reason.STALE
    watched.append(line("sync")[:-1])
    assert (await watched.look(max_age=1800)).state is State.OK
    assert (await watched.look(max_age=1800)).measurements["age_seconds"] < 60


async def test_a_log_away_for_a_moment_is_not_that_of_the_kind(watched: Watched) -> None:
    kind = watched.path.with_name("ota.log")
    kind.write_text(line("payment ok"))
    paths = (watched.path, kind)
    assert (await watched.look(paths=paths)).measurements["lines"] == 1
    watched.append(*[line("payment ok")] * 50)
    assert (await watched.look(paths=paths)).measurements["lines"] == 50
    watched.append(*[line("payment failed")] * 40)
    watched.path.rename(watched.path.with_name("payment.log.1"))
    away = await watched.look(paths=paths)
    assert away.message == f"{watched.path} does not exist"
    watched.append(line("payment ok"))
    assert (await watched.look(paths=paths)).reason is Reason.THRESHOLD


async def test_a_quoted_failure_names_no_guest(watched: Watched) -> None:
    watched.append(*[line("mail to john@example.org failed", level="ERROR")] * 30)
    assert "mail to j***@… failed" in (await watched.look()).message


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("webhook signature verification failed", {Sign.LOG_FAILURES, Sign.SIGNATURE_FAILURES}),
        ("webhook handler failed: no such table", {Sign.LOG_FAILURES}),
    ],
)
async def test_failures_are_a_sign_of_what_the_newest_says_also_when_it_was_read_before(
    watched: Watched, text: str, signs: set[Sign]
) -> None:
    telling: dict[str, Any] = {"sign": Sign.SIGNATURE_FAILURES, "telling": ("signature",)}
    watched.append(*[line(text, level="ERROR")] * 30)
    assert [(await watched.look(**telling)).signs for _ in range(2)] == [signs] * 2
