"""What level 2 finds when its hours begin, after a night that is invented: by the porter's own code."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from alerts.calendar import office_hours
from alerts.correspondence import Correspondent, HotelDesk
from alerts.handover import DEFERRED, missed, opening
from alerts.message import Renderer
from alerts.notification import Notification
from alerts.options import Level
from alerts.policy import LevelPolicy, Policy
from checks.integrations import KINDS
from daemon.demo.clocks import ZONE
from daemon.demo.configuration import HOTEL, LEVELS, OTA
from daemon.demo.past_incidents import TALES, told_at

SENDER = "Night Porter <nightporter@grand-harbour.demo>"
NAME = "Grand Harbour Hotel (a simulated night)"
HOURS_BEFORE = (8, 3)
"""How many hours before the office opened each of the two incidents did."""

LONGEST = 24 * 14
"""Hours that are looked back for an office that was open: it is closed for no longer."""


def letters(now: datetime) -> tuple[Notification, ...]:
    """Return the digests of the last morning on which level 2 came to work."""
    levels = tuple(_levels())
    policy = Policy(levels=levels)
    hours = (now - timedelta(hours=number) for number in range(LONGEST))
    opened = next(began for hour in hours if (began := opening(policy, hour)) is not None)
    grave = [tale for tale in TALES if tale.criteria]
    night = [
        replace(
            told_at(HOTEL, tale, opened - timedelta(hours=before), f"night-{number}"),
            steps=(DEFERRED,),
            acknowledgement=None,
        )
        for number, (tale, before) in enumerate(zip(grave, HOURS_BEFORE, strict=False), 1)
    ]
    at = opened + timedelta(minutes=1)
    found = missed([], night, policy, at)
    kinds = {name: name for name in KINDS} | {OTA: "ota"}
    desk = HotelDesk(HOTEL, NAME, ZONE, policy, kinds, {}, {})
    return Correspondent(SENDER, Renderer()).hand_over(found, desk, at).notifications if found else ()


def _levels() -> Iterator[LevelPolicy]:
    for given in LEVELS:
        level = Level.model_validate(given)
        hours = office_hours(level.hours, ZONE)
        yield LevelPolicy(str(level.level), level.role, level.email, level.phone, hours, ())
