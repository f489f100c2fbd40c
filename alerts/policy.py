"""The policy of escalation as plain values: who is told, in which hours, after how long."""

from dataclasses import dataclass
from datetime import timedelta

from alerts.calendar import ALWAYS, OfficeHours


@dataclass(frozen=True, slots=True)
class LevelPolicy:
    """One level: whom it reaches by mail and by further channels (by their ids), and in which hours."""

    level: str
    role: str
    addresses: tuple[str, ...]
    phone: str | None = None
    hours: OfficeHours = ALWAYS
    channels: tuple[str, ...] = ()

    @property
    def reachable(self) -> bool:
        """Whether there is anybody to tell."""
        return bool(self.addresses or self.channels)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who is told of a hotel's incidents, and when. Levels are in order; spans are from the opening on.

    `channels` are those that no level names: they hear of everything, and nobody counts as told by them.
    `multiple` is how many integrations failing from one cause are several, `reopened_times` within
    `reopened_within` how often coming back is persistent.
    """

    levels: tuple[LevelPolicy, ...] = ()
    front_desk: tuple[str, ...] = ()
    after_level_2: timedelta = timedelta(minutes=15)
    after_level_3: timedelta = timedelta(minutes=30)
    persistent_after: timedelta = timedelta(minutes=60)
    reopened_times: int = 3
    reopened_within: timedelta = timedelta(hours=24)
    multiple: int = 2
    remind_every: timedelta = timedelta(hours=4)
    channels: tuple[str, ...] = ()

    def level(self, level: str) -> LevelPolicy | None:
        """Return a level, if there is one."""
        return next((one for one in self.levels if one.level == level), None)
