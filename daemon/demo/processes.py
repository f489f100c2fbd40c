"""The hotel's processes under pm2, as the stand-in tells of them."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daemon.clock import SystemClock

BOOKING, CHANNELS = "booking-engine-sync", "channel-manager-sync"
WORKERS = {BOOKING: 1, CHANNELS: 2}


@dataclass(slots=True)
class Worker:
    """One process."""

    name: str
    status: str = "online"
    restarts: int = 0
    started: float = 0.0


class Processes:
    """All processes; whatever changes is told by the stand-in at once."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "pm2.json"
        self._opened = started = SystemClock().now().timestamp() - 86_400
        self.workers = [
            Worker(name, started=started) for name, count in WORKERS.items() for _ in range(count)
        ]
        self._tell()

    @property
    def command(self) -> str:
        """What to call instead of `pm2`."""
        # -P: a directory named `daemon` where the porter is started must not be taken for ours.
        words = (sys.executable, "-P", "-m", "daemon.demo.pm2_stand_in", str(self._file))
        return shlex.join(words)

    def become(self, name: str, status: str) -> None:
        """Let the workers of a process have a status."""
        for worker in self._of(name):
            worker.status = status
        self._tell()

    def restart(self, name: str, times: int) -> None:
        """Let the workers of a process have been restarted so often more."""
        for worker in self._of(name):
            worker.restarts += times
            worker.started = SystemClock().now().timestamp()
        self._tell()

    def settle(self, name: str) -> None:
        """Let the last restart of a process lie as far back as the hotel's opening."""
        for worker in self._of(name):
            worker.started = self._opened
        self._tell()

    def _of(self, name: str) -> list[Worker]:
        return [worker for worker in self.workers if worker.name == name]

    def _tell(self) -> None:
        listed = [self._entry(number, worker) for number, worker in enumerate(self.workers)]
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(listed))
        beside.rename(self._file)

    def _entry(self, number: int, worker: Worker) -> dict[str, Any]:
        online = worker.status == "online"
        return {
            "pid": 4000 + number if online else 0,
            "name": worker.name,
            "pm_id": number,
            "monit": {"memory": 64_000_000 if online else 0, "cpu": 2 if online else 0},
            "pm2_env": {
                "status": worker.status,
                "restart_time": worker.restarts,
                "pm_uptime": int(worker.started * 1000),
                "exec_mode": "cluster_mode",
                "env": {"CM_API_KEY": "never-to-be-shown"},
            },
        }
