"""The error rate of an integration, and which check answers for it."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from alerts.incident import Breach
from alerts.rates import Rate, Tally, most_by_chance
from alerts.thresholds import breach
from checks.check import Check
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, State, failed, ok
from daemon.board import Board
from daemon.observer import Observer
from tests.support import boards
from tests.support.clock import FakeClock

FINE = ok("", {RESPONSE_TIME: 100.0})
ERROR = failed(Reason.SERVER_ERROR, "500", {RESPONSE_TIME: 100.0})
LOST = failed(Reason.TIMEOUT, "no answer")
SLOW = replace(FINE, state=State.CRITICAL, reason=Reason.THRESHOLD)


class House:
    """An integration with two checks, looked at by turns, each once a minute."""

    def __init__(self) -> None:
        names = ("auth", "health")
        self.checks = [replace(boards.check("expedia", name, "ota"), error_limit=0.05) for name in names]
        self.board, self.clock, self.changes = Board(), FakeClock(), 0
        self.board.watch(self.checks, boards.HOTELS)
        self.observer = Observer(self.board, self.clock, self._moved)

    def _moved(self, _tile: object, changed: bool) -> None:
        self.changes += changed

    def see(self, check: Check, *results: Result, every: float = 60.0) -> None:
        """Let a check see these results."""
        for result in results:
            self.clock.advance(every)
            self.observer.observe(check, result)

    def both(self, rounds: int, result: Callable[[int], Result], every: float = 60.0) -> None:
        """Let `auth` see such results, and `health` good ones."""
        for number in range(rounds):
            self.see(self.checks[0], result(number), every=every / 2)
            self.see(self.checks[1], FINE, every=every / 2)

    def why(self, name: str) -> Reason:
        """Return the reason of a breach."""
        return self.breaches[name].reason

    @property
    def breaches(self) -> dict[str, Breach]:
        """The breaches, by check."""
        tiles = self.board.tiles.values()
        found = [one for tile in tiles if tile.standing and (one := breach(tile.standing, tile.result))]
        return {one.check.check: one for one in found}


def each(period: int, bad: Result = ERROR) -> Callable[[int], Result]:
    """Return a row of results in which every so many is bad."""
    return lambda number: bad if number % period == period - 1 else FINE


def test_a_rate_slides_over_its_window() -> None:
    rate = Rate(300.0)
    for second in range(0, 300, 10):
        rate.add(1000.0 + second, 1, int(second < 100), 0)
    assert rate.tally(1299.0) == Tally(30, 10, 0, full=False)
    assert rate.tally(1400.0).failed == 0
    assert rate.tally(1400.0).full
    assert rate.tally(9999.0).runs == 0


@pytest.mark.parametrize(
    ("tally", "held", "past"),
    [
        (Tally(100, 5, 0, full=True), False, False),
        (Tally(100, 6, 0, full=True), False, True),
        (Tally(19, 19, 0, full=True), False, False),
        (Tally(1000, 48, 0, full=True), True, True),
        (Tally(1000, 47, 0, full=True), True, False),
        (Tally(30, 3, 3, full=True), False, False),
        (Tally(30, 7, 7, full=True), False, True),
        (Tally(30, 3, 1, full=True), False, True),
    ],
)
def test_a_rate_is_past_its_limit_strictly_of_enough_runs_and_beyond_chance(
    tally: Tally, held: bool, past: bool
) -> None:
    assert tally.is_past(0.05, 20, held=held) is past


def test_chance_takes_few_probes_and_more_of_many() -> None:
    assert [most_by_chance(runs) for runs in (20, 60, 1800, 1_000_000)] == [5, 8, 44, 10_520]


def test_too_many_errors_are_critical_though_no_check_fails_long_enough() -> None:
    house = House()
    house.both(8, each(4))
    assert house.breaches == {}
    house.both(4, each(4))
    found = house.breaches["auth"]
    assert (found.state, found.reason) == (State.CRITICAL, Reason.THRESHOLD)
    assert (found.observed, found.limit, found.unit) == (9.52, 5.0, "%")
    assert found.message.startswith("2 of 21 looks within 30 min failed")
    assert list(house.breaches) == ["auth"]


def test_a_rate_stays_one_breach_while_it_lasts_and_clears_when_it_has_fallen() -> None:
    house = House()
    house.both(60, each(4))
    opened = house.changes
    house.both(60, each(4))
    assert house.changes == opened
    house.both(40, lambda _number: FINE)
    assert house.breaches == {}


def test_a_rate_around_its_limit_does_not_come_and_go() -> None:
    house = House()
    house.both(600, each(8), every=4.0)
    assert list(house.breaches) == ["auth"]
    before = house.changes
    house.both(2000, lambda number: each(10 if number % 200 < 100 else 9)(number), every=4.0)
    assert house.changes == before


def test_runs_of_an_outage_do_not_count() -> None:
    house = House()
    house.both(20, lambda _number: FINE)
    house.see(house.checks[0], *[ERROR] * 20, FINE, FINE)
    assert house.breaches == {}
    rate = house.board.integrations["grand-harbour", "expedia"].rate
    assert rate.tally(house.clock.monotonic()).failed == 0


def test_unknown_runs_and_numbers_past_their_limits_are_no_errors() -> None:
    house = House()
    house.both(30, each(3, failed(Reason.INTERNAL, "crashed")))
    house.both(30, each(6, SLOW))
    assert house.breaches == {}


def test_a_vendor_that_says_when_it_will_be_back_meets_no_error() -> None:
    house, closed = House(), replace(ERROR, retry_after=300.0)
    house.both(30, each(6, closed))
    assert house.breaches == {}
    house.both(30, each(6))
    assert list(house.breaches) == ["auth"]


def test_one_lost_probe_in_a_hundred_raises_nothing_in_ten_days() -> None:
    house, chance = House(), random.Random(4)  # noqa: S311 - no secret, but the same each time
    house.both(14_400, lambda _number: LOST if chance.random() < 0.01 else FINE)
    assert house.changes == 2


def test_many_lost_probes_do() -> None:
    house = House()
    house.both(30, each(3, LOST))
    assert list(house.breaches) == ["auth"]


def test_an_outage_outranks_the_rate_and_the_rate_does_not_come_back_from_it() -> None:
    house = House()
    house.both(30, each(4))
    house.see(house.checks[0], ERROR, ERROR)
    assert house.why("auth") is Reason.THRESHOLD
    house.see(house.checks[0], ERROR)
    assert house.why("auth") is Reason.SERVER_ERROR
    house.see(house.checks[0], *[ERROR] * 30)
    house.see(house.checks[0], FINE, FINE)
    assert house.breaches == {}


def test_a_rate_is_held_over_a_restart_until_there_are_runs_enough() -> None:
    house = House()
    house.both(30, each(4))
    kept = house.board.tiles[house.checks[0].id].standing
    again = House()
    again.board.tiles[again.checks[0].id].standing = kept
    again.both(9, lambda _number: FINE)
    assert list(again.breaches) == ["auth"]
    again.both(3, lambda _number: FINE)
    assert again.breaches == {}


def test_a_check_that_counts_towards_no_rate_raises_none() -> None:
    house = House()
    unrated = [replace(check, error_limit=None) for check in house.checks]
    house.board.watch(unrated, boards.HOTELS)
    house.both(40, each(5))
    assert house.breaches == {}


def test_the_next_check_answers_when_the_one_that_did_is_gone() -> None:
    house = House()
    other = replace(house.checks[0], id=CheckId("grand-harbour", "expedia", "ping"))
    house.board.watch([*house.checks, other], boards.HOTELS)
    for number in range(40):
        house.see(house.checks[0], each(5)(number), every=20.0)
        house.see(other, each(5)(number), every=20.0)
    assert list(house.breaches) == ["auth"]
    house.board.watch([other], boards.HOTELS)
    house.see(other, FINE)
    assert list(house.breaches) == ["ping"]
