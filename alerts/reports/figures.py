"""Every number that a report shows, by a dotted name."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from alerts.maintenance import MISSING
from alerts.reports.consistency import LOOKS
from alerts.reports.facts import Doing, Facts
from alerts.reports.flows import BEHIND, ERRORS, EVENTS, OLDEST, ONE_IN, PENDING, QUOTA, REFUSED, SILENT
from alerts.reports.headline import only_lately
from alerts.reports.report import Kind
from alerts.reports.speed import charted, drawn, failing, failures_of, worst_hour
from alerts.reports.trouble import over

Figure = tuple[str, float]

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
_PEAKS = {
    PENDING: ("queue_pending", 1.0),
    OLDEST: ("queue_oldest_minutes", 1 / 60),
    BEHIND: ("sync_delay_minutes", 1 / 60),
    QUOTA: ("quota_used_percent", 100.0),
    EVENTS: ("events", 1.0),
    REFUSED: ("refused_events", 1.0),
    ERRORS: ("error_lines", 1.0),
    SILENT: ("silent_minutes", 1 / 60),
    ONE_IN: ("silence_one_in", 1.0),
}


def figures(facts: Facts) -> dict[str, float]:
    """Return the figures of a report, in the order in which it tells of them."""
    found: dict[str, float] = {}
    parts = (_watched, _incidents, _coming, _integrations, _charts, _failed, _standings, _upkeep)
    for part in parts:
        found.update(part(facts))
    return found


def _watched(facts: Facts) -> Iterator[Figure]:
    yield "watched.hours", facts.hours
    yield MISSING, facts.missing
    if recent := only_lately(facts):
        yield "watched.minutes", recent / MINUTE


def _incidents(facts: Facts) -> Iterator[Figure]:
    ends = facts.period.ends
    yield "incidents.opened", facts.opened_count
    yield "incidents.over", len(over(facts))
    yield "incidents.still_open", len(facts.still_open)
    yield "incidents.left_out", facts.more_incidents
    yield "incidents.before.opened", facts.incidents_before
    causes: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for one in facts.incidents:
        yield f"incidents.id.{one.id}.minutes", one.lasted(ends) / MINUTE
        yield f"incidents.id.{one.id}.times", len(one.spans)
        for place, span in enumerate(one.within(facts.period)):
            causes[one.cause] += not place
            times[one.cause] += (span.ends - span.begins) // timedelta.resolution
    for cause, number in causes.items():
        yield f"incidents.cause.{cause}.count", number
        yield f"incidents.cause.{cause}.minutes", times[cause] * timedelta.resolution / MINUTE


def _coming(facts: Facts) -> Iterator[Figure]:
    yield "coming.count", len(facts.coming)
    if facts.disk_free_percent is not None:
        yield "disk.free_percent", facts.disk_free_percent
    kinds = Counter(
        (one.name.partition(".")[0], "past" if one.due <= facts.period.ends else "ahead")
        for one in facts.coming
    )
    for (kind, when), number in sorted(kinds.items()):
        yield f"coming.{when}.{kind}", number
    for one in facts.coming:
        yield f"coming.{one.name}.days", (one.due - facts.period.ends).days
        if one.due <= facts.period.ends - DAY:
            yield f"coming.{one.name}.days_ago", (facts.period.ends - one.due) // DAY
        yield f"coming.{one.name}.minutes", max(timedelta(), one.due - facts.period.ends) / MINUTE


def _integrations(facts: Facts) -> Iterator[Figure]:
    yield "integrations.count", len(facts.integrations) + facts.more_integrations
    yield "integrations.left_out", facts.more_integrations
    for one in facts.integrations:
        here = f"integrations.{one.name}"
        yield from _doing(here, one.now)
        yield from _doing(f"{here}.before", one.before)
        yield f"{here}.incident_minutes", facts.incident_minutes(one.name)
        if one.limit_ms is not None:
            yield f"{here}.limit_ms", one.limit_ms
        hour = worst_hour(facts, one)
        if hour is not None:
            yield f"{here}.worst_hour.failures", hour.failures
            yield f"{here}.worst_hour.looked", hour.looked


def _doing(here: str, doing: Doing) -> Iterator[Figure]:
    if not doing.runs:
        return
    yield f"{here}.runs", doing.runs
    yield f"{here}.failures", doing.failures
    yield f"{here}.unknowns", doing.unknowns
    for name, value in (
        ("success_percent", doing.success),
        ("p50_ms", doing.p50_ms),
        ("p95_ms", doing.p95_ms),
    ):
        if value is not None:
            yield f"{here}.{name}", value
    for peak, (name, factor) in _PEAKS.items():
        if peak in doing.peaks:
            yield f"{here}.{name}", doing.peaks[peak] * factor
    if QUOTA in doing.peaks:
        yield f"{here}.quota_left_percent", max(0.0, 100 - 100 * doing.peaks[QUOTA])


def _charts(facts: Facts) -> Iterator[Figure]:
    """Yield the bars of the charts, each by its place."""
    for one in charted(facts):
        for when, bars in zip(("", "before."), drawn(facts, one), strict=True):
            for place, bar in enumerate(bars):
                if bar.p95_ms is not None:
                    yield f"charts.{one.name}.{when}p95_ms.{place:02}", round(bar.p95_ms, 1)
    if facts.kind is Kind.WEEKLY:
        yield from _failure_charts(facts)


def _failure_charts(facts: Facts) -> Iterator[Figure]:
    for one in failing(facts):
        for when, bars in (("", one.days), ("before.", one.days_before)):
            for place, bar in enumerate(bars):
                value = failures_of(bar)
                if value is not None:
                    yield f"charts.{one.name}.{when}failures.{place:02}", value


def _failed(facts: Facts) -> Iterator[Figure]:
    for one in facts.failed:
        here = f"failed.{one.name}"
        yield f"{here}.count", one.many
        yield f"{here}.recent", one.recent
        yield f"{here}.days", one.days
        yield f"{here}.older", one.older
        if one.oldest is not None:
            yield f"{here}.oldest_minutes", one.oldest / 60
        for reason, number in one.reasons.items():
            yield f"{here}.reasons.{reason.replace(' ', '_')}", number


def _standings(facts: Facts) -> Iterator[Figure]:
    for one in facts.standings:
        if one.check in LOOKS and one.most is not None:
            yield f"checks.{one.integration}.{one.check}.most", one.most
        if one.check == "backup" and one.most is not None:
            yield f"checks.{one.integration}.{one.check}.oldest_minutes", one.most / 60


def _upkeep(facts: Facts) -> Iterator[Figure]:
    ends, today = facts.period.ends, facts.period.ends.astimezone(facts.zone).date()
    yield "news.count", len(facts.news)
    yield "drift.count", len(facts.drift)
    for place, change in enumerate(facts.drift):
        yield f"drift.{place:02}.times", change.times
    yield "overdue.count", len(facts.overdue)
    for task in facts.overdue:
        yield f"overdue.{task.task}.days", (ends - task.due_by).days
    yield "drills.count", len([one for one in facts.drills if facts.period.begins <= one.at < ends])
    last = max(facts.drills, key=lambda one: one.at, default=None)
    if last is not None:
        yield "drills.latest.days_ago", (ends - last.at).days
    for place, drill in enumerate(facts.drills):
        if drill.acknowledged_after is not None:
            yield f"drills.{place:02}.minutes", drill.acknowledged_after / MINUTE
    for one in facts.credentials or ():
        if one.since is not None:
            yield f"credentials.{one.id}.age_days", max(0, (today - one.since).days)
        if one.due is not None:
            yield f"credentials.{one.id}.days_left", (one.due - today).days
