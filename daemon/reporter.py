"""The reporter: makes each report once, when it is due, and hands its letters to the outbox with it."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

import structlog

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.lone_letter import LoneLetter
from alerts.notification import Kind as Errand
from alerts.notification import Notification
from alerts.reports import periods
from alerts.reports.letter import ReportLetter, ReportLetters
from alerts.reports.periods import Spans
from alerts.reports.report import Kind, Report
from alerts.reports.writing import write
from alerts.schedule import FIRST, SECOND
from daemon.clock import Clock
from daemon.doubt_of_clock import DoubtOfClock
from daemon.reporting.gather import Sources, gather
from daemon.reporting.trials import Trials
from daemon.settings import Hotel, Settings
from daemon.store.errors import LostTenureError, StateError
from daemon.store.reports import Reports, keep_latest
from daemon.store.rounds import Round

log = structlog.get_logger()

JUMP, DOUBT = 3600.0, 600.0
"""By how many seconds the wall clock may move by itself, and for how many it is not believed afterwards."""

REST = 5.0
"""Seconds of rest after a report at the most: as long as it took, for whoever else has something to do."""

TOGETHER = 50
"""Hotels that are looked at before others have their turn."""


class Reporter:
    """Makes the reports of the hotels that are held here; whoever asks may have one of any hotel."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources = sources
        self._clock = clock
        self._letters = ReportLetters()
        self._hotels: dict[str, Hotel] = {}
        self._desks: Mapping[str, HotelDesk] = {}
        self._house: Correspondent | None = None
        self._trials = Trials(clock.monotonic)
        self._owed: set[str] = set()
        self._done: dict[tuple[str, Kind], datetime] = {}
        self._doubt = DoubtOfClock(clock, JUMP, DOUBT)

    @property
    def stored(self) -> Reports:
        """The reports that were made before."""
        return self._sources.store.reports

    def configure(
        self, settings: Settings, letters: Correspondent | None, desks: Mapping[str, HotelDesk]
    ) -> None:
        """Report by these settings from now on; without `letters` nothing is mailed."""
        self._hotels = {hotel.id: hotel for hotel in settings.hotels}
        self._house, self._desks = letters, desks
        self._done.clear()
        self._trials.forgive()

    def owes(self, hotel: str) -> bool:
        """Tell whether a hotel's turn is yet to come, in the round that is made just now."""
        return hotel in self._owed

    async def tick(self) -> None:
        """Make what is due, one hotel after the other, or raise StateError where nothing can be read."""
        if not self._believes():
            return
        held = self._sources.history.held
        names = [name for name in self._hotels if name in held and not self._trials.waits(name)]
        self._owed = set(names)
        try:
            for number, name in enumerate(names, 1):
                if not self._believes():
                    return
                await self._turn(name)
                self._owed.discard(name)
                if number % TOGETHER == 0:
                    await asyncio.sleep(0)
        finally:
            self._owed = set()

    async def _turn(self, name: str) -> None:
        """Make what is due for a hotel, if that is still held; a failure is its own."""
        hotel = self._hotels.get(name)
        due = self._due(hotel) if hotel and name in self._sources.history.held else []
        if hotel is None or not due:
            return
        began = self._clock.monotonic()
        if isinstance(await self._trials.attempt(name, self._look(hotel, due)), StateError):
            await self._blame(name)
        await asyncio.sleep(min(REST, self._clock.monotonic() - began))

    async def now(self, hotel: str, kind: Kind) -> Report:
        """Return the report of a hotel about the day, week or month so far; it is not kept."""
        found, now = self._hotels[hotel], self._clock.now()
        return await self._made(found, kind, periods.as_of(kind, now, found.timezone, found.reports.at))

    async def mail(self, hotel: str, kind: Kind, by: str) -> Sequence[str]:
        """Have the report as of now mailed to whom it usually goes; return who that is, if anybody.

        Within a minute it is mailed once. Raise LostTenureError where another replica holds the hotel.
        """
        found = await self.now(hotel, kind)
        minute = found.ends.replace(second=0, microsecond=0)
        letters = await self._letters_of(found, f"report:{hotel}:{kind}:as of {minute.isoformat()}")
        if letters:
            await self._sources.store.commit_with(Change(notifications=letters), of=[hotel])
            log.info("report.mailed", hotel=hotel, kind=str(kind), by=by, letters=len(letters))
        return [one.recipient for one in letters]

    async def _blame(self, name: str) -> None:
        """Raise StateError where it is not a hotel's rows that cannot be read, but nothing can."""
        try:
            await self._sources.store.rounds.of(name)
        except StateError:
            self._trials.forgive()
            raise

    def _due(self, hotel: Hotel) -> list[tuple[Kind, Spans]]:
        """Return which reports of a hotel may be due, and about which times."""
        now, options = self._clock.now(), hotel.reports
        all_of_them = (
            (kind, periods.scheduled(kind, now, hotel.timezone, options.at)) for kind in options.kinds
        )
        return [one for one in all_of_them if self._done.get((hotel.id, one[0])) != one[1].period.ends]

    async def _look(self, hotel: Hotel, due: Sequence[tuple[Kind, Spans]]) -> None:
        """Make the reports of a hotel that are due; of one that is another's by now, none."""
        try:
            await self._make_all(hotel, due)
        except LostTenureError as lost:
            log.debug("report.left", hotel=hotel.id, why=str(lost))

    async def _make_all(self, hotel: Hotel, due: Sequence[tuple[Kind, Spans]]) -> None:
        now = self._clock.now()
        rounds = await self._begun(hotel.id, [kind for kind, _ in due], now)
        for kind, spans in due:
            ends = spans.period.ends
            if await self._is_due(hotel.id, kind, spans, rounds[kind.value], now):
                await self._make(hotel, kind, spans)
            self._done[hotel.id, kind] = ends

    async def _begun(self, hotel: str, kinds: Iterable[Kind], now: datetime) -> dict[str, Round]:
        """Return since when the reports of a hotel are made, beginning now with those that are new."""
        store = self._sources.store.rounds
        known = await store.of(hotel)
        for kind in kinds:
            if kind.value not in known:
                await store.begin(hotel, kind.value, now)
                known = await store.of(hotel)
        return known

    async def _is_due(self, hotel: str, kind: Kind, spans: Spans, round_: Round, now: datetime) -> bool:
        ends = spans.period.ends
        if ends <= round_.since or periods.missed(kind, spans.period, now):
            return False
        if round_.last is not None and periods.alike(spans.period, round_.last):
            return False
        if round_.last is None or round_.last < ends:
            return True
        # Where the clock has been ahead meanwhile, what was made then tells nothing of now; else it is the
        # report hour that is another one.
        return round_.last > now and await self.stored.one(hotel, kind, ends) is None

    async def _make(self, hotel: Hotel, kind: Kind, spans: Spans) -> None:
        """Make a report, keep it, and hand over its letters: all of it or nothing."""
        report = await self._made(hotel, kind, spans)
        letters = await self._letters_of(report, f"report:{hotel.id}:{kind}:{report.ends.isoformat()}")
        also = partial(keep_latest, report=report, ticks=self._sources.maintenance.tick_by_report(report))
        await self._sources.store.commit_with(Change(notifications=letters), also, [hotel.id])
        log.info("report.made", hotel=hotel.id, kind=str(kind), ends=report.ends, letters=len(letters))

    async def _made(self, hotel: Hotel, kind: Kind, spans: Spans) -> Report:
        facts = await gather(self._sources, hotel, kind, spans, self._clock.now())
        # In a thread: of a hundred integrations it takes longer than others may wait.
        return await asyncio.to_thread(write, facts)

    async def _letters_of(self, report: Report, occasion: str) -> tuple[Notification, ...]:
        """Return the letters that bring a report, to each of whom it goes."""
        house, desk = self._house, self._desks.get(report.hotel)
        if house is None or not house.sender or desk is None:
            return ()
        to = recipients(self._hotels[report.hotel], desk, report.kind)
        return tuple(
            [await asyncio.to_thread(self._letter, house, report, occasion, *one) for one in to.items()]
        )

    def _letter(
        self, house: Correspondent, report: Report, occasion: str, recipient: str, level: str
    ) -> Notification:
        lone = LoneLetter(
            occasion, "report", house.sender, recipient, level, Errand.REPORT, report.hotel, report.made_at
        )
        letter = ReportLetter(
            report=report,
            sender=house.sender,
            recipient=recipient,
            level=level,
            message_id=lone.message_id,
            date=report.made_at,
            public_url=house.public_url,
        )
        return lone.row(self._letters.render(letter))

    def _believes(self) -> bool:
        """Say whether the wall clock is believed: not for some minutes after it was set."""
        if jump := self._doubt.jumped():
            self._done.clear()
            log.warning("report.doubted", jump=round(jump), seconds=DOUBT)
        return not self._doubt.holds


def recipients(hotel: Hotel, desk: HotelDesk, kind: Kind) -> dict[str, str]:
    """Return to whom a report goes, and on which level each is told."""
    wanted = (FIRST,) if kind is Kind.DAILY else (FIRST, SECOND)
    levels = [found for name in wanted if (found := desk.policy.level(name)) is not None]
    everyone = {address: one.level for one in reversed(desk.policy.levels) for address in one.addresses}
    if hotel.reports.to is not None:
        return {address: everyone.get(address, FIRST) for address in hotel.reports.to}
    return {address: everyone[address] for one in levels for address in one.addresses}
