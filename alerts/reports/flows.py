"""What a report says of queues, webhooks and quotas."""

from collections.abc import Iterator, Sequence

from alerts.message_headline import listed
from alerts.message_text import clean
from alerts.reports.facts import Doing, Facts, IntegrationFacts, Stand
from alerts.reports.report import Cell, Kind, Point, Section, Tone
from alerts.reports.words import (
    BEFORE,
    NOTHING,
    count,
    figure,
    knows_before,
    minutes,
    percent,
    table,
    text,
    watched,
    when,
)
from checks.result import State

PENDING, OLDEST, BEHIND = "queue_pending", "queue_oldest_age_seconds", "sync_delay_seconds"
QUOTA, EVENTS, REFUSED, ERRORS = "quota_used_ratio", "events", "refused_events", "error_lines"
TIGHT = 80.0
"""Percent of a quota from which on it is said to be tight."""

SILENT, ONE_IN = "silent_seconds", "silence_one_in"
UNUSUAL, RARE, UNHEARD_OF = 20.0, 1000.0, 1e9
"""One silence in so many is told as such, is worth a look, and is too rare for a number."""

FULLEST, NOTABLE = 1, 50.0
"""Quotas that are told of one by one: so many at the least, and those of which so many percent were used."""

NAMED = 8
"""Integrations that are named of the others."""

WEBHOOK, WEBHOOK_LOG = "webhook", "webhook_log"
"""The checks that send forged events, and that read which events came."""

LOG_FOLDERS = "logs"
"""The check that reads the folders of logs, and knows which kinds of error are new."""

FORGED = "event."
"""What the names of settings begin with that say what a webhook does with an event."""


def queues(facts: Facts) -> Section:
    """Return how much waited, for how long, and how far behind synchronisations were, at the most."""
    earlier = facts.kind is Kind.MONTHLY and knows_before(facts)
    head = ("Integration", "Most waiting", "Waited at the most", "Behind at the most")
    rows = (_queue(one, earlier=earlier) for one in facts.integrations if _has_queue(one.now))
    blocks = table(
        "Queues and delays", (*head, f"Most waiting {BEFORE[facts.kind]}") if earlier else head, rows
    )
    return watched("Queues and delays", blocks, "queues and delays")


def silences(facts: Facts) -> Section:
    """Return how long no reservation, payment or mail came at the longest, and how rare such a silence is."""
    known = (one for one in facts.integrations if SILENT in one.now.peaks)
    rows = (_silence(one) for one in sorted(known, key=lambda one: -one.now.peaks.get(ONE_IN, 0.0)))
    head = ("Integration", "Nothing came for", "How usual that is")
    blocks = table("Longest silences", head, rows)
    return watched("Longest silences", blocks, "silences")


def how_usual(one_in: float | None) -> tuple[str, Tone]:
    """Return in words how rare a silence is that chance lets pass once in so many such stretches."""
    if one_in is None:
        return "not known yet", Tone.PLAIN
    if one_in >= UNHEARD_OF:
        return "less than 1 in a billion", Tone.FAIR
    if one_in < UNUSUAL:
        return "usual", Tone.PLAIN
    return f"1 in {float(f'{one_in:.2g}'):,.0f}", Tone.FAIR if one_in >= RARE else Tone.PLAIN


def webhooks(facts: Facts) -> Section:
    """Return how many events came, which were refused, and what a forged one met."""
    stands = {(one.integration, one.check): one for one in facts.standings}
    rows = []
    for one in facts.integrations:
        log, probe = stands.get((one.name, WEBHOOK_LOG)), stands.get((one.name, WEBHOOK))
        if log or probe or EVENTS in one.now.peaks:
            rows.append(_webhook(facts, one, log, probe))
    head = ("Integration", "Events", "Refused", "Last event", "Forged events")
    return watched("Webhooks", table("Webhook deliveries", head, rows), "webhooks")


def quotas(facts: Facts) -> Section:
    """Return how much of the fullest allowances was used at the most, and of the others in a line."""
    earlier = facts.kind is Kind.MONTHLY and knows_before(facts)
    head = ("Integration", "Used at the most", "Left at the least")
    known = sorted(
        (one for one in facts.integrations if QUOTA in one.now.peaks),
        key=lambda one: (-one.now.peaks[QUOTA], one.name),
    )
    many = max(FULLEST, sum(100 * one.now.peaks[QUOTA] >= NOTABLE for one in known))
    rows = (_quota(one, earlier=earlier) for one in known[:many])
    blocks = table("Quotas", (*head, f"Used at the most {BEFORE[facts.kind]}") if earlier else head, rows)
    return watched("Quotas", (*blocks, *_others(known[many:])), "quotas")


