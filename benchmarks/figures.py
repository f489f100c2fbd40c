"""What the results say: medians and spreads, ratios of the runs that alternated, and the aims."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.chart import plain

TOLERATED = 0.01
"""The share of looks that may be left out, or fail: such ones cost less than what is measured."""

Results = Mapping[str, Any]
PEERS = {
    "blackbox_exporter": "blackbox_exporter, at the same rate",
    "blackbox_hurried": "blackbox_exporter, as fast as it can",
    "check_http": "check_http, a process each",
    "monit": "monit",
}
"""The peers of a probe, and how a reader knows them."""


def middle(runs: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(runs)


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return how many times the peer's figure ours is, run by run."""
    return [mine / its for mine, its in zip(ours, theirs, strict=True)]


def spread(runs: Sequence[float], factor: float = 1.0, unit: str = "") -> str:
    """Return a median with the lowest and the highest run, such as `0.24 s (0.23..0.27)`."""
    said = f"{plain(factor * middle(runs))}{unit}"
    if len(runs) == 1 or min(runs) == max(runs):
        return said
    return f"{said} ({plain(factor * min(runs))}..{plain(factor * max(runs))})"


def found(results: Results, *path: str) -> Any:
    """Return a part of the results, None where it was not measured."""
    part: Any = results
    for name in path:
        if not isinstance(part, Mapping) or name not in part:
            return None
        part = part[name]
    return part


@dataclass(frozen=True, slots=True)
class Aim:
    """What was aimed at, and what came of it; `value` and `limit` are of one unit."""

    what: str
    limit: float
    value: float | None
    unit: str
    whole: bool = True

    @property
    def verdict(self) -> str:
        """Return the word of the table; work that was not all done reaches nothing."""
        if self.value is None:
            return "not measured"
        return "reached" if self.whole and self.value <= self.limit else "**not reached**"


def aims(results: Results) -> list[Aim]:
    """Return the aims of the project, in the order of its plan."""
    whole = found(results, "sizes", "10000") or {}
    return [
        Aim("CPU of a plain HTTP check, all of the porter's work in it, against blackbox_exporter alone",
            0.3, _ratio(results, "http", "blackbox_exporter"), " times"),
        Aim("the same against blackbox_exporter asked as fast as it can answer",
            0.3, _ratio(results, "http", "blackbox_hurried"), " times"),
        Aim("CPU of an HTTPS check with a new handshake, against blackbox_exporter alone",
            0.85, _ratio(results, "https", "blackbox_exporter"), " times"),
        Aim("the same against blackbox_exporter asked as fast as it can answer",
            0.85, _ratio(results, "https", "blackbox_hurried"), " times"),
        Aim("10,000 HTTPS checks, each once a minute: share of one core",
            30.0, _of(whole, "share", 100), " %", _all_done(whole)),
        Aim("how late their runs start, 99th percentile",
            100.0, _of(whole, "late_p99", 1000), " ms", _all_done(whole)),
        Aim("how long a scrape of 10,000 checks holds the event loop at the most",
            10.0, _most(whole, "scrape_stall", 1000), " ms"),
        Aim("memory of a check", 8.0, per_check(results), " KiB"),
        Aim("from start to the first probe, 100 checks",
            2.0, _of(found(results, "startup", "100") or {}, "first_probe", 1), " s"),
    ]  # fmt: skip


def _ratio(results: Results, protocol: str, peer: str) -> float | None:
    sides = found(results, "probes", protocol) or {}
    if "porter" not in sides or peer not in sides:
        return None
    return middle(ratios(sides["porter"], sides[peer]))


def _of(part: Mapping[str, Any], name: str, factor: float) -> float | None:
    return factor * middle(part[name]) if name in part else None


def _all_done(part: Mapping[str, Any]) -> bool:
    """Say whether nearly all looks were made, and were what was to be measured."""
    return all(max(part.get(name, (0.0,))) <= TOLERATED for name in ("left_out", "failed"))


def _most(part: Mapping[str, Any], name: str, factor: float) -> float | None:
    return factor * max(part[name]) if name in part else None


def per_check(results: Results) -> float | None:
    """Return the KiB that a check takes: what the most checks take more than the fewest."""
    sizes = found(results, "sizes") or {}
    if len(sizes) < 2:
        return None
    few, many = min(sizes, key=int), max(sizes, key=int)
    more = middle(sizes[many]["private_bytes"]) - middle(sizes[few]["private_bytes"])
    return more / (int(many) - int(few)) / 1024
