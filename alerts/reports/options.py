"""The `reports:` section: which reports are made, when, and who gets them."""

from datetime import time

from pydantic import Field

from alerts.options import Clock, Email
from alerts.reports.report import Kind
from checks.values import Flag, Options


class Reports(Options):
    """Which reports are made, and at which hour of the hotel.

    They go to level 1, those of a week and a month to level 2, too; or to the addresses in `to`.
    """

    at: Clock = Field(time(6), description="when they are made, in hotel time")
    daily: Flag = Field(True, description="whether there is one of each day")
    weekly: Flag = Field(True, description="whether there is one of each week, on Mondays")
    monthly: Flag = Field(True, description="whether there is one of each month, on the first")
    to: tuple[Email, ...] | None = Field(
        None, description="who gets them; default: level 1, those of a week and a month level 2, too"
    )

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The reports that are wanted."""
        wanted = {Kind.DAILY: self.daily, Kind.WEEKLY: self.weekly, Kind.MONTHLY: self.monthly}
        return tuple(kind for kind, is_wanted in wanted.items() if is_wanted)
