"""Probe of the PMS's audit trail: bursts of failed logins, and whether anything was taken out of it."""

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from checks import log_cards, off_loop, values
from checks.check import CheckType
from checks.context import Context
from checks.log import card_found
from checks.log_archive import DATED, Archive
from checks.log_dirs import NEWEST_WRITE
from checks.log_file import Block, Position
from checks.log_folder import Logs
from checks.log_follow import How, refusal
from checks.log_lines import cut, denies, is_ours, newest_first
from checks.log_rotation import family, lies_elsewhere
from checks.log_window import Clock
from checks.result import Reason, Result, Sign, failed, ok

BURST = 20
WITHIN = 300.0
"""So many failed logins within so many seconds are an attack."""
RECENT = 3600.0
"""Seconds: failed logins older than this at the first look are history; a gap is shown for as long."""
KEPT, KEPT_DATED = 7 * 86_400.0, 2 * 86_400.0
"""Seconds without a write after which a log may be cleared away: the second for the oldest of several with
dates in their names, which programs clear away by themselves."""
COUNTED = 5000

_WORDS = (
    b"login",
    b"logon",
    b"log in",
    b"log-in",
    b"log on",
    b"log_",
    b"sign",
    b"auth",
    b"passw",
    b"credential",
)
_BEGIN = r"(?:(?<![a-zA-Z])|(?<=[a-z])(?=(?-i:[A-Z])))"
_WHAT = (
    rf"{_BEGIN}(?:log[-_ ]?[io]ns?|sign[-_ ]?[io]ns?|auth|authenticat\w+?|passwords?|credentials?)"
    r"(?-i:(?![a-z])(?!(?<=[A-Z])[A-Z]))"
)
_HOW = r"(?:fail|invalid|denied|reject|refus|incorrect|wrong|unsuccessful|unauthori[sz]ed|\bbad\b)"
_OTHER = re.compile(
    r"(?<!un)authori[sz]|payment|charge|issuer|webhook|\b(?:pre-?auth|card|3-?ds)\b", re.IGNORECASE
)
"""What is said to fail of other things than people who log in: cards and their issuers, mostly."""
READ = 1024
"""Characters of a line that are searched."""
_FAILED = re.compile(f"{_WHAT}.{{0,80}}?{_HOW}|{_HOW}.{{0,80}}?{_WHAT}", re.IGNORECASE)


class Options(values.Options):
    """Where the audit logs are, and the hotel's zone, which their times may be in."""

    path: Path
    timezone: ZoneInfo


def is_failed_login(text: str) -> bool:
    """Say whether a line tells of somebody who could not log in, and who is none of ours."""
    text = text[:READ]
    if all(denies(text, *found.span()) for found in _FAILED.finditer(text)):
        return False
    return not is_ours(text) and not _OTHER.search(text)


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
            if is_failed_login(text):
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
class Gaps:
    """What is amiss with the logs of the trail."""

    logs: Logs
    archive: Archive
    found: list[str] = field(default_factory=list)
    unreadable: Result | None = None

    def read(self, name: str, trail: Trail, context: Context, options: Options) -> None:
        """Read what is new in one log, and note what is missing from it."""
        path, now = options.path / name, context.tools.now()
        clock, position = Clock(path, now, (options.timezone,)), self.logs.known(name)
        try:
            found = self.logs.read(name, partial(trail.take, path, clock))
        except FileNotFoundError:
            if position is not None:
                self._miss(path, position, now.timestamp())
            return
        except OSError as error:
            self.unreadable = refusal(path, error)
            self.logs.keep(name)
            return
        if position is None or self.archive.holds(name, position):
            return
        if found.how is How.TRUNCATED:
            self.found.append(f"{name} has become shorter or was written anew, and not by rotation")
        elif found.how is How.REPLACED:
            self.found.append(f"{name} was replaced, and not by rotation")

    def _miss(self, path: Path, position: Position, now: float) -> None:
        if lies_elsewhere(path, position):
            self.logs.moved.append(position)
            self.logs.keep(path.name)
        elif not self.archive.holds(path.name, position) and not self._is_cleared(path.name, now):
            self.logs.keep(path.name)
            self.found.append(f"{path.name} is gone")

    def _is_cleared(self, name: str, now: float) -> bool:
        """Say whether a log was so old that it may go: with a date in its name, the oldest may go sooner."""
        written = {other: float(one[-1]) for other, one in self.logs.before.items()}
        alike = [at for other, at in written.items() if family(other) == family(name)]
        is_oldest = len(alike) > 1 and written[name] <= min(alike)
        kept = KEPT_DATED if DATED.search(name) and is_oldest else KEPT
        return now - written[name] >= kept


