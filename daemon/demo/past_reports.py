"""Makes the reports of the days before tonight, by the porter's own means, from the past that was written."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from alerts.change import Change
from alerts.reports import periods
from alerts.reports.report import Kind
from alerts.reports.writing import write
from daemon.board import Board
from daemon.clock import SystemClock
from daemon.history import History
from daemon.ids import new_id
from daemon.maintenance import Maintenance
from daemon.reporting.gather import Sources, gather
from daemon.settings import Hotel, Settings, checks_of
from daemon.store import Store
from daemon.store.reports import keep_latest

DAYS = 3
"""So many daily reports are made, and one of the week before."""

WITHIN = 1.0
"""Seconds that they may take: whoever starts a demo waits for them."""


async def make(settings: Settings) -> None:
    """Make the reports of the last days and of the last week; raise StateError where that does not work."""
    clock, began = SystemClock(), SystemClock().monotonic()
    (hotel,) = settings.hotels
    store = await Store.open(settings.state, clock)
    try:
        await store.tenure("the-past", "0", [hotel.id])
        sources = _sources(settings, store, clock)
        for kind, at in reversed(list(_moments(hotel, clock.now()))):
            if clock.monotonic() - began < WITHIN:
                await _one(sources, hotel, kind, at)
        await store.leave("the-past")
    finally:
        await store.close()


def _moments(hotel: Hotel, now: datetime) -> Iterator[tuple[Kind, datetime]]:
    """Yield which reports were due when, the latest first."""
    yield Kind.WEEKLY, now
    for days in range(DAYS):
        yield Kind.DAILY, now - timedelta(days=days)


async def _one(sources: Sources, hotel: Hotel, kind: Kind, at: datetime) -> None:
    spans = periods.scheduled(kind, at, hotel.timezone, hotel.reports.at)
    report = write(await gather(sources, hotel, kind, spans, spans.period.ends))
    await sources.store.commit_with(Change(), partial(keep_latest, report=report, ticks=()), [hotel.id])


def _sources(settings: Settings, store: Store, clock: SystemClock) -> Sources:
    board = Board()
    board.watch(checks_of(settings), {one.id: one.name for one in settings.hotels})
    maintenance = Maintenance(store.maintenance, clock, new_id)
    maintenance.configure(settings.hotels)
    return Sources(store, History(store, clock, lambda: board.hotels), board, maintenance)
