"""A hotel that is reported on: a clock, a real state and history, a reporter, and days to live through."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from alerts.change import Change, Event
from alerts.incident import Cause, Incident, IncidentState, Severity
from alerts.message import Renderer
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute, Tempo
from alerts.outbox import Outbox
from checks.check import Check, CheckType
from checks.database import Databases
from checks.lookup import Lookups
from checks.result import (
    ERRORS,
    EVENTS,
    ONE_IN,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    REFUSED,
    RESPONSE_TIME,
    SILENT,
    SYNC_DELAY,
    Quota,
    Reason,
    Result,
    failed,
    ok,
)
from checks.values import Options
from daemon.board import Board
from daemon.desks import correspondent, desks
from daemon.history import History
from daemon.nights import Nights
from daemon.settings import Settings, load
from daemon.store import Store
from tests.support.boards import check
from tests.support.clock import FakeClock
from tests.support.outbox import Counted
from tests.support.polling import until
from tests.support.sending import PATIENT, relay
from tests.support.stored import incident, opened

HOTEL = "h"
HOUR, MINUTE, EVERY = timedelta(hours=1), timedelta(minutes=1), timedelta(minutes=20)
TEAM, LEAD = "team@hotel.example", "lead@hotel.example"
CONFIGURATION = """
hotel: {{id: h, name: Grand Harbour Hotel, timezone: {zone}}}
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: relay.hotel.example, port: 25, security: none}}]
escalation:
  levels:
    - {{level: 1, role: Team, email: [team@hotel.example]}}
    - {{level: 2, role: Lead, email: [lead@hotel.example]}}
{more}
integrations:
  booking_engine: {{url: "https://booking.hotel.example"}}
  payment: {{url: "https://pay.hotel.example"}}
  expedia: {{kind: ota, url: "https://ota.hotel.example"}}
  email: {{url: "https://mail.hotel.example", domain: hotel.example}}
  channel_manager: {{url: "https://channels.hotel.example", thresholds: {{response_time_ms: 2000}}}}
