"""What the engine has to think about, and when."""

from datetime import timedelta

from checks.result import CheckId
from daemon.agenda import BATCH, SETTLE, Agenda
from tests.support.clock import START

A = CheckId("h", "payment", "health")
B = CheckId("h", "payment", "certificate")
KEY = "h/payment"


def test_news_are_taken_once() -> None:
    agenda = Agenda()
    agenda.note(A)
    batch = agenda.take(0.0)
    assert (batch.keys, batch.moved) == ([KEY], [A])
    assert agenda.take(0.0).keys == []


def test_what_could_not_be_committed_is_taken_again() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.put_back(agenda.take(0.0))
    again = agenda.take(0.0)
    assert (again.keys, again.moved) == ([KEY], [A])


def test_newer_news_win_over_what_is_put_back() -> None:
    agenda = Agenda()
    agenda.note(A)
    batch = agenda.take(0.0)
    agenda.forget([A])
    agenda.put_back(batch)
    again = agenda.take(0.0)
    assert (again.moved, again.forgotten) == ([], [A])


def test_a_breach_waits_for_its_siblings() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [B])
    assert agenda.take(0.0).keys == []
    assert agenda.looked(B)
    assert agenda.take(0.0).keys == [KEY]


def test_a_breach_does_not_wait_for_ever() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [B])
    assert agenda.take(SETTLE - 0.1).keys == []
    assert agenda.take(SETTLE).keys == [KEY]


def test_a_look_that_nobody_waits_for_is_no_news() -> None:
    agenda = Agenda()
    assert not agenda.looked(A)
    agenda.settle(KEY, 0.0, [B])
    assert not agenda.looked(A)


def test_settling_ends_with_the_commit() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [])
    batch = agenda.take(0.0)
    assert agenda.settling(KEY)
    agenda.done(batch)
    assert not agenda.settling(KEY)


def test_a_tick_takes_no_more_than_a_batch() -> None:
    agenda = Agenda()
    for number in range(BATCH + 5):
        agenda.note(CheckId("h", f"i{number}", "health"))
    assert len(agenda.take(0.0).keys) == BATCH
    assert len(agenda.take(0.0).keys) == 5


def test_a_breach_is_held_back_once() -> None:
    agenda = Agenda()
    assert agenda.is_news(A, START)
    assert not agenda.is_news(A, START)
    assert agenda.is_news(A, START + timedelta(minutes=1))
    agenda.forget([A])
    assert agenda.is_news(A, START + timedelta(minutes=1))
