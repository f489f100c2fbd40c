"""The steps of a drill say how far it has come, and what is in its way."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from alerts.drill import Copy, Drill, Receipt
from alerts.drill_steps import StepName, StepState, document, steps
from alerts.notification import Delivery

NOW = datetime(2026, 11, 25, 8, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ADA = Copy("a", "email", "ada@hotel.example", "<a@hotel.example>")
BOX = replace(ADA, id="b", recipient="drills@hotel.example", read_back=True)
DRILL = Drill(
    "k3x9d2m7qa", "grand-harbour", "1", "Support", NOW, "Ada", plan=("Level 1 is told.",), copies=(ADA, BOX)
)


def states(drill: Drill, now: datetime = NOW) -> list[tuple[StepName, StepState]]:
    return [(one.name, one.state) for one in steps(drill, now)][3:]


def test_what_has_just_begun_waits_for_everything() -> None:
    waiting = StepState.WAITING
    assert states(DRILL) == [
        (StepName.TAKEN, waiting),
        (StepName.TAKEN, waiting),
        (StepName.SEEN, waiting),
        (StepName.ACKNOWLEDGED, waiting),
    ]


def test_an_attempt_that_failed_is_told_while_the_next_is_waited_for() -> None:
    tried = replace(ADA, attempts=2, last_error="connect: connection refused")
    step = steps(replace(DRILL, copies=(tried,)), NOW)[3]
    assert step.state is StepState.WAITING
    assert step.text == ("ada@hotel.example: not accepted yet; attempt 2 failed: connect: connection refused")
    sent = replace(tried, state=Delivery.SENT, sent_at=NOW + 20 * SECOND, attempts=3)
    step = steps(replace(DRILL, copies=(sent,)), NOW)[3]
    assert (step.state, step.text) == (
        StepState.DONE,
        "ada@hotel.example: accepted by the relay, at attempt 3",
    )


def test_what_has_not_come_when_it_ends_has_failed() -> None:
    failed = StepState.FAILED
    over = replace(DRILL, ended_at=NOW + 300 * SECOND)
    assert states(over, NOW + timedelta(days=1)) == [
        (StepName.TAKEN, failed),
        (StepName.TAKEN, failed),
        (StepName.SEEN, failed),
        (StepName.ACKNOWLEDGED, failed),
    ]


def test_programs_read_each_step_with_its_time_from_the_asking_on() -> None:
    taken = [replace(one, state=Delivery.SENT, sent_at=NOW + 0.4 * SECOND, attempts=1) for one in (ADA, BOX)]
    done = replace(
        DRILL,
        copies=tuple(taken),
        stored_at=NOW + 0.004 * SECOND,
        seen_at=NOW + 2.5 * SECOND,
        ended_at=NOW + 3 * SECOND,
        acknowledged=Receipt(NOW + 250 * SECOND, "Ben", "here"),
    )
    found = document(done, NOW)
    assert [(step["step"], step["after_seconds"]) for step in found["steps"]] == [
        ("asked", 0.0),
        ("planned", 0.0),
        ("stored", 0.004),
        ("taken", 0.4),
        ("taken", 0.4),
        ("seen", 2.5),
        ("acknowledged", 250.0),
    ]
    assert found["outcome"] == "acknowledged"
    assert found["summary"] == "It reached everybody it is for. Ben acknowledged it after 4 min 10 s."
    assert found["acknowledged_at"] == "2026-11-25T08:09:10.000Z"


def test_what_is_being_sent_is_pending_for_everybody_else() -> None:
    sending = replace(ADA, state=Delivery.SENDING, attempts=1)
    (message,) = document(replace(DRILL, copies=(sending,)), NOW)["messages"]
    assert (message["state"], message["last_error"]) == ("pending", None)
