"""Seconds from the start of the porter's process to the first request at a target, by the number of checks.

First looks are spread over 30 s at the most: with few checks, the first of them waits for its turn, too.
"""

import os
import socket
import sys
import threading
import time
from typing import Any

from benchmarks.houses import http, many_hotels, write
from benchmarks.process import cpu, running
from benchmarks.setting import Setting
from benchmarks.targets import free_port

COUNTS = (100, 1_000, 10_000)
PATIENCE = 60.0


def _until_asked(one: Setting, count: int) -> tuple[float, float]:
    """Start a porter with so many checks; return the seconds until one asks, and those of CPU."""
    with one.room() as directory, socket.create_server(("127.0.0.1", 0)) as target:
        target.settimeout(PATIENCE)
        url = f"http://127.0.0.1:{target.getsockname()[1]}/"
        config = write(directory, many_hotels(count, http(url, None, "60s")), free_port())
        asked: list[float] = []

        def wait() -> None:
            connection, _ = target.accept()
            asked.append(time.monotonic())
            connection.close()

        waiting = threading.Thread(target=wait)
        waiting.start()
        began = time.monotonic()
        with running([sys.executable, "-m", "daemon", "--config", config, "run"]) as pid:
            waiting.join()
            used = cpu(pid)
    return asked[0] - began, used


def area(one: Setting) -> dict[str, Any]:
    """Return the seconds until the first look, by the number of checks."""
    # Compiled once, as an installation is; the first start does it, and does not count.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    counts = COUNTS[:1] if one.quick else COUNTS
    _until_asked(one, counts[0])
    found: dict[str, Any] = {str(count): {"first_probe": [], "cpu": []} for count in counts}
    for number in range(one.runs):
        for count in counts:
            seconds, used = _until_asked(one, count)
            found[str(count)]["first_probe"].append(seconds)
            found[str(count)]["cpu"].append(used)
            one.say(f"start with {count:,} checks, run {number + 1} of {one.runs}: {seconds:.2f} s")
    return found
