"""When the hours of level 2 begin, it hears of what came and went while it was away, too."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from functools import partial

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.handover import missed, opening
from daemon.clock import Clock
from daemon.doubt_of_clock import DoubtOfClock
from daemon.store import Store
from daemon.store.rounds import made

ROUND = "handover"
"""What the round is called."""

GRACE = timedelta(minutes=1)
"""How long after the opening is waited: what is still open is told of first, and the rest with it."""

LATE = timedelta(hours=4)
"""How long after the opening it is still worth a mail, should nobody have been on duty at it."""

JUMP, DOUBT = 3600.0, 600.0
"""By how many seconds the wall clock may move by itself, and for how many it is not believed afterwards."""

BACK = timedelta(days=8)
"""How far back what is over is looked for: longer than any office is closed."""


class HandingOver:
    """Hands over in the hotels that are `held`; once for each opening, whatever happens."""

    def __init__(self, store: Store, clock: Clock, held: Callable[[], Collection[str]]) -> None:
        self._store = store
        self._clock = clock
        self._held = held
        self._doubt = DoubtOfClock(clock, JUMP, DOUBT)
        self._letters: Correspondent | None = None
        self._desks: Mapping[str, HotelDesk] = {}
        self._begun: set[str] = set()
        self._done: dict[str, datetime] = {}

    def configure(self, letters: Correspondent | None, desks: Mapping[str, HotelDesk]) -> None:
        """Hand over to these people from now on; without `letters` to nobody."""
        self._letters, self._desks = letters, desks
        self._done.clear()

    async def tick(self) -> None:
        """Hand over where the hours have just begun, or raise StateError."""
        if self._doubt.jumped():
            self._done.clear()
        if self._doubt.holds:
            return
        now, held = self._clock.now(), set(self._held())
        for hotel, desk in self._desks.items():
            if hotel not in held:
                continue
            if hotel not in self._begun:
                await self._store.rounds.begin(hotel, ROUND, now)
                self._begun.add(hotel)
            opened = opening(desk.policy, now - GRACE)
            if opened is not None and self._done.get(hotel) != opened:
                await self._look(desk, opened, now)
                self._done[hotel] = opened

    async def _look(self, desk: HotelDesk, opened: datetime, now: datetime) -> None:
        found = (await self._store.rounds.of(desk.id))[ROUND]
        # What lies ahead was noted by a clock that was wrong.
        told = found.last is not None and opened <= found.last <= now
        if opened <= found.since <= now or told or now - opened > LATE:
            return
        change = await self._change(desk, now)
        await self._store.commit_with(change, partial(made, hotel=desk.id, name=ROUND, due=opened))

    async def _change(self, desk: HotelDesk, now: datetime) -> Change:
        if self._letters is None:
            return Change()
        still = await self._store.open_incidents([desk.id])
        ended = await self._store.ended_since(desk.id, now - BACK)
        found = missed(still, ended, desk.policy, now)
        return self._letters.hand_over(found, desk, now) if found else Change()
