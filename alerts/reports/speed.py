"""What a report says of response times and availability."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.recurrence import Period
from alerts.reports.facts import Doing, Facts, IntegrationFacts, Stretch
from alerts.reports.report import Block, Cell, Chart, Kind, Point, Section, Tone
from alerts.reports.words import (
    BEFORE,
    count,
    figure,
    known_since,
    knows_before,
    minutes,
    ms,
    percent,
    section,
    table,
    text,
    when,
)

CHARTS = {Kind.DAILY: 3, Kind.WEEKLY: 6, Kind.MONTHLY: 6}
"""Integrations that have a chart: those that were worst."""

SLOWER, BY_MS = 1.5, 50.0
"""By what factor, and by how many milliseconds at the least, answers are slower before that is said."""

HOUR = timedelta(hours=1)
FEW = 5
"""Looks of an hour at the least before its share of failures says much."""

NOT_MEASURED = "No response time was measured."


@dataclass(frozen=True, slots=True)
class _Style:
    """What a chart shows of each stretch, and how."""

    title: str
    value: Callable[[Stretch], float | None]
    unit: str = ""
    limit: float | None = None


def response_times(facts: Facts) -> Section:
    """Return how fast the integrations answered, against the time before, with a chart for each."""
    timed = [one for one in facts.integrations if one.now.p95_ms is not None]
    head = ("Integration", "p50", "p95", f"p50 {BEFORE[facts.kind]}", f"p95 {BEFORE[facts.kind]}", "Compared")
    rows = (
        (
            text(one.name),
            figure(ms(one.now.p50_ms)),
            figure(ms(one.now.p95_ms)),
            figure(ms(one.before.p50_ms)),
            figure(ms(one.before.p95_ms)),
            compared((one.now.p50_ms, one.before.p50_ms), (one.now.p95_ms, one.before.p95_ms)),
        )
        for one in timed
    )
    since = known_since(facts)
    known = (Point(since),) if since else ()
    shown = _columns(facts, head, rows, {3, 4, 5})
    blocks = (
        *table("Response times by integration", *shown, facts.more_integrations),
        *known,
        *_charts(facts),
    )
    return section("Response times", blocks, NOT_MEASURED)


def availability(facts: Facts) -> Section:
    """Return which share of looks succeeded at what could be looked at, and the worst hour."""
    head = (
        "Integration",
        "Succeeded",
        "Looks",
        "Failed",
        "Could not look",
        "In incidents",
        "Worst in the hour from",
    )
    rows = (
        (
            text(one.name),
            figure(percent(one.now.success), _tone(one.now)),
            figure(count(one.now.runs)),
            figure(count(one.now.failures)),
            figure(count(one.now.unknowns)),
            figure(minutes(facts.incident_minutes(one.name))),
            _worst(facts, one),
        )
        for one in facts.integrations
    )
    blocks = (*table("Availability by integration", head, rows, facts.more_integrations), *_failures(facts))
    return section("Availability", blocks, "Nothing was looked at.")


def against(facts: Facts) -> Section:
    """Return the month against the month before."""
    head = ("Integration", "p95", "p95 before", "Compared", "Succeeded", "Succeeded before", "Incidents")
    rows = (
        (
            text(one.name),
            figure(ms(one.now.p95_ms)),
            figure(ms(one.before.p95_ms)),
            compared((one.now.p95_ms, one.before.p95_ms)),
            figure(percent(one.now.success), _tone(one.now)),
            figure(percent(one.before.success)),
            figure(minutes(facts.incident_minutes(one.name))),
        )
        for one in facts.integrations
    )
    shown = _columns(facts, head, rows, {2, 3, 5})
    blocks = (*table("Month against month", *shown, facts.more_integrations), *_charts(facts))
    return section("Month against month", blocks, "Nothing was looked at.")


def _columns(
    facts: Facts, head: Sequence[str], rows: Iterable[Sequence[Cell]], before: Container[int]
) -> tuple[tuple[str, ...], list[tuple[Cell, ...]]]:
    """Return a table without the columns about the time before, where nothing is known of it."""
    kept = [place for place in range(len(head)) if knows_before(facts) or place not in before]
    return tuple(head[place] for place in kept), [tuple(row[place] for place in kept) for row in rows]


def charted(facts: Facts) -> tuple[IntegrationFacts, ...]:
    """Return the integrations that have a chart, by name: those that were slowest for their limit."""
    timed = [one for one in facts.integrations if one.now.p95_ms is not None]
    worst = sorted(timed, key=lambda one: (-_share(one), one.name))[: CHARTS[facts.kind]]
    return tuple(sorted(worst, key=lambda one: one.name))


def failing(facts: Facts) -> list[IntegrationFacts]:
    """Return the integrations whose failures have a chart: those with most of them."""
    found = [one for one in facts.integrations if one.now.failures]
    return sorted(found, key=lambda one: (-one.now.failures, one.name))[: CHARTS[facts.kind]]


def drawn(facts: Facts, one: IntegrationFacts) -> tuple[Sequence[Stretch], Sequence[Stretch]]:
    """Return the bars of an integration's chart, and those of the time before: hours of a day, else days."""
    daily = facts.kind is Kind.DAILY
    return (one.hours, one.hours_before) if daily else (one.days, one.days_before)


