"""The time on the walls of the simulated hotel."""

from datetime import datetime
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Lisbon")


def by_the_clock(moment: datetime) -> str:
    """Return a moment in hotel time, such as `14:12:05`."""
    return f"{moment.astimezone(ZONE):%H:%M:%S}"
