"""Holds drills: has their messages sent by the way of real alarms, and sees each to its end."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import replace
from enum import StrEnum
from functools import partial

import structlog

from alerts.change import Change
from alerts.correspondence import HotelDesk
from alerts.drill import ABSENT, PATIENCE, READ_WITHIN, WAITS, Drill, Receipt, finished, sought
from alerts.drill_options import Mailbox
from alerts.drill_plan import NobodyError, planned
from alerts.drill_writing import DrillRequest, DrillWriter
from alerts.notification import Notification
from daemon.clock import Clock
from daemon.imap_dialogue import ImapError
from daemon.store import StateError, Store
from daemon.store.drills import RunningError, add, end

log = structlog.get_logger()

AT_REST = 10.0
"""Seconds between two looks whether a drill is under way that was not asked for here."""

ORPHANED = PATIENCE + 2 * READ_WITHIN
"""After so long a drill is over, whoever should have seen to it."""

TRIES, BETWEEN = 3, 5.0
"""How often a mailbox that cannot be read is tried, and for how many seconds it is left alone meanwhile."""

Look = Callable[[Mailbox, str], Awaitable[bool]]
"""Tells whether the mail with a Message-ID is in a mailbox, or raises ImapError."""


class Why(StrEnum):
    """Why a drill cannot be held or acknowledged."""

    UNKNOWN = "unknown"
    NOBODY = "nobody"
    RUNNING = "running"
    ACKNOWLEDGED = "acknowledged"
    OVER = "over"


class DrillRefusedError(Exception):
    """What is asked of drills cannot be done. The message is for the person who asked."""

    def __init__(self, why: Why, words: str) -> None:
        super().__init__(words)
        self.why = why


class Drillmaster:
    """Holds the drills of all hotels, and sees to those of the hotels that are `held` here.

    `posted` is called when there is something to send. Whatever does not work raises StateError.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        new_id: Callable[[], str],
        *,
        held: Callable[[], Collection[str]],
        posted: Callable[[], None],
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._held = held
        self._posted = posted
        self._writer: DrillWriter | None = None
        self._desks: Mapping[str, HotelDesk] = {}
        self._mailbox: Mailbox | None = None
        self._look: Look | None = None
        self._underway = True
        self._looked_at = float("-inf")
        self._unseen: dict[str, str] = {}
        self._tried: dict[str, tuple[int, float]] = {}

    def configure(
        self,
        writer: DrillWriter | None,
        desks: Mapping[str, HotelDesk],
        mailbox: Mailbox | None,
        look: Look,
    ) -> None:
        """Hold drills so from now on; without a `writer` there is no way to tell anybody."""
        self._writer, self._desks = writer, desks
        self._mailbox, self._look = mailbox, look

    @property
    def desks(self) -> Mapping[str, HotelDesk]:
        """The hotels in which drills can be held."""
        return self._desks

    async def hold(self, hotel: str, level: str, by: str, note: str = "") -> Drill:
        """Begin a drill, or raise DrillRefusedError."""
        asked = self._request(hotel, level, by, note)
        drill, letters = self._written(asked)
        try:
            await self._store.commit_with(Change(notifications=letters), partial(add, drill=drill))
        except RunningError:
            words = f"A drill of level {level} is under way already: see `nightporter drill list`."
            raise DrillRefusedError(Why.RUNNING, words) from None
        self._posted()
        self._underway = True
        stored = self._clock.now()
        log.info("drill.begun", drill=drill.id, hotel=hotel, escalation_level=level, letters=len(letters))
        # It is under way even if this cannot be noted.
        with suppress(StateError):
            await self._store.drills.stored(drill.id, stored)
        return replace(drill, stored_at=stored)

    async def acknowledge(self, name: str, by: str, note: str = "") -> Drill:
        """Note that somebody has acknowledged a drill, or raise DrillRefusedError."""
        drill = await self._store.drills.one(name)
        if drill is None:
            raise DrillRefusedError(Why.UNKNOWN, "There is no drill with this id.")
        now = self._clock.now()
        if drill.acknowledged is None and not drill.open(now):
            raise DrillRefusedError(Why.OVER, "This drill is over: it was of more than a day ago.")
        if drill.acknowledged or not await self._store.drills.acknowledge(name, Receipt(now, by, note)):
            found = await self._store.drills.one(name)
            who = found.acknowledged.by if found and found.acknowledged else "somebody else"
            raise DrillRefusedError(Why.ACKNOWLEDGED, f"It is acknowledged already, by {who}.")
        log.info("drill.acknowledged", drill=name, hotel=drill.hotel, by=by)
        return replace(drill, acknowledged=Receipt(now, by, note))

    async def one(self, name: str) -> Drill | None:
        """Return the drill with an id, or None."""
        return await self._store.drills.one(name)

    async def of(self, hotel: str | None, limit: int, before: str | None = None) -> list[Drill]:
        """Return the drills of a hotel, or of all, the latest first."""
        return await self._store.drills.of(hotel, limit, before)

    async def tick(self) -> None:
        """See to the drills that are under way: look for their mails, and end what is over."""
        moment = self._clock.monotonic()
        if not self._underway and moment - self._looked_at < AT_REST:
            return
        self._looked_at = moment
        self._underway = False
        running = await self._store.drills.running()
        self._underway = self._underway or bool(running)
        held, now = self._held(), self._clock.now()
        mine = [one for one in running if one.hotel in held or now >= one.asked_at + ORPHANED]
        # All are seen to before any trouble is told: the next tick must not see to one twice at once.
        ends = await asyncio.gather(*map(self._see_to, mine), return_exceptions=True)
        for trouble in filter(None, ends):
            raise trouble

    async def _see_to(self, drill: Drill) -> None:
        if await self._seen(drill):
            at = self._clock.now()
            await self._store.drills.seen(drill.id, at)
            drill = replace(drill, seen_at=at)
        if finished(drill, self._clock.now(), unreadable=self._tried.get(drill.id, (0, 0.0))[0] >= TRIES):
            await self._end(drill)

    async def _seen(self, drill: Drill) -> bool:
        """Tell whether the mail of a drill is in its mailbox; remember why that cannot be told."""
        mail = sought(drill)
        if mail is None or self._look is None:
            return False
        if self._mailbox is None or self._mailbox.address != mail.recipient:
            self._unseen[drill.id] = "it is not configured any more"
            self._tried[drill.id] = TRIES, 0.0
            return False
        tries, again = self._tried.get(drill.id, (0, float("-inf")))
        if self._clock.monotonic() < again:
            return False
        try:
            found = await self._look(self._mailbox, mail.message_id)
        except ImapError as error:
            self._unseen[drill.id] = str(error)
            self._tried[drill.id] = tries + 1, self._clock.monotonic() + BETWEEN
            return False
        self._tried.pop(drill.id, None)
        self._unseen[drill.id] = "" if found else ABSENT
        return found

    async def _end(self, drill: Drill) -> None:
        """Write down that a drill is over; what was not taken by then is not sent any more."""
        unseen = self._unseen.pop(drill.id, "") if drill.seen_at is None else ""
        self._tried.pop(drill.id, None)
        late = Change(cancelled=tuple(one.id for one in drill.copies if one.state in WAITS))
        at = self._clock.now()
        await self._store.commit_with(late, partial(end, name=drill.id, at=at, unseen=unseen))
        over = replace(drill, ended_at=at, unseen=unseen)
        log.info("drill.ended", drill=drill.id, hotel=drill.hotel, outcome=str(over.outcome))

    def _request(self, hotel: str, level: str, by: str, note: str) -> DrillRequest:
        desk = self._desks.get(hotel)
        if desk is None:
            raise DrillRefusedError(Why.UNKNOWN, "There is no hotel with this id.")
        now = self._clock.now()
        return DrillRequest(self._new_id(), hotel, desk.name, desk.timezone, level, by, note, now)

    def _written(self, asked: DrillRequest) -> tuple[Drill, tuple[Notification, ...]]:
        if self._writer is None:
            raise DrillRefusedError(Why.NOBODY, "Nobody can be told: no mail and no channel is configured.")
        try:
            plan = planned(
                self._desks[asked.hotel].policy,
                asked.level,
                ways=self._writer.ways,
                mailbox=self._mailbox.address if self._mailbox else None,
                now=asked.at,
                zone=asked.timezone,
            )
        except NobodyError as error:
            raise DrillRefusedError(Why.NOBODY, str(error)) from None
        return self._writer.write(asked, plan)
