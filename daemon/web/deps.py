"""What the HTTP side needs from the rest, and nothing more."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from alerts.change import Event
from alerts.incident import Incident, IncidentState
from alerts.notification import Notification
from checks.result import CheckId
from daemon.board import Board
from daemon.clock import Clock
from daemon.metrics import Metrics


class Record(Protocol):
    """An incident as stored, with who was told and what happened."""

    @property
    def incident(self) -> Incident:
        """The incident itself."""
        ...

    @property
    def notifications(self) -> Sequence[Notification]:
        """Its notifications, of all epochs."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """Its timeline; empty in lists."""
        ...


class IncidentSource(Protocol):
    """The part of the store that is read here."""

    async def list_incidents(
        self,
        *,
        state: IncidentState | None = None,
        hotel: str | None = None,
        limit: int = 100,
        before: str | None = None,
    ) -> Sequence[Record]:
        """Return incidents, newest first; `before` is the id of the last one of the page before."""
        ...

    async def incident(self, incident: str) -> Record | None:
        """Return one incident with its timeline."""
        ...


@dataclass(frozen=True, slots=True)
class ReloadOutcome:
    """Whether a configuration was applied; `lines` are its problems, or notes when it was."""

    ok: bool
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Deps:
    """What is shown and called. `ready` returns None, or why not; `token` opens the doors.

    `remember` writes down what a check shall remember, raising StateError, and has it look again.
    """

    board: Board
    metrics: Metrics
    store: IncidentSource
    clock: Clock
    token: Callable[[], str | None]
    ready: Callable[[], Awaitable[str | None]]
    reload: Callable[[], Awaitable[ReloadOutcome]]
    remember: Callable[[CheckId, Mapping[str, Any]], Awaitable[None]]
    version: str


DEPS = web.AppKey("deps", Deps)
