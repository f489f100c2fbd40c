"""What a built-in check is made of: an integration, its hotel, and the limits that hold there."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from checks.integrations.options import Pms, System


@dataclass(frozen=True, slots=True)
class Bounds:
    """The owner's thresholds, as far as checks judge by them. Times are seconds, `error_rate` a share."""

    queue_size: int
    sync_delay: float
    error_rate: float
    rate_window: float
    min_samples: int


@dataclass(frozen=True, slots=True)
class Site:
    """One integration of one hotel."""

    hotel: str
    name: str
    kind: str
    system: System
    pms: Pms
    control: tuple[str, ...]
    bounds: Bounds
    timezone: ZoneInfo

    @property
    def host(self) -> Any:
        """Where the integration's own `url` and trust stand: the PMS's section, or the integration's."""
        return self.pms if self.name == "pms" else self.system

    @property
    def trust(self) -> dict[str, Any]:
        """What certificates are trusted at `host`, as options of a check."""
        return {"verify": self.host.verify, "ca_file": self.host.ca_file}

    def endpoint(self, path: str) -> str:
        """Return the URL of an endpoint of the integration."""
        return str(self.host.url).rstrip("/") + path

    def lacks(self, need: str) -> bool:
        """Say whether something a check needs is not configured: a key here, or of `pms` where it says so."""
        if need == "control":
            return not self.control
        section, _, key = need.rpartition(".")
        if section == "pms" or (self.name == "pms" and not section):
            return not getattr(self.pms, key)
        holder = getattr(self.system, section) if section else self.system
        return not getattr(holder, key, None)
