"""The search for garbage: what stays is set aside, what goes is freed all the same."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from daemon.board import Board
from daemon.garbage import SELDOM, Garbage
from tests.support.boards import check
from tests.support.polling import until

HOTELS = {"grand-harbour": "Grand Harbour Hotel", "small-inn": "Small Inn"}


@pytest.fixture(autouse=True)
def as_it_was() -> Iterator[None]:
    """Leave the search as the other tests have it: with all of them set aside."""
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    gc.enable()


class Knot:
    """Something that holds itself, and what is tied into it: only a search can free it."""

    def __init__(self, tied: object) -> None:
        self.tied, self.itself = tied, self


def watched(board: Board) -> weakref.ref[Knot]:
    """Watch two hotels of which one is tied into a knot; return the knot."""
    house, inn = check("mail", "host"), check("mail", "host", hotel="small-inn")
    board.watch([house, inn], HOTELS)
    knot = Knot(board.tiles[inn.id])
    board.tiles[inn.id].values = Holding(knot)
    return weakref.ref(knot)


class Holding(dict[str, str]):
    """Values that hold on to something."""

    def __init__(self, knot: Knot) -> None:
        super().__init__()
        self.knot = knot


def leave(board: Board) -> None:
    """Watch the first of the two hotels alone."""
    board.watch([check("mail", "host")], {"grand-harbour": HOTELS["grand-harbour"]})


async def begun(board: Board) -> Garbage:
    """Return a search that has begun, as it does when the porter starts, and looks when it is told to."""
    garbage = Garbage(lambda: board.edition)
    gc.disable()
    garbage.begin()
    garbage.end()
    return garbage


async def test_all_that_is_built_is_set_aside_and_the_search_begins() -> None:
    gc.unfreeze()
    board = Board()
    watched(board)
    await begun(board)
    assert gc.isenabled()
    assert gc.get_threshold()[0] == SELDOM
    assert gc.get_freeze_count() > 10_000
    assert not any(one is board for one in gc.get_objects())


async def test_what_the_first_looks_leave_behind_is_set_aside_once() -> None:
    board = Board()
    garbage = await begun(board)
    left = [[number] for number in range(1000)]
    before = gc.get_freeze_count()
    garbage.tick()
    after = gc.get_freeze_count()
    assert after >= before + len(left)
    later = [[number] for number in range(1000)]
    garbage.tick()
    assert gc.get_freeze_count() <= after
    assert len(later) == len(left)


async def test_a_hotel_that_is_watched_no_more_is_freed_though_it_was_set_aside() -> None:
    board = Board()
    knot = watched(board)
    garbage = await begun(board)
    garbage.tick()
    leave(board)
    assert knot() is not None
    garbage.tick()
    assert knot() is not None, "what is watched may change again in the next moment"
    garbage.tick()
    assert knot() is None
    assert gc.get_freeze_count() > 10_000


async def test_hotels_that_come_and_go_are_waited_for() -> None:
    board = Board()
    knot = watched(board)
    garbage = await begun(board)
    for _ in range(3):
        leave(board)
        garbage.tick()
    assert knot() is not None
    garbage.tick()
    assert knot() is None


async def test_it_looks_by_itself_again_and_again() -> None:
    board = Board()
    knot = watched(board)
    garbage = Garbage(lambda: board.edition, every=0.01)
    garbage.begin()
    leave(board)
    await until(lambda: knot() is None, within=10, what="the hotel that has gone is freed")
    garbage.end()
