"""What checks remember: kept as a whole, taken when changed, put back when it could not be stored."""

from checks.memory import LOGINS, Memories
from checks.result import CheckId

A, B = CheckId("h", "i", "a"), CheckId("h", "i", "b")


def test_what_is_kept_is_taken_once() -> None:
    memories = Memories()
    memories.of(A).keep({"at": 1})
    memories.of(B)
    assert memories.take() == {A: {"at": 1}}
    assert memories.take() == {}


def test_keeping_the_same_again_is_no_change() -> None:
    memories = Memories()
    memories.restore({A: {"at": 1}})
    memories.of(A).keep({"at": 1})
    assert memories.take() == {}


def test_what_could_not_be_stored_is_taken_again_as_it_is_then() -> None:
    memories = Memories()
    memories.of(A).keep({"at": 1})
    taken = memories.take()
    memories.of(A).keep({"at": 2})
    memories.put_back(taken)
    assert memories.take() == {A: {"at": 2}}


def test_what_is_kept_does_not_change_with_the_value_it_came_from() -> None:
    value = {"at": 1}
    memories = Memories()
    memories.of(A).keep(value)
    value["at"] = 2
    assert memories.of(A).value == {"at": 1}


def test_a_check_that_is_gone_is_forgotten() -> None:
    memories = Memories()
    memories.of(A).keep({"at": 1})
    memories.forget([A])
    memories.put_back([A])
    assert memories.take() == {}
    assert memories.of(A).value == {}


def test_what_is_known_of_logins_is_shared_by_all_and_stays_when_checks_go() -> None:
    memories = Memories()
    memories.of(A).logins.keep({"at": 1})
    memories.forget([A, LOGINS])
    assert memories.of(B).logins.value == memories.of(A).logins.value == {"at": 1}
    assert memories.take() == {LOGINS: {"at": 1}}


def test_what_is_known_of_logins_is_taken_up_even_by_checks_that_are_there() -> None:
    memories = Memories()
    of_a = memories.of(A)
    memories.restore({LOGINS: {"at": 1}})
    assert of_a.logins.value == {"at": 1}
    assert memories.take() == {}
