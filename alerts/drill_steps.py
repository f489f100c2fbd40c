"""A drill -> its steps, each with when it happened and how it went, and as programs read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from alerts.drill import WAITS, Copy, Drill, finding, happened, hindrance, whom
from alerts.incident_document import instant
from alerts.message_text import clean
from alerts.notification import MAIL, Delivery


class StepName(StrEnum):
    """What happens in a drill, in its order."""

    ASKED = "asked"
    PLANNED = "planned"
    STORED = "stored"
    TAKEN = "taken"
    SEEN = "seen"
    ACKNOWLEDGED = "acknowledged"


class StepState(StrEnum):
    """How a step went."""

    DONE = "done"
    WAITING = "waiting"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `at` is when it was done, if that is known; `text` says what there is to say of it."""

    name: StepName
    state: StepState
    text: str
    at: datetime | None = None


def steps(drill: Drill, now: datetime) -> tuple[Step, ...]:
    """Return the steps of a drill as far as they have come."""
    return tuple(_steps(drill, now))


def _steps(drill: Drill, now: datetime) -> Iterator[Step]:
    asked, done = drill.asked_at, StepState.DONE
    note = f": {clean(drill.note, 500)}" if drill.note else ""
    yield Step(StepName.ASKED, done, f"{clean(drill.by, 200)} asked for it{note}", asked)
    yield Step(StepName.PLANNED, done, " ".join(clean(one, 500) for one in drill.plan), asked)
    count = len(drill.copies)
    messages = "1 message is" if count == 1 else f"{count} messages are"
    yield Step(StepName.STORED, done, f"{messages} safe in the state", drill.stored_at)
    for one in drill.copies:
        yield _taken(drill, one)
    if drill.reads_back:
        yield _seen(drill)
    yield _acknowledged(drill, now)


def _taken(drill: Drill, one: Copy) -> Step:
    tries = "" if one.attempts < 2 else f", at attempt {one.attempts}"
    by = "the relay" if one.channel == MAIL else "its receiver"
    if one.state is Delivery.SENT:
        return Step(StepName.TAKEN, StepState.DONE, f"{whom(one)}: accepted by {by}{tries}", one.sent_at)
    why = hindrance(one)
    if one.state in WAITS and drill.ended_at is None:
        waiting = f"; attempt {one.attempts} failed: {why}" if why else ""
        return Step(StepName.TAKEN, StepState.WAITING, f"{whom(one)}: not accepted yet{waiting}")
    return Step(StepName.TAKEN, StepState.FAILED, f"{whom(one)}: not accepted: {why or 'not tried in time'}")


def _seen(drill: Drill) -> Step:
    if drill.seen_at is not None:
        return Step(StepName.SEEN, StepState.DONE, "its mail is in the mailbox", drill.seen_at)
    if drill.ended_at is None:
        return Step(StepName.SEEN, StepState.WAITING, "its mail is not in the mailbox yet")
    return Step(StepName.SEEN, StepState.FAILED, finding(drill))


def _acknowledged(drill: Drill, now: datetime) -> Step:
    receipt = drill.acknowledged
    if receipt is not None:
        note = f": {clean(receipt.note, 500)}" if receipt.note else ""
        said = f"{clean(receipt.by, 200)} acknowledged it{note}"
        return Step(StepName.ACKNOWLEDGED, StepState.DONE, said, receipt.at)
    if drill.open(now):
        return Step(StepName.ACKNOWLEDGED, StepState.WAITING, "nobody has acknowledged it yet")
    return Step(StepName.ACKNOWLEDGED, StepState.FAILED, "nobody acknowledged it")


def document(drill: Drill, now: datetime) -> dict[str, Any]:
    """Return a drill as programs read it."""
    receipt = drill.acknowledged
    return {
        "id": drill.id,
        "hotel": drill.hotel,
        "level": drill.level,
        "role": drill.role,
        "by": drill.by,
        "note": drill.note,
        "outcome": str(drill.outcome),
        "read_back": str(drill.read_back),
        "summary": happened(drill, now),
        "asked_at": instant(drill.asked_at),
        "stored_at": instant(drill.stored_at),
        "seen_at": instant(drill.seen_at),
        "ended_at": instant(drill.ended_at),
        "acknowledged_at": instant(receipt.at) if receipt else None,
        "acknowledged_by": receipt.by if receipt else None,
        "acknowledged_note": receipt.note if receipt else None,
        "plan": list(drill.plan),
        "steps": [_step(one, drill) for one in steps(drill, now)],
        "messages": [_message(one) for one in drill.copies],
    }


def _step(one: Step, drill: Drill) -> dict[str, Any]:
    after = None if one.at is None else round((one.at - drill.asked_at).total_seconds(), 3)
    return {
        "step": str(one.name),
        "state": str(one.state),
        "at": instant(one.at),
        "after_seconds": after,
        "text": one.text,
    }


def _message(one: Copy) -> dict[str, Any]:
    # What is being sent is still to be delivered, as far as anybody else is concerned.
    state = Delivery.PENDING if one.state is Delivery.SENDING else one.state
    return {
        "id": one.id,
        "channel": one.channel,
        "recipient": one.recipient,
        "read_back": one.read_back,
        "state": str(state),
        "attempts": one.attempts,
        "sent_at": instant(one.sent_at),
        "message_id": one.message_id,
        "last_error": one.last_error or None,
    }
