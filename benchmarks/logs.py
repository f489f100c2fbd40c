"""How fast log files are followed: against `grep -c` on the same file, in alternating runs; and what a quiet
file costs.

The figure to look at is the ratio: absolute speeds differ from machine to machine.
"""

import argparse
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from checks.log_file import Position
from checks.log_follow import AT_MOST, follow
from checks.log_lines import says_failure
from checks.log_window import Choice, Clock, Window

LINE = "2024-01-15T14:{:02}:{:02}.{:03}Z {} [booking-engine] {} for room {} in {} ms\n"
TEXTS = ("availability sync done", "rate update sent", "reservation imported", "cache refreshed")
QUIET_LOOKS = 2000


def written(path: Path, size: int, milliseconds: bool) -> None:
    """Fill a file with plausible lines; with `milliseconds`, long numbers that are no card stand in each."""
    lines = []
    for number in range(10_000):
        level = "ERROR" if number % 500 == 0 else "INFO"
        line = LINE.format(
            number // 60 % 60, number % 60, number % 1000, level, TEXTS[number % 4], number % 200, number % 90
        )
        lines.append(f"1705329{number:06} {line}" if milliseconds else line)
    block = "".join(lines).encode()
    with path.open("wb") as file:
        for _ in range(size // len(block) + 1):
            file.write(block)


def followed(path: Path, choice: Choice) -> None:
    """Read all of a file, as a porter does that catches up."""
    position: Position | None = Position.start()
    stored: dict[str, Any] = {}
    while True:
        window = Window(choice, Clock(path, datetime.now(UTC), ()), stored)
        found = follow(path, position, window.take, reach=0, seconds=60)
        position, stored = found.position, window.stored()
        if not found.waiting:
            return


def grepped(path: Path, word: str) -> None:
    """Count the lines with a word."""
    # Into a pipe: with its output thrown away, grep stops at the first match.
    subprocess.run(["grep", "-c", word, path], check=False, capture_output=True)


def seconds(run: Callable[[], None]) -> float:
    """Return how long a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def compare(name: str, path: Path, choice: Choice, word: str, runs: int) -> None:
    """Print our speed, the peer's, and the ratio of the two."""
    ours, theirs = [], []
    for _ in range(runs):
        ours.append(seconds(lambda: followed(path, choice)))
        theirs.append(seconds(lambda: grepped(path, word)))
    size = path.stat().st_size / 1e6
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(f"{name:44} {size / mine:6.0f} MB/s  grep {size / other:6.0f} MB/s  ratio {other / mine:5.2f}")


def quiet(path: Path) -> None:
    """Print what a look at a file costs that has not changed."""
    size = path.stat().st_size
    position = follow(path, None, lambda _block: None, reach=1024, seconds=1).position
    spent = time.process_time()
    for _ in range(QUIET_LOOKS):
        position = follow(path, position, lambda _block: None, reach=1024, seconds=1).position
    each = (time.process_time() - spent) / QUIET_LOOKS
    print(f"{'a quiet file of ' + str(size // 1_000_000) + ' MB':44} {each * 1e6:6.0f} us of CPU a look")


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=AT_MOST * 9 // 10_000_000)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()

    def judge(text: str) -> bool:
        return not says_failure(text)

    with tempfile.TemporaryDirectory() as directory:
        path, long_numbers = Path(directory, "app.log"), Path(directory, "long.log")
        written(path, options.megabytes * 1_000_000, milliseconds=False)
        written(long_numbers, options.megabytes * 1_000_000, milliseconds=True)
        words = Choice(judge, (b"availability sync",), 20)
        compare("one line in four counts", path, words, "availability sync", options.runs)
        compare("no line counts", path, Choice(judge, (b"modification",), 20), "modification", options.runs)
        compare("every line counts", path, Choice(judge, (), 50), "room", options.runs)
        failing = Choice(lambda _text: False, (), 50)
        compare("every line counts, and none is a success", path, failing, "room", options.runs)
        compare("times in milliseconds in every line", long_numbers, words, "availability sync", options.runs)
        quiet(path)


if __name__ == "__main__":
    main()
