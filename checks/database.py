"""Read-only access to the hotel's database: two connections a DSN, and the same question asked once for all.

Settings are no boundary (the session could undo them); the grants of the role are. They do keep an honest
query from holding the PMS up.
"""

import asyncio
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal

from checks.database_fault import DatabaseError
from checks.database_lane import Lane, Question, Rows
from checks.result import Reason

__all__ = ["CONNECTIONS", "DatabaseError", "Databases"]

Way = Literal["tables", "health"]
CONNECTIONS = 2
"""Connections a database is asked over at the most: one for what tables hold, one for how the database is,
which must not wait for the other."""

MARGIN = 0.2
"""Seconds beyond its time that a question is waited for, so that it can say itself why it ended."""

CLOSING = 1.0


@dataclass(slots=True)
class _Answer:
    """A question under way until `ends_at` (monotonic) at the latest, or answered at `answered_at`."""

    task: asyncio.Task[Rows]
    ends_at: float
    answered_at: float | None = None

    def serves(self, ends_at: float, within: float, fresh: float) -> bool:
        """Say whether somebody who asks now can share it."""
        if self.answered_at is not None:
            return monotonic() - self.answered_at <= fresh
        # One that ends well before may fail for want of time that the other has.
        return self.ends_at >= ends_at - 0.1 * within


class Databases:
    """The connections to all databases that checks ask, and the answers that are still fresh."""

    def __init__(self) -> None:
        self._lanes: dict[tuple[str, Way], Lane] = {}
        self._answers: dict[tuple[str, Way, Question], _Answer] = {}

    async def fetch(
        self,
        dsn: str,
        query: str,
        *values: Any,
        within: float,
        limit: int = 1000,
        fresh: float = 0.0,
        way: Way = "tables",
    ) -> Rows:
        """Return at most `limit` rows, within as many seconds; raise DatabaseError.

        An answer to the same question that is under way, or not older than `fresh` seconds, is shared.
        """
        question, ends_at = Question(query, values, limit), monotonic() + within
        key = (dsn, way, question)
        known = self._answers.get(key)
        if known is None or not known.serves(ends_at, within, fresh):
            lane = self._lanes.setdefault((dsn, way), Lane(dsn))
            known = _Answer(asyncio.create_task(lane.ask(question, ends_at)), ends_at)
            self._answers[key] = known
            known.task.add_done_callback(lambda _: self._answered(key, known, fresh))
        try:
            async with asyncio.timeout(within + MARGIN):
                return await asyncio.shield(known.task)
        except TimeoutError as error:
            raise DatabaseError(Reason.TIMEOUT, "no answer in time", down=True) from error
        except asyncio.CancelledError:
            if known.task.cancelled():
                raise DatabaseError(Reason.QUERY, "the question was given up", down=False) from None
            raise

    async def close(self) -> None:
        """Close every connection, without waiting for any of them."""
        for lane in self._lanes.values():
            lane.end()
        tasks = [one.task for one in self._answers.values() if not one.task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CLOSING)
        self._lanes.clear()
        self._answers.clear()

    def _answered(self, key: tuple[str, Way, Question], answer: _Answer, fresh: float) -> None:
        """Keep an answer as long as it is fresh; what failed is asked again."""
        sound = not answer.task.cancelled() and answer.task.exception() is None
        if self._answers.get(key) is not answer:
            return
        if sound and fresh > 0:
            answer.answered_at = monotonic()
            asyncio.get_running_loop().call_later(fresh, self._forget, key, answer)
        else:
            self._forget(key, answer)

    def _forget(self, key: tuple[str, Way, Question], answer: _Answer) -> None:
        if self._answers.get(key) is answer:
            del self._answers[key]
