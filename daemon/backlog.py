"""What was decided and cannot be written down: kept in memory by hotel, until it is."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import chain

from alerts.change import Change, Event
from alerts.incident import Incident, Severity
from alerts.notification import Delivery, Kind, Notification

MOST_LETTERS = 4000
"""Letters that are kept; while there are more, none are written of what is no emergency, and none at all
while there are twice as many."""

MOST_EVENTS = 50_000
"""Lines of timelines that are kept at the most."""

SPARED = timedelta(seconds=60)
"""How long other replicas leave a letter alone that was being sent from memory when it was written down."""

CERTAIN = timedelta(minutes=10)
"""After how long the outbox is trusted to have a letter in hand that is written down."""

OPEN = frozenset({Delivery.PENDING, Delivery.SENDING})


@dataclass(frozen=True, slots=True)
class Account:
    """What is owed of one incident: how it is, its letters, and lines of its timeline."""

    incident: Incident
    notifications: tuple[Notification, ...] = ()
    events: tuple[Event, ...] = ()


@dataclass(slots=True)
class Pile:
    """What is owed about one hotel. Dicts without values serve as ordered sets.

    `letters` are owed, with what became of them meanwhile. `stored` are letters of emergencies that are
    written down and, as far as is known, not delivered. `spoken` are ids of letters that were sent from
    memory and may be written down as waiting. `grave` are ids of emergencies, `renewed` those of letters that
    were cancelled and are wanted again.
    """

    incidents: dict[str, Incident] = field(default_factory=dict)
    letters: dict[str, Notification] = field(default_factory=dict)
    stored: dict[str, Notification] = field(default_factory=dict)
    spoken: dict[str, datetime] = field(default_factory=dict)
    superseded: dict[str, None] = field(default_factory=dict)
    cancelled: dict[str, None] = field(default_factory=dict)
    events: dict[Event, None] = field(default_factory=dict)
    grave: set[str] = field(default_factory=set)
    renewed: set[str] = field(default_factory=set)

    def add(self, change: Change) -> None:
        """Owe a change; of an incident that is owed already, the new one stays."""
        self.incidents |= {one.id: one for one in change.incidents}
        self.superseded |= dict.fromkeys(change.superseded)
        self.cancelled |= dict.fromkeys(change.cancelled)
        self.renewed.difference_update(change.cancelled)
        self._weigh(change)
        for letter in change.notifications:
            self._write(letter)
        self.events |= dict.fromkeys(change.events)

    def _write(self, letter: Notification) -> None:
        """Owe a letter; one that was cancelled is written anew, or wanted after all if it is on its way."""
        known = self.letters.get(letter.id)
        if letter.id in self.cancelled:
            self.renewed.add(letter.id)
        if known is None or known.state is Delivery.CANCELLED:
            self.letters[letter.id] = letter

    def written(self, change: Change, now: datetime) -> None:
        """Note what is written down: letters of emergencies may still have to be sent from memory."""
        self._weigh(change)
        self.stored |= {one.id: one for one in change.notifications}
        for name, letter in list(self.stored.items()):
            if letter.incident not in self.grave or letter.state not in OPEN or _old(letter, now):
                del self.stored[name]
        about = (one.incident for one in chain(self.stored.values(), self.letters.values()))
        self.grave.intersection_update({*about, *self.incidents})

    def _weigh(self, change: Change) -> None:
        """Note which incidents are emergencies, and withdraw what is wanted no longer."""
        self.grave |= {one.id for one in change.incidents if one.severity is Severity.EMERGENCY}
        for ids, become in ((change.superseded, Delivery.SUPERSEDED), (change.cancelled, Delivery.CANCELLED)):
            for name in ids:
                self.stored.pop(name, None)
                letter = self.letters.get(name)
                if letter is not None and letter.state is Delivery.PENDING:
                    # It is never sent, so what it says need not be kept.
                    self.letters[name] = replace(letter, state=become, message=b"")

    @property
    def owed(self) -> bool:
        """Whether there is anything to write down."""
        return any((self.incidents, self.letters, self.spoken, self.superseded, self.cancelled, self.events))

    def change(self, now: datetime) -> Change:
        """Return what is owed; a try whose outcome is not known may have written it down before."""
        sent = {one.id: one.sent_at for one in self.letters.values() if one.sent_at is not None}
        return Change(
            incidents=tuple(self.incidents.values()),
            notifications=tuple(_as_stored(one, now) for one in self.letters.values()),
            superseded=tuple(self.superseded),
            cancelled=tuple(self.cancelled),
            spoken=self.spoken | sent,
            events=tuple(self.events),
        )

    def as_wanted(self, letter: Notification) -> Notification:
        """Return an owed letter; what waits and was withdrawn, or overtaken by the end, is so."""
        become = Delivery.CANCELLED if letter.id in self.cancelled.keys() - self.renewed else letter.state
        ended = letter.kind is not Kind.RESOLVED and any(
            _same_thread(one, letter) for one in self.letters.values() if one.kind is Kind.RESOLVED
        )
        if letter.id in self.superseded or ended:
            become = Delivery.SUPERSEDED
        unwanted = letter.state is Delivery.PENDING and become is not letter.state
        return replace(letter, state=become, message=b"") if unwanted else letter

    def settle(self, change: Change, now: datetime) -> None:
        """Note that a change, as it was returned, is written down; what has come since is still owed."""
        for incident in change.incidents:
            if self.incidents.get(incident.id) is incident:
                del self.incidents[incident.id]
        found = (self.letters.pop(one.id, None) for one in change.notifications)
        letters = tuple(one for one in found if one is not None)
        sent = {one.id: one.sent_at for one in letters if one.sent_at is not None}
        self.spoken = {name: at for name, at in (self.spoken | sent).items() if name not in change.spoken}
        for owed, names in ((self.superseded, change.superseded), (self.cancelled, change.cancelled)):
            for name in names:
                owed.pop(name, None)
        self.renewed &= self.cancelled.keys()
        for event in change.events:
            self.events.pop(event, None)
        self.written(Change(notifications=letters), now)


class Backlog:
    """The piles of all hotels."""

    def __init__(self) -> None:
        self._piles: dict[str, Pile] = {}

    def add(self, hotel: str, change: Change) -> None:
        """Owe a change of one hotel."""
        if sum(len(pile.events) for pile in self._piles.values()) >= MOST_EVENTS:
            change = replace(change, events=())
        self._pile(hotel).add(change)

    def written(self, hotel: str, change: Change, now: datetime) -> None:
        """Note what is written down of one hotel."""
        self._pile(hotel).written(change, now)

    def owed(self) -> list[str]:
        """Return the hotels of which something is owed."""
        return [hotel for hotel, pile in self._piles.items() if pile.owed]

    def change(self, hotel: str, now: datetime) -> Change:
        """Return what is owed of a hotel."""
        return self._pile(hotel).change(now)

    def accounts(self) -> dict[str, Account]:
        """Return what is owed of each incident, by its id."""
        found: dict[str, Account] = {}
        for pile in self._piles.values():
            letters, lines = defaultdict(list), defaultdict(list)
            for letter in pile.letters.values() if pile.incidents else ():
                letters[letter.incident].append(letter)
            for line in pile.events if pile.incidents else ():
                lines[line.incident].append(line)
            for name, one in pile.incidents.items():
                found[name] = Account(one, tuple(letters[name]), tuple(lines[name]))
        return found

    def settle(self, hotel: str, change: Change, now: datetime) -> None:
        """Note that a hotel's change, as it was returned, is written down."""
        self._pile(hotel).settle(change, now)

    def drop(self, hotel: str) -> None:
        """Forget what is owed of a hotel."""
        self._piles.pop(hotel, None)

    def lost(self, hotels: Iterable[str]) -> Iterator[dict[str, object]]:
        """Return, for each incident of which something is owed, what is lost when it is dropped, in words."""
        for pile in (self._pile(hotel) for hotel in hotels):
            for incident in pile.incidents.values():
                letters = (one for one in pile.letters.values() if one.incident == incident.id)
                yield {
                    "hotel": incident.hotel,
                    "incident": incident.id,
                    "state": str(incident.state),
                    "title": incident.title,
                    "letters": [f"{one.kind} to {one.recipient}: {one.state}" for one in letters],
                }

    def mute(self, incident: Incident) -> bool:
        """Say whether there is no room for letters about an open incident."""
        kept = sum(len(pile.letters) for pile in self._piles.values())
        return kept >= MOST_LETTERS * (2 if incident.severity is Severity.EMERGENCY else 1)

    def known(self, row: Notification) -> Notification:
        """Return a letter as it is: one that is owed, or was sent meanwhile, may be stored otherwise."""
        pile = self._pile(row.hotel)
        if row.id in pile.spoken:
            return replace(row, state=Delivery.SENT, sent_at=pile.spoken[row.id])
        begun = pile.stored.get(row.id)
        if begun is not None and begun.state is Delivery.SENDING:
            return begun
        return pile.letters.get(row.id, row)

    def urgent(self, now: datetime) -> Iterator[tuple[Notification, bool]]:
        """Return the letters of emergencies that are not sent, as written; and whether they are stored."""
        for pile in self._piles.values():
            yield from ((one, True) for one in pile.stored.values() if not _old(one, now))
            owed = (one for one in pile.letters.values() if one.incident in pile.grave)
            yield from ((one, False) for one in owed if one.state in OPEN)

    def crying(self) -> frozenset[str]:
        """Return the ids of letters that are sent from memory, or were and it is not written down yet."""
        return frozenset(
            name
            for pile in self._piles.values()
            for name in (
                *pile.spoken,
                *(one.id for one in pile.letters.values() if one.incident in pile.grave),
                *(one.id for one in pile.stored.values() if one.state is Delivery.SENDING),
            )
        )

    def holds(self, letter: Notification) -> bool:
        """Say whether a letter is still to be sent from memory."""
        pile = self._pile(letter.hotel)
        return letter.id in pile.letters or letter.id in pile.stored

    def became(self, letter: Notification) -> None:
        """Note what became of a letter that was being sent from memory."""
        pile = self._pile(letter.hotel)
        if letter.id in pile.letters:
            pile.letters[letter.id] = pile.as_wanted(letter)
            return
        known = pile.stored.pop(letter.id, None)
        if letter.sent_at is not None:
            pile.spoken[letter.id] = letter.sent_at
        elif known is not None:
            pile.stored[letter.id] = letter

    def delivered(self, letter: Notification) -> None:
        """Note that a letter that is written down need not be sent from memory any more."""
        self._pile(letter.hotel).stored.pop(letter.id, None)

    def seen(self, rows: Iterable[Notification]) -> None:
        """Take note of letters as they are stored."""
        for row in rows:
            if row.state not in OPEN:
                self.delivered(row)

    def _pile(self, hotel: str) -> Pile:
        return self._piles.setdefault(hotel, Pile())


def _same_thread(one: Notification, other: Notification) -> bool:
    return (one.incident, one.epoch, one.channel, one.recipient) == (
        other.incident,
        other.epoch,
        other.channel,
        other.recipient,
    )


def _old(letter: Notification, now: datetime) -> bool:
    return letter.state is Delivery.PENDING and now - letter.created_at > CERTAIN


def _as_stored(letter: Notification, now: datetime) -> Notification:
    if letter.state is not Delivery.SENDING:
        return letter
    return replace(letter, state=Delivery.PENDING, due_at=now + SPARED)
