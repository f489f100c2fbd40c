"""What became of a drill is said in a sentence: reached, acknowledged, or not reached and why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from alerts.drill import (
    ABSENT,
    OPEN,
    Copy,
    Drill,
    LastDrill,
    Outcome,
    ReadBack,
    Receipt,
    ago,
    happened,
    last_drill,
    latest,
    missed,
)
from alerts.notification import Delivery

NOW = datetime(2026, 11, 25, 8, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ADA = Copy("a", "email", "ada@hotel.example", "<a@hotel.example>", state=Delivery.SENT, sent_at=NOW)
BOX = replace(ADA, id="b", recipient="drills@hotel.example", read_back=True)
DRILL = Drill("k3x9d2m7qa", "grand-harbour", "1", "Support", NOW, "Ada", copies=(ADA,))
OVER = replace(DRILL, ended_at=NOW + MINUTE)
ACKNOWLEDGED = replace(OVER, acknowledged=Receipt(NOW + 4 * MINUTE, "Ben"))


def test_a_drill_under_way_is_no_failure() -> None:
    waiting = replace(DRILL, copies=(replace(ADA, state=Delivery.PENDING), BOX))
    assert waiting.outcome is Outcome.RUNNING
    assert missed(waiting) == []
    assert happened(waiting, NOW) == "It is under way. Nobody has acknowledged it yet."


def test_what_everybody_got_is_delivered_and_then_acknowledged() -> None:
    assert OVER.outcome is Outcome.DELIVERED
    assert ACKNOWLEDGED.outcome is Outcome.ACKNOWLEDGED
    assert happened(ACKNOWLEDGED, NOW + 5 * MINUTE) == (
        "It reached everybody it is for. Ben acknowledged it after 4 min."
    )


@pytest.mark.parametrize("state", [Delivery.PENDING, Delivery.SENDING, Delivery.DEAD, Delivery.CANCELLED])
def test_who_is_not_reached_when_it_ends_is_named(state: Delivery) -> None:
    lost = replace(ADA, state=state, last_error="recipient_refused: 550 no such user")
    found = replace(OVER, copies=(lost, BOX), seen_at=NOW)
    assert found.outcome is Outcome.UNDELIVERED
    assert missed(found) == ["ada@hotel.example was not reached: recipient refused: 550 no such user"]


@pytest.mark.parametrize(
    ("box", "unseen", "read_back", "words"),
    [
        (
            BOX,
            "connection refused",
            ReadBack.UNREADABLE,
            "The mailbox could not be read: connection refused.",
        ),
        (BOX, "", ReadBack.UNREADABLE, "The mailbox could not be read: nobody looked."),
        (BOX, ABSENT, ReadBack.ABSENT, "Its mail was not in the mailbox in time."),
        (
            replace(BOX, state=Delivery.DEAD, last_error="recipient_refused: 550 no"),
            "",
            ReadBack.UNSENT,
            "No mail went to the mailbox: recipient refused: 550 no.",
        ),
    ],
)
def test_what_people_got_is_delivered_whatever_the_mailbox_says(
    box: Copy, unseen: str, read_back: ReadBack, words: str
) -> None:
    found = replace(OVER, copies=(ADA, box), unseen=unseen)
    assert (found.outcome, found.read_back) == (Outcome.DELIVERED, read_back)
    assert missed(found) == []
    assert happened(found, NOW).endswith(f"Nobody has acknowledged it yet. {words}")
    answered = replace(found, acknowledged=Receipt(NOW + 4 * MINUTE, "Luca"))
    assert answered.outcome is Outcome.ACKNOWLEDGED
    assert happened(answered, NOW).endswith(f"Luca acknowledged it after 4 min. {words}")
    assert replace(found, seen_at=NOW).read_back is ReadBack.SEEN
    assert replace(found, ended_at=None).read_back is ReadBack.WAITING


def test_what_is_accepted_and_not_in_the_mailbox_is_not_said_to_have_arrived() -> None:
    found = replace(OVER, copies=(ADA, BOX), unseen=ABSENT)
    assert happened(found, NOW).startswith("It was accepted for everybody it is for. Nobody")
    assert last_drill(latest([found]), NOW) == (
        "Last drill just now: the mail to level 1 was accepted, but was not in the mailbox in time."
    )
    answered = replace(found, acknowledged=Receipt(NOW + 4 * MINUTE, "Luca"))
    assert last_drill(latest([answered]), NOW) == (
        "Last drill just now: level 1 acknowledged in 4 min, but a mail was not in the mailbox in time."
    )


def test_it_can_be_acknowledged_once_and_for_a_day() -> None:
    assert OVER.open(NOW + OPEN - MINUTE)
    assert not OVER.open(NOW + OPEN)
    assert not ACKNOWLEDGED.open(NOW + 5 * MINUTE)
    assert happened(OVER, NOW + OPEN) == "It reached everybody it is for. Nobody acknowledged it within 1 d."


def test_a_line_says_what_became_of_the_last_one() -> None:
    assert last_drill(latest([]), NOW) == "No drill has been held here yet."
    later = replace(OVER, id="later", asked_at=NOW - MINUTE, level="2")
    found = latest([replace(later, asked_at=NOW - 5 * MINUTE), later])
    assert found == LastDrill("2", NOW - MINUTE, Outcome.DELIVERED)
    assert last_drill(latest([ACKNOWLEDGED]), NOW + timedelta(days=12)) == (
        "Last drill 12 days ago: level 1 acknowledged in 4 min."
    )


@pytest.mark.parametrize(
    ("outcome", "after", "words"),
    [
        (Outcome.RUNNING, None, "it is still under way"),
        (Outcome.RUNNING, 3 * MINUTE, "level 1 acknowledged in 3 min, it is still under way"),
        (Outcome.DELIVERED, None, "level 1 was reached, and has not acknowledged it yet"),
        (Outcome.UNDELIVERED, None, "level 1 was not reached as it should be"),
        (Outcome.UNDELIVERED, MINUTE, "level 1 was not reached as it should be, but acknowledged in 1 min"),
    ],
)
def test_every_outcome_has_its_words(outcome: Outcome, after: timedelta | None, words: str) -> None:
    found = LastDrill("1", NOW - 90 * MINUTE, outcome, after)
    assert last_drill(found, NOW) == f"Last drill 1 h ago: {words}."


def test_after_a_day_nobody_is_waited_for() -> None:
    found = LastDrill("1", NOW, Outcome.DELIVERED)
    assert last_drill(found, NOW + OPEN) == (
        "Last drill 1 day ago: level 1 was reached, and did not acknowledge it."
    )


@pytest.mark.parametrize(
    ("elapsed", "words"),
    [(timedelta(seconds=59), "just now"), (59 * MINUTE, "59 min ago"), (timedelta(days=3), "3 days ago")],
)
def test_how_long_ago_is_said_in_one_unit(elapsed: timedelta, words: str) -> None:
    assert ago(elapsed) == words
