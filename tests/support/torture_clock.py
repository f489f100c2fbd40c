"""A wall clock that is set while a process runs, by Debian's faketime; the monotonic one is left alone."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

PLACES = ("/usr/lib/*/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1")


def library() -> Path | None:
    """Return the library that stands between a process and its clock, or None where it is not installed."""
    root = Path("/")
    return next((found for place in PLACES for found in sorted(root.glob(place.lstrip("/")))), None)


@dataclass(frozen=True, slots=True)
class Wall:
    """The clock on the wall of the processes that have this environment."""

    file: Path
    library: Path

    @property
    def environment(self) -> Mapping[str, str]:
        """What a process must find in its environment to go by this clock."""
        # With the library's repair for old C libraries every wait for Python's lock ends at once, and spins.
        return {
            "LD_PRELOAD": str(self.library),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_FORCE_MONOTONIC_FIX": "0",
            "NO_FAKE_STAT": "1",
        }

    def set(self, seconds: float, rate: float = 1.0) -> None:
        """Let the clock be wrong by so many seconds, and from now on go so many times as fast."""
        fast = "" if rate == 1 else f" x{rate:g}"
        fresh = self.file.with_suffix(".new")
        # Renamed, for a process may read it at any moment.
        fresh.write_text(f"{seconds:+.0f}{fast}\n")
        fresh.replace(self.file)


def wall(directory: Path) -> Wall:
    """Return a clock that is right; skip the test where there is no faketime, or fail it on CI."""
    found = library()
    if found is None:
        message = "faketime is not installed: .ci/run names the Debian packages that tests need"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    one = Wall(directory / "faketime", found)
    one.set(0)
    return one
