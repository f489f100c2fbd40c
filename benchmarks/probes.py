"""CPU seconds per 1,000 probes: the porter's full path against blackbox_exporter, on the same targets.

The porter's figure holds everything it does for a probe: schedule, run, judge, board, and a scrape of its
metrics every 5 s. The peer's holds the probe and the answer to its scrape. Runs alternate; medians count.
"""

import argparse
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote

from benchmarks.targets import Targets, free_port, targets, wait_for

CHECKS = 200
SECONDS = 12.0
PEER_PROBES = 2000
TICKS = os.sysconf("SC_CLK_TCK")

CONFIGURATION = """\
hotel: {{id: bench, name: Bench, timezone: UTC}}
state: sqlite:///{directory}/state.db
listen: 127.0.0.1:{port}
log: {{level: warning}}
integrations:
  target:
    kind: generic
    checks:
{checks}
"""
PEER = """\
modules:
  probe:
    prober: http
    timeout: 10s
    http:
      preferred_ip_protocol: ip4
      tls_config: {{ca_file: {ca_file}}}
"""


def cpu(pid: int) -> float:
    """Return the CPU seconds a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def fetch(port: int, path: str) -> str:
    """Return the body of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def ours(url: str, at: Targets, directory: Path) -> float:
    """Return our CPU seconds per 1,000 probes of a URL."""
    port = free_port()
    extra = f", ca_file: {at.ca_file}" if url.startswith("https") else ""
    checks = "\n".join(
        f'      c{n}: {{type: http, url: "{url}", interval: 1s{extra}}}' for n in range(CHECKS)
    )
    config = directory / "nightporter.yml"
    config.write_text(CONFIGURATION.format(directory=directory, port=port, checks=checks))
    process = subprocess.Popen([sys.executable, "-m", "daemon", "--config", str(config), "run"])
    try:
        wait_for(port, 20)
        time.sleep(3)
        before, runs = cpu(process.pid), _runs(port)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            time.sleep(5)
            fetch(port, "/metrics")
        return (cpu(process.pid) - before) / (_runs(port) - runs) * 1000
    finally:
        process.terminate()
        process.wait()
        for left in directory.glob("state.db*"):
            left.unlink()


def _runs(port: int) -> float:
    found = re.findall(r"^nightporter_check_runs_total\{.*\} (\S+)$", fetch(port, "/metrics"), re.MULTILINE)
    return sum(map(float, found))


def theirs(url: str, at: Targets, directory: Path) -> float:
    """Return the peer's CPU seconds per 1,000 probes of a URL."""
    port = free_port()
    config = directory / "blackbox.yml"
    config.write_text(PEER.format(ca_file=at.ca_file))
    command = [
        "prometheus-blackbox-exporter",
        f"--config.file={config}",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        path = f"/probe?module=probe&target={quote(url, safe='')}"
        if "probe_success 1" not in fetch(port, path):
            raise SystemExit("the peer cannot probe the target")
        before = cpu(process.pid)
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: fetch(port, path), range(PEER_PROBES)))
        return (cpu(process.pid) - before) / PEER_PROBES * 1000
    finally:
        process.terminate()
        process.wait()


def main() -> int:
    """Measure, and print a table of medians and ratios."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("-n", type=int, default=3, help="runs of each side (default 3)")
    runs: int = arguments.parse_args().n
    for program in ("nginx", "prometheus-blackbox-exporter"):
        if shutil.which(program) is None:
            print(f"{program} is needed (Debian: nginx-light, prometheus-blackbox-exporter)", file=sys.stderr)
            return 1
    with tempfile.TemporaryDirectory() as name, targets(Path(name)) as at:
        print("CPU seconds per 1,000 probes      porter   blackbox_exporter   ratio")
        for label, url in (("HTTP, new connection", at.plain), ("HTTPS, new handshake", at.tls)):
            mine, peers = [], []
            for _ in range(runs):
                mine.append(ours(url, at, Path(name)))
                peers.append(theirs(url, at, Path(name)))
            ratio = statistics.median(one / other for one, other in zip(mine, peers, strict=True))
            middle = statistics.median(mine), statistics.median(peers)
            print(f"{label:<32} {middle[0]:>7.3f} {middle[1]:>19.3f} {ratio:>7.2f}", flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
