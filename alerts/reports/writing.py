"""Facts -> the report that tells of them."""

from collections.abc import Callable, Mapping, Sequence

from alerts.reports import daily, monthly, weekly
from alerts.reports.evidence import evidence
from alerts.reports.facts import Facts
from alerts.reports.figures import figures
from alerts.reports.headline import headline
from alerts.reports.report import Block, Kind, Point, Report, Section
from alerts.reports.words import NO_HEADING, NOT_WATCHED

_SECTIONS: Mapping[Kind, Callable[[Facts], Sequence[Section]]] = {
    Kind.DAILY: daily.sections,
    Kind.WEEKLY: weekly.sections,
    Kind.MONTHLY: monthly.sections,
}


def write(facts: Facts) -> Report:
    """Return the report of some facts."""
    sections = _SECTIONS[facts.kind](facts)
    said, tone = headline(facts, sections)
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
        sections=_gathered(sections, is_known=facts.known_from is not None or bool(facts.incidents)),
        figures=figures(facts),
        evidence=evidence(facts),
        known_from=facts.known_from,
    )


def _gathered(sections: Sequence[Section], *, is_known: bool) -> tuple[Section, ...]:
    """Return the sections that have something to tell, and in a last one the lines of those that have not.

    Of a time of which nothing is known nothing is said to be well.
    """
    told = tuple(one for one in sections if one.heading not in {NO_HEADING, NOT_WATCHED})
    lines = _blocks(sections, NO_HEADING)
    names = [one.text for one in _blocks(sections, NOT_WATCHED) if isinstance(one, Point)]
    if names:
        lines = (*lines, Point(f"{NOT_WATCHED}: {', '.join(names)}."))
    return (*told, Section("Nothing to tell", lines)) if lines and is_known else told


def _blocks(sections: Sequence[Section], heading: str) -> tuple[Block, ...]:
    return tuple(block for one in sections if one.heading == heading for block in one.blocks)
