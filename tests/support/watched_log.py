"""A log file that a test writes, as the PMS does."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from checks.memory import Memories


def line(text: str, ago: float = 0.0, level: str = "INFO") -> str:
    """Return a line as the PMS writes it, so many seconds old."""
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return f"{at.isoformat(timespec='milliseconds')} {level} [pms] {text}\n"


@dataclass(eq=False)
class WatchedLog:
    """A log file, and what is remembered of it."""

    path: Path
    memories: Memories = field(default_factory=Memories)

    def append(self, *lines: str) -> None:
        """Write more lines."""
        with self.path.open("a") as file:
            file.writelines(lines)
