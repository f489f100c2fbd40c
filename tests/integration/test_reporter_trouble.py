"""A hotel whose report cannot be made keeps no other from its own, nor anybody from the rest of the night."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from alerts.change import Change
from daemon.history import History
from daemon.nights import Nights
from daemon.settings import Settings
from daemon.store import StateError, Store
from daemon.tally import Stored
from tests.support.clock import FakeClock
from tests.support.polling import until
from tests.support.reported import HOTEL, nights_over, settings_of
from tests.support.rows import spoil, tables
from tests.support.stored import incident, opened

FRIDAY = datetime(2026, 11, 27, 5, 0, tzinfo=UTC)
OTHERS = ("a", "z")


class Slow(History):
    """A history that takes for ever to read of a hotel, until it is `let` go on."""

    let: asyncio.Event
    asked: asyncio.Event

    async def rows(self, hotel: str, among: object = None, *, edges: Sequence[datetime]) -> list[Stored]:
        if hotel == HOTEL:
            self.asked.set()
            await self.let.wait()
        return await super().rows(hotel, edges=edges)


@dataclass
class House:
    """Three hotels, one of which is trouble."""

    store: Store
    clock: FakeClock
    nights: Nights
    history: Slow

    async def made(self) -> list[str]:
        """Return of which hotels there are reports."""
        return [one for one in ("a", HOTEL, "z") if await self.store.reports.ends(one)]


def three(directory: Path) -> Settings:
    """Return settings of three hotels that are alike."""
    settings = settings_of(directory)
    (hotel,) = settings.hotels
    more = [replace(hotel, id=name) for name in OTHERS]
    return replace(settings, hotels=(more[0], hotel, more[1]))


@asynccontextmanager
async def a_house(address: str | Path, directory: Path) -> AsyncIterator[House]:
    """Open the state of three hotels an hour before their reports are due."""
    clock = FakeClock(FRIDAY)
    held = {HOTEL, *OTHERS}
    async with opened(address, clock, held=held) as store:
        history = Slow(store, clock, lambda: held)
        history.let, history.asked = asyncio.Event(), asyncio.Event()
        history.let.set()
        house = House(store, clock, nights_over(store, clock, three(directory), history), history)
        await house.nights.tick()
        yield house


async def damage(address: str, body: str) -> None:
    """Have the incidents of the troubled hotel hold something else."""
    await spoil(address, "UPDATE incidents SET body = $1 WHERE hotel = 'h'", body)


async def test_a_report_that_cannot_be_made_keeps_no_other_hotel_from_its_own(
    address: str, tmp_path: Path
) -> None:
    async with a_house(address, tmp_path) as house:
        await house.store.commit(Change(incidents=(incident("i", hotel=HOTEL),)))
        [row] = (await tables(address))["incidents"]
        await damage(address, "{}")
        house.clock.advance(3700)
        with capture_logs() as logs:
            for _ in range(30):
                await house.nights.tick()
                house.clock.advance(10)
            assert await house.made() == ["a", "z"]
            await damage(address, row["body"])
            for _ in range(30):
                await house.nights.tick()
                house.clock.advance(10)
        assert await house.made() == ["a", HOTEL, "z"]
        told = [
            (one["event"], one["hotel"])
            for one in logs
            if one["event"] in {"report.failed", "report.recovered"}
        ]
        assert told == [("report.failed", HOTEL), ("report.recovered", HOTEL)]


async def test_a_report_that_takes_long_keeps_nothing_else_of_the_night_from_being_done(
    tmp_path: Path,
) -> None:
    async with a_house(tmp_path, tmp_path) as house:
        house.nights.patience = 0.01
        house.history.let.clear()
        house.clock.advance(3700)
        await house.nights.tick()
        await house.history.asked.wait()
        assert [house.nights.reports.owes(one) for one in ("a", HOTEL, "z")] == [False, True, True]
        await house.nights.reminders.tick()
        assert await reminded(house) == ["a"]
        house.history.let.set()
        await until(lambda: not house.nights.reports.owes("z"), 10, "all to have had their turn")
        await house.nights.tick()
        assert await house.made() == ["a", HOTEL, "z"]
        await house.nights.reminders.tick()
        assert await reminded(house) == ["a", HOTEL, "z"]


async def reminded(house: House) -> list[str]:
    """Return the hotels in which it was looked for what is overdue."""
    return [one for one in ("a", HOTEL, "z") if "overdue" in await house.store.rounds.of(one)]


async def test_a_porter_who_ends_leaves_no_report_half_made(tmp_path: Path) -> None:
    async with a_house(tmp_path, tmp_path) as house:
        house.nights.patience = 0.01
        house.history.let.clear()
        house.clock.advance(3700)
        await house.nights.tick()
        await house.history.asked.wait()
        await house.nights.finish()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await house.made() == ["a"]


async def test_a_state_that_is_away_is_no_hotels_fault(tmp_path: Path) -> None:
    async with a_house(tmp_path, tmp_path) as house:
        house.clock.advance(3700)
        await house.store.close()
        with pytest.raises(StateError):
            await house.nights.reports.tick()
        assert not house.nights.reports._trials.waits("a")


async def test_a_clock_that_is_set_while_reports_are_made_is_not_believed_at_once(tmp_path: Path) -> None:
    async with a_house(tmp_path, tmp_path) as house:
        house.history.let.clear()
        house.clock.advance(3700)
        making = asyncio.create_task(house.nights.reports.tick())
        await house.history.asked.wait()
        house.clock.jump(timedelta(days=40).total_seconds())
        house.history.let.set()
        await making
        assert await house.store.reports.ends("z") == []