"""


async def _nothing(_options: Options, _context: object) -> Result:
    return ok()


def counting(integration: str, name: str, measurement: str) -> Check:
    """Return a check with a main measurement of its own."""
    found = check(integration, name, hotel=HOTEL)
    return replace(found, type=CheckType(name, Options, measurement, _nothing))


CHECKS = {
    "booking": check("booking_engine", "health", hotel=HOTEL),
    "payment": check("payment", "health", hotel=HOTEL),
    "expedia": check("expedia", "health", hotel=HOTEL),
    "rooms": counting("booking_engine", "availability", "overbooked"),
    "bookings": counting("booking_engine", "reservations", SILENT),
    "queue": counting("channel_manager", "queue", QUEUE_PENDING),
    "quota": counting("email", "quota", "remaining"),
    "webhooks": counting("payment", "webhook_log", "age_seconds"),
    "backup": counting("pms", "backup", "age_seconds"),
}


class Fate:
    """What looks see: the same in every run of a test, different in every look."""

    def __init__(self) -> None:
        self._state = 20261123

    def draw(self, below: int) -> int:
        """Return a number from 0 on."""
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return (self._state >> 8) % below

    def look(self, name: str, now: datetime) -> Result:
        """Return what a check sees."""
        if name in {"booking", "payment", "expedia"}:
            if self.draw(97) == 0:
                return failed(Reason.SERVER_ERROR, "answered 503")
            if self.draw(211) == 0:
                return failed(Reason.QUERY, "could not look")
            slow = 400 if name == "expedia" else 80
            return ok("", {RESPONSE_TIME: slow + self.draw(300) + (900 if self.draw(50) == 0 else 0)})
        return _MEASURES[name](self, now)


_MEASURES: dict[str, Callable[[Fate, datetime], Result]] = {
    "rooms": lambda fate, _: ok("", {"overbooked": float(fate.draw(3))}),
    "bookings": lambda fate, _: ok("", {SILENT: float(fate.draw(30_000)), ONE_IN: float(1 + fate.draw(400))}),
    "queue": lambda fate, now: ok(
        "",
        {
            QUEUE_PENDING: float(fate.draw(400)),
            QUEUE_OLDEST: now.timestamp() - fate.draw(900),
            SYNC_DELAY: float(fate.draw(1200)),
        },
    ),
    "quota": lambda fate, _: replace(ok(), quotas={"messages": Quota(float(fate.draw(1900)), 2000.0)}),
    "webhooks": lambda fate, _: ok(
        "", {EVENTS: float(fate.draw(9)), REFUSED: float(fate.draw(40) == 0), ERRORS: float(fate.draw(2))}
    ),
    "backup": lambda fate, _: ok("", {"age_seconds": float(3600 + fate.draw(80_000))}),
}


@dataclass
class Reported:
    """The hotel, and what there is of the porter."""

    clock: FakeClock
    store: Store
    settings: Settings
    history: History
    nights: Nights
    fate: Fate
    board: Board

    async def look(self, *, span: timedelta = HOUR, away: bool = False, settle: bool = True) -> None:
        """Let some time pass; unless the porter is away every check looks three times an hour.

        Minutes are written down, and hours made, when it is to `settle`.
        """
        for _ in range(span // EVERY):
            if not away:
                for name, one in CHECKS.items():
                    result = self.fate.look(name, self.clock.now())
                    self.history.note(one, result, result)
            self.clock.advance(EVERY.total_seconds())
        if settle:
            await self.history.tick()

    async def opens(self, name: str, integration: str, cause: Cause, severity: Severity) -> Incident:
        """Open an incident."""
        now = self.clock.now()
        title = f"{integration}: {cause.replace('-', ' ')}"
        found = replace(
            incident(name, key=f"{HOTEL}/{integration}/{name}", hotel=HOTEL),
            integrations=(integration,),
            severity=severity,
            title=title,
            opened_at=now,
            diagnosis=replace(incident().diagnosis, cause=cause),
        )
        await self.store.commit(Change(incidents=(found,), events=(Event(name, now, "opened", title),)))
        return found

    async def ends(self, found: Incident, note: str = "") -> None:
        """Have somebody acknowledge an incident, and end it half an hour later."""
        now = self.clock.now()
        acknowledged = Event(found.id, now - 30 * MINUTE, "acknowledged", "acknowledged by Ada for 1 h")
        over = replace(found, state=IncidentState.RESOLVED, resolved_at=now, outcome="works again")
        events = [acknowledged, Event(found.id, now, "resolved", "resolved: works again")]
        if note:
            events.append(Event(found.id, now, "note", f"Ada: {note}"))
        await self.store.commit(Change(incidents=(over,), events=tuple(events)))


def settings_of(directory: Path, zone: str = "Europe/Lisbon", more: str = "") -> Settings:
    """Return the settings of the hotel."""
    file = directory / "nightporter.yml"
    file.write_text(CONFIGURATION.format(zone=zone, more=more))
    return load(file, {})


def nights_over(
    store: Store,
    clock: FakeClock,
    settings: Settings,
    history: History,
    databases: Databases | None = None,
    *,
    board: Board | None = None,
) -> Nights:
    """Return the work of the night, as a porter that has just begun does it."""
    nights = Nights(store, clock, lambda: "id", history, board or Board())
    letters = correspondent(settings, Renderer(), b"k" * 32)
    nights.configure(settings, letters, desks(settings), databases or Databases())
    return nights


@asynccontextmanager
async def a_hotel(
    where: Path | str, directory: Path, start: datetime, zone: str = "Europe/Lisbon", more: str = ""
) -> AsyncIterator[Reported]:
    """Open the state of a hotel that is reported on from `start` on."""
    clock = FakeClock(start)
    settings = settings_of(directory, zone, more)
    async with opened(where, clock, held=[HOTEL]) as store:
        history = History(store, clock, lambda: {HOTEL})
        board = Board()
        nights = nights_over(store, clock, settings, history, board=board)
        yield Reported(clock, store, settings, history, nights, Fate(), board)


def outbox_of(store: Store, clock: FakeClock, port: int) -> Outbox:
    """Return an outbox that delivers to a relay on loopback."""
    route = MailRoute(
        [relay(port)], "nightporter@hotel.example", Lookups(), Tempo(clock.monotonic, lambda: 0.5), PATIENT
    )
    return Outbox(store, {MAIL: route}, clock.now, lambda: 0.5, Counted())


async def deliver(outbox: Outbox) -> None:
    """Send what is due, and wait until no conversation goes on."""
    await outbox.deliver_due()
    await until(lambda: not outbox._workers, 10, "the conversations to end")
