"""The recent runs of a check, in bounded memory."""

import random
from statistics import fmean

import pytest

from alerts.window import SAMPLES, Window


def test_sums_are_those_of_the_runs_that_are_kept() -> None:
    chance = random.Random(2)  # noqa: S311 - no secret, but the same each time
    window, kept = Window(300.0), list[tuple[float, bool, float | None]]()
    now = 5_000_000.0
    for _ in range(3000):
        now += chance.choice((1.0, 7.0, 60.0, 900.0))
        response = chance.random() if chance.random() < 0.9 else None
        window.add(now, ok=(good := chance.random() < 0.8), response=response)
        kept = [one for one in (*kept, (now, good, response)) if one[0] >= now - 300.0][-SAMPLES:]
        times = [one[2] for one in kept if one[2] is not None]
        assert window.outcomes(now) == (sum(one[1] for one in kept), len(kept))
        assert window.responses(now) == pytest.approx(times)
        assert window.mean(now, 1) == (pytest.approx(fmean(times)) if times else None)


def test_a_mean_takes_enough_answers_and_leaves_out_the_unanswered() -> None:
    window = Window(300.0)
    for at, response in enumerate((1.0, None, 2.0)):
        window.add(float(at), ok=response is not None, response=response)
    assert window.mean(3.0) is None
    window.add(3.0, ok=False, response=3.0)
    assert (window.mean(3.0), window.outcomes(3.0)) == (2.0, (2, 4))


def test_a_window_that_nobody_adds_to_empties() -> None:
    window = Window(300.0)
    for at in range(5):
        window.add(float(at), ok=True, response=0.5)
    assert window.mean(304.0) is None
    assert window.outcomes(1000.0) == (0, 0)
