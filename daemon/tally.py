"""What the runs of a check came to over some time: counts, durations and extremes, merged without loss."""

import math
import struct
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import NamedTuple

from checks.check import Check
from checks.result import (
    BOUNCED_RATIO,
    DELIVERED_RATIO,
    ERRORS,
    EVENTS,
    ONE_IN,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    REFUSED,
    RESPONSE_TIME,
    SILENT,
    SUCCESS_RATIO,
    SYNC_DELAY,
    Reason,
    Result,
    State,
)
from daemon import sketch
from daemon.sketch import Times

MINUTE, HOUR, DAY = 1, 60, 1440
"""The widths that are kept, in minutes."""

FORMAT = 1
"""What a body begins with; one that begins otherwise is not read."""


class Peak(StrEnum):
    """The measurement whose extreme is kept: its highest value, of `LOWEST` the lowest; of `SUMMED` the sum.

    Bodies hold their numbers in this order, so that new ones belong at the end.
    """

    QUEUE_PENDING = "queue_pending"
    QUEUE_AGE = "queue_oldest_age_seconds"
    SYNC_DELAY = "sync_delay_seconds"
    QUOTA_USED = "quota_used_ratio"
    BOUNCED = "bounced_ratio"
    DELIVERED = "delivered_ratio"
    SUCCESS = "success_ratio"
    VALUE = "value"
    VALUE_LOWEST = "value_lowest"
    EVENTS = "events"
    REFUSED = "refused_events"
    ERRORS = "error_lines"
    SILENT = "silent_seconds"
    ONE_IN = "silence_one_in"


LOWEST = frozenset({Peak.DELIVERED, Peak.SUCCESS, Peak.VALUE_LOWEST})
"""Of which low values are the ones that matter."""

SUMMED = frozenset({Peak.EVENTS, Peak.REFUSED, Peak.ERRORS})
"""Which count up: how many there were in all."""

OF_A_CHECK = frozenset({Peak.VALUE, Peak.VALUE_LOWEST})
"""What says nothing of several checks together: each means another number by it."""

_ORDER = tuple(Peak)
_NUMBERS: Mapping[Peak, int] = {one: number for number, one in enumerate(_ORDER)}
_MEASURED = (
    (Peak.QUEUE_PENDING, QUEUE_PENDING),
    (Peak.SYNC_DELAY, SYNC_DELAY),
    (Peak.BOUNCED, BOUNCED_RATIO),
    (Peak.DELIVERED, DELIVERED_RATIO),
    (Peak.SUCCESS, SUCCESS_RATIO),
    (Peak.EVENTS, EVENTS),
    (Peak.REFUSED, REFUSED),
    (Peak.ERRORS, ERRORS),
    (Peak.SILENT, SILENT),
    (Peak.ONE_IN, ONE_IN),
)
_TOLD = frozenset({RESPONSE_TIME, *(name for _, name in _MEASURED)})
_SINGLE = struct.Struct("<f")
_LARGEST = 3.4e38
_MICRO = 1_000_000

_WARNINGS, _FAILURES, _UNKNOWNS, _TIMED, _PEAKS, _ANSWERS = (1 << bit for bit in range(6))


class Stored(NamedTuple):
    """A row of the history: an integration from minute `start` (since 1970) on, for `width` minutes.

    Rows of one time that differ in `part` count together.
    """

    hotel: str
    width: int
    start: int
    integration: str
    part: int
    body: bytes


