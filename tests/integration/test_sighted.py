"""What checks see of how things are set up is kept as it changes, over both databases."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from alerts.reports.drift import NEW_ERROR
from checks.check import Check
from checks.findings import Findings, set_up
from checks.result import Reason, failed, ok
from daemon.sighted import BATCH, OF_A_CHECK, OF_A_NAME, OWED, Sighted
from daemon.store.errors import StateError
from daemon.store.sightings import KEPT, Sighting
from tests.support import boards
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

DAY = timedelta(days=1)


def a_check(hotel: str, integration: str, name: str) -> Check:
    return boards.check(integration, name, hotel=hotel)


SPF = a_check("h", "email", "spf")


class Away:
    """A book that cannot be written in while it is away."""

    def __init__(self) -> None:
        self.away = True
        self.written: list[Sighting] = []

    async def add(self, found: Collection[Sighting]) -> None:
        if self.away:
            raise StateError("the state is away")
        self.written += found

    async def since(self, hotel: str, since: datetime) -> list[Sighting]:
        return [one for one in self.written if one.check.hotel == hotel and one.at <= since]


def see(sighted: Sighted, value: str, check: Check = SPF, name: str = "record") -> None:
    sighted.note(check, replace(ok(), findings=set_up({name: value})))


async def test_only_changes_are_written_and_known_after_a_restart(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        for values in (("a", "a", "b"), ("b", "b", "c")):
            sighted = Sighted(store.sightings, clock, lambda: {"h"})
            see(sighted, values[0])
            await sighted.tick()
            for value in values[1:]:
                clock.advance(60)
                see(sighted, value)
                await sighted.tick()
        found = await store.sightings.since("h", START - DAY)
    assert [one.value for one in found] == ["a", "b", "c"]
    assert [one.at - START for one in found] == [timedelta(minutes=minute) for minute in (0, 2, 4)]


async def test_a_run_that_could_not_look_changes_nothing(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        sighted = Sighted(store.sightings, clock, lambda: {"h"})
        see(sighted, "a")
        blind = failed(Reason.QUERY, "no answer")
        sighted.note(SPF, replace(blind, findings=set_up({"record": "none"})))
        sighted.note(SPF, blind)
        await sighted.tick()
        assert [one.value for one in await store.sightings.since("h", START)] == ["a"]


async def test_new_kinds_of_error_are_kept_once_and_not_for_ever(address: str) -> None:
    clock = FakeClock()
    logs = a_check("h", "pms", "logs")
    async with opened(address, clock) as store:
        sighted = Sighted(store.sightings, clock, lambda: {"h"})
        for _ in range(2):
            sighted.note(logs, replace(ok(), findings=Findings(news={"1a2b": "ERROR # failed"})))
            see(sighted, "a")
            await sighted.tick()
            clock.advance(60)
        found = await store.sightings.since("h", START)
        assert [one.name for one in found] == [f"{NEW_ERROR}1a2b", "record"]
        clock.advance((KEPT + DAY).total_seconds())
        await store.tidy()
        assert [one.name for one in await store.sightings.since("h", START)] == ["record"]


async def test_what_changes_at_every_look_is_kept_a_few_times_a_day() -> None:
    clock, book = FakeClock(), Away()
    book.away = False
    sighted = Sighted(book, clock, lambda: {"h"})
    for number in range(200):
        see(sighted, f"value {number}")
        await sighted.tick()
        clock.advance(1)
    assert len(book.written) == OF_A_NAME
    clock.advance(DAY.total_seconds())
    see(sighted, "value 199")
    await sighted.tick()
    assert book.written[-1].value == "value 199"
    many = {f"{number:04x}": "ERROR" for number in range(1000)}
    sighted.note(a_check("h", "pms", "logs"), replace(ok(), findings=Findings(news=many)))
    await sighted.tick()
    assert sum(one.name.startswith(NEW_ERROR) for one in book.written) == OF_A_CHECK


async def test_a_state_that_is_away_loses_nothing_but_what_is_between() -> None:
    clock, book = FakeClock(), Away()
    sighted = Sighted(book, clock, lambda: {"h"})
    for number in range(20):
        see(sighted, f"value {number}")
        with pytest.raises(StateError):
            await sighted.tick()
        clock.advance(6 * 3600)
    assert len(sighted._owed[SPF.id, "record"]) == OWED
    book.away = False
    await sighted.tick()
    assert [book.written[0].value, book.written[-1].value] == ["value 0", "value 19"]
    await sighted.tick()
    assert len(book.written) == OWED


async def test_many_are_written_in_batches_and_other_hotels_are_left_alone() -> None:
    clock, book = FakeClock(), Away()
    book.away = False
    held = {"h"}
    sighted = Sighted(book, clock, lambda: held)
    for number in range(2 * BATCH + 1):
        see(sighted, "there", a_check("h", f"i{number}", "c"))
    see(sighted, "there", a_check("other", "i", "c"))
    await sighted.tick()
    assert len(book.written) == 2 * BATCH + 1
    held.add("other")
    await sighted.tick()
    assert book.written[-1].check.hotel == "other"
