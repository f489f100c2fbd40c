"""What a log check makes of the lines it reads: the outcomes of the last few, and the newest success."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

from checks import log_cards, log_times
from checks.log_file import Block, line_at, tail
from checks.log_lines import cut, goes_on, is_ours, newest_first, quote

COUNTED = 10_000
"""New lines of one look that are counted at the least, though only the last few decide."""
SAMPLE = 4096
"""Bytes of lines by which is told whether they have times."""

Verdict = bool | None
"""Success, failure, or (None) a line that is none of the check's business."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which lines count: those with one of the `words` (lower-case; none means all), as `judge` says.

    `telling` are words (lower-case; none means any) by which a failure is known for one of a kind.
    """

    judge: Callable[[str], Verdict]
    words: Sequence[bytes] = ()
    last: int = 50
    telling: Sequence[str] = ()

    def tells(self, text: str) -> bool:
        """Say whether a failure is one of the kind."""
        return not self.telling or any(word in text.lower() for word in self.telling)


class Clock:
    """Tells when lines were written. `zones` are those a time without one may be in."""

    def __init__(self, path: Path, now: datetime, zones: Sequence[tzinfo]) -> None:
        self._path = path
        self._now = now
        self._zones = (None, *zones, UTC)
        self._zone: list[tzinfo | None] = []
        self._tail: list[str] = []

    @property
    def now(self) -> float:
        """The Unix time at which is looked."""
        return self._now.timestamp()

    def are_dated(self, data: bytes) -> bool:
        """Say whether the lines of a file usually begin with a time, by some of them."""
        self._tail = self._tail or [cut(line) for line in tail(self._path) if not goes_on(line)]
        some = [cut(line) for line in data[-SAMPLE:].splitlines() if not goes_on(line)]
        times = [log_times.time_of(text, self._now) for text in (*some, *self._tail) if text]
        return 4 * sum(time is not None for time in times) >= len(times) > 0

    def when(self, text: str, written: float) -> float:
        """Return a line's Unix time; without one, that of reading, or the file's if that is older."""
        stated = self.stated(text, written)
        return min(self._now.timestamp(), written) if stated is None else stated

    def stated(self, text: str, written: float) -> float | None:
        """Return the Unix time that a line gives itself, never later than its file was written."""
        latest = min(self._now.timestamp(), written)
        time = log_times.time_of(text, datetime.fromtimestamp(latest, UTC))
        if time is None:
            return None
        if time.tzinfo is not None:
            return min(time.timestamp(), latest)
        if not self._zone:
            self._zone.append(self._find_zone(time, latest))
        return min(log_times.in_zone(time, self._zone[0], latest), latest)

    def _find_zone(self, time: datetime, latest: float) -> tzinfo | None:
        for line in tail(self._path):
            newest = log_times.time_of(cut(line), self._now)
            if newest is not None and newest.tzinfo is None:
                time = newest
                break
        return log_times.zone_of(time, latest, self._zones)


class Window:
    """The outcomes of the last lines that count, the newest success, and where the newest failure stands.

    `latest` is the time of the newest line, `since` that from which on nothing was missed; `tells` says that
    the newest failure is one of the kind that is looked for. `judged` are the lines that have come since the
    look before, `failed` those of them that tell of a failure; at the first look there are none. Texts are
    not remembered.
    """

    def __init__(self, choice: Choice, clock: Clock, stored: Mapping[str, Any] | None = None) -> None:
        stored = stored or {}
        self._choice = choice
        self._clock = clock
        self.outcomes = deque(_unpacked(stored.get("outcomes")), choice.last)
        # A clock that was ahead must not hide for hours that nothing happens any more.
        self.success, self.since, self.latest = (
            None if stored.get(name) is None else min(stored[name], clock.now)
            for name in ("success", "since", "latest")
        )
        self.failing: tuple[int, int] | None = tuple(stored["failing"]) if stored.get("failing") else None
        self.tells = stored.get("tells") is True
        self._new = bool(stored)
        self.judged = self.failed = 0
        self.cards = 0
        self.first_card: int | None = None
        self._dated: bool | None = None

    def take(self, block: Block) -> None:
        """Judge the lines of a block, as far as they still matter behind it."""
        data = self._begin(block)
        found: list[bool] = []
        succeeded = failed = False
        for at, raw in newest_first(data, self._choice.words):
            full = len(found) >= self._choice.last
            if full and succeeded and not self._counts:
                break
            text = cut(raw)
            verdict = self._choice.judge(text)
            if verdict is None or (failed and full and not verdict and not self._counts):
                continue
            if self._is_another(raw, text, data):
                continue
            self._count(verdict)
            if full and succeeded:
                continue
            if not found:
                self.latest = self._clock.when(text, block.written)
            if not full:
                found.append(verdict)
            if verdict and not succeeded:
                succeeded, self.success = True, self._clock.when(text, block.written)
            elif not verdict and not failed:
                failed, self.failing = True, (block.inode, block.offset + block.skip + at)
                self.tells = self._choice.tells(text)
        self.outcomes.extend(reversed(found))

    def _begin(self, block: Block) -> bytes:
        """Return the whole lines of a block."""
        self._look_for_cards(block)
        data = block.data[block.skip :] if block.skip else block.data
        if self.since is None and data:
            self.since = self._clock.when(cut(data[:4096].partition(b"\n")[0]), block.written)
        return data

    @property
    def _counts(self) -> bool:
        """Whether lines are still counted."""
        return self._new and self.judged < COUNTED

    def _count(self, verdict: bool) -> None:
        self.judged += self._new
        self.failed += self._new and not verdict

    def _is_another(self, raw: bytes, text: str, data: bytes) -> bool:
        """Say whether a line is one of our own probes, or goes on with the one before."""
        if is_ours(text):
            return True
        if not goes_on(raw) or self._clock.stated(text, self._clock.now) is not None:
            return False
        if self._dated is None:
            self._dated = self._clock.are_dated(data)
        return self._dated

    def _look_for_cards(self, block: Block) -> None:
        found = log_cards.find(block.data)
        if found and self.first_card is None:
            self.first_card = block.offset + block.data.rfind(b"\n", 0, found[0][0]) + 1
        self.cards += len(found)

    @property
    def failures(self) -> int:
        """How many of the last lines tell of a failure."""
        return self.outcomes.count(False)

    def quoted_failure(self, path: Path) -> str:
        """Return the newest failing line as a message may show it, if it can still be found."""
        if self.failing is None:
            return ""
        text = cut(line_at(path, *self.failing))
        return quote(text) if text and self._choice.judge(text) is False else ""

    def stored(self) -> dict[str, Any]:
        """Return what to remember, as JSON."""
        return {
            "outcomes": _packed(self.outcomes),
            "success": self.success,
            "since": self.since,
            "latest": self.latest,
            "failing": list(self.failing) if self.failing else None,
            "tells": self.tells,
        }


def _packed(outcomes: Sequence[bool]) -> str:
    return f"{int('1' + ''.join(map(str, map(int, outcomes))), 2):x}"


def _unpacked(text: object) -> list[bool]:
    bits = f"{int(text, 16):b}"[1:] if isinstance(text, str) and text else ""
    return [bit == "1" for bit in bits]
