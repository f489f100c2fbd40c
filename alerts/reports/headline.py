"""All of a report in one sentence."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from alerts.message_headline import listed
from alerts.message_text import capital
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
    if any(one.severity != "warning" for one in facts.still_open):
        return said, Tone.BAD
    calm = not (facts.still_open or over(facts) or facts.coming or facts.overdue or facts.gaps)
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
    if ended + still == 0:
        yield "nothing broke"
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
        were = "was" if facts.gaps == 1 else "were"
        yield f"{facts.gaps} of {many(facts.hours, 'hour')} {were} not watched"


def _ending(facts: Facts) -> Iterator[str]:
    """Yield what ends soon: how many of each kind, and when the first of them."""
    for kind, (one, more, one_past, more_past) in _COMING.items():
        mine = [found for found in facts.coming if found.name.partition(".")[0] == kind]
        past = [found for found in mine if found.due <= facts.period.ends]
        ahead = [found for found in mine if found.due > facts.period.ends]
        if past:
            yield many(len(past), one_past, more_past)
        if ahead:
            first = left(_first(ahead) - facts.period.ends)
            yield f"{many(len(ahead), one, more)}{', the first' if len(ahead) > 1 else ''} {first}"


def _first(found: Sequence[Coming]) -> datetime:
    return min(one.due for one in found)
