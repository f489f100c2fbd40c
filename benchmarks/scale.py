"""What many checks cost one porter: CPU, lateness, memory, scrapes, pages, and how long others wait.

For each number of checks a porter of its own watches the local nginx over HTTPS, each check once a minute.
After a while to warm up it is measured: what it takes of a core, scraped every 15 s; how late runs start,
from its own histogram; what a check takes of memory, against the smallest number; what answers take, and how
long a request for `/-/healthy` waits beside them, against how long it waits anyway. Only the CPU can be
compared on a machine on which others work.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from threading import Event, Thread

from benchmarks.houses import SHAPES, spread, write
from benchmarks.process import counted, cpu, fetch, private
from benchmarks.targets import NGINX, Targets, free_port, targets, wait_for

SCRAPED_EVERY = 15.0
TIMES = 5
"""Answers of each kind that are timed."""

BUCKET = re.compile(r'^(nightporter_\w+)_bucket\{le="([^"]+)"\} (\S+)$', re.MULTILINE)
COUNTED = (
    "nightporter_check_runs_total",
    "nightporter_runs_skipped_total",
    "nightporter_check_failures_total",
)
LATE, LAG = "nightporter_scheduler_lateness_seconds", "nightporter_event_loop_lag_seconds"

Histogram = Mapping[float, float]
"""Counts by their upper bounds, each holding those below it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What an answer takes: seconds in the median, bytes, and how long others waited at the most."""

    seconds: float
    size: int
    others: float


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured with so many checks; memory is in bytes, shares are of one core."""

    checks: int
    started: float
    share: float
    a_run: float
    late: Histogram
    lag: Histogram
    private: int
    idle: float
    answers: Mapping[str, Answer]
    skipped: float = 0.0
    """The share of due runs for which there was no room: where it is not 0, the rest says little."""
    failed: float = 0.0
    """The share of runs that were not ok: they cost another amount, so the same is true of them."""


