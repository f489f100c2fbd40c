"""Which replica holds which hotel, on a connection whose transaction is the caller's.

Everybody who shares a state has a row that it renews, and so has every hotel. Who finds a row that ran out
takes it; nobody decides for others. Whoever has lost a hotel finds out when it next writes about it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, and_, bindparam, delete, select, update

from alerts.change import Change
from daemon.store.changes import INSERTS
from daemon.store.moments import lease_clock
from daemon.store.schema import hotels as table
from daemon.store.schema import replicas

HOLD = timedelta(seconds=6)
"""How long a hotel is held, and a replica counts as alive, without a word."""

HOUSE = ""
"""What stands for a hotel where something belongs to none; it is nobody's, and all may write it."""


@dataclass(frozen=True, slots=True)
class Tenure:
    """What a replica holds from now on. `replicas` counts those alive, this one among them.

    `surplus` is held still, and should be given back once nothing is done about it any more: it is more than
    the replica's share, or no longer configured.
    """

    held: frozenset[str]
    surplus: tuple[str, ...] = ()
    replicas: int = 1


@dataclass(slots=True)
class Holdings:
    """What this process holds as far as it knows: `tokens` by hotel, under the name `replica`."""

    replica: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)

    def drop(self, hotels: Collection[str]) -> None:
        """Forget hotels that were given back."""
        self.tokens = {hotel: token for hotel, token in self.tokens.items() if hotel not in hotels}


@dataclass(frozen=True, slots=True)
class Company:
    """The replicas alive: how many, which of them this one is, and whether all know the same hotels."""

    count: int
    rank: int
    alike: bool

    def share(self, hotels: int) -> int:
        """Return how many of these hotels are this replica's part."""
        return hotels // self.count + (self.rank < hotels % self.count)


def renew(
    connection: Connection, now: datetime, held: Holdings, version: str, configured: Collection[str]
) -> Tenure:
    """Renew what is held and take what is free, up to a fair share."""
    known = sorted(set(configured))
    company = _sign_in(connection, now, (held.replica, version), known)
    kept = _keep(connection, now, held)
    mine = [hotel for hotel in known if hotel in kept]
    others = [hotel for hotel in known if hotel not in kept]
    share = company.share(len(known))
    wanted = _look(connection, now, others, company, share - len(mine))
    held.tokens = kept | _take(connection, now, held.replica, wanted)
    # Whoever does not know a hotel could not take it over.
    beyond = mine[share:] if company.alike else []
    surplus = (*sorted(kept.keys() - set(known)), *beyond)
    return Tenure(frozenset(held.tokens), surplus, company.count)


def give_back(connection: Connection, replica: str, now: datetime, hotels: Collection[str]) -> None:
    """Let others have hotels, as far as this replica still holds them."""
    free = {"owner": None, "token": None, "until": lease_clock(now)}
    mine = and_(table.c.owner == replica, table.c.hotel.in_(hotels))
    connection.execute(update(table).where(mine).values(free))


def leave(connection: Connection, replica: str, now: datetime) -> None:
    """Give everything back, and count as alive no more."""
    free = {"owner": None, "token": None, "until": lease_clock(now)}
    connection.execute(update(table).where(table.c.owner == replica).values(free))
    connection.execute(delete(replicas).where(replicas.c.id == replica))


def not_ours(connection: Connection, held: Holdings, hotels: Collection[str]) -> set[str]:
    """Return which of some hotels are not this replica's to write about.

    Those that are cannot be taken by others until the transaction ends. A hold that ran out is good as long
    as nobody else has taken it: nobody can have written meanwhile.
    """
    query = select(table.c.hotel).where(_ours(held, hotels)).order_by(table.c.hotel)
    found = connection.execute(query.with_for_update(read=True)).scalars()
    return set(hotels) - set(found)


def hotels_of(change: Change) -> set[str]:
    """Return the hotels about which a change writes what only their holder may."""
    checks = (*(one.check for one in change.standings), *change.memories, *change.forgotten)
    about = {one.hotel for one in change.incidents} | {one.hotel for one in checks}
    return about - {HOUSE}


def _sign_in(
    connection: Connection, now: datetime, replica: tuple[str, str], known: Sequence[str]
) -> Company:
    me, version = replica
    knows = sha256("\n".join(known).encode()).hexdigest()
    row = {"version": version, "knows": knows, "seen_until": lease_clock(now, HOLD)}
    signed = INSERTS[connection.dialect.name](replicas).values(id=me, **row)
    connection.execute(signed.on_conflict_do_update(index_elements=["id"], set_=row))
    query = select(replicas.c.id, replicas.c.knows).where(replicas.c.seen_until > lease_clock(now))
    alive = {found.id: found.knows for found in connection.execute(query)}
    return Company(len(alive), sorted(alive).index(me), set(alive.values()) == {knows})


def _keep(connection: Connection, now: datetime, held: Holdings) -> dict[str, str]:
    mine = update(table).where(_ours(held, held.tokens.keys())).values(until=lease_clock(now, HOLD))
    kept = set(connection.execute(mine.returning(table.c.hotel)).scalars())
    return {hotel: token for hotel, token in held.tokens.items() if hotel in kept}


def _look(
    connection: Connection, now: datetime, others: Sequence[str], company: Company, room: int
) -> list[str]:
    """Return which hotels to take: free ones as far as there is room, and those that nobody has taken."""
    query = select(
        table.c.hotel,
        (table.c.until <= lease_clock(now)).label("free"),
        (table.c.until <= lease_clock(now, -HOLD)).label("orphan"),
    )
    found = connection.execute(query.where(table.c.hotel.in_(others))).all()
    new = sorted(set(others) - {row.hotel for row in found})
    _register(connection, now, new)
    free = sorted([*new, *(row.hotel for row in found if row.free)])
    # Everybody begins at another place, so that they get less into each other's way.
    start = len(free) * company.rank // company.count
    wanted = (free[start:] + free[:start])[: max(room, 0)]
    return sorted({*wanted, *(row.hotel for row in found if row.orphan)})


def _register(connection: Connection, now: datetime, hotels: Sequence[str]) -> None:
    if hotels:
        row = INSERTS[connection.dialect.name](table).values(hotel=bindparam("hotel"), until=lease_clock(now))
        new = row.on_conflict_do_nothing(index_elements=["hotel"])
        connection.execute(new, [{"hotel": hotel} for hotel in hotels])


def _take(connection: Connection, now: datetime, me: str, wanted: Sequence[str]) -> dict[str, str]:
    if not wanted:
        return {}
    free = and_(table.c.hotel.in_(wanted), table.c.until <= lease_clock(now))
    query = select(table.c.hotel).where(free).order_by(table.c.hotel).with_for_update(skip_locked=True)
    taken = {hotel: token_hex(16) for hotel in connection.execute(query).scalars()}
    if taken:
        take = update(table).where(table.c.hotel == bindparam("taken"))
        connection.execute(
            take.values(owner=me, token=bindparam("drawn"), until=lease_clock(now, HOLD)),
            [{"taken": hotel, "drawn": token} for hotel, token in taken.items()],
        )
    return taken


def _ours(held: Holdings, hotels: Collection[str]) -> ColumnElement[bool]:
    """Choose those of some hotels that are held under the tokens that this process knows."""
    tokens = {hotel: held.tokens[hotel] for hotel in hotels if hotel in held.tokens}
    return and_(table.c.owner == held.replica, table.c.hotel.in_(tokens), table.c.token.in_(tokens.values()))
