"""What stands on the board, as checks come and go."""

from dataclasses import replace

from checks.result import CheckId, Reason, failed, ok
from daemon.board import Board
from daemon.observer import Observer
from tests.support.clock import FakeClock
from tests.support.desk import a_check

HEALTH = a_check()
OWN = replace(HEALTH, id=CheckId("h", "network", "mail"))


def a_board() -> Board:
    board = Board()
    board.watch([HEALTH], {"h": "Hotel"})
    return board


def test_what_the_porter_shows_of_itself_touches_nothing_of_all_others() -> None:
    board = a_board()
    view, tile = board.integrations["h", "payment"], board.tiles[HEALTH.id]
    board.show([OWN])
    assert [one.check for one in board.tiles_of("h/network")] == [OWN]
    assert list(board.tiles) == [HEALTH.id, OWN.id]
    board.hide(OWN.id)
    assert board.integrations == {("h", "payment"): view}
    assert list(board.hotel("h")) == [view]
    assert board.integrations["h", "payment"] is view
    assert board.tiles == {HEALTH.id: tile}


def test_what_is_shown_of_itself_stays_as_long_as_its_hotel_does() -> None:
    board = a_board()
    board.show([OWN])
    shown = board.tiles[OWN.id]
    board.show([OWN])
    board.watch([HEALTH], {"h": "Hotel"})
    assert board.tiles[OWN.id] is shown
    assert board.tiles_of("h/network") == [shown]
    board.watch([], {})
    assert (board.tiles, board.integrations, board.own) == ({}, {}, {})


def test_one_of_two_is_hidden_and_the_other_stays() -> None:
    board = a_board()
    other = replace(OWN, id=CheckId("h", "network", "porter"))
    board.show([OWN, other])
    board.hide(OWN.id)
    assert [one.check for one in board.tiles_of("h/network")] == [other]


def test_what_the_porter_shows_of_itself_is_no_trouble_of_the_hotels_network() -> None:
    board = a_board()
    own, control = replace(OWN, failures=1), replace(HEALTH, id=CheckId("h", "network", "control"))
    board.show([own])
    observer = Observer(board, FakeClock(), lambda _tile, _changed: None)
    observer.observe(HEALTH, ok())
    observer.observe(own, failed(Reason.MISMATCH, "messages do not get through"))
    assert board.integrations["h", "network"].status == "degraded"
    assert board.statuses("h") == {"payment": "healthy"}
    board.watch([HEALTH, control], {"h": "Hotel"})
    observer.observe(control, ok())
    assert board.statuses("h") == {"payment": "healthy", "network": "healthy"}
