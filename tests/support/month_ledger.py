"""A ledger in memory that keeps to what the store keeps to, and delivers letters at once when asked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from alerts.change import Change, Event
from alerts.incident import Incident, IncidentState
from alerts.notification import Delivery, Notification
from alerts.silence import Silence, Span
from alerts.standing import Standing
from checks.result import CheckId
from daemon.ledger import Epoch
from daemon.store.errors import StateError

BROKEN = "the state cannot be written"


class MemoryLedger:
    """What the engine and a sender need of the store; a change is written as a whole, or not at all."""

    def __init__(self) -> None:
        self.incidents: dict[str, Incident] = {}
        self.letters: dict[str, Notification] = {}
        self.events: dict[Event, None] = {}
        self.stood: dict[CheckId, Standing] = {}
        self._silences: dict[str, Silence] = {}
        self._of: dict[Epoch, list[str]] = {}
        self._keys: set[str] = set()
        self._waiting: dict[str, None] = {}
        self.repeated: list[str] = []
        """Keys of letters that were written once more."""
        self.broken = 0
        """How many of the next commits fail."""

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise StateError and write nothing."""
        if self.broken:
            self.broken -= 1
            raise StateError(BROKEN)
        after = self.incidents | {one.id: one for one in change.incidents}
        held = [one.key for one in after.values() if one.state is not IncidentState.RESOLVED]
        if len(held) != len(set(held)):
            twice = next(key for key in held if held.count(key) > 1)
            raise StateError(f"two incidents that are not resolved have the key {twice}")
        self.incidents = after
        self.stood |= {one.check: one for one in change.standings}
        self._withdraw(change.superseded, Delivery.SUPERSEDED)
        self._withdraw(change.cancelled, Delivery.CANCELLED)
        for letter in change.notifications:
            if letter.key not in self._keys:
                self._add(letter)
            elif self.letters[letter.id].state is Delivery.CANCELLED:
                self._keep(letter)
            else:
                self.repeated.append(letter.key)
        for name, at in change.spoken.items():
            if name in self._waiting:
                self.deliver(self.letters[name], at)
        self.events |= dict.fromkeys(change.events)
        self._silences = {one.id: one for one in change.silences} | self._silences
        for silence in change.removed_silences:
            self._silences.pop(silence, None)
        for check in change.forgotten:
            self.stood.pop(check, None)

    def _add(self, letter: Notification) -> None:
        self._keys.add(letter.key)
        self._keep(letter)
        self._of.setdefault((letter.incident, letter.epoch), []).append(letter.id)

    def _keep(self, letter: Notification) -> None:
        self.letters[letter.id] = letter
        if letter.state is Delivery.PENDING:
            self._waiting[letter.id] = None

    def _withdraw(self, ids: Iterable[str], become: Delivery) -> None:
        for one in ids:
            if one in self._waiting:
                self.letters[one] = replace(self.letters[one], state=become)
                del self._waiting[one]

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        """Return the notifications of many (incident, epoch) at once, without their messages."""
        return {
            epoch: [replace(self.letters[one], message=b"") for one in self._of.get(epoch, ())]
            for epoch in epochs
        }

    async def open_incidents(self) -> list[Incident]:
        """Return the incidents that are not resolved, the oldest first."""
        found = (one for one in self.incidents.values() if one.state is not IncidentState.RESOLVED)
        return sorted(found, key=lambda one: one.opened_at)

    async def recent(self, since: datetime) -> list[Incident]:
        """Return the incidents resolved since then, in the order they ended."""
        ended = [(one.resolved_at, one) for one in self.incidents.values()]
        found = [(at, one) for at, one in ended if at is not None and at >= since]
        resolved = [(at, one) for at, one in found if one.state is IncidentState.RESOLVED]
        return [one for _, one in sorted(resolved, key=lambda pair: pair[0])]

    async def silences(self, now: datetime) -> list[Silence]:
        """Return the silences that people asked for and that are not over."""
        spans = [(one.window, one) for one in self._silences.values()]
        return [one for span, one in spans if isinstance(span, Span) and span.ends > now]

    async def standings(self) -> list[Standing]:
        """Return how every check stood."""
        return list(self.stood.values())

    def waiting(self) -> list[Notification]:
        """Return the letters that nobody has delivered or withdrawn, the oldest first."""
        return [self.letters[one] for one in self._waiting]

    def deliver(self, letter: Notification, at: datetime) -> None:
        """Mark a letter as sent."""
        self.letters[letter.id] = replace(letter, state=Delivery.SENT, sent_at=at, attempts=1)
        del self._waiting[letter.id]

    def refuse(self, letter: Notification) -> None:
        """Mark a letter as refused for good."""
        self.letters[letter.id] = replace(letter, state=Delivery.DEAD, attempts=1)
        del self._waiting[letter.id]
