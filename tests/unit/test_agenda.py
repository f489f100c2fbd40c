"""What the engine has to think about, and when."""

from datetime import timedelta

from checks.result import CheckId
from daemon.agenda import BATCH, LARGE, PIECE, SETTLE, Agenda, Moves
from tests.support.clock import START

A = CheckId("h", "payment", "health")
B = CheckId("h", "payment", "certificate")
KEY = "h/payment"


def keys(agenda: Agenda, now: float = 0.0) -> list[str]:
    return [key for keys in agenda.take(now).keys.values() for key in keys]


def test_news_are_taken_once() -> None:
    agenda = Agenda()
    agenda.note(A)
    assert (keys(agenda), agenda.take_moves()) == ([KEY], Moves([A], []))
    assert (keys(agenda), agenda.take_moves()) == ([], Moves([], []))


def test_what_could_not_be_decided_or_written_is_taken_again() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.put_back(keys(agenda))
    agenda.put_back_moves(agenda.take_moves())
    assert (keys(agenda), agenda.take_moves()) == ([KEY], Moves([A], []))


def test_newer_news_win_over_what_is_put_back() -> None:
    agenda = Agenda()
    agenda.note(A)
    moves = agenda.take_moves()
    agenda.forget([A])
    agenda.put_back_moves(moves)
    moves = agenda.take_moves()
    assert moves == Moves([], [A])
    agenda.note(A)
    agenda.put_back_moves(moves)
    assert agenda.take_moves() == Moves([A], [])


def test_a_breach_waits_for_its_siblings() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [B])
    assert keys(agenda) == []
    assert agenda.held(0.0) == {"h": {"payment"}}
    assert agenda.looked(B)
    assert agenda.held(0.0) == {}
    assert keys(agenda) == [KEY]


def test_a_breach_does_not_wait_for_ever() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [B])
    assert keys(agenda, SETTLE - 0.1) == []
    assert keys(agenda, SETTLE) == [KEY]


def test_a_look_that_nobody_waits_for_is_no_news() -> None:
    agenda = Agenda()
    assert not agenda.looked(A)
    agenda.settle(KEY, 0.0, [B])
    assert not agenda.looked(A)


def test_a_look_ends_the_waiting_of_all_who_wait_for_it_and_for_nothing_else() -> None:
    agenda = Agenda()
    agenda.settle("h/expedia", 0.0, [B])
    agenda.settle("h/email", 0.0, [A, B])
    assert agenda.looked(B)
    assert agenda.held(0.0) == {"h": {"email"}}
    assert agenda.looked(A)
    assert not agenda.looked(A)


def test_settling_ends_with_the_decision() -> None:
    agenda = Agenda()
    agenda.note(A)
    agenda.settle(KEY, 0.0, [])
    taken = keys(agenda)
    assert agenda.settling(KEY)
    agenda.done(taken)
    assert not agenda.settling(KEY)


def test_a_tick_takes_whole_hotels_and_no_more_than_a_batch() -> None:
    agenda = Agenda()
    for number in range(BATCH + 5):
        agenda.review(f"{number % 3}/i{number}")
    first = agenda.take(0.0)
    assert (list(first.keys), first.more) == (["0", "1"], True)
    second = agenda.take(0.0)
    assert (list(second.keys), second.more) == (["2"], False)
    assert sum(map(len, (*first.keys.values(), *second.keys.values()))) == BATCH + 5


def test_a_hotel_that_is_too_large_is_taken_as_a_whole() -> None:
    agenda = Agenda()
    for number in range(BATCH + 5):
        agenda.review(f"h/i{number}")
    assert len(keys(agenda)) == BATCH + 5


def test_standings_are_taken_in_pieces() -> None:
    agenda = Agenda()
    for number in range(PIECE + 5):
        agenda.note(CheckId("h", f"i{number}", "health"))
    assert [len(agenda.take_moves().moved) for _ in range(3)] == [PIECE, 5, 0]


def test_a_breach_is_held_back_once() -> None:
    agenda = Agenda()
    assert agenda.is_news(A, START)
    assert not agenda.is_news(A, START)
    assert agenda.is_news(A, START + timedelta(minutes=1))
    agenda.forget([A])
    assert agenda.is_news(A, START + timedelta(minutes=1))


def test_a_large_hotel_is_thought_about_every_so_often_and_a_small_one_at_every_news() -> None:
    agenda = Agenda()
    agenda.rest("h", 2000, 0.0)
    agenda.rest("small", LARGE - 1, 0.0)
    agenda.note(A)
    agenda.note(CheckId("small", "payment", "health"))
    assert keys(agenda, 0.1) == ["small/payment"]
    assert keys(agenda, 0.39) == []
    assert keys(agenda, 0.41) == [KEY]


def test_a_hotel_of_whatever_size_is_thought_about_every_five_seconds() -> None:
    agenda = Agenda()
    agenda.rest("h", 1_000_000, 0.0)
    agenda.note(A)
    assert keys(agenda, SETTLE - 0.1) == []
    assert keys(agenda, SETTLE) == [KEY]
