"""Probe of the PMS's log folders: that they are there, that logs are written, and which errors are new."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

from checks import log_cards, off_loop, values
from checks.check import CheckType
from checks.context import Context
from checks.findings import MOST_NEWS, Findings
from checks.log import card_found
from checks.log_file import Block
from checks.log_folder import Logs, written
from checks.log_follow import refusal
from checks.log_lines import cut, is_ours, masked, newest_first, quote, says_failure
from checks.log_rotation import SIBLINGS
from checks.result import ERRORS, Reason, Result, Sign, State, failed, ok

FOLDERS = ("integrations", "api", "webhooks", "errors", "audit")
NEWEST_WRITE = "newest_write_age_seconds"
KNOWN = 256
"""How many kinds of error are remembered."""
CRITICAL_SHARE, WARNING_SHARE, CRITICAL_BYTES = 2.0, 5.0, 50_000_000
PLENTY = 20_000_000_000
"""Bytes that are room enough, however small a share of the disk they are."""

_VARIABLE = re.compile(r"\b0x[0-9a-f]+\b|\b[0-9a-f]{8,}(?:-[0-9a-f]{4,})*\b|\d+", re.IGNORECASE)


class Options(values.Options):
    """Where the five folders are."""

    path: Path


@dataclass(frozen=True, slots=True)
class Room:
    """How much room a file system has, in bytes and in files (0 of 0 where it does not count them)."""

    free: int
    size: int
    files_free: int = 0
    files: int = 0

    @classmethod
    def at(cls, path: Path) -> "Room":
        """Return the room there is for everybody, the superuser's reserve not counted."""
        found = os.statvfs(path)
        block = found.f_frsize
        return cls(found.f_bavail * block, found.f_blocks * block, found.f_favail, found.f_files)

    @property
    def percent(self) -> float:
        """What is free, in percent: of bytes or of files, whichever is less."""
        pairs = ((self.free, self.size), (self.files_free, self.files))
        return min((100 * free / whole for free, whole in pairs if whole), default=100.0)

    def judge(self) -> Result | None:
        """Return what is wrong with so little room, if it is little."""
        share = self.percent
        if self.free >= PLENTY:
            share = 100 * self.files_free / self.files if self.files else 100.0
        full = share < CRITICAL_SHARE or self.free < CRITICAL_BYTES
        if not full and share >= WARNING_SHARE:
            return None
        limit = CRITICAL_SHARE if full else WARNING_SHARE
        message = (
            f"the disk of the logs has {self.percent:.1f} % free ({self.free // 1_000_000} MB), at least "
        )
        message += f"{limit:g} % and {CRITICAL_BYTES // 1_000_000} MB expected"
        return Result(
            State.CRITICAL if full else State.WARNING,
            Reason.THRESHOLD,
            message,
            decisive=True,
            observed=round(self.percent, 2),
            limit=limit,
            unit="%",
        )


@dataclass(slots=True)
class Errors:
    """What the files of errors/ have told: `kinds` are short hashes of what errors look like."""

    kinds: dict[str, None]
    learning: bool
    lines: int = 0
    fresh: dict[str, str] = field(default_factory=dict)
    cards: int = 0
    first_card: tuple[Path, int] | None = None
    unreadable: Result | None = None

    def take(self, path: Path, block: Block) -> None:
        """Count the lines that tell of an error, and learn its kind."""
        cards = log_cards.find(block.data)
        self.cards += len(cards)
        if cards and self.first_card is None:
            self.first_card = path, block.offset + block.data.rfind(b"\n", 0, cards[0][0]) + 1
        for _at, raw in newest_first(block.data[block.skip :], ()):
            text = cut(raw)
            if says_failure(text) and not is_ours(text):
                self.lines += 1
                self._learn(text)

    def _learn(self, text: str) -> None:
        kind = signature(text)
        key = blake2b(kind.encode("utf-8", "replace"), digest_size=4).hexdigest()
        if key not in self.kinds and not self.learning:
            self.fresh[key] = quote(kind)
        self.kinds.pop(key, None)
        self.kinds[key] = None
        if len(self.kinds) > KNOWN:
            del self.kinds[next(iter(self.kinds))]