@contextmanager
def porter(config: Path, port: int, within: float = 120.0) -> Iterator[subprocess.Popen[bytes]]:
    """Run the porter while the context lasts."""
    command = [sys.executable, "-m", "daemon", "--config", str(config), "run"]
    with (config.parent / "porter.log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log, stdout=log)
    try:
        wait_for(port, within)
        yield process
    finally:
        process.terminate()
        process.wait()


def histogram(text: str, name: str) -> Histogram:
    """Return a histogram from an exposition."""
    return {float(bound): float(count) for found, bound, count in BUCKET.findall(text) if found == name}


def since(after: Histogram, before: Histogram) -> Histogram:
    """Return what was counted between two looks at a histogram."""
    return {bound: count - before.get(bound, 0.0) for bound, count in after.items()}


def quantile(counts: Histogram, share: float) -> float:
    """Return the bound below which a share of what was counted lies, interpolated within its bucket."""
    wanted, below, start = share * max(counts.values(), default=0.0), 0.0, 0.0
    for bound, count in sorted(counts.items()):
        if count >= wanted and count > below:
            return (
                start
                if bound == float("inf")
                else start + (bound - start) * (wanted - below) / (count - below)
            )
        below, start = count, bound
    return start


class Waiting:
    """A thread that asks for `/-/healthy` again and again, and notes how long the slowest answer took."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)
        self._over = Event()
        self._thread = Thread(target=self._ask)
        self.longest = 0.0

    def _ask(self) -> None:
        while not self._over.is_set():
            began = time.perf_counter()
            self._connection.request("GET", "/-/healthy")
            self._connection.getresponse().read()
            self.longest = max(self.longest, time.perf_counter() - began)
            self._over.wait(0.001)

    def __enter__(self) -> "Waiting":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._connection.close()


def answer(port: int, path: str, headers: Mapping[str, str]) -> Answer:
    """Ask for something some times over."""
    took, size = [], 0
    with Waiting(port) as others:
        for _ in range(TIMES):
            connection = HTTPConnection("127.0.0.1", port, timeout=60)
            began = time.perf_counter()
            connection.request("GET", path, headers=dict(headers))
            size = len(connection.getresponse().read())
            took.append(time.perf_counter() - began)
            connection.close()
    return Answer(sorted(took)[TIMES // 2], size, others.longest)


ASKED = {
    "/metrics": ("/metrics", {}),
    "/metrics, gzip": ("/metrics", {"Accept-Encoding": "gzip"}),
    "/": ("/", {"Accept": "text/html"}),
    "/api/v1/status": ("/api/v1/status", {}),
}


def measure(checks: int, at: Targets, options: argparse.Namespace, directory: Path) -> Measured:
    """Return what a porter with so many checks takes."""
    port = free_port()
    url, ca_file = (at.plain, None) if options.plain else (at.tls, at.ca_file)
    line = spread(url, ca_file, options.interval)
    config = write(directory, SHAPES[options.shape](checks, line), port)
    began = time.monotonic()
    with porter(config, port) as process:
        started = time.monotonic() - began
        time.sleep(options.warm)
        before, text, since_when = cpu(process.pid), fetch(port, "/metrics"), time.monotonic()
        while (left := since_when + options.seconds - time.monotonic()) > 0:
            time.sleep(min(SCRAPED_EVERY, left))
            fetch(port, "/metrics")
        used, wall, after = cpu(process.pid) - before, time.monotonic() - since_when, fetch(port, "/metrics")
        runs, skipped, failed = (counted(after, one) - counted(text, one) for one in COUNTED)
        late, lag = (since(histogram(after, name), histogram(text, name)) for name in (LATE, LAG))
        size = private(process.pid)
        with Waiting(port) as idle:
            time.sleep(3)
        answers = {name: answer(port, *asked) for name, asked in ASKED.items()}
    left_out, broken = skipped / (runs + skipped), failed / runs
    return Measured(
        checks,
        started,
        used / wall,
        used / runs,
        late,
        lag,
        size,
        idle.longest,
        answers,
        left_out,
        broken,
    )


def show(found: Measured, least: Measured) -> None:
    """Print what was measured."""
    print(f"\n{found.checks:,} checks; answers {found.started:.1f} s after the start")
    if found.skipped:
        print(f"  {100 * found.skipped:.1f} % of the runs were left out for want of room")
    if found.failed:
        print(f"  {100 * found.failed:.1f} % of the runs were not ok")
    share, a_run = 100 * found.share, 1e6 * found.a_run
    print(f"  CPU             {share:6.1f} % of a core, {a_run:5.0f} us a run, scrapes and all")
    for name, counts in (("late", found.late), ("loop lag", found.lag)):
        p50, p99 = (1000 * quantile(counts, share) for share in (0.5, 0.99))
        print(f"  {name:15} {p50:6.1f} ms p50, {p99:6.1f} ms p99")
    more = found.checks - least.checks
    each = f", {(found.private - least.private) / more:,.0f} B a check" if more else ""
    print(f"  memory          {found.private / 2**20:6.1f} MiB{each}")
    print(f"  others wait     {1000 * found.idle:6.1f} ms at the most beside nothing")
    for name, one in found.answers.items():
        print(
            f"  {name:15} {1000 * one.seconds:6.1f} ms, {one.size / 1000:8,.1f} kB,"
            f" others wait {1000 * one.others:6.1f} ms at the most"
        )
    sys.stdout.flush()


def main() -> int:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checks", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--shape", choices=SHAPES, default="hotels")
    parser.add_argument("--interval", default="60s")
    parser.add_argument("--plain", action="store_true", help="HTTP instead of HTTPS")
    parser.add_argument("--warm", type=float, default=75.0, help="seconds before it is measured (default 75)")
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="seconds that are measured (default 120)"
    )
    options = parser.parse_args()
    if NGINX is None:
        print("nginx is needed (Debian: nginx-light)", file=sys.stderr)
        return 1
    least: Measured | None = None
    for checks in options.checks:
        with tempfile.TemporaryDirectory() as name, targets(Path(name)) as at:
            found = measure(checks, at, options, Path(name))
            least = least or found
            show(found, least)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
