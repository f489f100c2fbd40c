"""The history in a state: rows are only added, so that nothing is counted twice; made wider; and let go."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select

from daemon.store.changes import INSERTS
from daemon.store.schema import history as table
from daemon.store.transactions import Transactions
from daemon.tally import DAY, HOUR, MINUTE, Stored, Tally, body_of, places

KEPT: Mapping[int, int] = {MINUTE: 25 * HOUR, HOUR: 40 * DAY, DAY: 400 * DAY}
"""Minutes for which rows are kept, by their width.

Hours are kept for long enough to report on a month, in the days of the hotel's own time zone, until the
ninth of the next one; days for as long as it takes to compare with the same month of last year.
"""


def kept_at(minute: int, now: int) -> int:
    """Return the width of the narrowest rows that are kept of a minute."""
    return next((width for width in (MINUTE, HOUR) if now - minute <= KEPT[width]), DAY)


AHEAD = DAY
"""Minutes that a row may be ahead, of a time before the clock was set back; beyond, it is wrong."""

PIECE = 500
"""Rows written at once."""

FETCHED = 100
"""Rows read at once: between two times, others have their turn."""

MERGED = 0
"""The part of a row that was made of narrower ones; the others are drawn."""


@dataclass(frozen=True, slots=True)
class Ends:
    """The minutes up to which a hotel's hours, and days, are made: what comes later goes beside them."""

    hours: int
    days: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a hotel from minute `since` to before `until`, in rows of `width` at the most.

    Of `integrations` those; None means all of them.
    """

    hotel: str
    integrations: Collection[str] | None
    since: int
    until: int
    width: int


class Histories:
    """The history of a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def add(self, rows: Sequence[Stored], ends: Mapping[str, Ends], now: int) -> None:
        """Add minutes; those that are stored already stay as they are.

        `ends` are those known of some hotels; those of the others are looked up.
        """
        await self._transactions.write(partial(_add, rows=rows, ends=ends, now=now))

    async def settle(self, hotel: str, upto: int, now: int, *, forget: bool = True) -> Ends:
        """Make a hotel's hours and days that ended by minute `upto`, and let go of what is too old."""
        work = partial(_settle, hotel=hotel, upto=upto, now=now, forget=forget)
        return await self._transactions.write(work)

    async def rows(self, wanted: Wanted, now: int) -> list[Stored]:
        """Return the widest rows there are that together tell of the time asked for."""
        return await self._transactions.read(partial(_rows, wanted=wanted, now=now))

    async def next_hotel(self, after: str) -> str | None:
        """Return the hotel that comes after another one in the alphabet, of those with a history."""
        query = select(func.min(table.c.hotel)).where(table.c.hotel > after)
        return await self._transactions.read(lambda connection: connection.scalar(query))


def _add(connection: Connection, rows: Sequence[Stored], ends: Mapping[str, Ends], now: int) -> None:
    known = dict(ends)
    for hotel in {row.hotel for row in rows} - known.keys():
        known[hotel] = _ends(connection, hotel, now)
    late = [row for row in rows if row.start - row.start % HOUR < known[row.hotel].hours]
    there = _stored(connection, late)
    beside = []
    for row in late:
        if row[:-1] not in there:
            beside.append(row._replace(width=HOUR, start=row.start - row.start % HOUR))
            if row.start - row.start % DAY < known[row.hotel].days:
                beside.append(row._replace(width=DAY, start=row.start - row.start % DAY))
    # No two rows have the same part and time, so that these have keys of their own.
    _insert(connection, [*rows, *sorted(beside)])


def _stored(connection: Connection, rows: Sequence[Stored]) -> set[tuple[object, ...]]:
    """Return the keys of those that are stored already: their hours have them, or those beside them.

    They come again where nobody heard that they were written: the connection broke off at the commit.
    """
    if not rows:
        return set()
    keys = (table.c.hotel, table.c.width, table.c.start, table.c.integration, table.c.part)
    query = select(*keys).where(
        table.c.hotel.in_({row.hotel for row in rows}),
        table.c.width == MINUTE,
        table.c.start.in_({row.start for row in rows}),
        table.c.part.in_({row.part for row in rows}),
    )
    return {tuple(row) for row in connection.execute(query)}


