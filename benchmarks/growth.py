"""What a peer takes as its targets become more: CPU and memory at N targets, each looked at once a minute."""

from typing import Any

from benchmarks.peers import BLACKBOX, blackbox
from benchmarks.process import cpu, private
from benchmarks.setting import Setting, missing

COUNTS, INTERVAL = (100, 1_000, 10_000), 60


def area(one: Setting) -> dict[str, Any]:
    """Return the shares of a core and the bytes that blackbox_exporter takes over HTTPS, by targets."""
    if missing(BLACKBOX):
        return {}
    counts, seconds = ((1_000,), 2.0) if one.quick else (COUNTS, 15.0)
    sides: dict[str, dict[str, list[float]]] = {
        str(count): {"share": [], "private_bytes": []} for count in counts
    }
    for number in range(one.runs):
        for count in counts:
            with blackbox(one, one.at.tls) as (pid, probe):
                probe(count / INTERVAL, seconds / 4)
                before = cpu(pid)
                probe(count / INTERVAL, seconds)
                sides[str(count)]["share"].append((cpu(pid) - before) / seconds)
                sides[str(count)]["private_bytes"].append(private(pid))
            one.say(f"blackbox_exporter with {count:,} targets, run {number + 1} of {one.runs}")
    return {"blackbox_exporter": sides}
