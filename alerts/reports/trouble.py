"""What a report says of incidents: those that are over, those that are open, and what will break next."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import timedelta

from alerts.incident import Cause
from alerts.message_evidence import FAULT
from alerts.message_headline import listed
from alerts.message_text import capital, clean, lasting
from alerts.reports.facts import Facts, Happening
from alerts.reports.report import Block, Point, Section, Tone
from alerts.reports.words import (
    BEFORE,
    SPAN,
    between,
    count,
    day,
    figure,
    known_since,
    left,
    many,
    percent,
    section,
    table,
    text,
    when,
)

MOST = 30
"""Incidents that are told at length."""

NAMES = 3
"""Names of one cause that are told."""

SCARCE = 20.0
"""Percent of a disk below which it is told of."""

_TONES = {"warning": Tone.FAIR, "critical": Tone.BAD, "emergency": Tone.BAD}
_INSTRUCTIONS = ("runbook", "instruction", "documentation", "steps", "the guide")
_WRONG = ("wrong", "outdated", "out of date", "misleading", "incorrect", "missing", "did not")
_GRAVEST = ("emergency", "critical", "warning")


def over(facts: Facts) -> tuple[Happening, ...]:
    """Return the incidents that were open in the time, and are not any more at its end."""
    return tuple(
        one for one in facts.incidents if one.within(facts.period) and not one.is_open(facts.period.ends)
    )


def broke(facts: Facts) -> Section:
    """Return what broke and is over."""
    found = _gravest(over(facts))
    blocks: list[Block] = [_point(facts, one) for one in found[:MOST]]
    if len(found) > MOST:
        blocks.append(Point(f"And {len(found) - MOST} more that are over."))
    if facts.more_incidents:
        left_out = many(facts.more_incidents, "incident")
        blocks.append(Point(f"And {left_out} not told of here, being too many."))
    nothing = "Nothing else broke." if facts.still_open else "Nothing broke."
    return section("What broke", blocks, nothing, Tone.GOOD if facts.looked else Tone.PLAIN)


def still_open(facts: Facts) -> Section:
    """Return what is open at the end of the time."""
    found = _gravest(facts.still_open)
    blocks: list[Block] = [_point(facts, one) for one in found[:MOST]]
    if len(found) > MOST:
        blocks.append(Point(f"And {len(found) - MOST} more that are open."))
    return section(
        "What is still open", blocks, "Nothing is open.", Tone.GOOD if facts.looked else Tone.PLAIN
    )


def will_break(facts: Facts) -> Section:
    """Return what ends soon: certificates, credentials, quotas, room on a disk."""
    blocks: list[Block] = []
    for one in sorted(facts.coming, key=lambda one: (one.due, one.name)):
        remains = one.due - facts.period.ends
        grave = remains < timedelta(days=7)
        late = "" if remains > timedelta() else "Overdue: "
        said = f"{late}{clean(one.said)}: {day(one.due, facts.zone)}, {left(remains)}"
        blocks.append(Point(said, Tone.BAD if grave else Tone.FAIR))
    if facts.disk_free_percent is not None and facts.disk_free_percent < SCARCE:
        free = percent(facts.disk_free_percent)
        blocks.append(Point(f"The disk of the logs has {free} free.", Tone.FAIR))
    seen = Tone.GOOD if facts.settings or facts.credentials else Tone.PLAIN
    return section("What will break", blocks, "Nothing is known to end soon.", seen)


def causes(facts: Facts) -> Section:
    """Return the incidents of the time by cause, and how many there were in the one before."""
    times: dict[str, timedelta] = defaultdict(timedelta)
    found: Counter[str] = Counter()
    for one in facts.incidents:
        spans = one.within(facts.period)
        if spans:
            found[one.cause] += 1
            times[one.cause] += sum((span.ends - span.begins for span in spans), timedelta())
    rows = (
        (text(_called(facts, cause)), figure(count(number)), figure(lasting(times[cause])))
        for cause, number in found.most_common()
    )
    blocks = (Point(_against(facts)), *table("Incidents by cause", ("Cause", "Incidents", "Open for"), rows))
    return Section("Incidents", blocks)


def _called(facts: Facts, cause: str) -> str:
    """Return what incidents of a cause are called in their mails: one cause has several names."""
    names = (one.title.partition(": ")[2] or one.title for one in facts.incidents if one.cause == cause)
    return listed(list(dict.fromkeys(names)), NAMES)


def _against(facts: Facts) -> str:
    """Return how many incidents opened, and how many in the time before, as far as that is known."""
    opened = f"{many(facts.opened_count, 'incident')} opened this {SPAN[facts.kind]}"
    earlier, since = facts.incidents_before, known_since(facts)
    if facts.known_before is None and not earlier:
        return f"{opened}; nothing is known of {BEFORE[facts.kind]}."
    if since:
        told = f", {earlier} in what is known of the one before" if earlier else ""
        return f"{opened}{told}. {since}"
    return f"{opened}, {earlier} {BEFORE[facts.kind]}."


def wrong_instructions(facts: Facts) -> Section:
    """Return the incidents on whose timeline people wrote that the instructions were wrong."""
    blocks = [
        Point(clean(one.title), Tone.FAIR, tuple(clean(note, 500) for note in said[:5]), one.id)
        for one in facts.incidents
        if (said := [note for note in one.notes if is_complaint(note)])
    ]
    nothing = "No note says that an instruction was wrong."
    return section("Instructions that were wrong", blocks[:MOST], nothing)


def is_complaint(note: str) -> bool:
    """Tell whether a note says that the runbook, or what a mail said to do, was wrong."""
    said = note.lower()
    return any(word in said for word in _INSTRUCTIONS) and any(word in said for word in _WRONG)


def _gravest(found: Sequence[Happening]) -> list[Happening]:
    return sorted(found, key=lambda one: (_rank(one), one.opened_at, one.id))


def _rank(one: Happening) -> int:
    return _GRAVEST.index(one.severity) if one.severity in _GRAVEST else len(_GRAVEST)


def _point(facts: Facts, one: Happening) -> Point:
    return Point(clean(one.title), _TONES.get(one.severity, Tone.FAIR), tuple(_details(facts, one)), one.id)


def _cause(one: Happening) -> str:
    """Return the probable cause as its last mail says it, and whose fault it is."""
    known = clean(one.summary, 400).rstrip(".") or one.cause.replace("-", " ")
    unknown = "Not known yet. " if one.cause == Cause.UNKNOWN else ""
    return f"Cause: {unknown}{known}. Whose fault: {FAULT.get(one.fault, 'not known')}."


def _details(facts: Facts, one: Happening) -> Iterator[str]:
    ends = one.spans[-1][1]
    open_still = one.is_open(facts.period.ends) or ends is None
    times = f"since {when(one.opened_at, facts.zone)}"
    if not open_still and ends is not None:
        times = between(one.opened_at, ends, facts.zone)
    again = f" in all, opened {len(one.spans)} times" if len(one.spans) > 1 else ""
    yield f"{one.severity}, {times}, {lasting(one.lasted(facts.period.ends))}{again}"
    names = ", ".join(clean(name, 100) for name in one.acknowledged_by[:5])
    seen = f"acknowledged by {names}" if names else "nobody acknowledged it"
    yield f"{_cause(one)} {capital(seen)}."
    if one.outcome and not open_still:
        yield f"It ended: {clean(one.outcome)}"
