"""What becomes overdue is told to level 1 once, over restarts, crashes and replicas, over both databases."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from alerts.correspondence import Correspondent
from alerts.maintenance import Entry
from alerts.message import Renderer
from daemon.desks import desks
from daemon.maintenance import Maintenance
from daemon.reminders import DOUBT, Reminders
from daemon.settings import Settings, load
from daemon.store import Store
from daemon.store.errors import StateError
from daemon.store.schema import notifications
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

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


def _rows(connection: Connection) -> Sequence[Any]:
    query = select(notifications.c.recipient, notifications.c.message, notifications.c.kind)
    return connection.execute(query.order_by(notifications.c.created_at, notifications.c.recipient)).all()


async def letters(store: Store) -> list[tuple[str, str]]:
    """Return to whom letters went, and about what."""
    found = await store._transactions.read(_rows)
    assert all(row.kind == "reminder" for row in found)
    subjects = [bytes(row.message).partition(b"Subject: ")[2].partition(b"\r\nDate")[0] for row in found]
    said = [" ".join(one.decode().split()).rpartition(": ")[2] for one in subjects]
    return [(row.recipient, what) for row, what in zip(found, said, strict=True)]


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
            assert await letters(store) == []
            clock.advance(HOUR)
            await one.tick()
        await past(0.2, clock, one)
        both = ["a@hotel.example", "b@hotel.example"]
        assert await letters(store) == [(who, "4 tasks are overdue") for who in both]
        again = await porter(store, clock, found)
        await past(1, clock, again)
        assert len(await letters(store)) == 2
        await past(1, clock, again)
        assert (await letters(store))[2:] == [(who, "1 credential is overdue") for who in both]
        await past(6, clock, again)
        assert len(await letters(store)) == 4
        await past(3, clock, again)
        assert (await letters(store))[4:] == [(who, "4 tasks are overdue") for who in both]


async def test_it_is_told_at_the_hour_of_the_reports_of_the_hotel(tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path, BODY + 'reports: {at: "09:00"}\n')
    async with opened(tmp_path, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        while clock.now() < START.replace(day=27, hour=9, minute=0):
            assert await letters(store) == []
            clock.advance(HOUR)
            await one.tick()
        await past(0.1, clock, one)
        assert len(await letters(store)) == 2


async def test_a_letter_that_was_not_committed_is_written_by_whoever_looks_next(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened(address, clock) as store:
        one = await porter(store, clock, found)
        await one.tick()
        clock.advance(4 * DAY)

        def crash(*_: object) -> None:
            raise StateError("gone in the middle")

        with monkeypatch.context() as broken:
            broken.setattr("daemon.store.maintenance.made", crash)
            one = await porter(store, clock, found)
            with pytest.raises(StateError):
                await one.tick()
        assert await letters(store) == []
        assert await store.maintenance.warned("h") == {}
        for _ in range(2):
            await one.tick()
            one = await porter(store, clock, found)
            await one.tick()
        assert [what for _, what in await letters(store)] == ["4 tasks and 1 credential are overdue"] * 2


async def test_two_replicas_that_both_believe_the_hotel_theirs_tell_of_it_once(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(address, clock))
        await (await porter(store, clock, found)).tick()
        other = await stack.enter_async_context(opened(address, clock)) if store.shared else store
        clock.advance(4 * DAY)
        one, two = await porter(store, clock, found), await porter(other, clock, found)
        rounds, warned = await store.rounds.of("h"), await store.maintenance.warned("h")
        await one.tick()

        # What the other one has read was true before the first one wrote; a task was ticked in between.
        async def earlier(_hotel: str) -> Any:
            return rounds

        async def nobody(_hotel: str) -> Any:
            return warned

        with monkeypatch.context() as stale:
            stale.setattr(other.rounds, "of", earlier)
            stale.setattr(other.maintenance, "warned", nobody)
            await other.maintenance.enter(Entry("e2", "h", "review-logs", clock.now(), "Ada"))
            await two.tick()
        assert len(await letters(store)) == 2
        await two.tick()
        assert len(await letters(store)) == 2


async def test_without_mail_it_stands_in_the_log_and_is_not_told_later(tmp_path: Path) -> None:
    clock, found = FakeClock(), settings(tmp_path)
    async with opened(tmp_path, clock) as store:
        one = await porter(store, clock, found, None)
        await one.tick()
        clock.advance(4 * DAY)
        await (await porter(store, clock, found, None)).tick()
        assert len(await store.maintenance.warned("h")) == 5
        await (await porter(store, clock, found)).tick()
        assert await letters(store) == []


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
        assert await letters(store) == []
        assert await store.maintenance.warned("h") == {}
