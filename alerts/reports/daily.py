"""The report of a day: what broke, what is still open, what will break."""

from collections.abc import Sequence

from alerts.reports import flows, speed, trouble, upkeep
from alerts.reports.facts import Facts
from alerts.reports.report import Section


def sections(facts: Facts) -> Sequence[Section]:
    """Return what it says."""
    return (
        trouble.broke(facts),
        trouble.still_open(facts),
        trouble.will_break(facts),
        speed.response_times(facts),
        flows.queues(facts),
        flows.silences(facts),
        flows.webhooks(facts),
        flows.quotas(facts),
        upkeep.new_errors(facts),
        upkeep.upkeep(facts),
    )
