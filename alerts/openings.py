"""When an incident was open: it is the same one where it comes back within a day, and its timeline knows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.decision import Step
from alerts.message_text import lasting

BEGINS = frozenset({str(Step.OPENED), str(Step.REOPENED)})

Span = tuple[datetime, datetime | None]
"""From when to when it was open; an end that is None is not there yet."""


@dataclass(frozen=True, slots=True)
class Openings:
    """All times at which an incident was open, the oldest first; `times` counts also those not known."""

    spans: tuple[Span, ...]
    times: int

    @property
    def first(self) -> datetime:
        """When it opened at first, as far as that is known."""
        return self.spans[0][0]

    @property
    def last(self) -> datetime:
        """When it opened the last time."""
        return self.spans[-1][0]

    def lasted(self, now: datetime) -> str:
        """Return how long it was open, such as `29 s in all, opened 2 times`."""
        said = lasting(sum(((ends or now) - begins for begins, ends in self.spans), timedelta()))
        if self.times < 2:
            return said
        if len(self.spans) < self.times:
            return (
                f"{lasting((self.spans[-1][1] or now) - self.last)} the last time, opened {self.times} times"
            )
        return f"{said} in all, opened {self.times} times"


def openings(
    lines: Iterable[tuple[datetime, str]], opened_at: datetime, ended: datetime | None, times: int = 1
) -> Openings:
    """Return when an incident was open, by the times and kinds of its timeline and as it stands now."""
    found = tuple(spans(lines, opened_at, ended))
    return Openings(found, max(times, len(found)))


def spans(
    lines: Iterable[tuple[datetime, str]], opened_at: datetime, ended: datetime | None
) -> Iterator[Span]:
    """Yield when an incident was open: what its timeline says of the times before, and how it stands now."""
    began: datetime | None = None
    for at, kind in sorted(lines, key=lambda line: line[0]):
        if at >= opened_at:
            break
        if kind in BEGINS:
            began = began or at
        elif kind == Step.RESOLVED and began is not None:
            yield began, at
            began = None
    if began is not None:
        yield began, opened_at
    yield opened_at, ended