def _insert(connection: Connection, rows: Sequence[Stored]) -> None:
    if rows:
        statement = INSERTS[connection.dialect.name](table).on_conflict_do_nothing()
        for start in range(0, len(rows), PIECE):
            connection.execute(statement, [row._asdict() for row in rows[start : start + PIECE]])


def _ends(connection: Connection, hotel: str, now: int) -> Ends:
    def newest(width: int) -> ColumnElement[int]:
        # A row of a time that will not come for long would end all making.
        mine = and_(table.c.hotel == hotel, table.c.width == width, table.c.start <= now + AHEAD)
        return func.coalesce(select(func.max(table.c.start)).where(mine).scalar_subquery(), -width)

    hours, days = connection.execute(select(newest(HOUR), newest(DAY))).one()
    return Ends(max(hours + HOUR, days + DAY), days + DAY)


def _settle(connection: Connection, hotel: str, upto: int, now: int, *, forget: bool) -> Ends:
    ends = _ends(connection, hotel, now)
    hours = _widen(connection, hotel, MINUTE, HOUR, (ends.hours, upto - upto % HOUR))
    days = _widen(connection, hotel, HOUR, DAY, (ends.days, upto - upto % DAY))
    if forget:
        _forget(connection, hotel, now)
    return Ends(max(hours, days), days)


def _widen(connection: Connection, hotel: str, width: int, wider: int, span: tuple[int, int]) -> int:
    """Make rows of narrower ones; return the end of what is made now."""
    made: dict[tuple[int, str], dict[str, Tally]] = {}
    for rows in _pieces(connection, hotel, None, width, span):
        for row in rows:
            _merge(made.setdefault((row.start - row.start % wider, row.integration), {}), row.body)
    _insert(
        connection,
        [
            Stored(hotel, wider, start, integration, MERGED, body_of(tallies))
            for (start, integration), tallies in sorted(made.items())
        ],
    )
    return max([start + wider for start, _ in made], default=span[0])


def _merge(tallies: dict[str, Tally], body: bytes) -> None:
    """Merge the checks of a body into tallies by name; what is damaged is left out."""
    try:
        for name, at in places(body):
            tallies.setdefault(name, Tally()).absorb(body, at)
    except (IndexError, ValueError):
        return


def _forget(connection: Connection, hotel: str, now: int) -> None:
    """Delete what is too old, and what says to be of a time that will not come for long."""
    for width, kept in KEPT.items():
        for wrong in (table.c.start < now - kept, table.c.start > now + 2 * AHEAD):
            mine = (table.c.hotel == hotel, table.c.width == width, wrong)
            connection.execute(delete(table).where(*mine))


def _rows(connection: Connection, wanted: Wanted, now: int) -> list[Stored]:
    ends = _ends(connection, wanted.hotel, now)
    found: list[Stored] = []
    since = wanted.since
    for width, end in ((DAY, ends.days), (HOUR, ends.hours), (MINUTE, wanted.until)):
        span = (since, min(wanted.until, end))
        if width <= wanted.width and span[0] < span[1]:
            for rows in _pieces(connection, wanted.hotel, wanted.integrations, width, span):
                found += rows
            since = span[1]
    return found


def _pieces(
    connection: Connection, hotel: str, among: Collection[str] | None, width: int, span: tuple[int, int]
) -> Iterator[Sequence[Stored]]:
    """Yield rows of one width that start within a span."""
    since, until = span
    query = select(table).where(
        table.c.hotel == hotel, table.c.width == width, table.c.start >= since, table.c.start < until
    )
    if among is not None:
        query = query.where(table.c.integration.in_(among))
    with connection.execute(query, execution_options={"yield_per": FETCHED}) as result:
        for rows in result.partitions():
            yield [Stored._make(row) for row in rows]
