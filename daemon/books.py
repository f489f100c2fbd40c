"""The ledger as the engine keeps it: written at once, or owed to it while it cannot be used."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

import structlog

from alerts.change import Change, merged
from alerts.incident import Incident, IncidentState
from alerts.notification import Delivery, Notification
from daemon.backlog import Backlog
from daemon.judging import Told
from daemon.ledger import Epoch, Ledger
from daemon.store.errors import ContradictionError, LostTenureError, OutdatedError, StateError

log = structlog.get_logger()

PATIENCE = 4.0
"""Seconds that the ledger is given to answer before emergencies wait for it no longer."""

AT_LEISURE = 30.0
"""Seconds that it is given while it is away: nobody waits, and why it does not answer is worth to know."""

FINAL = (ContradictionError, LostTenureError, OutdatedError)
"""What makes a change one that is never written, however often that is tried."""

T = TypeVar("T")


class Books:
    """What the ledger holds, as far as it matters now. `away` says why it cannot be used.

    While it is away, changes are kept in the backlog, and who has been told is answered from memory.
    """

    def __init__(self, ledger: Ledger, now: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._now = now
        self._known: dict[Epoch, dict[str, Notification]] = {}
        self.backlog = Backlog()
        self.away: StateError | None = None

    async def told(self, incidents: Iterable[Incident]) -> Told:
        """Return the letters of incidents' epochs; while the ledger is away, as far as they are known."""
        epochs = [(one.id, one.epoch) for one in incidents]
        if epochs and self.away is None:
            with suppress(StateError):
                found = await self.ask(self._ledger.notifications_of_many(epochs))
                self._known |= {epoch: {one.id: one for one in rows} for epoch, rows in found.items()}
                self.backlog.seen(row for rows in found.values() for row in rows)
        known = ((epoch, self._known.get(epoch)) for epoch in epochs)
        return {
            epoch: [self.backlog.known(row) for row in rows.values()]
            for epoch, rows in known
            if rows is not None
        }

    async def write(self, changes: Mapping[str, Change]) -> None:
        """Write changes, by hotel, at once; owe them while the ledger is away.

        Raise one of FINAL when they are not to be written at all. One who is cancelled does not know whether
        they were written: they are owed then, to be written once more.
        """
        if self.away is None:
            try:
                await self.commit(changes)
            except FINAL:
                raise
            except StateError:
                self._owe(changes)
            except asyncio.CancelledError:
                self._leave(StateError("the state did not answer in time"))
                self._owe(changes)
                raise
        else:
            self._owe(changes)

    async def commit(self, changes: Mapping[str, Change]) -> None:
        """Write changes, by hotel, or raise StateError."""
        await self.ask(self._ledger.commit(merged(changes.values())))
        for hotel, change in changes.items():
            self._note(change)
            self.backlog.written(hotel, change, self._now())

    async def settle(self) -> None:
        """Write what is owed, hotel by hotel; what contradicts what is stored is dropped.

        Raise StateError while the ledger is away. Raise LostTenureError, once all the rest is written, when
        it is not known whether another replica has hotels of which something is owed: it stays owed until
        they are let go, or held again.
        """
        lost: LostTenureError | None = None
        for hotel in self.backlog.owed():
            change = self.backlog.change(hotel, self._now())
            try:
                await self.ask(self._ledger.commit(change))
            except ContradictionError as error:
                self.drop([hotel], str(error))
            except LostTenureError as error:
                lost = error
            else:
                self.backlog.settle(hotel, change, self._now())
        if lost is not None:
            raise lost

    async def ask(self, work: Awaitable[T]) -> T:
        """Return what the ledger answers; raise StateError, and note that it is away, when it does not."""
        try:
            async with asyncio.timeout(PATIENCE if self.away is None else AT_LEISURE):
                return await work
        except FINAL:
            raise
        except StateError as error:
            self._leave(error)
            raise
        except TimeoutError:
            silent = StateError("the state does not answer")
            self._leave(silent)
            raise silent from None

    def back(self) -> None:
        """The ledger can be used, and what was owed to it is written."""
        if self.away is not None:
            log.info("state.back")
            self.away = None

    def forget(self, incident: Incident) -> None:
        """Know no more who is told of an incident: another replica goes on with it."""
        self._known.pop((incident.id, incident.epoch), None)

    def drop(self, hotels: Iterable[str], reason: str) -> None:
        """Forget what is owed of hotels: they are let go, or it cannot be written."""
        for hotel in hotels:
            self.confess([hotel], reason)
            self.backlog.drop(hotel)

    def confess(self, hotels: Iterable[str], reason: str) -> None:
        """Say what is lost of what is owed."""
        for lost in self.backlog.lost(hotels):
            log.error("state.lost", reason=reason, **lost)

    def _owe(self, changes: Mapping[str, Change]) -> None:
        for hotel, change in changes.items():
            self._note(change)
            self.backlog.add(hotel, change)

    def _note(self, change: Change) -> None:
        """Keep in mind who is told, of incidents that are open."""
        withdrawn = dict.fromkeys(change.superseded, Delivery.SUPERSEDED)
        withdrawn |= dict.fromkeys(change.cancelled, Delivery.CANCELLED)
        for incident in change.incidents:
            known = self._known.setdefault((incident.id, incident.epoch), {})
            for name in withdrawn.keys() & known.keys():
                if known[name].state is Delivery.PENDING:
                    known[name] = replace(known[name], state=withdrawn[name])
        for letter in change.notifications:
            rows = self._known.get((letter.incident, letter.epoch))
            if rows is not None:
                rows[letter.id] = replace(letter, message=b"")
        for incident in change.incidents:
            if incident.state is IncidentState.RESOLVED:
                del self._known[incident.id, incident.epoch]

    def _leave(self, error: StateError) -> None:
        if self.away is None:
            log.error("state.away", reason=str(error))
        self.away = error
