"""What an area is given to measure with: how often, how thoroughly, where, and how to say that it goes on."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.targets import Targets, targets


@dataclass(frozen=True, slots=True)
class Setting:
    """`runs` of each side, alternating; `quick` asks for the least that shows that everything works."""

    runs: int
    quick: bool
    directory: Path
    at: Targets
    began: float = field(default_factory=time.monotonic)

    def say(self, text: str) -> None:
        """Tell whoever waits what is done now."""
        print(f"{time.monotonic() - self.began:5.0f} s  {text}", file=sys.stderr, flush=True)

    @contextmanager
    def room(self) -> Iterator[Path]:
        """Have an empty directory while the context lasts."""
        with TemporaryDirectory(dir=self.directory) as name:
            yield Path(name)


@contextmanager
def setting(*, quick: bool, runs: int) -> Iterator[Setting]:
    """Serve the targets while the context lasts."""
    with TemporaryDirectory(prefix="np-bench-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with targets(directory) as at:
            yield Setting(runs, quick, directory, at)


def alternated(
    one: Setting, what: str, sides: Mapping[str, Callable[[], float]], scale: str
) -> dict[str, list[float]]:
    """Measure all sides in turn, as often as the setting wants; return all runs of each side."""
    found: dict[str, list[float]] = {name: [] for name in sides}
    for number in range(one.runs):
        for name, side in sides.items():
            found[name].append(side())
            one.say(f"{what}, run {number + 1} of {one.runs}: {name} {found[name][-1]:.3g} {scale}")
    return found


def missing(*programs: str) -> list[str]:
    """Return those programs that are not installed."""
    return [one for one in programs if shutil.which(one) is None and not Path(one).exists()]
