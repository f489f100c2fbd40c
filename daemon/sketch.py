"""How long things took, in a few bytes: counts in bins that grow by a constant factor.

A percentile is read from it to within `ERROR` of its value, whatever the durations are, and two sketches are
merged without loss: the way of DDSketch (Masson, Rim, Lee: VLDB 2019), whose bins these are.
"""

import math
from collections.abc import Mapping
from enum import Enum
from itertools import accumulate

ERROR = 0.025
"""By what share of itself a percentile may be off at the most."""

LEAST, MOST = 1e-6, 86_400.0
"""Seconds that are told apart; what is beyond counts as these."""

_GROWTH = (1 + ERROR) / (1 - ERROR)
_STEP = math.log(_GROWTH)


class Times(Enum):
    """Which durations are wanted of what was packed: all, those that are response times, or none."""

    ALL = "all"
    ANSWERS = "answers"
    NONE = "none"


def bin_of(seconds: float) -> int:
    """Return the bin that a duration falls into, the shortest into 0; none is beyond 504."""
    return math.ceil(math.log(min(seconds, MOST) / LEAST) / _STEP) if seconds > LEAST else 0


def seconds_of(number: int) -> float:
    """Return the duration that is as near to both ends of a bin."""
    return LEAST * _GROWTH**number * 2 / (1 + _GROWTH) if number else LEAST


def percentile(bins: Mapping[int, int], share: float) -> float | None:
    """Return the seconds that `share` (0 to 1) do not exceed (nearest rank), or None of none."""
    count = sum(bins.values())
    rank = min(count - 1, int(share * count))
    for number in sorted(bins):
        rank -= bins[number]
        if rank < 0:
            return seconds_of(number)
    return None


def put(out: bytearray, number: int) -> None:
    """Append a whole number, not negative: seven bits a byte, the lowest first."""
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def get(body: bytes, at: int) -> tuple[int, int]:
    """Return the number that stands at a place, and the place behind it."""
    number = body[at]
    if number < 0x80:
        return number, at + 1
    number &= 0x7F
    shift = 7
    while True:
        at += 1
        byte = body[at]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at + 1
        shift += 7


def put_bins(out: bytearray, bins: Mapping[int, int]) -> None:
    """Append a sketch: how many bins, and of each how far it is from the one before and what it counts."""
    put(out, len(bins))
    before = 0
    for number in sorted(bins):
        put(out, number - before)
        put(out, bins[number])
        before = number


def add_bins(bins: dict[int, int], body: bytes, at: int) -> int:
    """Merge the sketch that stands at a place into `bins`; return the place behind it."""
    count, at = get(body, at)
    if not count:
        return at
    number, at = get(body, at)
    times, at = get(body, at)
    bins[number] = bins.get(number, 0) + times
    pairs = body[at : at + 2 * count - 2]
    if len(pairs) == 2 * count - 2 and pairs.isascii():
        # Nearly always each number is a byte from here on: one by one they would take three times as long.
        known = bins.get
        for one, many in zip(accumulate(pairs[::2]), pairs[1::2], strict=True):
            bins[number + one] = known(number + one, 0) + many
        return at + len(pairs)
    for _ in range(count - 1):
        ahead, at = get(body, at)
        times, at = get(body, at)
        number += ahead
        bins[number] = bins.get(number, 0) + times
    return at


def skip_bins(body: bytes, at: int) -> int:
    """Return the place behind the sketch that stands at a place."""
    count, at = get(body, at)
    for _ in range(2 * min(count, 1)):
        _, at = get(body, at)
    pairs = body[at : at + 2 * count - 2]
    if len(pairs) == 2 * count - 2 and pairs.isascii():
        return at + len(pairs)
    for _ in range(2 * count - 2):
        _, at = get(body, at)
    return at
