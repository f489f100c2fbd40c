"""Mails of ours that came back: what is given up for that, and who thinks about it again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import structlog

from alerts.bounce import BounceAddresses
from alerts.delivery_status import Report
from alerts.notification import Delivery, Notification

log = structlog.get_logger()


class Letters(Protocol):
    """The part of the store that knows what was sent."""

    async def came_back(self, letter: str, error: str) -> tuple[Notification | None, bool]:
        """Give up a letter that was accepted and came back; return it, and whether that is news."""
        ...


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of a bounce: a word for programs, and a sentence for people."""

    outcome: str
    sentence: str


FOREIGN = Receipt("unknown", "The address names no letter that was sent from here: ignored.")


class Bounces:
    """Takes in what mail servers report. `on_dead` hears of each letter that is given up for it."""

    def __init__(self, letters: Letters, on_dead: Callable[[Notification], None]) -> None:
        self.addresses: BounceAddresses | None = None
        self._letters = letters
        self._on_dead = on_dead

    async def take(self, token: str, report: Report) -> Receipt:
        """Do what a report asks for; one whose token is not ours, or names no letter, changes nothing."""
        letter = self.addresses.letter(token) if self.addresses else None
        if letter is None:
            log.warning("bounce.refused", reason="the address was not made here")
            return FOREIGN
        if not report.failed:
            log.info("notification.delayed", notification=letter, detail=str(report))
            return Receipt("late", f"Letter {letter} is late: {report}. Nothing is done about it yet.")
        found, news = await self._letters.came_back(letter, f"bounced: {report}")
        if found is None:
            log.warning("bounce.refused", reason="there is no such letter", notification=letter)
            return FOREIGN
        if not news:
            return _old_news(found)
        log.error(
            "notification.bounced",
            notification=letter,
            incident=found.incident,
            recipient=found.recipient,
            detail=str(report),
        )
        self._on_dead(found)
        return Receipt("given-up", f"Letter {letter} to {found.recipient} is given up: {report}.")


def _old_news(found: Notification) -> Receipt:
    if found.state is Delivery.DEAD:
        return Receipt("known", f"Letter {found.id} was given up before.")
    return Receipt("unsent", f"Letter {found.id} was never sent: ignored.")
