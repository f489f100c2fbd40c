"""The `reports:` section: which reports are made, when, and who gets them."""

from datetime import time

from alerts.options import Clock, Email
from alerts.reports.report import Kind
from checks.values import Flag, Options


class Reports(Options):
    """Which reports are made, and at which hour of the hotel.

    They go to level 1, those of a week and a month to level 2, too; or to the addresses in `to`.
    """

    at: Clock = time(6)
    daily: Flag = True
    weekly: Flag = True
    monthly: Flag = True
    to: tuple[Email, ...] | None = None

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The reports that are wanted."""
        wanted = {Kind.DAILY: self.daily, Kind.WEEKLY: self.weekly, Kind.MONTHLY: self.monthly}
        return tuple(kind for kind, is_wanted in wanted.items() if is_wanted)
