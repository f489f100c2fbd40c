"""A state in a SQLite file: one process has it, by a lock beside the file."""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from daemon.state_address import file_address
from daemon.store.errors import StateError
from daemon.store.lock import ProcessLock
from daemon.store.looking import APPLICATION, Found, inode, look, place
from daemon.store.migrations import REVISIONS
from daemon.store.place import Work
from daemon.store.revision import revision_of
from daemon.store.sqlite_errors import trouble

T = TypeVar("T")

READERS = 2

BUSY = 5000
"""Milliseconds to wait for a program that holds the database, such as a backup."""

WRITER = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY}")
READER = ("query_only=ON", f"busy_timeout={BUSY}")


@dataclass(frozen=True, slots=True)
class Hand:
    """Connections, each in a thread of its own: a transaction costs the event loop one way there and back."""

    engine: Engine
    threads: ThreadPoolExecutor

    async def do(self, work: Work[T]) -> T:
        """Do some work in a transaction."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, self._transact, work)

    def _transact(self, work: Work[T]) -> T:
        with self.engine.begin() as connection:
            return work(connection)

    async def dispose(self) -> None:
        """Wait for what is being done, and close the connections."""
        await asyncio.to_thread(self.threads.shutdown)
        self.engine.dispose()


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """An open file: where it is, who holds it, one connection that writes and some that read."""

    path: Path
    inode: int
    lock: ProcessLock
    writer: Hand
    reader: Hand

    @property
    def name(self) -> str:
        """Where it is."""
        return str(self.path)

    @property
    def shared(self) -> bool:
        """Whether other processes may work with it too."""
        return False

    @property
    def patience(self) -> float | None:
        """Seconds after which a transaction is given up: never, since a disk cannot be hurried."""
        return None

    async def write(self, work: Work[T], *, however_old: bool) -> T:
        """Do some work in a transaction on the one connection that writes."""
        return await self.writer.do(work)

    async def read(self, work: Work[T]) -> T:
        """Do some work that changes nothing."""
        return await self.reader.do(work)

    def check(self) -> None:
        """Notice that the file was removed or replaced, which SQLite does not."""
        try:
            found = inode(self.path)
        except OSError as error:
            raise StateError(f"state {self.path}: is gone ({error.strerror}); restart the porter") from error
        if found != self.inode:
            raise StateError(f"state {self.path}: was replaced while in use; restart the porter")

    def trouble(self, error: Exception) -> StateError:
        """Return what an error means to the person who has to set it right."""
        return trouble(self.path, error)

    async def close(self) -> None:
        """Close all connections and give the state up; the last one out folds the log into the file."""
        await self.reader.dispose()
        await self.writer.dispose()
        self.lock.release()


def path_of(url: str) -> Path:
    """Return the file that an address means, links resolved, or raise StateError."""
    try:
        return file_address(url)
    except ValueError as error:
        raise StateError(f"state: {error}") from None


async def open_file(url: str) -> SqliteFile:
    """Open the state in a file, creating or migrating it; a refused one is left untouched."""
    path = path_of(url)
    place(path)
    async with contextlib.AsyncExitStack() as undo:
        lock = ProcessLock.acquire(path)
        undo.callback(lock.release)
        found = await asyncio.to_thread(look, path)
        _refuse_newer(path, found)
        undo.callback(_undo, path, found, [file for file in _beside(path) if not file.exists()])
        if found.empty:
            _create(path)
        writer = _hand(path, "rw", "BEGIN IMMEDIATE", WRITER, 1)
        undo.push_async_callback(writer.dispose)
        try:
            await writer.do(_bring_up_to_date)
        except SQLAlchemyError as error:
            raise trouble(path, error) from error
        undo.pop_all()
    return SqliteFile(path, inode(path), lock, writer, _hand(path, "ro", "BEGIN", READER, READERS))


def _refuse_newer(path: Path, found: Found) -> None:
    if found.revision is not None and found.revision not in REVISIONS:
        raise StateError(
            f"state {path}: was written by a newer Night Porter (schema {found.revision[:40]}); "
            "install that version again, or name another file"
        )


def _create(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StateError(
            f"state {path}: cannot be created ({error.strerror}); "
            "give the porter's user the right to write the directory, and the disk some space"
        ) from error
    with contextlib.suppress(PermissionError):
        os.fchmod(descriptor, 0o600)
    os.close(descriptor)


def _beside(path: Path) -> tuple[Path, Path]:
    return Path(f"{path}-wal"), Path(f"{path}-shm")


def _undo(path: Path, found: Found, absent: Iterable[Path]) -> None:
    """Leave what was found: SQLite does not tidy up after itself where the disk is full."""
    with contextlib.suppress(OSError):
        for file in absent:
            file.unlink(missing_ok=True)
        if found.empty and found.exists:
            os.truncate(path, 0)
        elif found.empty:
            path.unlink()


def _hand(path: Path, mode: str, begin: str, pragmas: tuple[str, ...], size: int) -> Hand:
    engine = create_engine(
        URL.create(
            "sqlite+pysqlite",
            database=f"file:{quote(os.fspath(path))}",
            query={"mode": mode, "uri": "true"},
        ),
        # The driver begins nothing by itself then: ours is the only BEGIN, and DDL is part of it.
        connect_args={"isolation_level": None, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=0,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare(pragmas))
    event.listen(engine, "begin", _begin(begin))
    return Hand(engine, ThreadPoolExecutor(size, thread_name_prefix="state"))


def _prepare(pragmas: tuple[str, ...]) -> Callable[[Any, Any], None]:
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    return prepare


def _begin(statement: str) -> Callable[[Connection], None]:
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(statement)

    return begin


def _bring_up_to_date(connection: Connection) -> None:
    """Migrate if the schema is not the present one, and prove that the disk takes a write."""
    if revision_of(connection) != REVISIONS[-1]:
        # Alembic takes most of a second to import; a state that is up to date does without it.
        from daemon.store.migrations.upgrade import upgrade  # noqa: PLC0415 - as said above

        upgrade(connection)
        connection.exec_driver_sql(f"PRAGMA application_id={APPLICATION}")
    connection.execute(text("UPDATE pulse SET at = at"))
