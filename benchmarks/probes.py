"""CPU seconds per 1,000 probes: the porter's full path against its peers', on the same targets, alternating.

The porter's figure holds everything it does for a probe: schedule, run, judge, board, history, and a scrape
of its metrics every 5 s. blackbox_exporter's holds the probe and the answer to the scrape that asks for it,
at the same rate, or hurried: as fast as it answers. check_http's is that of a process for each probe.
"""

import argparse
import statistics
import time
from functools import partial
from typing import Any

from benchmarks.peers import BLACKBOX, CHECK_HTTP, MONIT, blackbox_cost, check_http_cost, monit_cost
from benchmarks.porter import checks_of, porter
from benchmarks.process import cpu, fetch
from benchmarks.setting import Setting, alternated, missing, setting

__all__ = ("area", "cpu", "fetch")

CHECKS, SCRAPES = 200, 5.0
"""Checks, each of which runs once a second; seconds between two scrapes."""


def ours(one: Setting, url: str, seconds: float) -> float:
    """Return our CPU seconds per 1,000 probes of a URL."""
    with one.room() as directory, porter(directory, checks_of(url, one.at, CHECKS, "1s")) as mine:
        time.sleep(3)
        before, runs = mine.cpu(), mine.runs()
        mine.scraped(seconds, SCRAPES)
        return (mine.cpu() - before) / (mine.runs() - runs) * 1000


def area(one: Setting) -> dict[str, Any]:
    """Return the CPU seconds per 1,000 probes of each side and protocol, all runs."""
    seconds, few = (2.0, 40) if one.quick else (10.0, 400)
    found = {}
    for protocol, url in (("http", one.at.plain), ("https", one.at.tls)):
        sides = {
            "porter": (None, partial(ours, one, url, seconds)),
            "blackbox_exporter": (BLACKBOX, partial(blackbox_cost, one, url, CHECKS, seconds)),
            "blackbox_hurried": (BLACKBOX, partial(blackbox_cost, one, url, CHECKS, seconds, hurried=True)),
            "check_http": (CHECK_HTTP, partial(check_http_cost, url, few)),
            "monit": (MONIT, partial(monit_cost, one, url, CHECKS, seconds)),
        }
        if one.quick and protocol == "https":
            del sides["monit"]  # which reads all authorities anew for each look, and is slow at it
        there = {name: run for name, (program, run) in sides.items() if not (program and missing(program))}
        found[protocol] = alternated(one, protocol, there, "s of CPU per 1,000 probes")
    return found


def main() -> None:
    """Measure, and print a table of medians and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-n", type=int, default=3, help="runs of each side (default 3)")
    arguments.add_argument("--quick", action="store_true")
    given = arguments.parse_args()
    with setting(quick=given.quick, runs=given.n) as one:
        found = area(one)
    for protocol, sides in found.items():
        for name, runs in sides.items():
            ratio = statistics.median(mine / its for mine, its in zip(sides["porter"], runs, strict=True))
            middle = statistics.median(runs)
            print(f"{protocol:6} {name:18} {middle:7.3f} s per 1,000 probes, ratio {ratio:5.2f}")


if __name__ == "__main__":
    main()
