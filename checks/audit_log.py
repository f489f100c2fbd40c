"""Probe of the PMS's audit trail: bursts of failed logins, and whether anything was taken out of it."""

import os
import re
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from checks import log_cards, off_loop, values
from checks.check import CheckType
from checks.context import Context
from checks.log import card_found
from checks.log_dirs import NEWEST_WRITE, newest_logs
from checks.log_follow import SIBLINGS, Block, How, Position, follow, has_moved, refusal
from checks.log_lines import cut, newest_first, without_denials
from checks.log_window import Clock
from checks.result import Reason, Result, failed, ok

FILES = 16
REACH = 1024 * 1024
BURST = 20
WITHIN = 300.0
"""So many failed logins within so many seconds are an attack."""
RECENT = 3600.0
"""Seconds: failed logins older than this at the first look are history; a gap is shown for as long."""
KEPT = 7 * 86_400.0
"""Seconds without a write after which a log may be cleared away."""
COUNTED = 5000

_WORDS = (b"login", b"logon", b"log in", b"log-in", b"log on", b"sign", b"auth", b"passw", b"credential")
_WHAT = r"(?:log[-_ ]?[io]n|sign[-_ ]?[io]n|auth|passw|credential)"
_HOW = r"(?:fail|invalid|denied|reject|refus|incorrect|wrong|unsuccessful|unauthori[sz]ed|\bbad\b)"
_FAILED = re.compile(f"{_WHAT}.{{0,80}}?{_HOW}|{_HOW}.{{0,80}}?{_WHAT}", re.IGNORECASE)


class Options(values.Options):
    """Where the audit logs are, and the hotel's zone, which their times may be in."""

    path: Path
    timezone: ZoneInfo


@dataclass(slots=True)
class Trail:
    """What the lines tell: Unix times of failed logins, as many as are new, and where card numbers stand.

    Lines without a time count only if `timeless`: then the moment of reading is near enough.
    """

    logins: deque[float]
    oldest: float
    timeless: bool
    fresh: int = 0
    cards: int = 0
    first_card: tuple[Path, int] | None = None

    def take(self, path: Path, clock: Clock, block: Block) -> None:
        """Note the failed logins and the card numbers in a block."""
        cards = log_cards.find(block.data)
        self.cards += len(cards)
        if cards and self.first_card is None:
            self.first_card = path, block.offset + block.data.rfind(b"\n", 0, cards[0][0]) + 1
        times = []
        for _at, raw in newest_first(block.data[block.skip :], _WORDS):
            text = cut(raw)
            if _FAILED.search(text) and _FAILED.search(without_denials(text)):
                at = (clock.when if self.timeless else clock.stated)(text, block.written)
                if at is not None and at >= self.oldest:
                    times.append(at)
        self.fresh += len(times)
        self.logins.extend(reversed(times))

    def peak(self, now: float) -> int:
        """Return the most failed logins within five minutes, new ones among them or not over for longer."""
        times = sorted(self.logins)
        since = now - WITHIN if not self.fresh else min(now - WITHIN, *list(self.logins)[-self.fresh :])
        most = begin = 0
        for end, at in enumerate(times):
            while at - times[begin] > WITHIN:
                begin += 1
            if at >= since:
                most = max(most, end - begin + 1)
        return most


@dataclass(slots=True)
class Files:
    """How far each file was read (`after`, with the time of its last write), and what is amiss with them."""

    stored: Mapping[str, Any]
    archived: bool
    after: dict[str, list[Any]] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)
    unreadable: Result | None = None

    def read(self, path: Path, trail: Trail, context: Context, options: Options) -> None:
        """Read what is new in one file."""
        *at, written = self.stored.get(path.name, [None])
        position = Position.restored(at)
        clock = Clock(path, context.tools.now(), (options.timezone,))
        seconds = context.timeout / 2 / FILES
        if position is None and self.stored:
            position = Position(0, 0, inside=False, size=0, known=0, beginning="")
        try:
            found = follow(path, position, partial(trail.take, path, clock), reach=REACH, seconds=seconds)
        except FileNotFoundError:
            if position is not None:
                self._miss(path, position, written, context.tools.now().timestamp())
            return
        except OSError as error:
            self.unreadable = refusal(path, error)
            if path.name in self.stored:
                self.after[path.name] = self.stored[path.name]
            return
        self.after[path.name] = [*found.position, found.written]
        if written is None or self.archived:
            return
        if found.how is How.TRUNCATED:
            self.gaps.append(f"{path.name} has become shorter, and not by rotation")
        elif found.how is How.REPLACED:
            self.gaps.append(f"{path.name} was replaced, and not by rotation")

    def _miss(self, path: Path, position: Position, written: float, now: float) -> None:
        if has_moved(path, position):
            self.after[path.name] = [*position, written]
        elif not self.archived and now - written < KEPT:
            self.after[path.name] = [*position, written]
            self.gaps.append(f"{path.name} is gone")


