"""The state: what must survive a restart, behind plain values."""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from functools import partial
from typing import Any, Self

from sqlalchemy import Connection, select, update

from alerts.change import Change
from alerts.incident import Incident
from alerts.notification import Delivery, Notification
from alerts.outbox import Claim
from alerts.silence import Silence
from alerts.standing import Standing
from checks.result import CheckId
from daemon.clock import Clock
from daemon.store import audit, bundling, changes, dead_letters, keys, queue, reading, schema, silences
from daemon.store.dead_letters import DeadLetter
from daemon.store.drills import Drills
from daemon.store.errors import LostTenureError, StateError
from daemon.store.happenings import Happenings
from daemon.store.histories import Histories
from daemon.store.leases import Holdings, Tenure, give_back, hotels_of, leave, not_ours, renew
from daemon.store.maintenance import Maintenance
from daemon.store.moments import lease_clock
from daemon.store.opening import open_place
from daemon.store.place import Place
from daemon.store.reading import Epoch, Record
from daemon.store.reports import Reports
from daemon.store.rounds import Rounds
from daemon.store.sightings import Sightings
from daemon.store.tidying import tidy
from daemon.store.transactions import Transactions
from daemon.store.wishes import Wishes


class Store:
    """An open state. Whatever does not work raises StateError, and has then written nothing.

    `wishes` is what people ask of a replica that does not hold the hotel, `history` how checks did,
    `maintenance` the ledger, `rounds` what is done by itself, and `sightings` what was seen of how things are
    set up; `happenings` tells of the incidents of a time.
    """

    def __init__(self, place: Place, clock: Clock) -> None:
        self._clock = clock
        self._transactions = Transactions(place)
        self._holdings = Holdings()
        self.wishes = Wishes(self._transactions, clock)
        self.maintenance = Maintenance(self._transactions, clock)
        self.history = Histories(self._transactions)
        self.rounds = Rounds(self._transactions)
        self.reports = Reports(self._transactions)
        self.sightings = Sightings(self._transactions)
        self.drills = Drills(self._transactions)
        self.happenings = Happenings(self._transactions)

    @classmethod
    async def open(cls, url: str, clock: Clock) -> Self:
        """Open the state at `url`, creating or migrating it; what is refused is left untouched."""
        return cls(await open_place(url), clock)

    async def close(self) -> None:
        """Let the write in progress end, and give the state up."""
        await self._transactions.close()

    async def commit(self, change: Change) -> None:
        """Write a change as a whole, or raise and write nothing: LostTenureError for a hotel not held.

        A caller that is cancelled meanwhile does not stop a write that has begun: whoever reads next
        reads its outcome.
        """
        await self._transactions.write(partial(self._commit, change=change))

    async def commit_with(
        self, change: Change, also: Callable[[Connection], None] | None = None, of: Collection[str] = ()
    ) -> None:
        """Write a change, and in the same transaction what `also` writes, be it `of` hotels that are held."""
        await self._transactions.write(partial(self._commit, change=change, also=also, of=of))

    def _commit(
        self,
        connection: Connection,
        change: Change,
        also: Callable[[Connection], None] | None = None,
        of: Collection[str] = (),
    ) -> None:
        if self.shared:
            lost = not_ours(connection, self._holdings, hotels_of(change).union(of))
            if lost:
                raise LostTenureError(self._transactions.place.name, lost)
        changes.write(connection, change, self._clock.now())
        if also is not None:
            also(connection)

    @property
    def shared(self) -> bool:
        """Whether other replicas may work with this state, so that hotels have to be held."""
        return self._transactions.place.shared

    async def tenure(self, replica: str, version: str, hotels: Collection[str]) -> Tenure:
        """Hold hotels for some seconds more: all of them, or a fair share where replicas share the state.

        Call it every second or two, under an id that no other process has ever used.
        """
        held = self._holdings
        held.replica = replica
        if not self.shared:
            beyond = sorted(held.tokens.keys() - set(hotels))
            held.tokens = {**held.tokens, **dict.fromkeys(hotels, "")}
            return Tenure(frozenset(held.tokens), tuple(beyond))
        work = partial(renew, now=self._clock.now(), held=held, version=version, configured=hotels)
        return await self._transactions.write(work)

    async def give_back(self, replica: str, hotels: Collection[str]) -> None:
        """Let other replicas have hotels about which nothing is done any more."""
        if self.shared:
            work = partial(give_back, replica=replica, now=self._clock.now(), hotels=hotels)
            await self._transactions.write(work, however_old=True)
        self._holdings.drop(hotels)

    async def leave(self, replica: str) -> None:
        """Give everything back at once: the last word of a replica."""
        if self.shared:
            work = partial(leave, replica=replica, now=self._clock.now())
            await self._transactions.write(work, however_old=True)
        self._holdings = Holdings()

    async def tidy(self) -> None:
        """Delete what nobody will ask for again."""
        await self._transactions.write(partial(tidy, now=self._clock.now()))

    async def standings(self, hotels: Collection[str] | None = None) -> list[Standing]:
        """Return how every check stood, or those of some hotels."""
        return await self._transactions.read(partial(reading.all_standings, hotels=hotels))

    async def memories(self, hotels: Collection[str] | None = None) -> dict[CheckId, dict[str, Any]]:
        """Return what every check remembers, or those of some hotels; what is the house's is under `""`."""
        return await self._transactions.read(partial(reading.all_memories, hotels=hotels))

    async def open_incidents(self, hotels: Collection[str] | None = None) -> list[Incident]:
        """Return the incidents, all or of some hotels, that are not resolved, the oldest first."""
        return await self._transactions.read(partial(reading.unresolved, hotels=hotels))

    async def recent(self, since: datetime, hotels: Collection[str] | None = None) -> list[Incident]:
        """Return the incidents, all or of some hotels, resolved since then, in the order they ended."""
        return await self._transactions.read(partial(reading.resolved_since, since=since, hotels=hotels))

    async def ended_since(self, hotel: str, since: datetime) -> list[Incident]:
        """Return the incidents of a hotel resolved since then, in the order they ended."""
        return await self.recent(since, [hotel])

    async def list_incidents(
        self,
        *,
        state: str | None = None,
        hotel: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[Record]:
        """Return incidents, the newest opened first; `before` is the id of the last of the page before."""
        return await self._transactions.read(
            partial(reading.page, state=state, hotel=hotel, limit=limit, before=before)
        )

    async def incident(self, incident: str) -> Record | None:
        """Return one incident with its timeline, or None."""
        return await self._transactions.read(partial(reading.record, incident=incident))

    async def notifications_of(self, incident: str, epoch: int) -> list[Notification]:
        """Return the notifications of one epoch of an incident, in the order they were written."""
        return await self._transactions.read(partial(reading.of_epoch, incident=incident, epoch=epoch))

    async def notifications_of_many(self, epochs: Iterable[Epoch]) -> dict[Epoch, list[Notification]]:
        """Return the notifications of many (incident, epoch) at once, without their messages."""
        return await self._transactions.read(partial(reading.of_epochs, wanted=epochs))

    async def silences(self, now: datetime) -> list[Silence]:
        """Return the silences a person has asked for that are in force or to come, by their beginning."""
        return await self._transactions.read(partial(silences.lasting, now=now))

    async def secret(self) -> bytes:
        """Return the 32 bytes that sign links in letters: drawn once, and kept as long as the state is."""
        return await self._transactions.write(partial(keys.drawn_once, name=keys.LINKS))

    async def pending(self) -> tuple[int, datetime | None, str, int]:
        """Return how many notifications are undelivered, when the oldest was created, what one met, and how
        many of them are held for a bundle.
        """
        return await self._transactions.read(queue.pending)

    async def dead_letters(self, since: datetime) -> list[DeadLetter]:
        """Return, for each hotel, channel and recipient, the latest letter that died at `since` or later."""
        return await self._transactions.read(partial(dead_letters.dead_since, since=since))

    async def came_back(self, letter: str, error: str) -> tuple[Notification | None, bool]:
        """Give up a letter that was accepted and came back; return it, and whether that is news."""
        work = partial(dead_letters.came_back, now=self._clock.now(), letter=letter, error=error)
        return await self._transactions.write(work)

    async def overdue(self, now: datetime) -> audit.Overdue:
        """Return the letters that should have been sent long ago."""
        return await self._transactions.read(partial(audit.overdue, now=now))

    async def hasten(self, channel: str | None = None) -> None:
        """Make due at once what waits for its next attempt: something has changed, for one channel or all."""
        of = queue.channels(channel, ())
        await self._transactions.write(partial(queue.hasten, now=self._clock.now(), of=of))

    async def held(self) -> list[str]:
        """Return the recipients for whom letters are held, since they have had as many as they are sent."""
        return await self._transactions.read(bundling.waiting)

    async def bundle(self, recipient: str, per_hour: int, write: bundling.Write) -> bundling.Bundled | None:
        """Let go what is held for a recipient and within the limit again, or bundle it when that is due."""
        now = self._clock.now()
        work = partial(bundling.bundle, now=now, recipient=recipient, per_hour=per_hour, write=write)
        return await self._transactions.write(work)

    async def writable(self) -> None:
        """Prove by a tiny write that the state can be written, or raise StateError that says why not."""
        self._transactions.place.check()
        # Another replica that beats at the moment has proved it.
        row = select(schema.pulse.c.id).with_for_update(skip_locked=True).scalar_subquery()
        beat = update(schema.pulse).where(schema.pulse.c.id == row).values(at=self._clock.now())
        await self._transactions.write(lambda connection: connection.execute(beat))

    def silence(self) -> StateError:
        """Return what it means that the state does not answer."""
        return self._transactions.place.trouble(TimeoutError())

    async def claim(
        self,
        limit: int,
        exclude: frozenset[str] = frozenset(),
        *,
        only: str | None = None,
        besides: frozenset[str] = frozenset(),
        per_hour: int | None = None,
    ) -> list[Claim]:
        """Lease what is due for sending, the oldest first, but for the ids in `exclude`.

        It is of one channel, or of all but some. A notification waits while an earlier one of its incident,
        recipient and channel is undelivered; what would be more than `per_hour` mails to a recipient is held.
        """
        now, of = self._clock.now(), queue.channels(only, besides)
        work = partial(bundling.claim, now=now, limit=limit, exclude=exclude, of=of, per_hour=per_hour)
        return await self._transactions.write(work)

    async def renew(self, claims: Iterable[Claim]) -> None:
        """Make claims hold for as long as if they were made now, as far as they still hold."""
        work = partial(queue.renew, now=self._clock.now(), claims=claims)
        await self._transactions.write(work, however_old=True)

    async def journal(self, claim: Claim, phase: str) -> bool:
        """Note how far a conversation has got, and renew the claim; False when it does not hold any more."""
        until = lease_clock(self._clock.now(), queue.LEASE)
        return await self._mark(claim, {"phase": phase, "lease_until": until})

    async def sent(self, claim: Claim) -> bool:
        """Mark as delivered; False when the claim does not hold any more."""
        return await self._mark(claim, queue.outcome(Delivery.SENT, sent_at=self._clock.now()))

    async def retry(self, claim: Claim, at: datetime, error: str) -> bool:
        """Make due again at a later moment; False when the claim does not hold any more."""
        return await self._mark(claim, queue.outcome(Delivery.PENDING, error, due_at=at))

    async def dead(self, claim: Claim, error: str) -> bool:
        """Give up for good; False when the claim does not hold any more."""
        return await self._mark(claim, queue.outcome(Delivery.DEAD, error, died_at=self._clock.now()))

    async def resume(self) -> int:
        """Make due at once what a crash left half sent; call before the first claim. Return how many."""
        return await self._transactions.write(partial(queue.resume, now=self._clock.now()))

    async def _mark(self, claim: Claim, values: dict[str, object]) -> bool:
        work = partial(queue.mark, claim=claim, values=values)
        return await self._transactions.write(work, however_old=True)
