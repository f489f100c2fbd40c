"""What the engine has to think about at its next tick."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice

from checks.result import CheckId

SETTLE = 5.0
"""Seconds a new breach waits at the most, while its siblings are looked at, before an incident opens."""

BATCH = 200
"""Integrations in one tick at the most, but for those of a single hotel."""

PIECE = 500
"""Standings that are written in one transaction at the most."""


LARGE = 250
"""Checks from which on a hotel is not thought about at every news, but only every so often."""

A_CHECK = 0.0002
"""Seconds by which every check of such a hotel puts off the next time: looking takes a fifth at most."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one tick takes: integrations with news, by hotel; and whether there are `more`."""

    keys: Mapping[str, Sequence[str]]
    more: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """Checks whose standings are to be written, and checks to forget."""

    moved: Sequence[CheckId]
    forgotten: Sequence[CheckId]


@dataclass(slots=True)
class _Settling:
    until: float
    waiting: set[CheckId]


@dataclass(slots=True)
class Agenda:
    """Integrations (by key) and checks with news; dicts serve as ordered sets."""

    dirty: dict[str, None] = field(default_factory=dict)
    moved: dict[CheckId, None] = field(default_factory=dict)
    forgotten: dict[CheckId, None] = field(default_factory=dict)
    _settling: dict[str, _Settling] = field(default_factory=dict)
    _waited_for: dict[CheckId, set[str]] = field(default_factory=dict)
    _held_back: dict[CheckId, datetime] = field(default_factory=dict)
    _resting: dict[str, float] = field(default_factory=dict)

    def note(self, check: CheckId) -> None:
        """A check stands differently now."""
        self.forgotten.pop(check, None)
        self.moved[check] = None
        self.dirty[key_of(check)] = None

    def review(self, key: str) -> None:
        """Think about an integration again, though none of its checks stands differently."""
        self.dirty[key] = None

    def forget(self, checks: Iterable[CheckId]) -> None:
        """These checks are no longer watched."""
        for check in checks:
            self.moved.pop(check, None)
            self._held_back.pop(check, None)
            self.forgotten[check] = None
            self.dirty[key_of(check)] = None

    def drop(self, hotels: Collection[str]) -> None:
        """Think no more about these hotels: they are another replica's."""
        self.dirty = {key: None for key in self.dirty if hotel_of(key) not in hotels}
        self._settling = {key: one for key, one in self._settling.items() if hotel_of(key) not in hotels}
        self.moved = {check: None for check in self.moved if check.hotel not in hotels}
        self.forgotten = {check: None for check in self.forgotten if check.hotel not in hotels}
        self._held_back = {check: at for check, at in self._held_back.items() if check.hotel not in hotels}

    def hotels(self) -> set[str]:
        """Return the hotels of which there is anything to think about, or to write."""
        checks = chain(self.moved, self.forgotten)
        return {*map(hotel_of, self.dirty), *(check.hotel for check in checks)}

    def is_news(self, check: CheckId, breached_at: datetime) -> bool:
        """Say whether a breach that began then has not been held back before; from now on it has.

        Once is enough: one that no incident takes must not have its siblings looked at for ever.
        """
        known = self._held_back.get(check)
        self._held_back[check] = breached_at
        return known != breached_at

    def settle(self, key: str, now: float, siblings: Iterable[CheckId]) -> None:
        """Hold a new breach back until its siblings have been looked at, or the time is up."""
        waiting = set(siblings)
        self._settling[key] = _Settling(now + SETTLE, waiting)
        for check in waiting:
            self._waited_for.setdefault(check, set()).add(key)

    def settling(self, key: str) -> bool:
        """Say whether a breach of this integration is being, or has just been, held back."""
        return key in self._settling

    def looked(self, check: CheckId) -> bool:
        """A check was looked at; return whether a breach that waited for it need wait no longer."""
        done = False
        for key in self._waited_for.pop(check, ()):
            held = self._settling.get(key)
            if held is not None and check in held.waiting:
                held.waiting.discard(check)
                done = done or not held.waiting
        return done

    def held(self, now: float) -> dict[str, set[str]]:
        """Return, by hotel, the integrations whose new breaches still wait."""
        found: dict[str, set[str]] = {}
        for key in self._settling:
            if not self._settled(key, now):
                hotel, _, integration = key.partition("/")
                found.setdefault(hotel, set()).add(integration)
        return found

    def take(self, now: float) -> Batch:
        """Take what can be decided at monotonic time `now`: whole hotels, one at least."""
        self._resting = {hotel: until for hotel, until in self._resting.items() if until > now}
        ready: dict[str, list[str]] = {}
        for key in self.dirty:
            if hotel_of(key) not in self._resting and self._settled(key, now):
                ready.setdefault(hotel_of(key), []).append(key)
        taken: dict[str, list[str]] = {}
        count = 0
        for hotel, keys in ready.items():
            count += len(keys)
            if taken and count > BATCH:
                break
            taken[hotel] = keys
        for key in chain.from_iterable(taken.values()):
            del self.dirty[key]
        return Batch(taken, more=len(taken) < len(ready))

    def put_back(self, keys: Iterable[str]) -> None:
        """Take up again what could not be decided."""
        self.dirty.update(dict.fromkeys(keys))

    def done(self, keys: Iterable[str]) -> None:
        """These are decided: their breaches settle no longer."""
        for key in keys:
            self._settling.pop(key, None)

    def rest(self, hotel: str, checks: int, now: float) -> None:
        """Let a hotel of so many checks be for a while, if it is a large one: it has just been looked at."""
        if checks >= LARGE:
            self._resting[hotel] = now + min(A_CHECK * checks, SETTLE)

    def take_moves(self) -> Moves:
        """Take some checks that stand differently, or are no longer watched; the rest is for later."""
        moves = Moves(list(islice(self.moved, PIECE)), list(islice(self.forgotten, PIECE)))
        for check in moves.moved:
            del self.moved[check]
        for check in moves.forgotten:
            del self.forgotten[check]
        return moves

    def put_back_moves(self, moves: Moves) -> None:
        """Take up again what could not be written; what is newer stays as it is."""
        self.moved.update(dict.fromkeys(check for check in moves.moved if check not in self.forgotten))
        self.forgotten.update(dict.fromkeys(check for check in moves.forgotten if check not in self.moved))

    def _settled(self, key: str, now: float) -> bool:
        held = self._settling.get(key)
        return held is None or not held.waiting or now >= held.until


def key_of(check: CheckId) -> str:
    """Return the key of the integration that a check belongs to."""
    return f"{check.hotel}/{check.integration}"


def hotel_of(key: str) -> str:
    """Return the hotel of an integration's key."""
    return key.partition("/")[0]