async def probe(options: Options, context: Context) -> Result:
    """Read what is new in the audit logs, and judge."""
    return await off_loop.look(lambda: _look(options, context), context)


def _look(options: Options, context: Context) -> off_loop.Seen:
    stored, now = context.memory.value, context.tools.now().timestamp()
    known: Mapping[str, Any] = stored.get("files", {})
    try:
        newest_archive = _newest_archive(options.path)
    except OSError as error:
        if known and isinstance(error, FileNotFoundError | NotADirectoryError):
            return _gap(f"{options.path} is gone", {"gaps": 1.0}), None
        return refusal(options.path, error), None
    elapsed = now - stored["looked"] if "looked" in stored else None
    files = Files(known, newest_archive > stored.get("archive", newest_archive))
    trail = Trail(
        deque(stored.get("failed", ()), COUNTED),
        oldest=now - RECENT if elapsed is None else 0.0,
        timeless=elapsed is not None and elapsed <= WITHIN,
    )
    for name in dict.fromkeys([*known, *(path.name for path in newest_logs(options.path, FILES))]):
        files.read(options.path / name, trail, context, options)
    found: list[Any] = [now, "; ".join(files.gaps)] if files.gaps else stored.get("gap") or [0.0, ""]
    gap: list[Any] = found if now - found[0] < RECENT else [0.0, ""]
    remembered = {
        "files": dict(sorted(files.after.items(), key=lambda one: one[1][-1])[-FILES:]),
        "failed": sorted(trail.logins)[-BURST:],
        "archive": newest_archive,
        "gap": gap,
        "looked": now,
    }
    return _judge(files, trail, gap[1], now), remembered


def _newest_archive(path: Path) -> int:
    """Return when (ns) a rotated log last came into the folder, or into a folder in it. Raises OSError."""
    newest = 0
    with os.scandir(path) as entries:
        for entry in islice(entries, SIBLINGS):
            if not entry.name.endswith(".log"):
                with suppress(OSError):
                    newest = max(newest, entry.stat(follow_symlinks=False).st_ctime_ns)
    return newest


def _judge(files: Files, trail: Trail, gap: str, now: float) -> Result:
    peak = trail.peak(now)
    numbers = {"failed_logins": float(trail.fresh), "failed_logins_5m": float(peak), "gaps": float(bool(gap))}
    if files.after:
        numbers[NEWEST_WRITE] = round(max(0.0, now - max(one[-1] for one in files.after.values())), 1)
    if gap:
        return _gap(gap, numbers)
    if peak >= BURST:
        message = f"{peak} failed logins within {WITHIN / 60:.0f} minutes: somebody may be trying passwords"
        attack = failed(Reason.SECURITY, message, numbers)
        return replace(attack, decisive=True, observed=float(peak), limit=float(BURST))
    if trail.first_card is not None:
        return card_found(trail.first_card[0], trail.cards, trail.first_card[1], numbers)
    if files.unreadable is not None:
        return replace(files.unreadable, measurements=numbers)
    if not files.after:
        return ok("no audit log has been written yet", numbers)
    return ok(f"{trail.fresh} failed logins since the last look, the audit trail has no gap", numbers)


def _gap(what: str, numbers: Mapping[str, float]) -> Result:
    message = f"the audit trail has a gap: {what}"
    return replace(failed(Reason.SECURITY, message, numbers), decisive=True)


CHECK = CheckType("audit_log", Options, NEWEST_WRITE, probe)