def signature(text: str) -> str:
    """Return what errors of a kind have in common: the text without numbers and ids."""
    return " ".join(_VARIABLE.sub("#", masked(text)).split())[:120]


async def probe(options: Options, context: Context) -> Result:
    """Look at the folders, at the room on their disk, and at what is new in errors/."""
    return await off_loop.look(lambda: _look(options.path, context), context)


def _look(path: Path, context: Context) -> off_loop.Seen:
    now = context.tools.now()
    numbers: dict[str, float] = {}
    found = [_folder(path / name, now, numbers) for name in FOLDERS]
    ages = list(numbers.values())
    if ages:
        numbers[NEWEST_WRITE] = min(ages)
    if wrong := [one for one in found if one is not None]:
        worst = min(wrong, key=lambda one: one.state is not State.CRITICAL)
        return replace(worst, message="; ".join(one.message for one in wrong), measurements=numbers), None
    try:
        room = min((Room.at(path / name) for name in FOLDERS), key=lambda one: (one.percent, one.free))
    except OSError as error:
        said = f"the disk of {path} cannot be looked at: {error.strerror}"
        return failed(Reason.PERMISSION, said, numbers), None
    numbers["disk_free_percent"] = round(room.percent, 2)
    errors, remembered = _errors(path / "errors", now, context, numbers)
    news = dict(islice(errors.fresh.items(), MOST_NEWS))
    return replace(_judge(errors, room, numbers), findings=Findings(news=news)), remembered


def _judge(errors: Errors, room: Room, numbers: Mapping[str, float]) -> Result:
    if errors.first_card is not None:
        return card_found(errors.first_card[0], errors.cards, errors.first_card[1], numbers)
    little = room.judge()
    if errors.unreadable is not None and (little is None or little.state is not State.CRITICAL):
        little = errors.unreadable
    if little is not None:
        return replace(little, measurements=numbers)
    return ok(_told(errors, numbers), numbers)


def _told(errors: Errors, numbers: Mapping[str, float]) -> str:
    message = f"the five folders can be read, {numbers['disk_free_percent']:.0f} % of the disk is free"
    if not errors.fresh:
        return f"{message}, {errors.lines} new error lines"
    kinds = "; ".join(list(errors.fresh.values())[-2:])
    return f"{len(errors.fresh)} new kinds of error in errors/: {kinds}"


def _folder(path: Path, now: datetime, numbers: dict[str, float]) -> Result | None:
    """Return what is wrong with a folder; else note the seconds since something in it was written."""
    try:
        with os.scandir(path) as entries:
            times = [written(entry) for entry in islice(entries, SIBLINGS)]
    except (FileNotFoundError, NotADirectoryError):
        return failed(Reason.MISSING, f"{path} is not there, or is no folder", signs=(Sign.LOG_GONE,))
    except OSError as error:
        said = f"{path} cannot be read: {error.strerror}"
        return failed(Reason.PERMISSION, said, signs=(Sign.LOG_GONE,))
    if any(times):
        numbers[f"{path.name}_write_age_seconds"] = round(max(0.0, now.timestamp() - max(times)), 1)
    return None


def _errors(
    path: Path, now: datetime, context: Context, numbers: dict[str, float]
) -> tuple[Errors, dict[str, Any]]:
    """Read what is new in the files of errors/; also return what to remember."""
    stored: Mapping[str, Any] = context.memory.value
    first = "looked" not in stored
    errors = Errors(dict.fromkeys(stored.get("kinds", ())), learning=first)
    logs = Logs(path, stored.get("files", {}), first, context.timeout / 2)
    for name in logs.names():
        try:
            logs.read(name, partial(errors.take, path / name))
        except FileNotFoundError:
            logs.moved += filter(None, [logs.known(name)])
        except OSError as error:
            errors.unreadable = refusal(path / name, error)
            logs.keep(name)
    if not first:
        minutes = max(now.timestamp() - stored["looked"], 1.0) / 60
        numbers[ERRORS] = float(errors.lines)
        numbers["error_lines_per_minute"] = round(errors.lines / minutes, 2)
    return errors, {"files": logs.remembered(), "kinds": list(errors.kinds), "looked": now.timestamp()}


CHECK = CheckType("logs", Options, NEWEST_WRITE, probe)
