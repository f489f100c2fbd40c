"""Options of the heartbeat check: accepted, not yet watched."""

from checks import values
from checks.check import CheckType
from checks.values import Duration


class Options(values.Options):
    """How long a ping may be late; the check's interval is the time between pings."""

    grace: Duration | None = None


CHECK = CheckType("heartbeat", Options, "age_seconds", None)
