"""What has changed on the board -> incidents and letters, tick by tick.

A tick decides purely, commits everything in one transaction, and only then believes it: a commit that fails
changes nothing, and the next tick decides again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

import structlog

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk, Surroundings
from alerts.incident import Breach, Incident, IncidentState
from alerts.incidents import REOPENS_WITHIN, Decision, Judgement, Situation, Step, decide
from alerts.notification import Notification
from alerts.standing import Standing
from alerts.thresholds import breach
from checks.result import CheckId, State
from daemon.agenda import Agenda, Batch, key_of
from daemon.board import Board, Tile
from daemon.clock import Clock

log = structlog.get_logger()

EVENTS = {
    Step.OPENED: "incident.opened",
    Step.REOPENED: "incident.reopened",
    Step.WORSENED: "incident.worsened",
    Step.CHANGED: "incident.changed",
    Step.RESOLVED: "incident.resolved",
}


class Ledger(Protocol):
    """The part of the store that the engine uses."""

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise and write nothing."""
        ...

    async def notifications_of(self, incident: str, epoch: int) -> list[Notification]:
        """Return the notifications of one epoch of an incident."""
        ...

    async def open_incidents(self) -> list[Incident]:
        """Return the incidents that are not resolved."""
        ...

    async def recent(self, since: datetime) -> list[Incident]:
        """Return the incidents resolved since then."""
        ...


@dataclass(frozen=True, slots=True)
class Signals:
    """Whom the engine calls: `hasten` has checks looked at now, `wake` asks for a tick soon, `posted` says
    that letters wait in the outbox.
    """

    hasten: Callable[[Iterable[CheckId]], None]
    wake: Callable[[], None]
    posted: Callable[[], None]