def _others(known: Sequence[IntegrationFacts]) -> Iterator[Point]:
    if known:
        most = percent(100 * known[0].now.peaks[QUOTA])
        names = listed([clean(one.name, 100) for one in known[:NAMED]], NAMED)
        more = "" if len(known) <= NAMED else ", among others,"
        yield Point(f"{names}{more} used {most} at the most.")


def forged(probe: Stand | None) -> tuple[str, Tone]:
    """Return what a webhook does with events that are forged."""
    if probe is None:
        return "not tried", Tone.PLAIN
    taken = [name for name, fate in probe.forgeries.items() if is_forgery(name) and fate.startswith("taken")]
    if taken or (probe.state is State.CRITICAL and "forged" in probe.message):
        return "accepted", Tone.BAD
    if probe.runs == probe.unknowns:
        return "not tried", Tone.PLAIN
    tried = [fate for name, fate in probe.forgeries.items() if is_forgery(name)]
    # What was refused is known for longer than this time; it is said of it only where a try got so far.
    if probe.state is State.OK or (
        probe.succeeded and tried and all(one.startswith("refused") for one in tried)
    ):
        return "refused", Tone.GOOD
    return "not known", Tone.FAIR


def is_forgery(name: str) -> bool:
    """Tell whether a setting says what becomes of an event that is not genuine."""
    return name.startswith(FORGED) and name != f"{FORGED}signed"


def _silence(one: IntegrationFacts) -> tuple[Cell, ...]:
    peaks = one.now.peaks
    said, tone = how_usual(peaks.get(ONE_IN))
    return text(one.name), figure(minutes(as_minutes(peaks[SILENT]))), text(said, tone)


def _has_queue(now: Doing) -> bool:
    return not now.peaks.keys().isdisjoint({PENDING, OLDEST, BEHIND})


def _queue(one: IntegrationFacts, *, earlier: bool) -> tuple[Cell, ...]:
    peaks = one.now.peaks
    cells = (
        text(one.name),
        figure(count(peaks.get(PENDING))),
        figure(minutes(as_minutes(peaks.get(OLDEST)))),
        figure(minutes(as_minutes(peaks.get(BEHIND)))),
    )
    return (*cells, figure(count(one.before.peaks.get(PENDING)))) if earlier else cells


def _quota(one: IntegrationFacts, *, earlier: bool) -> tuple[Cell, ...]:
    used = 100 * one.now.peaks[QUOTA]
    tone = Tone.FAIR if used >= TIGHT else Tone.PLAIN
    cells = (text(one.name), figure(percent(used), tone), figure(percent(max(0.0, 100 - used))))
    before = one.before.peaks.get(QUOTA)
    return (*cells, figure(percent(None if before is None else 100 * before))) if earlier else cells


def _webhook(facts: Facts, one: IntegrationFacts, log: Stand | None, probe: Stand | None) -> tuple[Cell, ...]:
    refused = one.now.peaks.get(REFUSED)
    last = log.last_event if log else None
    return (
        text(one.name),
        figure(count(one.now.peaks.get(EVENTS))),
        figure(count(refused), Tone.FAIR if refused else Tone.PLAIN),
        text(when(last, facts.zone) if last else NOTHING),
        text(*forged(probe)),
    )


def as_minutes(seconds: float | None) -> float | None:
    """Return seconds as minutes."""
    return None if seconds is None else seconds / 60


def reads_errors(facts: Facts) -> bool:
    """Tell whether anybody looked for new kinds of error, in the folders of the PMS's logs."""
    folders = (one for one in facts.standings if one.check == LOG_FOLDERS)
    return bool(facts.news) or any(one.runs > one.unknowns for one in folders)


def error_lines(facts: Facts) -> Iterator[tuple[str, float]]:
    """Return how many lines told of an error, of each integration that has a log."""
    return ((one.name, one.now.peaks[ERRORS]) for one in facts.integrations if ERRORS in one.now.peaks)
