"""One sentence on how things are, and one on whether letters get out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerts.message_text import clean, lasting
from daemon.board import Post, worst
from daemon.web.pages.layout import SYMBOLS, TONES, WORDS

WORST_WORDS = ("unhealthy", "degraded", "unknown")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How things are as a whole: one of the four statuses, and a sentence."""

    status: str
    sentence: str

    @property
    def tone(self) -> str:
        """Its colour, by name."""
        return TONES[self.status]

    @property
    def symbol(self) -> str:
        """Its mark, which says the same without colour."""
        return SYMBOLS[self.status]


def verdict(statuses: Sequence[str], thing: str) -> Verdict:
    """Return the verdict over so many things, such as integrations, by their statuses."""
    status = worst(statuses)
    if not statuses:
        return Verdict(status, "Nothing is watched yet")
    counts = Counter(statuses)
    if counts["healthy"] == len(statuses):
        return Verdict(status, "All is well")
    parts = [f"{counts[one]:,} {WORDS[one]}" for one in WORST_WORDS if counts[one]]
    things = f"{len(statuses):,} {thing}{'s' if len(statuses) != 1 else ''}"
    return Verdict(status, f"{', '.join(parts)} of {things}")


def mail_trouble(post: Post, now: datetime) -> str:
    """Say that letters do not get out, or only over another relay, if so."""
    said = [clean(relay) for relay in post.relays]
    if post.waiting and post.trouble and post.oldest is not None:
        letters = "1 mail has" if post.waiting == 1 else f"{post.waiting} mails have"
        when = f"{lasting(now - post.oldest)} ago"
        said.insert(0, f"{letters} not gone out, the oldest written {when}: {clean(post.trouble)}")
    return "; ".join(said)
