"""Mails as lists show them."""

from dataclasses import dataclass

from daemon.demo.clocks import by_the_clock
from daemon.demo.configuration import FRONT_DESK, LEVELS
from daemon.demo.letter import Letter

ROLES = {
    address: f"{one['role']} (level {one['level']})" for one in LEVELS for address in one["email"]
} | dict.fromkeys(FRONT_DESK, "Front desk")
"""Who is behind an address."""


@dataclass(frozen=True, slots=True)
class Line:
    """A mail in a list; `word` is its severity, or that it is over."""

    number: int
    came: str
    to: str
    role: str
    subject: str
    kind: str
    word: str
    symbol: str
    tone: str
    cause: str


MARKS = {
    "warning": ("▲", "fair"),
    "critical": ("✕", "bad"),
    "emergency": ("✕", "worst"),
    "resolved": ("✓", "good"),
}


def line(letter: Letter) -> Line:
    """Return a mail as a list shows it."""
    word = "resolved" if letter.kind == "resolved" else letter.severity
    symbol, tone = MARKS.get(word, ("·", "dim"))
    return Line(
        number=letter.number,
        came=by_the_clock(letter.came),
        to=letter.to,
        role=ROLES.get(letter.to, ""),
        subject=letter.subject or "(no subject)",
        kind=letter.kind,
        word=word,
        symbol=symbol,
        tone=tone,
        cause=letter.cause,
    )