class Engine:
    """Decides about incidents: the only writer of the board's incidents."""

    def __init__(
        self, board: Board, ledger: Ledger, judgement: Judgement, clock: Clock, signals: Signals
    ) -> None:
        self._board = board
        self._ledger = ledger
        self._judgement = judgement
        self._clock = clock
        self._signals = signals
        self._correspondent: Correspondent | None = None
        self._desks: dict[str, HotelDesk] = {}
        self._agenda = Agenda()
        self._current: dict[str, Incident] = {}
        self._recent: dict[str, Incident] = {}
        self._in_doubt = False

    def configure(self, correspondent: Correspondent | None, desks: Mapping[str, HotelDesk]) -> None:
        """Write letters so from now on; a hotel that is gone keeps its desk for the letters it still owes."""
        self._correspondent = correspondent
        self._desks.update(desks)

    def restore(self, standings: Iterable[Standing], incidents: Iterable[Incident]) -> None:
        """Take up what was stored: how checks stood, and incidents that are open or ended within a day."""
        for standing in standings:
            tile = self._board.tiles.get(standing.check)
            if tile is None:
                self._agenda.forget([standing.check])
            else:
                tile.standing, tile.last_ok = standing, standing.last_ok
                if standing.breached:
                    # It may have been waiting for its siblings when the process ended.
                    self._agenda.dirty[key_of(standing.check)] = None
        for incident in incidents:
            self._believe(incident)
        self._agenda.dirty.update(dict.fromkeys(self._current))

    def forget(self, checks: Iterable[CheckId]) -> None:
        """Drop checks that are no longer watched, and what they had broken."""
        self._agenda.forget(checks)
        self._signals.wake()

    def moved(self, tile: Tile, changed: bool) -> None:
        """Note that a check was looked at, and whether it stands differently now."""
        check = tile.check.id
        if changed:
            self._agenda.note(check)
        if self._agenda.looked(check) or changed:
            self._signals.wake()

    async def tick(self) -> None:
        """Decide about everything that has changed, and commit it."""
        if self._in_doubt:
            await self._recollect()
        for key in list(self._agenda.dirty):
            self._hold_back(key)
        batch = self._agenda.take(self._clock.monotonic())
        self._in_doubt = True
        try:
            decisions, change = await self._decide(batch)
            if change:
                await self._ledger.commit(change)
            self._in_doubt = False
        finally:
            if self._in_doubt:
                self._agenda.put_back(batch)
        self._agenda.done(batch)
        for incident in change.incidents:
            self._believe(incident)
        for decision in decisions:
            _report(decision)
        if change.notifications:
            self._signals.posted()

    async def _recollect(self) -> None:
        """Ask the ledger what is true, after a tick that may or may not have been committed."""
        incidents = await self._ledger.recent(self._clock.now() - REOPENS_WITHIN)
        incidents += await self._ledger.open_incidents()
        self._current.clear()
        self._recent.clear()
        self._board.incidents.clear()
        for incident in incidents:
            self._believe(incident)
        self._in_doubt = False

    def _hold_back(self, key: str) -> None:
        """Have the siblings of a new breach looked at before it is decided about."""
        if key in self._current or self._agenda.settling(key):
            return
        tiles = self._tiles(key)
        if not any(tile.standing is not None and tile.standing.breached for tile in tiles):
            return
        siblings = [tile.check.id for tile in tiles if _may_be_hastened(tile)]
        self._agenda.settle(key, self._clock.monotonic(), siblings)
        self._signals.hasten(siblings)

    async def _decide(self, batch: Batch) -> tuple[list[Decision], Change]:
        now = self._clock.now()
        decisions: list[Decision] = []
        changes: list[Change] = []
        for key in batch.keys:
            decision = decide(self._situation(key), self._judgement, now)
            if decision is not None:
                decisions.append(decision)
                changes.append(await self._write(decision, now))
        standings = [tile.standing for check in batch.moved if (tile := self._board.tiles.get(check))]
        return decisions, Change(
            incidents=tuple(row for change in changes for row in change.incidents),
            notifications=tuple(row for change in changes for row in change.notifications),
            superseded=tuple(row for change in changes for row in change.superseded),
            events=tuple(row for change in changes for row in change.events),
            standings=tuple(standing for standing in standings if standing is not None),
            forgotten=tuple(batch.forgotten),
        )

    async def _write(self, decision: Decision, now: datetime) -> Change:
        incident = decision.incident
        if self._correspondent is None:
            return Change(incidents=(incident,), events=(decision.event,))
        told = await self._ledger.notifications_of(incident.id, incident.epoch)
        desk = self._desks.get(incident.hotel) or _bare_desk(incident.hotel)
        surroundings = self._surroundings(incident)
        return self._correspondent.write(decision, desk, told=told, surroundings=surroundings, now=now)

    def _situation(self, key: str) -> Situation:
        hotel, _, integration = key.partition("/")
        view = self._board.integrations.get((hotel, integration))
        tiles = view.tiles if view else []
        return Situation(
            key=key,
            hotel=hotel,
            integration=integration,
            kind=view.kind if view else "generic",
            breaches=_breaches(tiles),
            checks=tuple(tile.check.id.check for tile in tiles),
            failing=frozenset(
                tile.check.id.check for tile in tiles if tile.result and tile.result.state is State.CRITICAL
            ),
            current=self._current.get(key),
            recent=self._recent.get(key),
        )

    def _surroundings(self, incident: Incident) -> Surroundings:
        others = [
            view for view in self._board.hotel(incident.hotel) if view.name not in incident.integrations
        ]
        return Surroundings(
            healthy=tuple(view.name for view in others if view.status == "healthy"),
            affected=tuple(view.name for view in others if view.status in {"unhealthy", "degraded"}),
        )

    def _tiles(self, key: str) -> list[Tile]:
        hotel, _, integration = key.partition("/")
        view = self._board.integrations.get((hotel, integration))
        return view.tiles if view else []

    def _believe(self, incident: Incident) -> None:
        """Take a committed incident for true."""
        if incident.state is not IncidentState.RESOLVED:
            self._current[incident.key] = incident
            self._recent.pop(incident.key, None)
            self._board.incidents[incident.id] = incident
            return
        self._current.pop(incident.key, None)
        self._recent[incident.key] = incident
        self._board.incidents.pop(incident.id, None)
        oldest = self._clock.now() - REOPENS_WITHIN
        for key, one in list(self._recent.items()):
            if one.resolved_at is not None and one.resolved_at < oldest:
                del self._recent[key]


def _breaches(tiles: Iterable[Tile]) -> tuple[Breach, ...]:
    """Return the breaches of an integration, the worst and then the oldest first."""
    found = [one for tile in tiles if tile.standing and (one := breach(tile.standing, tile.result))]
    return tuple(sorted(found, key=lambda one: (one.state is not State.CRITICAL, one.since)))


def _may_be_hastened(tile: Tile) -> bool:
    """Say whether a look is worth something, and not against the target's wish to be left alone."""
    decided = tile.standing is not None and tile.standing.breached
    asked_to_wait = tile.result is not None and tile.result.retry_after is not None
    return not decided and not asked_to_wait


def _bare_desk(hotel: str) -> HotelDesk:
    """Return a desk for a hotel that is no longer configured, but still owes letters."""
    return HotelDesk(hotel, hotel, ZoneInfo("UTC"), (), {}, {}, {})


def _report(decision: Decision) -> None:
    incident = decision.incident
    log.info(
        EVENTS[decision.step],
        incident=incident.id,
        hotel=incident.hotel,
        integrations=list(incident.integrations),
        severity=str(incident.severity),
        cause=str(incident.diagnosis.cause),
        title=incident.title,
    )
