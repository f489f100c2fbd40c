"""The log check reads real files: what it finds, follows, and says."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from checks.memory import Memories
from checks.result import CheckId, Reason, Result, State
from tests.support.probing import look

CHECK = CheckId("h", "i", "c")
CARD = "4111 1111 1111 1111"


def line(text: str, ago: float = 0.0, level: str = "INFO") -> str:
    """Return a line as the PMS writes it, so many seconds old."""
    time = datetime.now(UTC) - timedelta(seconds=ago)
    return f"{time.isoformat(timespec='milliseconds')} {level} [pms] {text}\n"


class Watched:
    """A log file, and a check that remembers what it read of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.memories = Memories()

    def append(self, *lines: str) -> None:
        """Write more lines."""
        with self.path.open("a") as file:
            file.writelines(lines)

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
