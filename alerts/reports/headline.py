"""All of a report in one sentence."""

from collections.abc import Iterator

from alerts.message_headline import listed
from alerts.message_text import capital
from alerts.reports.facts import Facts
from alerts.reports.report import Tone
from alerts.reports.trouble import over
from alerts.reports.words import SPAN, many


def headline(facts: Facts) -> tuple[str, Tone]:
    """Return the sentence, and how it is to be taken."""
    if facts.known_from is None and not facts.incidents:
        return f"Nothing is known of this {SPAN[facts.kind]}: nothing was watched.", Tone.FAIR
    said = f"{capital(listed(list(_parts(facts))))}."
    if any(one.severity != "warning" for one in facts.still_open):
        return said, Tone.BAD
    calm = not (facts.still_open or over(facts) or facts.coming or facts.overdue)
    return said, Tone.GOOD if calm and not facts.gaps else Tone.FAIR


def _parts(facts: Facts) -> Iterator[str]:
    ended, still = len(over(facts)), len(facts.still_open)
    if ended + still == 0:
        yield "nothing broke"
    if ended:
        yield f"{many(ended, 'incident')} came and went"
    if still:
        yield f"{still} {'is' if still == 1 else 'are'} still open"
    if facts.coming:
        yield f"{many(len(facts.coming), 'thing')} will end soon"
    if facts.overdue:
        yield f"{many(len(facts.overdue), 'task is', 'tasks are')} overdue"
    if facts.gaps:
        were = "was" if facts.gaps == 1 else "were"
        yield f"{facts.gaps} of {many(facts.hours, 'hour')} {were} not watched"