class Tally:
    """Counts of runs, their durations in all (microseconds) and as a sketch, and the extremes seen.

    `answers` says that the durations are response times.
    """

    __slots__ = ("answers", "bins", "failures", "peaks", "runs", "total", "unknowns", "warnings")

    def __init__(self) -> None:
        self.runs = self.warnings = self.failures = self.unknowns = self.total = 0
        self.answers = False
        self.bins: dict[int, int] = {}
        self.peaks: dict[Peak, float] = {}

    def add(self, check: Check, result: Result, verdict: Result, unix: float) -> None:
        """Count a run that ended at a Unix time; `verdict` is what it was judged to be.

        A run that is fine by itself, at a time when means or rates are not, counts as a warning.
        """
        self.runs += 1
        if result.state is State.UNKNOWN:
            self.unknowns += 1
        elif result.state is State.CRITICAL:
            self.failures += 1
        elif result.state is State.WARNING or verdict.state is not State.OK:
            self.warnings += 1
        response = result.measurements.get(RESPONSE_TIME)
        if response is not None:
            self.answers = True
            self.time(response / 1000)
        elif check.type.measurement != RESPONSE_TIME and _came_to_an_end(result):
            self.time(result.duration)
        for peak, value in _extremes(check, result, unix):
            self.rise(peak, value)

    def time(self, seconds: float) -> None:
        """Count a duration."""
        if math.isfinite(seconds):
            self.total += max(0, round(min(seconds, sketch.MOST) * _MICRO))
            number = sketch.bin_of(seconds)
            self.bins[number] = self.bins.get(number, 0) + 1

    def rise(self, peak: Peak, value: float) -> None:
        """Keep a value if it is more extreme than what is kept, or add it to what is."""
        if math.isfinite(value):
            value = max(-_LARGEST, min(_LARGEST, value))
            if peak in SUMMED:
                self.peaks[peak] = min(_LARGEST, self.peaks.get(peak, 0.0) + value)
                return
            known = self.peaks.get(peak, value)
            self.peaks[peak] = min(known, value) if peak in LOWEST else max(known, value)

    def merge(self, other: "Tally", *, alike: bool = True) -> None:
        """Count what another has counted.

        Of a check that is not `alike` the main value is left out, and durations that are no response times.
        """
        self.runs += other.runs
        self.warnings += other.warnings
        self.failures += other.failures
        self.unknowns += other.unknowns
        if alike or other.answers:
            self.total += other.total
            self.answers |= other.answers
            bins, known = self.bins, self.bins.get
            for number, count in other.bins.items():
                bins[number] = known(number, 0) + count
        for peak, value in other.peaks.items():
            if alike or peak not in OF_A_CHECK:
                self.rise(peak, value)

    @property
    def timed(self) -> int:
        """How many durations were counted."""
        return sum(self.bins.values())

    @property
    def mean(self) -> float | None:
        """The mean duration in seconds."""
        return self.total / _MICRO / self.timed if self.bins else None

    def percentile(self, share: float) -> float | None:
        """Return the duration in seconds that `share` of the runs do not exceed."""
        return sketch.percentile(self.bins, share)

    def pack(self, out: bytearray) -> None:
        """Append all this as bytes."""
        counts = (self.warnings, self.failures, self.unknowns)
        flags = sum(
            bit for bit, count in zip((_WARNINGS, _FAILURES, _UNKNOWNS), counts, strict=True) if count
        )
        flags |= _TIMED * bool(self.bins) | _PEAKS * bool(self.peaks) | _ANSWERS * self.answers
        out.append(flags)
        sketch.put(out, self.runs)
        for count in counts:
            if count:
                sketch.put(out, count)
        if self.bins:
            sketch.put(out, self.total)
            sketch.put_bins(out, self.bins)
        if self.peaks:
            out.append(len(self.peaks))
            for peak, value in self.peaks.items():
                out.append(_NUMBERS[peak])
                out += _SINGLE.pack(value)

    def absorb(self, body: bytes, at: int, times: Times = Times.ALL) -> None:
        """Merge what was packed to a place, of its durations those that are wanted."""
        get = sketch.get
        flags = body[at]
        count, at = (body[at + 1], at + 2) if body[at + 1] < 0x80 else get(body, at + 1)
        self.runs += count
        if flags & _WARNINGS:
            count, at = get(body, at)
            self.warnings += count
        if flags & _FAILURES:
            count, at = get(body, at)
            self.failures += count
        if flags & _UNKNOWNS:
            count, at = get(body, at)
            self.unknowns += count
        if flags & _TIMED and (flags & _PEAKS or times is not Times.NONE):
            count, at = get(body, at)
            if times is Times.ALL or (times is Times.ANSWERS and flags & _ANSWERS):
                self.answers |= bool(flags & _ANSWERS)
                self.total += count
                at = sketch.add_bins(self.bins, body, at)
            else:
                at = sketch.skip_bins(body, at)
        if flags & _PEAKS:
            self._rise_to(body, at)

    def _rise_to(self, body: bytes, at: int) -> None:
        end = at + 1 + body[at] * (1 + _SINGLE.size)
        if end > len(body):
            raise ValueError("a tally that breaks off")
        for place in range(at + 1, end, 1 + _SINGLE.size):
            if body[place] < len(_ORDER):
                self.rise(_ORDER[body[place]], _SINGLE.unpack_from(body, place + 1)[0])


def body_of(tallies: Mapping[str, Tally]) -> bytes:
    """Return the tallies of an integration, by the names of its checks, as the body of a row."""
    out = bytearray((FORMAT,))
    for name, tally in tallies.items():
        packed = bytearray()
        tally.pack(packed)
        out.append(len(name))
        out += name.encode("ascii")
        sketch.put(out, len(packed))
        out += packed
    return bytes(out)


def places(body: bytes) -> Iterator[tuple[str, int]]:
    """Yield the names of the checks in a body, and the places where their tallies begin.

    Raise ValueError or IndexError for a body that is damaged.
    """
    if body[0] != FORMAT:
        raise ValueError(f"a body of format {body[0]}")
    at = 1
    while at < len(body):
        begin, at = at + 1, at + 1 + body[at]
        name = body[begin:at].decode("ascii")
        length, at = (body[at], at + 1) if body[at] < 0x80 else sketch.get(body, at)
        if at + length > len(body):
            raise ValueError("a body that breaks off")
        yield name, at
        at += length


def _came_to_an_end(result: Result) -> bool:
    """Say whether the duration of a run tells of what it looked at, and not of our patience."""
    gave_up = result.failed_phase is not None or result.reason is Reason.TIMEOUT
    return result.state is not State.UNKNOWN and not gave_up


def _extremes(check: Check, result: Result, unix: float) -> Iterator[tuple[Peak, float]]:
    seen = result.measurements
    for peak, name in _MEASURED:
        if name in seen:
            yield peak, seen[name]
    if QUEUE_OLDEST in seen:
        yield Peak.QUEUE_AGE, max(0.0, unix - seen[QUEUE_OLDEST])
    for quota in result.quotas.values():
        if quota.limit > 0:
            yield Peak.QUOTA_USED, quota.used / quota.limit
    main = check.type.measurement
    if main in seen and main not in _TOLD:
        yield Peak.VALUE, seen[main]
        yield Peak.VALUE_LOWEST, seen[main]
