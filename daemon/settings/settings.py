"""Settings: a configuration that was read, checked and put together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.credentials import Credential
from alerts.drill_options import Drills
from alerts.maintenance import Task
from alerts.options import Escalation, MailOptions, Silence, Thresholds
from alerts.reports.options import Reports
from checks.integrations.options import Pms, Vendor
from checks.values import Options
from daemon.settings.models import DeadMan, Dns, IntegrationOptions, Log, Web
from daemon.settings.own_checks import ChecksSection
from daemon.settings.problems import Problem


@dataclass(frozen=True, slots=True)
class Integration:
    """One external system of a hotel, with the thresholds that hold for it."""

    name: str
    kind: str
    options: IntegrationOptions
    thresholds: Thresholds
    checks: ChecksSection

    @property
    def docs_url(self) -> str | None:
        """Where the hotel's own notes about it are."""
        return self.options.docs_url

    @property
    def vendor(self) -> Vendor | None:
        """How to reach who runs it."""
        return self.options.vendor


@dataclass(frozen=True, slots=True)
class Hotel:
    """One hotel, with what holds for it.

    `own_side` are the integrations `pms` and `network`; `tasks` are done by people, again and again;
    `credentials` are what is known of keys and passwords, but not what they are; `reports` says which reports
    are made.
    """

    id: str
    name: str
    timezone: ZoneInfo
    thresholds: Thresholds
    escalation: Escalation
    control: tuple[str, ...]
    pms: Pms
    integrations: Mapping[str, Integration]
    own_side: Mapping[str, Integration]
    tasks: tuple[Task, ...]
    credentials: tuple[Credential, ...]
    reports: Reports


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a configuration says."""

    file: Path
    hotels: tuple[Hotel, ...]
    state: str
    listen: tuple[str, int]
    web: Web
    dead_man: DeadMan | None
    log: Log
    dns: Dns
    mail: MailOptions | None
    drills: Drills
    channels: Mapping[str, Options]
    silences: tuple[Silence, ...]
    warnings: tuple[Problem, ...]
    secrets: frozenset[str] = field(repr=False)
