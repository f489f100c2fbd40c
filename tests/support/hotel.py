"""A site for the looks of built-in checks: an integration of a hotel, as it is configured."""

from typing import Any
from zoneinfo import ZoneInfo

from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site

BOUNDS = Bounds(queue_size=1000, sync_delay=1800.0, error_rate=0.05, rate_window=1800.0, min_samples=20)


def site(kind: str, control: tuple[str, ...] = (), **system: Any) -> Site:
    """Return an integration of this kind and name."""
    return Site("h", kind, kind, System(**system), Pms(), control, BOUNDS, ZoneInfo("UTC"))
