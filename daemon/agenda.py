"""What the engine has to think about at its next tick."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from checks.result import CheckId

SETTLE = 5.0
"""Seconds a new breach waits at the most, while its siblings are looked at, before an incident opens."""

BATCH = 200
"""Integrations decided in one transaction at the most."""


@dataclass(slots=True)
class Batch:
    """What one tick takes: integrations with news, standings to write, checks to forget."""

    keys: list[str]
    moved: list[CheckId]
    forgotten: list[CheckId]

    @property
    def hotels(self) -> list[str]:
        """The hotels to decide about."""
        return list(dict.fromkeys(hotel_of(key) for key in self.keys))


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
    _held_back: dict[CheckId, datetime] = field(default_factory=dict)

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

    def is_news(self, check: CheckId, breached_at: datetime) -> bool:
        """Say whether a breach that began then has not been held back before; from now on it has.

        Once is enough: one that no incident takes must not have its siblings looked at for ever.
        """
        known = self._held_back.get(check)
        self._held_back[check] = breached_at
        return known != breached_at

    def settle(self, key: str, now: float, siblings: Iterable[CheckId]) -> None:
        """Hold a new breach back until its siblings have been looked at, or the time is up."""
        self._settling[key] = _Settling(now + SETTLE, set(siblings))

    def settling(self, key: str) -> bool:
        """Say whether a breach of this integration is being, or has just been, held back."""
        return key in self._settling

    def looked(self, check: CheckId) -> bool:
        """A check was looked at; return whether a breach that waited for it need wait no longer."""
        done = False
        for held in self._settling.values():
            if check in held.waiting:
                held.waiting.discard(check)
                done = done or not held.waiting
        return done

    def held(self, hotel: str, now: float) -> frozenset[str]:
        """Return the integrations of a hotel whose new breaches still wait."""
        return frozenset(
            key.partition("/")[2]
            for key in self._settling
            if hotel_of(key) == hotel and not self._settled(key, now)
        )

    def take(self, now: float) -> Batch:
        """Take what can be decided at monotonic time `now`."""
        keys = list(islice((key for key in self.dirty if self._settled(key, now)), BATCH))
        batch = Batch(keys, list(self.moved), list(self.forgotten))
        for key in keys:
            del self.dirty[key]
        self.moved.clear()
        self.forgotten.clear()
        return batch

    def put_back(self, batch: Batch) -> None:
        """Take up again what could not be committed; what is newer stays as it is."""
        self.dirty.update(dict.fromkeys(batch.keys))
        self.moved.update(dict.fromkeys(check for check in batch.moved if check not in self.forgotten))
        self.forgotten.update(dict.fromkeys(check for check in batch.forgotten if check not in self.moved))

    def done(self, batch: Batch) -> None:
        """The batch is committed: its breaches settle no longer."""
        for key in batch.keys:
            self._settling.pop(key, None)

    def _settled(self, key: str, now: float) -> bool:
        held = self._settling.get(key)
        return held is None or not held.waiting or now >= held.until


def key_of(check: CheckId) -> str:
    """Return the key of the integration that a check belongs to."""
    return f"{check.hotel}/{check.integration}"


def hotel_of(key: str) -> str:
    """Return the hotel of an integration's key."""
    return key.partition("/")[0]
