"""How many probes may be in flight."""

from daemon.gate import Gate


def test_no_more_than_the_limit_in_all() -> None:
    gate = Gate(in_flight=2, per_target=2)
    assert gate.enter("a", suspect=False)
    assert gate.enter("b", suspect=False)
    assert not gate.enter("c", suspect=False)
    gate.leave("a", suspect=False)
    assert gate.enter("c", suspect=False)


def test_no_more_than_the_limit_at_one_target() -> None:
    gate = Gate(in_flight=10, per_target=1)
    assert gate.enter("a", suspect=False)
    assert not gate.enter("a", suspect=False)
    assert gate.enter("b", suspect=False)


def test_suspects_leave_half_of_the_room_to_the_healthy() -> None:
    gate = Gate(in_flight=4, per_target=4)
    assert gate.enter("a", suspect=True)
    assert gate.enter("b", suspect=True)
    assert not gate.enter("c", suspect=True)
    assert gate.enter("c", suspect=False)
    assert gate.enter("d", suspect=False)


def test_suspects_leave_half_of_a_target_to_the_healthy() -> None:
    gate = Gate(in_flight=100, per_target=2)
    assert gate.enter("a", suspect=True)
    assert not gate.enter("a", suspect=True)
    assert gate.enter("a", suspect=False)


def test_nothing_is_remembered_of_targets_that_are_left() -> None:
    gate = Gate()
    for number in range(1000):
        assert gate.enter(f"t{number}", suspect=True)
        gate.leave(f"t{number}", suspect=True)
    assert not gate._targets
    assert not gate._suspects
