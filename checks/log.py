"""Probe of a log file: the newest success, and how many of the last lines are failures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from hashlib import blake2b
from pathlib import Path
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import Field

from checks import off_loop, values
from checks.check import CheckType
from checks.context import Context
from checks.log_file import Position
from checks.log_follow import Followed, How, follow, refusal
from checks.log_lines import says_failure
from checks.log_window import Choice, Clock, Verdict, Window
from checks.result import ERRORS, EVENTS, LAST, REFUSED, SYNC_DELAY, Reason, Result, Sign, failed, ok
from checks.values import Count, Duration, FilePath, Number, Regex

AGE = "age_seconds"
LITTLE, MUCH = 64 * 1024, 4 * 1024 * 1024
"""Bytes from the end that the first look reads: as much as needed of these two."""
LEAST = 5


class Options(values.Options):
    """Which file to follow, and which of its lines are successes and failures.

    Without `success`, every line that is no failure is one. Without `failure`, a line is one at level ERROR
    or worse, or when it says error, fail, exception, refused or rejected, and `success` does not match it.
    """

    path: FilePath = Field(description="the file to follow; rotation is followed, too")
    success: Regex | None = Field(
        None, description="which lines are successes; without it all that are no failures"
    )
    failure: Regex | None = Field(
        None,
        description="which lines are failures; without it those that say so, or are at level ERROR",
    )
    last: Annotated[Count, Field(le=10_000)] = Field(
        50, description="how many of the newest successes and failures are judged"
    )
    max_failures_percent: Annotated[Number, Field(ge=0, le=100)] | None = Field(
        None, description="more failures of them than this are critical"
    )
    max_age: Duration | None = Field(
        None, description="how old the newest success may be; without it silence is no fault"
    )

    def judge(self, text: str) -> Verdict:
        """Say whether a line is a success or a failure, or neither."""
        if self.failure is not None and self.failure.search(text):
            return False
        if self.success is not None and self.success.search(text):
            return True
        if self.failure is None and says_failure(text):
            return False
        return True if self.success is None else None


class Words(values.Options):
    """What a built-in looks for: lines with one of the words, in the first of the files that exists.

    `limit` is in percent, `max_age` in seconds; failures are judged while the newest line is not older than
    `recent` seconds; `sync` says that the age is how far a sync is behind. `sign` is what too many failures
    are one of, where the newest has one of the words in `telling`, if there are any. `events` says that its
    lines are events that came to a webhook.
    """

    paths: tuple[Path, ...]
    what: str
    words: tuple[str, ...] = ()
    last: int = 50
    limit: float = 5.0
    least: int = 20
    max_age: float | None = None
    recent: float | None = None
    sync: bool = False
    sign: Sign | None = None
    telling: tuple[str, ...] = ()
    events: bool = False
    timezone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Rules:
    """What is held against what was read. `least` lines are needed to judge `limit`, a percentage."""

    path: Path
    what: str
    choice: Choice
    limit: float | None
    least: int
    max_age: float | None
    recent: float | None = None
    zones: Sequence[tzinfo] = ()
    sign: Sign | None = None
    events: bool = False


async def probe(options: Options, context: Context) -> Result:
    """Read what is new in the file, and judge."""
    choice = Choice(options.judge, (), options.last)
    least = min(options.last, LEAST)
    rules = Rules(options.path, "success", choice, options.max_failures_percent, least, options.max_age)
    of = options.model_dump_json(include={"path", "success", "failure", "last"})
    return await off_loop.look(lambda: _look(rules, of, context), context)


async def probe_words(options: Words, context: Context) -> Result:
    """Read what is new in the first file there is, and judge the lines with the words."""
    return await off_loop.look(lambda: _look_for_words(options, context), context)


def _look_for_words(options: Words, context: Context) -> off_loop.Seen:
    own = options.paths[0]
    # A log that was there, and is away for a moment while it is rotated, is not that of the kind.
    known = context.memory.value.get("file") == str(own)
    path = own if known else next(filter(_exists, options.paths), options.paths[-1])
    words = tuple(word.lower().encode() for word in options.words)
    choice = Choice(lambda text: not says_failure(text), words, options.last, options.telling)
    least = min(options.last, options.least)
    rules = Rules(
        path,
        options.what,
        choice,
        options.limit,
        least,
        options.max_age,
        options.recent,
        (options.timezone,),
        options.sign,
        options.events,
    )
    result, remembered = _look(rules, f"{path} {options.words} {options.last}", context)
    if options.sync and AGE in result.measurements:
        measurements = {**result.measurements, SYNC_DELAY: result.measurements[AGE]}
        result = replace(result, measurements=measurements)
    return result, remembered


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # it cannot be told: opening it will say why
        return True


def _look(rules: Rules, of: str, context: Context) -> off_loop.Seen:
    now = context.tools.now()
    key = blake2b(of.encode(), digest_size=8).hexdigest()
    stored = context.memory.value if context.memory.value.get("of") == key else {}
    try:
        window, followed = _read(rules, stored, now, context.timeout / 2)
    except OSError as error:
        return refusal(rules.path, error), None
    remembered = {"of": key, "file": str(rules.path), "at": list(followed.position), **window.stored()}
    return _verdict(rules, Seen(window, followed, now, rules.events)), remembered


def _read(rules: Rules, stored: Mapping[str, Any], now: datetime, seconds: float) -> tuple[Window, Followed]:
    position = Position.restored(stored.get("at"))
    clock = Clock(rules.path, now, rules.zones)

    def read(reach: int) -> tuple[Window, Followed]:
        window = Window(rules.choice, clock, stored if position else None)
        followed = follow(rules.path, position, window.take, reach=reach, seconds=seconds)
        if window.since is None:
            window.since = min(now.timestamp(), followed.written)
        return window, followed

    window, followed = read(LITTLE)
    enough = len(window.outcomes) == rules.choice.last and window.success is not None
    if position is None and not enough and followed.position.size > LITTLE:
        return read(MUCH)
    return window, followed


class Seen(NamedTuple):
    """What a look saw; with `events`, every line is one that came to a webhook."""

    window: Window
    followed: Followed
    now: datetime
    events: bool = False

    @property
    def age(self) -> float:
        """Seconds since the newest success, or since nothing was missed that might have been one."""
        newest = self.window.success if self.window.success is not None else self.window.since
        return max(0.0, self.now.timestamp() - (newest or 0.0))

    def is_recent(self, seconds: float | None) -> bool:
        """Say whether the newest line is no older: or else its failures are history."""
        latest = self.window.latest
        return seconds is None or latest is None or self.now.timestamp() - latest <= seconds

    @property
    def share(self) -> float:
        """The percentage of failures."""
        lines = len(self.window.outcomes)
        return 100 * self.window.failures / lines if lines else 0.0

    def counted(self) -> dict[str, float]:
        """Return how many lines have come since the look before."""
        came, failed = float(self.window.judged), float(self.window.failed)
        return {EVENTS: came, REFUSED: failed} if self.events else {ERRORS: failed}

    def measurements(self) -> dict[str, float]:
        """Return the numbers."""
        numbers = {"lines": float(len(self.window.outcomes)), "failures_percent": round(self.share, 2)}
        if self.window.success is not None:
            numbers |= {AGE: round(self.age, 1), LAST: self.window.success}
        if self.followed.how is not How.FIRST:
            numbers |= self.counted()
        if self.followed.waiting > 0:
            numbers["unread_bytes"] = float(self.followed.waiting)
        if self.followed.skipped > 0:
            numbers["skipped_bytes"] = float(self.followed.skipped)
        return numbers


def _verdict(rules: Rules, seen: Seen) -> Result:
    window, numbers = seen.window, seen.measurements()
    lines = len(window.outcomes)
    if window.cards:
        return card_found(rules.path, window.cards, window.first_card or 0, numbers)
    judged = rules.limit is not None and lines >= rules.least and seen.is_recent(rules.recent)
    if judged and rules.limit is not None and seen.share > rules.limit:
        quoted = window.quoted_failure(rules.path)
        message = (
            f"{window.failures} of the last {lines} lines are failures: {seen.share:.3g} %, "
            f"at most {rules.limit:g} % expected" + (f"; the newest: {quoted}" if quoted else "")
        )
        signs = {Sign.LOG_FAILURES} | ({rules.sign} if rules.sign and window.tells else set())
        return _past(failed(Reason.THRESHOLD, message, numbers, signs=signs), seen.share, rules.limit, "%")
    # While something waits to be read, a success may be in it.
    if rules.max_age is not None and seen.age > rules.max_age and not seen.followed.waiting:
        no = f"no {rules.what} for {span(seen.age)}, one expected every {span(rules.max_age)}"
        return _past(failed(Reason.STALE, no, numbers), seen.age, rules.max_age, "s")
    newest = f"the newest {rules.what} is {span(seen.age)} old"
    newest = newest if window.success is not None else f"no {rules.what} yet"
    return ok(f"{window.failures} of the last {lines} lines are failures; {newest}", numbers)


def _past(result: Result, observed: float, limit: float, unit: str) -> Result:
    return replace(result, decisive=True, observed=round(observed, 2), limit=limit, unit=unit)


def card_found(path: Path, count: int, offset: int, numbers: Mapping[str, float]) -> Result:
    """Return the finding that card numbers stand in a log: how many and where, never which."""
    words = "a card number stands" if count == 1 else f"{count} card numbers stand"
    message = f"{words} in {path}, the first in the line at byte {offset}: logs must not hold card data"
    found = failed(Reason.SECURITY, message, {**numbers, "cards": float(count)}, signs=(Sign.CARD_NUMBER,))
    return replace(found, decisive=True)


def span(seconds: float) -> str:
    """Return a time span in plain words."""
    for unit, length in (("days", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.0f} s"


CHECK = CheckType("log", Options, AGE, probe)
WORDS = CheckType("log", Words, AGE, probe_words)
