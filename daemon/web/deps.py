"""What the HTTP side needs from the rest, and nothing more."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from aiohttp import web

from alerts.ack_link import AckLinks
from alerts.act import Act
from alerts.change import Change, Event
from alerts.delivery_status import Report as DeliveryReport
from alerts.drill import Drill
from alerts.incident import Incident, IncidentState
from alerts.message_mail import Mail
from alerts.notification import Notification
from alerts.reports.report import Kind, Report
from checks.result import CheckId
from daemon.backlog import Account
from daemon.board import Board
from daemon.bounces import Receipt
from daemon.buckets import Bucket
from daemon.clock import Clock
from daemon.directory import Directory
from daemon.maintenance import Maintenance
from daemon.metrics import Metrics
from daemon.quiet import Quiet


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
    """The part of the store that is used here."""

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

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise StateError and write nothing."""
        ...


class HistorySource(Protocol):
    """Where it is known how checks did over time. What does not work raises StateError."""

    async def buckets(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> Mapping[CheckId, Sequence[Bucket]]:
        """Return a row of buckets for each check that ran; they may be wider, if no others are kept."""
        ...

    async def integrations(
        self,
        hotel: str,
        integration: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> Mapping[str, Sequence[Bucket]]:
        """Return the same for each integration, all its checks together."""
        ...

    async def between(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        edges: Sequence[datetime],
    ) -> Mapping[CheckId, Sequence[Bucket]]:
        """Return a bucket from each of these moments to the next, for each check that ran."""
        ...

    def width_for(self, since: datetime, width: timedelta, /) -> timedelta:
        """Return how wide buckets are that go back so far."""
        ...


class Desk(Protocol):
    """Where people ask for something to be done."""

    @property
    def quiet(self) -> Quiet:
        """The silences there are."""
        ...

    async def act(self, incident: Incident, act: Act) -> Incident | None:
        """Do what a person asks of an incident, or raise ActRefusedError; None when it is not open."""
        ...

    async def silence(self, change: Change) -> None:
        """Write down what people ask of silences, and act upon it."""
        ...

    async def remember(self, check: CheckId, what: Mapping[str, Any]) -> None:
        """Write down what a check shall remember, raising StateError, and have it look again."""
        ...


class StoredReports(Protocol):
    """The reports that were made. What does not work raises StateError."""

    async def one(self, hotel: str, kind: Kind, ends: datetime | None = None) -> Report | None:
        """Return the report of a hotel that ends then, or the latest one of a kind; None if there is none."""
        ...

    async def ends(
        self, hotel: str, kind: Kind | None = None, limit: int = 400
    ) -> Sequence[tuple[Kind, datetime]]:
        """Return which reports of a hotel there are, the latest first."""
        ...


class Reporting(Protocol):
    """Where reports are made. What does not work raises StateError; hotels are asked for that exist."""

    @property
    def stored(self) -> StoredReports:
        """Those that were made before."""
        ...

    async def now(self, hotel: str, kind: Kind) -> Report:
        """Return the report of a hotel that begins with its latest day, week or month and ends now."""
        ...

    async def mail(self, hotel: str, kind: Kind, by: str) -> Sequence[str]:
        """Have the report as of now mailed to whom it usually goes; return who that is, if anybody.

        `by` is who asks for it.
        """
        ...


class Drilling(Protocol):
    """Where drills are held. What does not work raises StateError, what cannot be done DrillRefusedError."""

    async def hold(self, hotel: str, level: str, by: str, note: str = "") -> Drill:
        """Begin a drill."""
        ...

    async def acknowledge(self, name: str, by: str, note: str = "") -> Drill:
        """Note that somebody has acknowledged a drill."""
        ...

    async def one(self, name: str) -> Drill | None:
        """Return the drill with an id, or None."""
        ...

    async def of(self, hotel: str | None, limit: int, before: str | None = None) -> Sequence[Drill]:
        """Return the drills of a hotel, or of all, the latest first; `before` ends the page before."""
        ...


@dataclass(frozen=True, slots=True)
class ReloadOutcome:
    """Whether a configuration was applied; `lines` are its problems, or notes when it was."""

    ok: bool
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Deps:
    """What is shown and called. `ready` returns None, or why not; `token` opens the doors.

    `board` shows the hotels that are looked after here, `whole` all of them, whose names are `hotels`.
    `directory` is what is written down about them.
    `links` reads the links of letters, which lead to `public_url`; `new_id` names what people add.
    `brief` returns what a letter about an incident would say now, by its notifications and the statuses of
    its hotel's integrations. `owed` returns, by id, the incidents that the store does not have as they are
    believed to be.
    `bounced` takes in what a mail server reports of the letter that a token names.
    `maintenance` is the ledger of recurring tasks, `reports` what tells of days, weeks and months; None where
    none are made. `drills` holds test alerts.
    """

    board: Board
    whole: Callable[[], Awaitable[Board]]
    hotels: Callable[[], Mapping[str, str]]
    directory: Directory
    metrics: Metrics
    store: IncidentSource
    history: HistorySource
    owed: Callable[[], Mapping[str, Account]]
    brief: Callable[[Incident, Sequence[Notification], Mapping[str, str]], Mail]
    desk: Desk
    links: AckLinks
    clock: Clock
    token: Callable[[], str | None]
    public_url: Callable[[], str | None]
    ready: Callable[[], Awaitable[str | None]]
    reload: Callable[[], Awaitable[ReloadOutcome]]
    bounced: Callable[[str, DeliveryReport], Coroutine[Any, Any, Receipt]]
    maintenance: Maintenance
    reports: Reporting | None
    drills: Drilling
    new_id: Callable[[], str]
    version: str


DEPS = web.AppKey("deps", Deps)
