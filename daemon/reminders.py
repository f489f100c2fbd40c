"""What has become overdue in the ledgers is told to level 1, once, when the reports have been made."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

import structlog

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.lone_letter import LoneLetter
from alerts.notification import Kind, Notification
from alerts.overdue import GRACE, Missed, newly_overdue, report_hour
from alerts.overdue_letter import Reminder, render
from alerts.schedule import FIRST
from daemon.clock import Clock
from daemon.doubt_of_clock import DoubtOfClock
from daemon.maintenance import Maintenance
from daemon.settings import Hotel, Settings
from daemon.store import Store
from daemon.store.maintenance import AlreadyToldError, tell

log = structlog.get_logger()

ROUND = "overdue"
"""What the round is called."""

JUMP, DOUBT = 3600.0, 600.0
"""By how many seconds the wall clock may move by itself, and for how many it is not believed afterwards."""


class Reminders:
    """Tells of what has become overdue in the hotels that are `held`. Nothing is told twice.

    A hotel that has a report coming waits for it: what that saw may be done by it.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ledger: Maintenance,
        held: Callable[[], Collection[str]],
        reported_soon: Callable[[str], bool] = lambda _hotel: False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ledger = ledger
        self._held = held
        self._reported_soon = reported_soon
        self._hotels: dict[str, Hotel] = {}
        self._desks: Mapping[str, HotelDesk] = {}
        self._house: Correspondent | None = None
        self._done: dict[str, datetime] = {}
        self._doubt = DoubtOfClock(clock, JUMP, DOUBT)

    def configure(
        self, settings: Settings, letters: Correspondent | None, desks: Mapping[str, HotelDesk]
    ) -> None:
        """Remind by these settings from now on; without `letters` it is only noted in the log."""
        self._hotels = {hotel.id: hotel for hotel in settings.hotels}
        self._house, self._desks = letters, desks
        self._done.clear()

    async def tick(self) -> None:
        """Tell of what is to be told of, or raise StateError."""
        if not self._believes():
            return
        held, now = set(self._held()), self._clock.now()
        for hotel in [one for name, one in self._hotels.items() if name in held]:
            due = report_hour(now - GRACE, hotel.timezone, hotel.reports.at)
            if self._done.get(hotel.id) == due or self._reported_soon(hotel.id):
                continue
            try:
                await self._look(hotel, due, now)
            except AlreadyToldError:
                # Another replica was quicker: whose hotel it is has changed meanwhile.
                log.debug("reminder.left", hotel=hotel.id)
                continue
            self._done[hotel.id] = due

    async def _look(self, hotel: Hotel, due: datetime, now: datetime) -> None:
        """Make the round of a hotel that was due then, unless it is made or before all began."""
        found = (await self._store.rounds.of(hotel.id)).get(ROUND)
        if found is None:
            await self._store.rounds.begin(hotel.id, ROUND, now)
            return
        # What lies ahead was noted by a clock that was wrong.
        since = found.since if found.since <= now else due
        if due <= since or (found.last is not None and due <= found.last <= now):
            return
        sheet = await self._ledger.sheet(hotel.id)
        warned = await self._store.maintenance.warned(hotel.id)
        missed = (
            newly_overdue(sheet.tasks, sheet.credentials, hotel.timezone, warned=warned, since=since)
            if sheet
            else ()
        )
        letters = self._letters(hotel, missed, now)
        told = {one.name: one.due_by for one in missed}
        also = partial(tell, hotel=hotel.id, told=told, of=(ROUND, due), now=now)
        await self._store.commit_with(Change(notifications=letters), also)
        if missed:
            names = [one.name for one in missed[:50]]
            log.warning("maintenance.overdue", hotel=hotel.id, tasks=names, letters=len(letters))

    def _letters(self, hotel: Hotel, missed: tuple[Missed, ...], now: datetime) -> tuple[Notification, ...]:
        """Return a letter to everybody of level 1; none where there is nothing to tell, or no way."""
        house, desk = self._house, self._desks.get(hotel.id)
        first = desk.policy.level(FIRST) if desk else None
        if not missed or house is None or not house.sender or first is None:
            return ()
        people = dict.fromkeys(first.addresses)
        return tuple(_letter(house, hotel, missed, recipient, now) for recipient in people)

    def _believes(self) -> bool:
        """Say whether the wall clock is believed: not for some minutes after it was set."""
        if self._doubt.jumped():
            self._done.clear()
        return not self._doubt.holds


def _letter(
    house: Correspondent, hotel: Hotel, missed: tuple[Missed, ...], recipient: str, now: datetime
) -> Notification:
    # What is told, not when, makes a letter what it is: nobody gets the same one twice.
    told = ",".join(f"{one.name}@{one.due_by.isoformat()}" for one in missed)
    occasion = f"{ROUND}:{hotel.id}:{hashlib.blake2b(told.encode(), digest_size=12).hexdigest()}"
    lone = LoneLetter(occasion, ROUND, house.sender, recipient, FIRST, Kind.REMINDER, hotel.id, now)
    reminder = Reminder(
        sender=house.sender,
        recipient=recipient,
        message_id=lone.message_id,
        date=now,
        level=FIRST,
        hotel_id=hotel.id,
        hotel_name=hotel.name,
        timezone=hotel.timezone,
        missed=missed,
        command=house.command,
        public_url=house.public_url,
    )
    return lone.row(render(reminder, house.renderer))
