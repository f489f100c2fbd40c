"""The beacon: says to every Alertmanager again and again what is wrong, for it forgets what it does not hear.

What a channel was told of fires there until its end, silence or not: the end is told, too. What fires no more
is for a while said to have ended, in case the Alertmanager was away at that moment.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from alerts.alert_series import Alert, alert, announced, labels
from alerts.incident_document import instant
from alerts.notification import DeliveryError
from alerts.notifiers.alertmanager import Alertmanager
from alerts.outbox import Deliver
from daemon.board import Board
from daemon.channels import listeners
from daemon.clock import Clock
from daemon.logs import Redactor
from daemon.settings import Settings
from daemon.ticks import Loop

log = structlog.get_logger()

EVERY = 60.0
"""Seconds between two rounds."""

HOLDS = timedelta(minutes=5)
"""How long an alert fires when nothing more is heard of it."""

REPEATS = timedelta(minutes=15)
"""How long it is repeated that an alert has ended."""

Key = tuple[str, ...]


@dataclass(slots=True)
class _Lights:
    """What one Alertmanager was told of: the alerts that fire, and those that have ended, and when."""

    on: dict[Key, Alert] = field(default_factory=dict)
    out: dict[Key, tuple[Alert, datetime]] = field(default_factory=dict)


class Beacon:
    """Tells every Alertmanager what the board shows. After a restart the first round says it all anew."""

    def __init__(self, board: Board, clock: Clock) -> None:
        self._board = board
        self._clock = clock
        self._channels: dict[str, Alertmanager] = {}
        self._lights: dict[str, _Lights] = {}
        self._listeners: frozenset[str] = frozenset()
        self._public_url: str | None = None

    def configure(self, channels: Mapping[str, Deliver], settings: Settings) -> None:
        """Speak to these from now on."""
        self._listeners = frozenset(listeners(settings))
        self._channels = {name: one for name, one in channels.items() if isinstance(one, Alertmanager)}
        self._lights = {name: self._lights.get(name, _Lights()) for name in self._channels}
        self._public_url = Redactor(settings.secrets)(settings.web.public_url or "") or None

    async def run(self) -> None:
        """Make rounds until cancelled; one that fails is logged, and nobody waits for it."""
        await Loop("beacon", self.tick, self._clock, period=EVERY, deadline=EVERY).run()

    async def tick(self) -> None:
        """Make one round; one that does not hear holds up no other."""
        await asyncio.gather(*(self._tell(name, one) for name, one in self._channels.items()))

    async def _tell(self, name: str, channel: Alertmanager) -> None:
        alerts = self._alerts(name)
        if not alerts:
            return
        try:
            await channel.refresh(alerts)
        except DeliveryError as error:
            log.warning("beacon.failed", channel=name, reason=str(error.reason), detail=error.detail)

    def _alerts(self, name: str) -> list[Alert]:
        """Return what to say now, and remember it."""
        now, lights = self._clock.now(), self._lights[name]
        on = {}
        for incident in self._board.incidents.values():
            if announced(incident, name, listens=name in self._listeners):
                series, hotel = labels(incident), self._board.hotels.get(incident.hotel, incident.hotel)
                on[tuple(series.values())] = alert(incident, series, hotel, self._public_url, now + HOLDS)
        ended = {key: (one | {"endsAt": instant(now)}, now) for key, one in lights.on.items()}
        # What is no longer looked after here, another replica speaks of.
        out = {
            key: one
            for key, one in (lights.out | ended).items()
            if key not in on
            and one[0]["labels"]["hotel"] in self._board.hotels
            and abs(now - one[1]) <= REPEATS
        }
        self._lights[name] = _Lights(on, out)
        return [*(one for one, _ in out.values()), *on.values()]
