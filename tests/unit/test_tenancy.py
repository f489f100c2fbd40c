"""Which hotels are looked after here, as leases come and go."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

import pytest

from daemon.store.leases import Tenure
from daemon.tenancy import Tenancy
from tests.support.polling import until


@dataclass
class Leases:
    """Answers what it is set to, and notes what is given back."""

    answer: Tenure = field(default_factory=lambda: Tenure(frozenset()))
    given: list[set[str]] = field(default_factory=list)
    renewed: int = 0

    async def tenure(self, _replica: str, _version: str, _hotels: Collection[str]) -> Tenure:
        self.renewed += 1
        return self.answer

    async def give_back(self, _replica: str, hotels: Collection[str]) -> None:
        self.given.append(set(hotels))

    async def leave(self, _replica: str) -> None:
        raise AssertionError("nobody leaves")


@dataclass
class Floor:
    """Notes which hotels come and go, and which of them are busy."""

    moves: list[tuple[set[str], set[str]]] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    fails: bool = False
    full: set[str] = field(default_factory=set)
    takes_until: Callable[[], bool] = lambda: True
    asked: int = 0

    def at_work(self) -> set[str]:
        self.asked += 1
        return self.busy

    async def move(self, came: frozenset[str], went: frozenset[str]) -> None:
        await until(self.takes_until, 20, "the move to end")
        if self.fails or self.full & came:
            raise OSError("no")
        self.moves.append((set(came), set(went)))


def tenancy(known: Collection[str]) -> tuple[Tenancy, Leases, Floor]:
    leases, floor = Leases(), Floor()
    made = Tenancy(leases, "me", "1", floor.move, floor.at_work)
    made.know(known)
    return made, leases, floor


async def test_hotels_that_come_are_taken_up_and_those_that_are_lost_let_go() -> None:
    made, leases, floor = tenancy("abc")
    leases.answer = Tenure(frozenset("ab"))
    await made.tick()
    await made.tick()
    leases.answer = Tenure(frozenset("bc"))
    await made.tick()
    assert floor.moves == [({"a", "b"}, set()), (set(), {"a"}), ({"c"}, set())]
    assert made.held == frozenset("bc")


async def test_what_is_due_to_others_is_let_go_before_it_is_given_back() -> None:
    made, leases, floor = tenancy("ab")
    leases.answer = Tenure(frozenset("ab"))
    await made.tick()
    leases.answer = Tenure(frozenset("ab"), ("b",))
    floor.fails = True
    with pytest.raises(OSError, match="no"):
        await made.tick()
    assert leases.given == []
    floor.fails = False
    await made.tick()
    assert floor.moves[-1] == (set(), {"b"})
    assert leases.given == [{"b"}]


async def test_a_hotel_that_is_not_configured_any_more_is_kept_until_its_incidents_are_over() -> None:
    made, leases, floor = tenancy("ab")
    leases.answer = Tenure(frozenset("ab"))
    await made.tick()
    made.know("a")
    leases.answer = Tenure(frozenset("ab"), ("b",))
    floor.busy = {"b"}
    await made.tick()
    assert made.held == frozenset("ab")
    floor.busy = set()
    await made.tick()
    assert made.held == frozenset("a")
    assert leases.given == [{"b"}]


async def test_however_many_are_not_configured_any_more_who_is_busy_is_asked_once() -> None:
    made, leases, floor = tenancy("a")
    leases.answer = Tenure(frozenset("abcd"), ("b", "c", "d"))
    floor.busy = {"c"}
    await made.tick()
    assert floor.asked == 1
    assert leases.given == [{"b", "d"}]


async def test_what_could_not_be_taken_up_is_taken_up_at_the_next_renewal() -> None:
    made, leases, floor = tenancy("a")
    leases.answer = Tenure(frozenset("a"))
    floor.fails = True
    with pytest.raises(OSError, match="no"):
        await made.tick()
    assert made.held == frozenset()
    floor.fails = False
    await made.tick()
    assert floor.moves == [({"a"}, set())]


async def test_a_hotel_that_was_let_go_is_taken_up_anew_whatever_failed_beside_it() -> None:
    made, leases, floor = tenancy("ab")
    leases.answer = Tenure(frozenset("a"))
    await made.tick()
    leases.answer, floor.full = Tenure(frozenset("b")), {"b"}
    with pytest.raises(OSError, match="no"):
        await made.tick()
    assert made.held == frozenset()
    leases.answer, floor.full = Tenure(frozenset("ab")), set()
    await made.tick()
    assert floor.moves[1:] == [(set(), {"a"}), ({"a", "b"}, set())]


async def test_a_hotel_that_was_half_let_go_is_let_go_and_taken_up_anew() -> None:
    made, leases, floor = tenancy("a")
    leases.answer = Tenure(frozenset("a"))
    await made.tick()
    leases.answer, floor.fails = Tenure(frozenset()), True
    with pytest.raises(OSError, match="no"):
        await made.tick()
    leases.answer, floor.fails = Tenure(frozenset("a")), False
    await made.tick()
    assert floor.moves[1:] == [(set(), {"a"}), ({"a"}, set())]
    assert made.held == frozenset("a")


async def test_what_is_held_is_renewed_while_hotels_are_taken_up() -> None:
    made, leases, floor = tenancy("a")
    leases.answer, floor.takes_until = Tenure(frozenset("a")), lambda: leases.renewed >= 3
    await made.tick()
    assert made.held == frozenset("a")
