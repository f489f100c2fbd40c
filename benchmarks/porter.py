"""A porter in a process of its own, with checks of one target, scraped as Prometheus does it."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import Asker, counted, cpu, fetch, running
from benchmarks.targets import Targets, free_port, wait_for

HEAD = """\
hotel: {{id: bench, name: Bench, timezone: UTC}}
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
integrations:
"""
TOLERATED = 0.01
"""The share of runs that may fail: those cost another amount than what is to be measured."""

A_FEW = 10
"""Checks of an integration."""


@dataclass(frozen=True, slots=True)
class Porter:
    """A porter that is running."""

    pid: int
    port: int

    def cpu(self) -> float:
        """Return the CPU seconds it has used."""
        return cpu(self.pid)

    def runs(self) -> int:
        """Return how many runs of checks it has finished; refuse to count where many of them were not ok."""
        text = fetch(self.port, "/metrics")
        made, failed = (counted(text, f"nightporter_check_{name}_total") for name in ("runs", "failures"))
        if failed > TOLERATED * made:
            raise RuntimeError("the porter cannot probe the target")
        return int(made)

    def scraped(self, seconds: float, every: float) -> None:
        """Let it work for a while, asking for its metrics now and then."""
        asker, end = Asker(self.port), time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                time.sleep(min(every, left))
                asker.ask("/metrics")
        finally:
            asker.close()


def checks_of(url: str, at: Targets, count: int, interval: str) -> str:
    """Return the stanzas of integrations that have so many checks of one address."""
    extra = f", ca_file: {at.ca_file}" if url.startswith("https") else ""
    line = f'{{type: http, url: "{url}", interval: {interval}{extra}}}'
    lines = []
    for number in range(count):
        if number % A_FEW == 0:
            lines.append(f"  target{number // A_FEW}:\n    kind: generic\n    checks:\n")
        lines.append(f"      c{number}: {line}\n")
    return "".join(lines)


@contextmanager
def porter(directory: Path, checks: str) -> Iterator[Porter]:
    """Have a porter on duty while the context lasts."""
    port = free_port()
    config = directory / "nightporter.yml"
    config.write_text(HEAD.format(directory=directory, port=port) + checks)
    with running([sys.executable, "-m", "daemon", "--config", config, "run"]) as pid:
        wait_for(port, 60)
        yield Porter(pid, port)