async def probe(options: Options, context: Context) -> Result:
    """Read what is new in the audit logs, and judge."""
    return await off_loop.look(lambda: _look(options, context), context)


def _look(options: Options, context: Context) -> off_loop.Seen:
    stored, now = context.memory.value, context.tools.now().timestamp()
    known: Mapping[str, Any] = stored.get("files", {})
    try:
        archive = Archive(options.path, stored.get("archive"))
    except OSError as error:
        if known and isinstance(error, FileNotFoundError | NotADirectoryError):
            return _gap(f"{options.path} is gone", {"gaps": 1.0}), None
        return refusal(options.path, error), None
    elapsed = now - stored["looked"] if "looked" in stored else None
    gaps = Gaps(Logs(options.path, known, not known, context.timeout / 2), archive)
    trail = Trail(
        deque(stored.get("failed", ()), COUNTED),
        oldest=now - RECENT if elapsed is None else 0.0,
        timeless=elapsed is not None and elapsed <= WITHIN,
    )
    for name in gaps.logs.names():
        gaps.read(name, trail, context, options)
    gaps.logs.forget_renamed()
    found: list[Any] = [now, "; ".join(gaps.found)] if gaps.found else stored.get("gap") or [0.0, ""]
    gap: list[Any] = found if now - found[0] < RECENT else [0.0, ""]
    remembered = {
        "files": gaps.logs.remembered(),
        "failed": sorted(trail.logins)[-BURST:],
        "archive": archive.newest,
        "gap": gap,
        "looked": now,
    }
    return _judge(gaps, trail, gap[1], now), remembered


def _judge(gaps: Gaps, trail: Trail, gap: str, now: float) -> Result:
    peak = trail.peak(now)
    numbers = {"failed_logins": float(trail.fresh), "failed_logins_5m": float(peak), "gaps": float(bool(gap))}
    if gaps.logs.after:
        numbers[NEWEST_WRITE] = round(max(0.0, now - max(one[-1] for one in gaps.logs.after.values())), 1)
    attacked = peak >= BURST
    if gap:
        found = _gap(gap, numbers)
        return replace(found, signs=found.signs | {Sign.FAILED_LOGINS}) if attacked else found
    if attacked:
        message = f"{peak} failed logins within {WITHIN / 60:.0f} minutes: somebody may be trying passwords"
        attack = failed(Reason.SECURITY, message, numbers, signs=(Sign.FAILED_LOGINS,))
        return replace(attack, decisive=True, observed=float(peak), limit=float(BURST))
    if trail.first_card is not None:
        return card_found(trail.first_card[0], trail.cards, trail.first_card[1], numbers)
    if gaps.unreadable is not None:
        return replace(gaps.unreadable, measurements=numbers)
    if not gaps.logs.after:
        return ok("no audit log has been written yet", numbers)
    return ok(f"{trail.fresh} failed logins since the last look, the audit trail has no gap", numbers)


def _gap(what: str, numbers: Mapping[str, float]) -> Result:
    message = f"the audit trail has a gap: {what}"
    return replace(failed(Reason.SECURITY, message, numbers, signs=(Sign.AUDIT_GAP,)), decisive=True)


CHECK = CheckType("audit_log", Options, NEWEST_WRITE, probe)
