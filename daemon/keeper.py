"""What is kept: what checks have learnt and how they stand, and how many letters wait."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from alerts.change import Change
from checks.memory import Memories
from checks.result import CheckId
from daemon.agenda import PIECE
from daemon.board import Board, Post
from daemon.clock import Clock
from daemon.metrics import Metrics
from daemon.store import StateError, Store

PATIENCE = 5.0
"""Seconds that somebody who waits for the state is kept waiting."""

NOTE_EVERY = 300.0


class Keeper:
    """Writes down what is not part of a decision, and shows how many letters wait and why."""

    def __init__(
        self,
        board: Board,
        store: Store,
        clock: Clock,
        memories: Memories,
        metrics: Metrics,
        *,
        troubles: Callable[[], Iterable[str]],
    ) -> None:
        self._board = board
        self._store = store
        self._clock = clock
        self._memories = memories
        self._metrics = metrics
        self._troubles = troubles
        self._noted = clock.monotonic()

    async def tick(self) -> None:
        """Write down what has been learnt, and look how many letters wait."""
        await self.remember()
        waiting, oldest, trouble, held = await self._store.pending()
        post = self._board.post = Post(waiting, oldest, trouble, tuple(self._troubles()), held)
        self._metrics.waiting(post.waiting, post.oldest)
        if self._clock.monotonic() - self._noted >= NOTE_EVERY:
            await self.note()
            await self._store.tidy()

    async def note(self) -> None:
        """Write down when checks were last looked at, and were last ok: it matters only after a restart."""
        standings = [tile.standing for tile in self._board.tiles.values() if tile.standing is not None]
        # Leases are renewed, and letters sent, between two pieces.
        for start in range(0, len(standings), PIECE):
            await self._store.commit(Change(standings=tuple(standings[start : start + PIECE])))
        self._noted = self._clock.monotonic()

    async def remember(self) -> None:
        """Write down what checks have learnt."""
        learnt = self._memories.take()
        try:
            await self._store.commit(Change(memories=learnt))
        except (StateError, asyncio.CancelledError):
            self._memories.put_back(learnt)
            raise

    async def remember_of(self, check: CheckId, what: Mapping[str, Any]) -> None:
        """Write down what a check shall remember; raise StateError when that fails, or takes too long."""
        self._memories.of(check).keep(what)
        try:
            async with asyncio.timeout(PATIENCE):
                await self.remember()
        except TimeoutError:
            raise StateError("the state does not answer") from None
