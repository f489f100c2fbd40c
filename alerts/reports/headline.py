"""All of a report in one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from alerts.message_headline import listed
from alerts.message_text import capital, lasting
from alerts.reports.facts import Coming, Facts
from alerts.reports.report import Block, Kind, Point, Section, Table, Tone
from alerts.reports.trouble import over
from alerts.reports.words import SPAN, left, many

QUIET = {Kind.DAILY: "night", Kind.WEEKLY: "week", Kind.MONTHLY: "month"}

_COMING: Mapping[str, tuple[str, str, str, str]] = {
    "certificate": (
        "certificate ends",
        "certificates end",
        "certificate has ended",
        "certificates have ended",
    ),
    "credential": (
        "credential is due",
        "credentials are due",
        "credential is overdue",
        "credentials are overdue",
    ),
    "quota": ("quota will be used up", "quotas will be used up", "quota is used up", "quotas are used up"),
}
"""What ends soon, by the first word of its name, and what has ended; of one and of several."""


def headline(facts: Facts, sections: Sequence[Section]) -> tuple[str, Tone]:
    """Return the sentence about a report of these sections, and how it is to be taken."""
    if facts.known_from is None and not facts.incidents:
        return f"Nothing is known of this {SPAN[facts.kind]}: nothing was watched.", Tone.FAIR
    parts = list(_parts(facts))
    said = f"{capital(listed(parts, len(parts)))}."
    if recent := only_lately(facts):
        said = f"Only the last {lasting(recent)} of this {SPAN[facts.kind]} were watched. {said}"
    if any(one.severity != "warning" for one in facts.still_open):
        return said, Tone.BAD
    found = facts.still_open or over(facts) or facts.coming or facts.overdue or facts.missing
    calm = facts.looked and not found
    if calm and not any(_is_odd(block) for one in sections for block in one.blocks):
        return f"A quiet {QUIET[facts.kind]}: nothing broke, nothing is open and nothing is due.", Tone.GOOD
    return said, Tone.GOOD if calm else Tone.FAIR


def _is_odd(block: Block) -> bool:
    """Tell whether a block says that something is not as it should be."""
    odd = {Tone.FAIR, Tone.BAD}
    if isinstance(block, Table):
        return any(cell.tone in odd for row in block.rows for cell in row)
    return isinstance(block, Point) and block.tone in odd


def _parts(facts: Facts) -> Iterator[str]:
    ended, still = len(over(facts)), len(facts.still_open)
    yield from _past(facts)
    if ended + still == 0:
        yield "nothing broke" if facts.looked else "nothing could be looked at"
    if ended:
        yield f"{many(ended, 'incident')} came and went"
    if still:
        yield f"{many(still, 'incident is', 'incidents are')} still open"
    if facts.more_incidents:
        yield f"{many(facts.more_incidents, 'more incident is', 'more incidents are')} left out"
    yield from _ending(facts)
    if facts.overdue:
        yield f"{many(len(facts.overdue), 'task is', 'tasks are')} overdue"
    if facts.gaps:
        were = "was" if facts.missing == 1 else "were"
        yield f"{facts.missing} of {many(facts.hours, 'hour')} {were} not watched"


def only_lately(facts: Facts) -> timedelta | None:
    """Return how long was watched where that began when whole hours of the time were over, else None."""
    since = facts.known_from
    if since is None or since - facts.period.begins < timedelta(hours=1):
        return None
    return facts.period.ends - since


def _past(facts: Facts) -> Iterator[str]:
    """Yield what has ended already: it comes before all else."""
    for kind, (_, _, one, more) in _COMING.items():
        past = [found for found in _of(facts, kind) if found.due <= facts.period.ends]
        if past:
            yield many(len(past), one, more)


def _of(facts: Facts, kind: str) -> list[Coming]:
    return [one for one in facts.coming if one.name.partition(".")[0] == kind]


def _ending(facts: Facts) -> Iterator[str]:
    """Yield what ends soon: how many of each kind, and when the first of them."""
    for kind, (one, more, _, _) in _COMING.items():
        ahead = [found for found in _of(facts, kind) if found.due > facts.period.ends]
        if ahead:
            first = left(_first(ahead) - facts.period.ends)
            yield f"{many(len(ahead), one, more)}{', the first' if len(ahead) > 1 else ''} {first}"


def _first(found: Sequence[Coming]) -> datetime:
    return min(one.due for one in found)