def compared(*times: tuple[float | None, float | None]) -> Cell:
    """Return in a word how response times are, each against the one before: slower where any of them is."""
    known = [(now, before) for now, before in times if now is not None and before is not None]
    if not known:
        return text("not known")
    if any(_clearly_more(now, before) for now, before in known):
        return text("slower", Tone.FAIR)
    if any(_clearly_more(before, now) for now, before in known):
        return text("faster", Tone.GOOD)
    return text("alike")


def _clearly_more(one: float, other: float) -> bool:
    return one > other * SLOWER and one - other >= BY_MS


def worst_hour(facts: Facts, one: IntegrationFacts) -> Stretch | None:
    """Return the hour in which the largest share of looks failed; None where nothing failed.

    Of hours of the same share it is the one with most minutes in incidents, then the first. Hours of fewer
    looks than `FEW` count only where there is no other.
    """
    found = [hour for hour in one.hours if hour.failures]
    found = [hour for hour in found if hour.looked >= FEW] or found

    def badness(hour: Stretch) -> tuple[float, float, float]:
        within = Period(hour.start, min(hour.start + HOUR, facts.period.ends))
        share = hour.failures / max(1, hour.looked)
        return share, facts.incident_minutes(one.name, within), -hour.start.timestamp()

    return max(found, key=badness, default=None)


def _share(one: IntegrationFacts) -> float:
    return (one.now.p95_ms or 0.0) / (one.limit_ms or 1000.0)


def _tone(now: Doing) -> Tone:
    return Tone.PLAIN if now.success is None else Tone.GOOD if not now.failures else Tone.FAIR


def _worst(facts: Facts, one: IntegrationFacts) -> Cell:
    hour = worst_hour(facts, one)
    if hour is None:
        return text("none" if one.now.looked else "not known")
    return text(f"{when(hour.start, facts.zone)}: {hour.failures} of {hour.looked}", Tone.FAIR)


def _charts(facts: Facts) -> Iterator[Block]:
    for one in charted(facts):
        style = _Style(f"{one.name}: p95", lambda bar: bar.p95_ms, "ms", one.limit_ms)
        yield _chart(facts, style, *drawn(facts, one))


def _failures(facts: Facts) -> Iterator[Block]:
    """Return a chart of the days of those integrations that failed most."""
    for one in failing(facts):
        style = _Style(f"{one.name}: looks that failed", failures_of)
        yield _chart(facts, style, one.days, one.days_before)


def failures_of(bar: Stretch) -> float | None:
    """Return how many looks failed in a stretch, None where none was made."""
    return float(bar.failures) if bar.looked else None


def _chart(facts: Facts, style: _Style, bars: Sequence[Stretch], before: Sequence[Stretch]) -> Chart:
    values = tuple(_rounded(style.value(bar)) for bar in bars)
    earlier = tuple(_rounded(style.value(bar)) for bar in before)[: len(values)]
    known = [(found, bar) for found, bar in zip(values, bars, strict=True) if found is not None]
    if known:
        highest, bar = max(known, key=lambda one: one[0])
        said = (
            f"{style.title}: {_said(highest, style.unit)} at the most, from {when(bar.start, facts.zone)} on"
        )
        said += f", {_said(min(found for found, _ in known), style.unit)} at the least"
    else:
        said = f"{style.title}: nothing is known"
    if any(found is not None for found in earlier):
        most = max(found for found in earlier if found is not None)
        said += f"; {_said(most, style.unit)} at the most {BEFORE[facts.kind]}"
    first, last = (when(at, facts.zone) for at in (facts.period.begins, facts.period.ends))
    return Chart(
        title=style.title,
        said=f"{said}.",
        values=values,
        first=first,
        last=last,
        unit=style.unit,
        limit=style.limit,
        before=earlier,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def _said(value: float, unit: str) -> str:
    return f"{value:g} {unit}".rstrip()
