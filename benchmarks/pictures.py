"""The results -> the pictures of `docs/performance.md`, by their file names."""

from collections.abc import Callable, Mapping, Sequence

from benchmarks.chart import COLOURS, Bar, Curve, Point, bars, curves, plain
from benchmarks.figures import PEERS, Results, found, middle, ratios

PORTER, PEER, FORK, _ = COLOURS
MINUTE = 60.0


def _points(results: Results, key: str, factor: float, *path: str) -> list[Point]:
    """Return the points of a curve, by the number of checks."""
    seen = found(results, *path) or {}
    made = []
    for count in sorted(seen, key=int):
        runs = [factor * value for value in seen[count][key]]
        made.append(Point(float(count), middle(runs), min(runs), max(runs)))
    return made


def _curve(name: str, points: Sequence[Point], colour: str) -> list[Curve]:
    return [Curve(name, points, colour)] if len(points) > 1 else []


def _peer(results: Results, key: str, factor: float) -> list[Curve]:
    return _curve("blackbox_exporter", _points(results, key, factor, "growth", "blackbox_exporter"), PEER)


def cpu(results: Results) -> str | None:
    """Draw the share of a core by the number of checks."""
    lines = _curve("the porter", _points(results, "share", 100, "sizes"), PORTER)
    lines += _peer(results, "share", 100)
    cost = found(results, "probes", "https", "check_http")
    if lines and cost:
        each = [[100 * count / MINUTE * one / 1000 for one in cost] for count in (100, 10_000)]
        points = [
            Point(at, middle(one), min(one), max(one)) for at, one in zip((100, 10_000), each, strict=True)
        ]
        lines.append(Curve("check_http, by its cost", points, FORK, dashed=True))
    under = "Share of one core, HTTPS with a new handshake; the porter's whole work, scraped every 15 s"
    aim = ("aim at 10,000", 30.0)
    return curves("What checks take of a core", under, " %", lines, aim) if lines else None


def memory(results: Results) -> str | None:
    """Draw the memory by the number of checks."""
    lines = _curve("the porter", _points(results, "private_bytes", 2**-20, "sizes"), PORTER)
    lines += _peer(results, "private_bytes", 2**-20)
    under = "Memory that is the process's own; the porter keeps windows and history, the peer keeps nothing"
    return curves("What checks take of memory", under, " MiB", lines, None) if lines else None


def late(results: Results) -> str | None:
    """Draw how late looks begin, by the number of checks."""
    lines = _curve("99 of 100", _points(results, "late_p99", 1000, "sizes"), PORTER)
    lines += _curve("half of them", _points(results, "late_p50", 1000, "sizes"), "third")
    under = "How long after their time looks begin, by the porter's own histogram"
    return curves("How punctual the porter is", under, " ms", lines, ("aim", 100.0)) if lines else None


def scrape(results: Results) -> str | None:
    """Draw what a scrape takes, by the number of checks."""
    lines = _curve("the answer takes", _points(results, "scrape_seconds", 1000, "sizes"), PORTER)
    lines += _curve("holds the loop", _points(results, "scrape_stall", 1000, "sizes"), PEER)
    under = "An answer of /metrics, compressed, and the longest stretch of it that lets in nothing else"
    return curves("What a scrape takes", under, " ms", lines, ("aim of holding", 10.0)) if lines else None


def probes(results: Results) -> str | None:
    """Draw the CPU of a probe, ours and the peers'."""
    made = []
    for protocol, sides in (found(results, "probes") or {}).items():
        mine = sides["porter"]
        group = "plain HTTP" if protocol == "http" else "HTTPS, a new handshake each time"
        for name, title in {"porter": "the porter", **PEERS}.items():
            if name not in sides:
                continue
            ratio = "" if name == "porter" else f"{plain(1 / middle(ratios(mine, sides[name])))} times ours"
            runs = [1000 * one for one in sides[name]]
            colour = PORTER if name == "porter" else PEER
            short = title.partition(",")[0] + (", hurried" if name == "blackbox_hurried" else "")
            made.append(Bar(group, short, middle(runs), min(runs), max(runs), colour, ratio))
    under = (
        "Microseconds of CPU; the porter's with schedule, verdict, history and scrapes, the peers' without"
    )
    return bars("What one look costs", under, " µs", made) if made else None


PICTURES: Mapping[str, Callable[[Results], str | None]] = {
    "performance-probes.svg": probes,
    "performance-cpu.svg": cpu,
    "performance-memory.svg": memory,
    "performance-late.svg": late,
    "performance-scrape.svg": scrape,
}
