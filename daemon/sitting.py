"""A tick's decisions about hotels, in portions that are committed one after the other."""

import asyncio
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from alerts.change import Change, merged
from alerts.diagnosis.table import MISTAKES
from daemon.agenda import Agenda
from daemon.beliefs import Beliefs
from daemon.clock import Clock
from daemon.judging import Bench, Look, Told
from daemon.store.errors import StateError

PORTION = 10
"""Incidents in one transaction at the most: what people are told must not wait for all others."""

SOON = 0.02
"""Seconds after which what has been seen is decided about and committed, however little it is."""

ENOUGH = 5.0
"""Seconds after which the rest is left to the next tick: people who ask for something wait for this one."""

Keys = MutableMapping[str, Sequence[str]]
"""Keys of integrations, by hotel."""

Mistakes = dict[str, Exception]
"""What went wrong in judging a hotel, by hotel."""


class Sitting:
    """Decides about whole hotels, with pauses in which everything else has its turn."""

    def __init__(self, bench: Bench, beliefs: Beliefs, agenda: Agenda, clock: Clock) -> None:
        self._bench = bench
        self._beliefs = beliefs
        self._agenda = agenda
        self._clock = clock

    async def hold(self, left: Keys, mistakes: Mistakes) -> bool:
        """Decide about the hotels in `left`, and take those out that are done with.

        Return whether there are letters. Hotels that could not be judged are in `mistakes`.
        """
        began = since = self._clock.monotonic()
        held = self._agenda.held(began)
        told = False
        portion: list[Look] = []
        for hotel in list(left):
            for part in self._parts(hotel, frozenset(held.get(hotel, ())), mistakes):
                much = sum(len(one.to_plan) for one in (*portion, part)) > PORTION
                if portion and (much or self._clock.monotonic() - since > SOON):
                    told = await self._decide(portion, left, mistakes) or told
                    portion, since = [], self._clock.monotonic()
                if self._clock.monotonic() - began > ENOUGH:
                    return told
                portion.append(part)
            await asyncio.sleep(0)
        return await self._decide(portion, left, mistakes) or told

    def _parts(self, hotel: str, held: frozenset[str], mistakes: Mistakes) -> Iterator[Look]:
        with _kept_apart(hotel, mistakes):
            now = self._clock.now()
            yield from self._bench.look(hotel, self._beliefs.book, held, now).parts(PORTION)

    async def _decide(self, portion: Iterable[Look], left: Keys, mistakes: Mistakes) -> bool:
        """Plan and commit what was seen, in one transaction; return whether there are letters."""
        told = await self._beliefs.books.told([one for look in portion for one in look.asks()])
        now = self._clock.now()
        looks: list[Look] = []
        changes: dict[str, Change] = {}
        for look in portion:
            with _kept_apart(look.hotel, mistakes):
                change = await self.planned(look, told, now)
                changes[look.hotel] = merged((changes.get(look.hotel, Change()), change))
                looks.append(look)
        changes = {hotel: change for hotel, change in changes.items() if change}
        if changes:
            await self._beliefs.decided([one for look in looks for one in look.decisions], changes)
        for look in looks:
            self._beliefs.book.doubts[look.hotel] = look.doubts
            self._beliefs.book.thought_of(look.hotel, look.facts.now)
            if not look.more and look.hotel not in mistakes:
                del left[look.hotel]
        return any(change.notifications for change in changes.values())

    async def planned(self, look: Look, told: Told, now: datetime) -> Change:
        """Return what a look changes; raise StateError when it is not known who has been told already."""
        if any((one.id, one.epoch) not in told for one in look.asks()):
            raise StateError("nothing can be decided: who has been told is not known")
        changes = []
        for change in self._bench.plan(look, told, now, self._beliefs.books.backlog.mute):
            changes.append(change)
            await asyncio.sleep(0)
        return merged(changes)


@contextmanager
def _kept_apart(hotel: str, mistakes: Mistakes) -> Iterator[None]:
    """Keep what goes wrong in one hotel from the others."""
    try:
        yield
    except (*MISTAKES, StateError) as error:
        mistakes[hotel] = error
