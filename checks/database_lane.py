"""One connection to a database, kept while it works, over which questions go one after the other."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import asyncpg

from checks.database_fault import LOCK, STATEMENT, DatabaseError, of_connecting, of_server
from checks.result import Reason

IDLE = 120.0
"""Seconds after which an idle connection is given back."""

Rows = Sequence[asyncpg.Record]

_CONNECTING = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    ValueError,
    TypeError,
    OverflowError,
)
_BROKEN = (
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    OSError,
)
"""What a connection that no longer works raises when it is used."""


@dataclass(frozen=True, slots=True)
class Question:
    """A statement, the values of its `$1`, `$2`, …, and how many rows are wanted at the most."""

    query: str
    values: tuple[Any, ...] = ()
    limit: int = 1000

    @property
    def statement(self) -> str:
        """The statement, of which no more rows come than are wanted; what is no SELECT is no statement."""
        inner = self.query.strip().removesuffix(";")
        return f"SELECT * FROM (\n{inner}\n) AS answer LIMIT {int(self.limit)}"  # noqa: S608 - the hotel's own


@dataclass(slots=True)
class Lane:
    """A connection, and whose turn it is. Whatever is odd ends the connection, without a goodbye."""

    dsn: str
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _connection: Any = None
    _idle: asyncio.TimerHandle | None = None

    async def ask(self, question: Question, ends_at: float) -> Rows:
        """Return the answer before `ends_at` (monotonic); raise DatabaseError."""
        try:
            async with asyncio.timeout(ends_at - monotonic()):
                await self._turn.acquire()
        except TimeoutError:
            said = "our own questions to the database queue up: some of them take too long"
            raise DatabaseError(Reason.QUERY, said, down=False) from None
        try:
            return await self._asked(question, ends_at)
        finally:
            self._turn.release()

    def end(self) -> None:
        """Give the connection up at once."""
        connection, self._connection = self._connection, None
        if self._idle is not None:
            self._idle.cancel()
        if connection is not None:
            connection.terminate()

    async def _asked(self, question: Question, ends_at: float) -> Rows:
        if self._idle is not None:
            self._idle.cancel()
        whole = False
        try:
            async with asyncio.timeout(ends_at - monotonic()):
                rows = await self._read(question, ends_at)
            whole = True
        except TimeoutError as error:
            raise DatabaseError(Reason.TIMEOUT, "no answer in time", down=True) from error
        finally:
            # What broke off, or was lost on the way, is not tidied up but cut: that cannot hang.
            if not whole:
                self.end()
        self._idle = asyncio.get_running_loop().call_later(IDLE, self.end)
        return rows

    async def _read(self, question: Question, ends_at: float) -> Rows:
        kept = self._connection is not None
        try:
            return await self._transact(question, ends_at)
        except _BROKEN as error:
            if not kept:
                raise of_connecting(error) from error
            # It died while it was idle, which says nothing of the database yet: once more, over a new one.
            self.end()
        except asyncpg.PostgresError as error:
            raise of_server(error) from error
        except (ValueError, TypeError) as error:
            raise DatabaseError(Reason.QUERY, f"the query cannot be run: {error}", down=False) from error
        try:
            return await self._transact(question, ends_at)
        except _CONNECTING as error:
            raise of_connecting(error) from error

    async def _transact(self, question: Question, ends_at: float) -> Rows:
        """Ask within a transaction that can only read, and whose statements end by themselves."""
        if self._connection is None:
            self._connection = await _connect(self.dsn, ends_at)
        left = max(0.1, min(STATEMENT, ends_at - monotonic() - 0.1))
        await self._connection.execute(
            f"BEGIN READ ONLY; SET LOCAL statement_timeout = {round(1000 * left)};"
            f" SET LOCAL lock_timeout = {round(1000 * LOCK)}"
        )
        rows: Rows = await self._connection.fetch(question.statement, *question.values)
        await self._connection.execute("COMMIT")
        return rows


async def _connect(dsn: str, ends_at: float) -> Any:
    try:
        return await asyncpg.connect(
            dsn,
            timeout=max(0.1, ends_at - monotonic()),
            # No prepared statement has a name then, which a pooler between us and the server would mix up.
            statement_cache_size=0,
            server_settings={"application_name": "nightporter"},
        )
    except TimeoutError:
        raise
    except _CONNECTING as error:
        raise of_connecting(error) from error
