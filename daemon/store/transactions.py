"""Work on a state, in transactions: one write after the other, reads beside them."""

import asyncio
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from daemon.store.errors import StateError, unreadable
from daemon.store.place import Place, Work

T = TypeVar("T")


class Transactions:
    """Whatever does not work raises StateError, and has then written nothing."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._turn = asyncio.Lock()
        self._writing: asyncio.Task[object] | None = None
        self._closed = False

    async def close(self) -> None:
        """Let the write in progress end, and give the state up."""
        async with self._turn:
            if not self._closed:
                self._closed = True
                await self.place.close()

    async def read(self, work: Work[T]) -> T:
        """Return what some work finds, that changes nothing."""
        if self._writing is not None:
            # Its caller was cancelled and does not know how it ended; nobody may see the time before it.
            await asyncio.wait([self._writing])
        self._check_open()
        place = self.place
        try:
            async with asyncio.timeout(place.patience):
                return await place.read(work)
        except (SQLAlchemyError, OSError) as error:
            raise place.trouble(error) from error
        except (KeyError, ValueError) as error:
            raise unreadable(place.name, error) from error

    async def write(self, work: Work[T], *, however_old: bool = False) -> T:
        """Do some work in a transaction that no cancellation interrupts once it has begun.

        `however_old` says that an earlier version may do it too, after a newer one has changed the schema.
        """
        await self._take_turn()
        task = asyncio.create_task(self._transact(work, however_old=however_old))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            self._writing = task
            # Nobody waits for it any more: how it ends is no oversight of ours.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
            raise

    async def _take_turn(self) -> None:
        try:
            async with asyncio.timeout(self.place.patience):
                await self._turn.acquire()
        except TimeoutError as error:
            raise self.place.trouble(error) from error

    async def _transact(self, work: Work[T], *, however_old: bool) -> T:
        place = self.place
        try:
            self._check_open()
            async with asyncio.timeout(place.patience):
                return await place.write(work, however_old=however_old)
        except (SQLAlchemyError, OSError) as error:
            raise place.trouble(error) from error
        except (KeyError, ValueError) as error:
            raise unreadable(place.name, error) from error
        finally:
            self._turn.release()

    def _check_open(self) -> None:
        if self._closed:
            raise StateError(f"state {self.place.name}: is closed")
