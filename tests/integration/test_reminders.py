"""What becomes overdue is told to level 1 once, over restarts, crashes and replicas, over both databases."""

import asyncio
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from alerts.change import Change
from alerts.correspondence import Correspondent
from alerts.maintenance import Entry
from alerts.message import Renderer
from daemon.clock import Clock
from daemon.desks import desks
from daemon.maintenance import Maintenance
from daemon.reminders import DOUBT, Reminders
from daemon.settings import Settings, load
from daemon.store import Store
from daemon.store.errors import StateError
from daemon.store.place import Place
from tests.support.clock import START, FakeClock
from tests.support.rows import tables
from tests.support.stored import opened, opened_as, url_of

DAY = timedelta(days=1).total_seconds()
HOUR = 3600.0
BODY = """\
hotel: {id: h, name: Grand Harbour Hotel, timezone: Europe/Lisbon}
mail: {from: "Porter <porter@hotel.example>", relays: [{host: relay.hotel.example, port: 25, security: none}]}
escalation:
  levels:
    - {level: 1, role: Support, email: [a@hotel.example, b@hotel.example]}
    - {level: 2, role: Lead, email: [lead@hotel.example]}
credentials:
  google: {title: App password, owner: Ada, created: 2026-06-01, rotate_every: 180d}
  old: {title: Forgotten key, owner: Ada, expires: 2026-01-01}
"""
HOUSE = Correspondent("Porter <porter@hotel.example>", Renderer(), "https://porter.hotel.example")


class Troubled(Store):
    """A store that breaks when all is written but not committed, or waits before it writes, when told to."""

    def __init__(self, place: Place, clock: Clock) -> None:
        super().__init__(place, clock)
        self.breaks = False
        self.waits, self.go = asyncio.Event(), asyncio.Event()
        self.go.set()

    async def commit_with(
        self, change: Change, also: Callable[[Connection], None] | None = None, of: Collection[str] = ()
    ) -> None:
        def then(connection: Connection) -> None:
            if also is not None:
                also(connection)
            if self.breaks:
                raise StateError("gone in the middle")

        self.waits.set()
        await self.go.wait()
        await super().commit_with(change, then, of)


def settings(directory: Path, body: str = BODY) -> Settings:
    (directory / "one.yml").write_text(body)
    return load(directory / "one.yml", {})


async def porter(
    store: Store, clock: FakeClock, found: Settings, house: Correspondent | None = HOUSE
) -> Reminders:
    """Return what reminds, as a porter that has just begun has it."""
    ledger = Maintenance(store.maintenance, clock, lambda: "e1")
    ledger.configure(found.hotels)
    await ledger.ask()
    one = Reminders(store, clock, ledger, lambda: {"h"})
    one.configure(found, house, desks(found))
    return one


async def letters(where: str | Path) -> list[tuple[str, str]]:
    """Return to whom letters went, and about what."""
    rows = (await tables(where if isinstance(where, str) else url_of(where)))["notifications"]
    found = sorted(rows, key=lambda row: (row["created_at"], row["recipient"]))
    assert all(row["kind"] == "reminder" for row in found)
    subjects = [bytes(row["message"]).partition(b"Subject: ")[2].partition(b"\r\nDate")[0] for row in found]
    said = [" ".join(one.decode().split()).rpartition(": ")[2] for one in subjects]
    return [(row["recipient"], what) for row, what in zip(found, said, strict=True)]


async def past(days: float, clock: FakeClock, one: Reminders) -> None:
    """Have days pass, in steps of an hour, the porter looking all the time."""
    for _ in range(int(days * 24)):
        clock.advance(HOUR)
        await one.tick()


async def test_level_1_is_told_once_at_the_report_hour(address: str, tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened(address, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        # It is the 25th: daily tasks are due by the end of the 26th, the key by that of the 28th.
        while clock.now() < START.replace(day=27, hour=6, minute=0):
            assert await letters(address) == []
            clock.advance(HOUR)
            await one.tick()
        await past(0.2, clock, one)
        both = ["a@hotel.example", "b@hotel.example"]
        assert await letters(address) == [(who, "4 tasks are overdue") for who in both]
        again = await porter(store, clock, found)
        await past(1, clock, again)
        assert len(await letters(address)) == 2
        await past(1, clock, again)
        assert (await letters(address))[2:] == [(who, "1 credential is overdue") for who in both]
        await past(6, clock, again)
        assert len(await letters(address)) == 4
        await past(3, clock, again)
        assert (await letters(address))[4:] == [(who, "4 tasks are overdue") for who in both]


async def test_it_is_told_at_the_hour_of_the_reports_of_the_hotel(tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path, BODY + 'reports: {at: "09:00"}\n')
    async with opened(tmp_path, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        while clock.now() < START.replace(day=27, hour=9, minute=0):
            assert await letters(tmp_path) == []
            clock.advance(HOUR)
            await one.tick()
        await past(0.1, clock, one)
        assert len(await letters(tmp_path)) == 2


async def test_a_letter_that_was_not_committed_is_written_by_whoever_looks_next(
    address: str, tmp_path: Path
) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened_as(Troubled, address, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        clock.advance(4 * DAY)

        store.breaks = True
        one = await porter(store, clock, found)
        with pytest.raises(StateError):
            await one.tick()
        store.breaks = False
        assert await letters(address) == []
        assert await store.maintenance.warned("h") == {}
        for _ in range(2):
            await one.tick()
            one = await porter(store, clock, found)
            await one.tick()
        assert [what for _, what in await letters(address)] == ["4 tasks and 1 credential are overdue"] * 2


async def test_two_replicas_that_both_believe_the_hotel_theirs_tell_of_it_once(
    address: str, tmp_path: Path
) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened_as(Troubled, address, clock))
        await (await porter(store, clock, found)).tick()
        shared = store.shared
        other = await stack.enter_async_context(opened_as(Troubled, address, clock)) if shared else store
        clock.advance(4 * DAY)
        one, two = await porter(store, clock, found), await porter(other, clock, found)
        # What the other one is about to write rests on what was true before; a task was ticked in between.
        other.go.clear()
        await other.maintenance.enter(Entry("e2", "h", "review-logs", clock.now(), "Ada"))
        late = asyncio.create_task(two.tick())
        async with asyncio.timeout(10):
            await other.waits.wait()
        other.go, go = asyncio.Event(), other.go
        other.go.set()
        await one.tick()
        go.set()
        await late
        assert len(await letters(address)) == 2
        await two.tick()
        assert len(await letters(address)) == 2


async def test_without_mail_it_stands_in_the_log_and_is_not_told_later(tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened(tmp_path, clock) as store:
        one = await porter(store, clock, found, None)
        await one.tick()
        clock.advance(4 * DAY)
        await (await porter(store, clock, found, None)).tick()
        assert len(await store.maintenance.warned("h")) == 5
        await (await porter(store, clock, found)).tick()
        assert await letters(tmp_path) == []


async def test_a_clock_that_jumps_is_not_believed_at_once(tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened(tmp_path, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        clock.jump(3650 * DAY)
        await one.tick()
        clock.jump(-3650 * DAY)
        for _ in range(int(DOUBT / 60) + 2):
            clock.advance(60)
            await one.tick()
        assert await letters(tmp_path) == []
        assert await store.maintenance.warned("h") == {}
