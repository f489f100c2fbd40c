"""The hotel's log files: what has been going on, and lines that come every second."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

from daemon.clock import SystemClock

FOLDERS = ("integrations", "api", "webhooks", "errors", "audit")
HISTORY = 60
"""Lines of each kind that are there from the beginning, one a minute."""

BOOKING, OTA, PAYMENT = "integrations/booking-engine", "integrations/ota", "integrations/payment"
EMAIL, CHANNELS = "integrations/email", "integrations/channel-manager"
API, ERRORS, AUDIT = "api/api", "errors/errors", "audit/audit"
BOOKING_EVENTS, PAYMENT_EVENTS = "webhooks/booking-engine", "webhooks/payment"

USUAL: Mapping[str, tuple[str, ...]] = {
    BOOKING: ("availability sync completed, {n} dates sent",),
    OTA: ("rate update accepted for BAR, {n} dates", "modification OTA-RES-{n} processed"),
    PAYMENT: ("payment pay_{n} captured",),
    EMAIL: ("confirmation email sent via smtp, message {n}",),
    CHANNELS: ("sync batch {n} completed",),
    API: ("GET /api/availability 200 {n} ms",),
    AUDIT: ("user=desk action=reservation.view id={n}",),
    BOOKING_EVENTS: ("webhook availability.requested accepted, delivery {n}",),
    PAYMENT_EVENTS: ("webhook payment.updated accepted, delivery {n}",),
}
"""What the files tell while all is well; errors/ has next to nothing to tell."""


class LogWriter:
    """Writes the logs under `directory`. Kinds of lines in `quiet` are not written any more."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.quiet: set[str] = set()
        self._numbers = count(1000)

    def write(self, name: str, level: str, text: str, at: datetime | None = None) -> None:
        """Write a line, if it can be written."""
        moment = (at or SystemClock().now()).strftime("%Y-%m-%dT%H:%M:%SZ")
        with suppress(OSError), self.path(name).open("a") as file:
            file.write(f"{moment} {level} {text}\n")

    def path(self, name: str) -> Path:
        """Return a log's file."""
        return self.directory / f"{name}.log"

    def begin(self) -> None:
        """Make the folders, and write what has been going on."""
        for folder in FOLDERS:
            (self.directory / folder).mkdir(parents=True)
        now = SystemClock().now()
        for minutes in range(HISTORY, 0, -1):
            self.tick(now - timedelta(minutes=minutes))
        self.write(ERRORS, "ERROR", "TemplateError: no Portuguese text for 'late checkout'", now)

    def tick(self, at: datetime | None = None) -> None:
        """Write one line of each kind."""
        number = next(self._numbers)
        for name, texts in USUAL.items():
            for text in texts:
                if text not in self.quiet and name not in self.quiet:
                    self.write(name, "INFO", text.format(n=number), at)

    def cut(self, name: str, marker: str) -> None:
        """Take the lines that hold a text out of a file."""
        path = self.path(name)
        kept = [line for line in path.read_text().splitlines(keepends=True) if marker not in line]
        path.write_text("".join(kept))

    def rotate(self, name: str) -> None:
        """Put a file aside as logrotate does, and begin a new one."""
        path = self.path(name)
        number = next(number for number in count(1) if not path.with_suffix(f".log.{number}").exists())
        path.rename(path.with_suffix(f".log.{number}"))
        self.write(name, "INFO", "log rotated")

    def lose(self, folder: str) -> None:
        """Move a folder away."""
        (self.directory / folder).rename(self.directory / f".{folder}-lost")

    def find(self, folder: str) -> None:
        """Bring a folder back."""
        lost = self.directory / f".{folder}-lost"
        if lost.exists():
            shutil.rmtree(self.directory / folder, ignore_errors=True)
            lost.rename(self.directory / folder)

    async def live(self, pause: float) -> None:
        """Write on for ever, every so many seconds."""
        while True:
            await asyncio.sleep(pause)
            self.tick()


@asynccontextmanager
async def log_writer(directory: Path) -> AsyncIterator[LogWriter]:
    """Have logs while the context lasts."""
    writer = LogWriter(directory)
    await asyncio.to_thread(writer.begin)
    yield writer
