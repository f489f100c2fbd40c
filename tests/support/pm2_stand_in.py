"""A stand-in for pm2: `python pm2_stand_in.py FILE [--option ...] jlist --silent` prints what FILE holds.

With `--banner` it first says what pm2 says when it wakes its daemon, with `--log FILE` it notes each call,
with `--code N` it ends with that, with `--hang` it never ends and has a child that does not either, with
`--leave` it ends and leaves a child of its own session behind that holds the pipe, with `--flood` it never
stops talking.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

BANNER = """
                        -------------

__/\\\\\\\\\\\\\\\\\\\\\\\\\\____/\\\\\\\\____________/\\\\\\\\____/\\\\\\\\\\\\\\\\\\_____
                          Runtime Edition
        PM2 is a Production Process Manager for Node.js applications
                     with a built-in Load Balancer.
                Start and Daemonize any application:
                $ pm2 start app.js
                        -------------

[PM2] Spawning PM2 daemon with pm2_home=/home/hotel/.pm2
[PM2] PM2 Successfully daemonized
>>>> In-memory PM2 is out-of-date, do:
[1]
"""


def main() -> None:
    """Do as the arguments say."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("file", type=Path)
    arguments.add_argument("--banner", action="store_true")
    arguments.add_argument("--log", type=Path)
    arguments.add_argument("--code", type=int, default=0)
    arguments.add_argument("--hang", action="store_true")
    arguments.add_argument("--leave", action="store_true")
    arguments.add_argument("--flood", action="store_true")
    arguments.add_argument("--wait", type=float, default=0.0)
    arguments.add_argument("command", nargs="*")
    given, rest = arguments.parse_known_args()
    if given.log:
        with given.log.open("a") as log:
            log.write(f"{os.getpid()} {' '.join([*given.command, *rest])}\n")
    if given.hang or given.leave:
        _child(given.log, session=given.leave)
    time.sleep(given.wait)  # it is slow, and that is the point
    while given.flood:
        sys.stdout.write("[{}," * 20_000)
    sys.stdout.write((BANNER if given.banner else "") + given.file.read_text())
    sys.stdout.flush()
    if given.hang:
        time.sleep(60)  # far longer than any test waits for it
    raise SystemExit(given.code)


def _child(log: Path | None, *, session: bool) -> None:
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    child = subprocess.Popen(words, start_new_session=session)  # noqa: S603 - our own interpreter
    child.returncode = 0  # it is nobody's business how it ends
    if log:
        with log.open("a") as lines:
            lines.write(f"{child.pid} child\n")


if __name__ == "__main__":
    main()
