"""Drills as people read them: what became of each, and its steps with how long they took."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.drill import Drill, Outcome, happened
from alerts.drill_steps import Step, StepName, StepState, steps
from alerts.message_text import clean, full_time, lasting

SYMBOLS = {Outcome.RUNNING: "◇", Outcome.DELIVERED: "▲", Outcome.ACKNOWLEDGED: "✓", Outcome.UNDELIVERED: "✕"}
TONES = {Outcome.RUNNING: "dim", Outcome.DELIVERED: "fair", Outcome.ACKNOWLEDGED: "good"}
WORDS = {
    Outcome.RUNNING: "under way",
    Outcome.DELIVERED: "delivered, not acknowledged",
    Outcome.ACKNOWLEDGED: "acknowledged",
    Outcome.UNDELIVERED: "not delivered",
}
STEPS = {
    StepName.ASKED: "Asked for",
    StepName.PLANNED: "Planned",
    StepName.STORED: "Written down",
    StepName.TAKEN: "Accepted",
    StepName.SEEN: "Seen in the mailbox",
    StepName.ACKNOWLEDGED: "Acknowledged",
}
STEP_SYMBOLS = {StepState.DONE: "✓", StepState.WAITING: "◇", StepState.FAILED: "✕"}
STEP_TONES = {StepState.DONE: "good", StepState.WAITING: "dim", StepState.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step: when it was done, from the asking on, or how it stands."""

    name: str
    symbol: str
    tone: str
    after: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A drill in a list."""

    id: str
    hotel: str
    level: str
    asked: str
    moment: str
    by: str
    symbol: str
    tone: str
    word: str
    summary: str


@dataclass(frozen=True, slots=True)
class Page:
    """A drill on its own page. `open` says whether somebody can still acknowledge it."""

    row: Row
    role: str
    note: str
    running: bool
    open: bool
    steps: tuple[StepRow, ...]


def row(one: Drill, hotels: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Row:
    """Return a drill as it stands in a list."""
    outcome = one.outcome
    return Row(
        id=one.id,
        hotel=clean(hotels.get(one.hotel, one.hotel), 200),
        level=one.level,
        asked=full_time(one.asked_at, zone),
        moment=one.asked_at.isoformat(timespec="seconds"),
        by=clean(one.by, 200),
        symbol=SYMBOLS[outcome],
        tone=TONES.get(outcome, "bad"),
        word=WORDS[outcome],
        summary=happened(one, now),
    )


def page(one: Drill, hotels: Mapping[str, str], zone: ZoneInfo, now: datetime) -> Page:
    """Return a drill as it is shown on its own page."""
    return Page(
        row=row(one, hotels, zone, now),
        role=clean(one.role, 200),
        note=clean(one.note, 2000),
        running=one.outcome is Outcome.RUNNING,
        open=one.open(now),
        steps=tuple(_step(step, one) for step in steps(one, now)),
    )


def _step(step: Step, drill: Drill) -> StepRow:
    return StepRow(
        name=STEPS[step.name],
        symbol=STEP_SYMBOLS[step.state],
        tone=STEP_TONES[step.state],
        after=_after(step, drill),
        text=step.text,
    )


def _after(step: Step, drill: Drill) -> str:
    if step.at is None:
        return "" if step.state is StepState.DONE else str(step.state)
    return "at the start" if step.at == drill.asked_at else f"after {elapsed(step.at - drill.asked_at)}"


def elapsed(span: timedelta) -> str:
    """Return how long a step took, to the tenth of a second while that tells anything."""
    seconds = max(0.0, span.total_seconds())
    return f"{seconds:.1f} s" if seconds < 60 else lasting(span)
