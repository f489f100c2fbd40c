"""Options of the process check: accepted, not yet watched."""

from checks import values
from checks.check import CheckType
from checks.values import Count, Line


class Options(values.Options):
    """Which pm2 process must be online, and how many workers of it."""

    name: Line
    workers: Count = 1
    pm2: Line | None = None


CHECK = CheckType("process", Options, "online", None)
