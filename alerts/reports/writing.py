"""Facts -> the report that tells of them."""

from collections.abc import Callable, Mapping, Sequence

from alerts.reports import daily, monthly, weekly
from alerts.reports.evidence import evidence
from alerts.reports.facts import Facts
from alerts.reports.figures import figures
from alerts.reports.headline import headline
from alerts.reports.report import Kind, Report, Section

_SECTIONS: Mapping[Kind, Callable[[Facts], Sequence[Section]]] = {
    Kind.DAILY: daily.sections,
    Kind.WEEKLY: weekly.sections,
    Kind.MONTHLY: monthly.sections,
}


def write(facts: Facts) -> Report:
    """Return the report of some facts."""
    said, tone = headline(facts)
    return Report(
        kind=facts.kind,
        hotel=facts.hotel,
        hotel_name=facts.hotel_name,
        timezone=facts.zone.key,
        begins=facts.period.begins,
        ends=facts.period.ends,
        made_at=facts.made_at,
        headline=said,
        tone=tone,
        sections=tuple(_SECTIONS[facts.kind](facts)),
        figures=figures(facts),
        evidence=evidence(facts),
        known_from=facts.known_from,
    )
