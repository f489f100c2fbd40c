"""Whether all is well inside: the porter can work, and nothing that it owes anybody is overdue."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime

import structlog

from alerts.incident import Incident
from daemon.board import Board
from daemon.clock import Clock
from daemon.readiness import Readiness
from daemon.store import StateError, Store
from daemon.store.audit import PATIENCE, Overdue

log = structlog.get_logger()

_NUMBER = re.compile(r"\d+")


class SelfAudit:
    """Looks for what the porter has neglected. `reasons` are the last look's, none when all is well."""

    def __init__(self, ready: Readiness, store: Store, board: Board, clock: Clock) -> None:
        self._ready = ready
        self._store = store
        self._board = board
        self._clock = clock
        self.reasons: tuple[str, ...] = ()

    async def __call__(self) -> bool:
        """Look, and say whether all is well; what is not is logged when it is news."""
        before, self.reasons = self.reasons, await self._findings()
        if self.reasons and _gist(self.reasons) != _gist(before):
            log.error("self_audit.failed", reasons=list(self.reasons))
        if before and not self.reasons:
            log.info("self_audit.passed")
        return not self.reasons

    async def _findings(self) -> tuple[str, ...]:
        reason = await self._ready()
        if reason is not None:
            return (reason,)
        now = self._clock.now()
        try:
            letters = await self._store.overdue(now)
        except StateError as error:
            return (str(error),)
        return (*_of_letters(letters), *of_incidents(self._board.incidents.values(), now))


def _gist(reasons: Iterable[str]) -> list[str]:
    """Return reasons without their numbers: that something lasts longer is no news."""
    return [_NUMBER.sub("", reason) for reason in reasons]


def _of_letters(found: Overdue) -> Iterator[str]:
    if found.waiting:
        yield f"{found.waiting} notifications are due, and nobody sends them"
    if found.abandoned:
        yield f"{found.abandoned} notifications were begun to be sent, and neither finished nor given back"


def of_incidents(incidents: Iterable[Incident], now: datetime) -> Iterator[str]:
    """Say which open incidents have no next step and no reason to have none, or an overdue one."""
    lost: list[str] = []
    overdue: list[str] = []
    for one in incidents:
        if one.next_step is None and not one.standstill:
            lost.append(one.id)
        elif one.next_step is not None and one.next_step.at < now - PATIENCE:
            overdue.append(one.id)
    if lost:
        yield f"nothing is to come of {_named(lost)}, and no reason is known"
    if overdue:
        yield f"a step is overdue for {_named(overdue)}"


def _named(incidents: list[str]) -> str:
    more = f" and {len(incidents) - 1} more" if len(incidents) > 1 else ""
    return f"incident {incidents[0]}{more}"
