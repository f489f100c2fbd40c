"""Drills for tests: nowhere to hold them, a desk to hold them at, and letters of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from itertools import count
from zoneinfo import ZoneInfo

from alerts.calendar import EMERGENCY, OfficeHours
from alerts.correspondence import HotelDesk
from alerts.drill import Drill
from alerts.drill_letter import apprise_voice, webhook_voice
from alerts.drill_options import Mailbox
from alerts.drill_plan import DrillPlan, planned
from alerts.drill_writing import DrillRequest, DrillWriter
from alerts.message import Renderer
from alerts.options import DAYS
from alerts.policy import LevelPolicy, Policy
from daemon.drillmaster import Drillmaster
from daemon.store import Store
from tests.support.clock import FakeClock

LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 25, 20, 5, tzinfo=UTC)
OFFICE = OfficeHours(
    frozenset(map(DAYS.index, ("mon", "tue", "wed", "thu", "fri"))),
    time(9),
    time(18),
    zone=LISBON,
)
POLICY = Policy(
    levels=(
        LevelPolicy("1", "Integration Support Team", ("ada@hotel.example", "ben@hotel.example")),
        LevelPolicy("2", "Technical Lead", ("lead@hotel.example",), hours=OFFICE, channels=("hook", "prom")),
        LevelPolicy("3", "CTO", ("cto@hotel.example",), hours=EMERGENCY, channels=("sms",)),
    ),
    front_desk=("desk@hotel.example",),
)
MAILBOX = "drills@hotel.example"
WRITER = DrillWriter(
    sender="Night Porter <porter@hotel.example>",
    renderer=Renderer(),
    voices={"hook": webhook_voice, "sms": apprise_voice},
    public_url="https://porter.hotel.example",
    link=lambda drill, recipient, _now: f"https://porter.hotel.example/i/d-{drill}/{recipient[:3]}",
)
ASKED = DrillRequest(
    "k3x9d2m7qa", "grand-harbour", "Grand Harbour Hotel", LISBON, "1", "Ada", "before the season", NOW
)


def desk(hotel: str = "grand-harbour", policy: Policy = POLICY) -> HotelDesk:
    """Return the desk of a hotel in which drills are held."""
    return HotelDesk(hotel, "Grand Harbour Hotel", LISBON, policy, {}, {}, {})


def plan_of(level: str = "1", mailbox: str | None = None, now: datetime = NOW) -> DrillPlan:
    """Return who is told when a level is drilled."""
    return planned(POLICY, level, ways=WRITER.ways, mailbox=mailbox, now=now, zone=LISBON)


def asked_for(level: str = "1") -> DrillRequest:
    """Return what somebody asks for."""
    return replace(ASKED, level=level)


def drillmaster(store: Store, clock: FakeClock) -> Drillmaster:
    """Return where drills of the hotel `h` are held, whose ids are `drill1` and so on."""
    numbers = count(1)
    master = Drillmaster(
        store, clock, lambda: f"drill{next(numbers)}", held=lambda: {"h"}, posted=lambda: None
    )
    master.configure(WRITER, {"h": desk("h")}, None, _no_look)
    return master


async def _no_look(mailbox: Mailbox, message_id: str) -> bool:
    raise AssertionError(f"no mailbox is to be read: {mailbox}, {message_id}")


class NoDrills:
    """Where no drill was ever held, nor is to be."""

    async def hold(self, hotel: str, level: str, by: str, note: str = "") -> Drill:
        raise AssertionError(f"no drill is to be held: {hotel}, {level}, {by}, {note}")

    async def acknowledge(self, name: str, by: str, note: str = "") -> Drill:
        raise AssertionError(f"no drill is to be acknowledged: {name}, {by}, {note}")

    async def one(self, name: str) -> Drill | None:
        return None

    async def of(self, hotel: str | None, limit: int, before: str | None = None) -> Sequence[Drill]:
        return []
