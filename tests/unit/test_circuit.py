"""Whether a relay is tried: by whom, and when again."""

import pytest

from alerts.circuit import Circuit, begun, failed, undecided


def broken(times: int) -> Circuit:
    """Return the circuit of a relay that failed so many times in a row, each time at second 0."""
    circuit = Circuit()
    for _ in range(times):
        circuit = failed(begun(circuit), 0.0, 0.5, trial=not circuit.closed)
    return circuit


@pytest.mark.parametrize(
    ("times", "seconds"), [(1, 5), (2, 15), (3, 30), (4, 60), (5, 120), (6, 120), (500, 120)]
)
def test_a_broken_relay_rests_longer_each_time_up_to_two_minutes(times: int, seconds: float) -> None:
    circuit = broken(times)
    assert not circuit.admits(seconds - 0.001)
    assert circuit.admits(seconds)


def test_chance_moves_a_rest_by_a_fifth_either_way() -> None:
    assert failed(Circuit(), 100.0, 0.0, trial=False).until == pytest.approx(104.0)
    assert failed(Circuit(), 100.0, 1.0, trial=False).until == pytest.approx(106.0)


def test_after_a_rest_one_letter_finds_out_and_all_others_wait_for_it() -> None:
    on_trial = begun(broken(1))
    assert not on_trial.admits(5.0)
    assert not on_trial.admits(5000.0)


def test_a_trial_that_shows_nothing_is_followed_by_another() -> None:
    assert undecided(begun(broken(3))) == broken(3)


def test_a_trial_that_fails_counts_and_what_began_before_does_not() -> None:
    on_trial = begun(broken(1))
    assert failed(on_trial, 5.0, 0.5, trial=True) == Circuit(2, 20.0)
    assert failed(on_trial, 5.0, 0.5, trial=False) == on_trial
    assert failed(broken(1), 1.0, 0.5, trial=False) == broken(1)


def test_a_relay_that_works_lets_in_everybody() -> None:
    assert begun(Circuit()) == Circuit()
    assert Circuit().admits(-1e9)
