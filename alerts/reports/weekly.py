"""The report of a week: availability, failed updates, consistency, backups."""

from collections.abc import Sequence

from alerts.reports import consistency, flows, speed, trouble, upkeep
from alerts.reports.facts import Facts
from alerts.reports.report import Section


def sections(facts: Facts) -> Sequence[Section]:
    """Return what it says."""
    return (
        trouble.broke(facts),
        trouble.still_open(facts),
        trouble.will_break(facts),
        speed.availability(facts),
        speed.response_times(facts),
        flows.queues(facts),
        consistency.failed_updates(facts),
        consistency.data(facts),
        consistency.backups(facts),
        upkeep.upkeep(facts),
    )
