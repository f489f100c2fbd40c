"""Read-only access to the hotel's database: one small pool a DSN, and the same question asked once for all.

Settings are no boundary (the session could undo them); the grants of the role are. They do keep an honest
query from holding the PMS up.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg

from checks.result import Reason, Result, failed

CONNECTIONS = 2
"""Connections a database is asked over at the most."""

IDLE = 120.0
"""Seconds after which an idle connection is given back."""

STATEMENT, LOCK = 3.0, 0.5
"""Seconds that a statement, and waiting for a lock, may take at the most."""

_DOWN = {
    "08": "is not reachable",
    "53": "is short of connections, memory or disk",
    "57P": "is shutting down or starting up",
}
"""Classes of SQLSTATE that say that the database as a whole does not serve."""

_ASKING = {
    "42501": (Reason.PERMISSION, "our role may not read it"),
    "42P01": (Reason.QUERY, "there is no such table"),
    "42703": (Reason.QUERY, "there is no such column"),
    "57014": (Reason.QUERY, f"it did not finish within {STATEMENT:g} s"),
    "55P03": (Reason.QUERY, "another transaction holds a lock on it"),
    "25006": (Reason.QUERY, "it tries to write, and only reading is allowed"),
}
"""SQLSTATEs that say that a question cannot be answered."""

_BROKEN = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    ConnectionError,
)
"""What a connection that died while it was idle raises when it is used."""

Rows = Sequence[asyncpg.Record]


class DatabaseError(Exception):
    """A database, or a question to it, does not work. `down` says that it is the database."""

    def __init__(self, reason: Reason, message: str, *, down: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.down = down

    @property
    def result(self) -> Result:
        """What a check that wanted to know something saw: nothing, which is neither good nor bad."""
        reason = self.reason if self.reason is Reason.PERMISSION else Reason.QUERY
        return failed(reason, str(self))


@dataclass(slots=True)
class _Pool:
    """The connections to one database, made on first use."""

    dsn: str
    pool: Any = None
    making: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> Any:
        async with self.making:
            if self.pool is None:
                self.pool = await asyncpg.create_pool(
                    self.dsn,
                    min_size=0,
                    max_size=CONNECTIONS,
                    max_inactive_connection_lifetime=IDLE,
                    # Prepared statements do not survive a pooler between us and the server.
                    statement_cache_size=0,
                    server_settings={"application_name": "nightporter"},
                )
            return self.pool


@dataclass(slots=True)
class _Answer:
    """A question under way, or answered at `at` (monotonic)."""

    task: asyncio.Task[Rows]
    at: float


class Databases:
    """The pools of all databases that checks ask, and the answers that are still fresh."""

    def __init__(self) -> None:
        self._pools: dict[str, _Pool] = {}
        self._answers: dict[tuple[str, str, tuple[Any, ...], int], _Answer] = {}

    async def fetch(
        self,
        dsn: str,
        query: str,
        *values: Any,
        within: float,
        limit: int = 1000,
        fresh: float = 0.0,
    ) -> Rows:
        """Return at most `limit` rows, within as many seconds; raise DatabaseError.

        An answer to the same question that is under way, or not older than `fresh` seconds, is shared.
        """
        key = (dsn, query, values, limit)
        known = self._answers.get(key)
        if known is None or (known.task.done() and monotonic() - known.at > fresh) or _is_error(known.task):
            self._forget_old()
            task = asyncio.create_task(self._ask(dsn, query, values, within, limit))
            known = self._answers[key] = _Answer(task, monotonic())
        try:
            return await asyncio.shield(known.task)
        except asyncio.CancelledError:
            if known.task.cancelled():
                raise DatabaseError(Reason.QUERY, "the question was given up", down=False) from None
            raise

    async def close(self) -> None:
        """Close every connection."""
        for answer in self._answers.values():
            answer.task.cancel()
        await asyncio.gather(*(one.task for one in self._answers.values()), return_exceptions=True)
        for one in self._pools.values():
            if one.pool is not None:
                one.pool.terminate()
        self._pools.clear()
        self._answers.clear()

    def _forget_old(self) -> None:
        """Keep no answer that nobody can want any more."""
        now = monotonic()
        for key, known in list(self._answers.items()):
            if known.task.done() and (now - known.at > LONGEST_FRESH or _is_error(known.task)):
                del self._answers[key]

    async def _ask(
        self,
        dsn: str,
        query: str,
        values: tuple[Any, ...],
        within: float,
        limit: int,
    ) -> Rows:
        pool = self._pools.setdefault(dsn, _Pool(dsn))
        try:
            async with asyncio.timeout(within):
                try:
                    return await _read(await pool.get(), query, values, within, limit)
                except _BROKEN:
                    # That says nothing of the database yet: once more, over another connection.
                    return await _read(await pool.get(), query, values, within, limit)
        except TimeoutError as error:
            raise DatabaseError(Reason.TIMEOUT, f"no answer within {within:.1f} s", down=True) from error
        except asyncpg.PostgresError as error:
            raise _explained(error) from error
        except asyncpg.InterfaceError as error:
            raise DatabaseError(Reason.QUERY, f"the query cannot be run: {error}", down=False) from error
        except socket.gaierror as error:
            raise DatabaseError(Reason.DNS, "its host cannot be looked up", down=True) from error
        except OSError as error:
            said = error.strerror or str(error) or type(error).__name__
            raise DatabaseError(Reason.CONNECT, f"cannot be connected to: {said}", down=True) from error
        except (ValueError, TypeError) as error:
            raise DatabaseError(Reason.QUERY, f"the query cannot be run: {error}", down=False) from error


LONGEST_FRESH = 60.0
"""Seconds an answer is kept at the most."""


def _is_error(task: asyncio.Task[Rows]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)


async def _read(pool: Any, query: str, values: tuple[Any, ...], seconds: float, limit: int) -> Rows:
    """Ask within a transaction that can only read, and whose statements end by themselves."""
    async with pool.acquire() as connection, connection.transaction(readonly=True):
        statement = round(1000 * min(STATEMENT, max(0.1, seconds - 0.2)))
        await connection.execute(
            f"SET LOCAL statement_timeout = {statement}; SET LOCAL lock_timeout = {round(1000 * LOCK)}"
        )
        cursor = await connection.cursor(query, *values)
        rows: Rows = await cursor.fetch(limit)
        return rows


def _explained(error: asyncpg.PostgresError) -> DatabaseError:
    state = error.sqlstate or ""
    if state in _ASKING:
        reason, words = _ASKING[state]
        return DatabaseError(reason, f"{words} ({_said(error)})", down=False)
    if state.startswith("28"):
        return DatabaseError(Reason.CREDENTIALS, f"it does not let us in ({_said(error)})", down=True)
    if state == "3D000":
        return DatabaseError(Reason.MISSING, f"there is no such database ({_said(error)})", down=True)
    for prefix, words in _DOWN.items():
        if state.startswith(prefix):
            return DatabaseError(Reason.SERVER_ERROR, f"{words} ({_said(error)})", down=True)
    return DatabaseError(Reason.QUERY, f"the query fails: {_said(error)}", down=False)


def _said(error: asyncpg.PostgresError) -> str:
    return f"{error.sqlstate}: {str(error)[:160]}"
