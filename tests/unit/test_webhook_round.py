"""The rounds of a webhook's trials: whose turn it is, and how long what was answered counts."""

import pytest

from checks.webhook_round import Round, recall
from checks.webhook_trial import FORGED, SHORT, SIGNED, UNSIGNED, Answer

TRIALS = (FORGED, SIGNED, SHORT, UNSIGNED)
HOUR = 3600.0


def after(seconds: float, interval: float = 300.0, of: str = "mark") -> Round:
    """Return what is recalled of a run at 0 that broke off at the third trial."""
    begun = recall({}, "mark", TRIALS, 0.0, interval)
    kept = begun.kept(
        [Answer(FORGED, 401), Answer(SIGNED, 200, kind="text/plain"), Answer(SHORT, 429)], SHORT
    )
    return recall(kept, of, TRIALS, seconds, interval)


def test_a_round_goes_on_where_it_broke_off() -> None:
    found = after(300)
    assert found.order == (SHORT, UNSIGNED, FORGED, SIGNED)
    assert found.known == {FORGED: Answer(FORGED, 401), SIGNED: Answer(SIGNED, 200, kind="text/plain")}
    assert found.after(UNSIGNED) is FORGED


@pytest.mark.parametrize(
    ("seconds", "interval", "counts"),
    [
        (6 * HOUR, 300, True),
        (6 * HOUR + 1, 300, False),
        (8 * HOUR, HOUR, True),
        (8 * HOUR + 1, HOUR, False),
        (-7 * HOUR, 300, False),
    ],
)
def test_an_answer_counts_for_six_hours_or_for_two_rounds(
    seconds: float, interval: float, counts: bool
) -> None:
    assert bool(after(seconds, interval).known) is counts


def test_what_another_webhook_answered_is_nobodys() -> None:
    assert (after(300, of="other").known, after(300, of="other").order) == ({}, TRIALS)


def test_an_answer_keeps_its_age_while_others_are_learnt() -> None:
    second = after(4 * HOUR)
    kept = second.kept([Answer(SHORT, 401)], UNSIGNED)
    assert set(recall(kept, "mark", TRIALS, 7 * HOUR, 300.0).known) == {SHORT}


def test_of_a_whole_round_only_forgeries_that_were_taken_are_kept() -> None:
    answers = [Answer(SIGNED, 200), Answer(SHORT, 401), Answer(UNSIGNED, 200, 500)]
    kept = after(300).kept([Answer(FORGED, 401), *answers], UNSIGNED)
    found = recall(kept, "mark", TRIALS, 600.0, 300.0)
    assert (set(found.known), found.before(UNSIGNED), found.before(FORGED)) == ({UNSIGNED}, 200, None)
    assert after(300).kept([Answer(FORGED, 401), Answer(UNSIGNED, 401), *answers[:2]], FORGED) == {}
