"""The report of a month: against the month before, what changed, credentials, drills."""

from collections.abc import Sequence

from alerts.reports import flows, speed, trouble, upkeep
from alerts.reports.facts import Facts
from alerts.reports.report import Section


def sections(facts: Facts) -> Sequence[Section]:
    """Return what it says."""
    return (
        trouble.causes(facts),
        trouble.still_open(facts),
        trouble.will_break(facts),
        speed.against(facts),
        flows.queues(facts),
        flows.quotas(facts),
        upkeep.drift(facts),
        upkeep.credentials(facts),
        trouble.wrong_instructions(facts),
        upkeep.drills(facts),
        upkeep.upkeep(facts),
    )
