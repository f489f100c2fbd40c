"""Reports that were made, as they were made."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Column, Connection, Table, Text, delete, select

from alerts.maintenance import Entry
from alerts.reports.report import Kind, Report
from alerts.reports.report_json import read_report, written_report
from daemon.store.changes import INSERTS
from daemon.store.maintenance import enter_all
from daemon.store.rounds import made
from daemon.store.schema import Moment, Words, metadata
from daemon.store.transactions import Transactions

KEPT = timedelta(days=400)

reports = Table(
    "reports",
    metadata,
    Column("hotel", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("ends", Moment, primary_key=True, autoincrement=False),
    Column("made_at", Moment, nullable=False),
    Column("body", Words, nullable=False),
)


class Reports:
    """The reports in a state. Whatever does not work raises StateError."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def one(self, hotel: str, kind: Kind, ends: datetime | None = None) -> Report | None:
        """Return the report of a hotel that ends then, or the latest one of a kind; None if there is none."""
        return await self._transactions.read(lambda connection: _one(connection, hotel, kind, ends))

    async def ends(
        self, hotel: str, kind: Kind | None = None, limit: int = 400
    ) -> list[tuple[Kind, datetime]]:
        """Return which reports of a hotel there are, the latest first."""
        return await self._transactions.read(lambda connection: _ends(connection, hotel, kind, limit))


def keep(connection: Connection, found: Sequence[Report]) -> None:
    """Write reports down, each as the round that is made by it; of one that stands there, the first stays."""
    for report in found:
        row = {
            "hotel": report.hotel,
            "kind": report.kind.value,
            "ends": report.ends,
            "made_at": report.made_at,
            "body": written_report(report),
        }
        connection.execute(INSERTS[connection.dialect.name](reports).on_conflict_do_nothing(), [row])
        made(connection, report.hotel, report.kind.value, report.ends)


def keep_latest(connection: Connection, report: Report, ticks: Sequence[Entry]) -> None:
    """Write a report down, and what is done by it. Those of times to come are of a clock that was ahead."""
    disown(connection, report)
    keep(connection, [report])
    enter_all(connection, ticks)


def disown(connection: Connection, latest: Report) -> None:
    """Delete what ends after a report that was due just now: a clock that was ahead made it."""
    mine = (reports.c.hotel == latest.hotel, reports.c.kind == latest.kind.value)
    connection.execute(delete(reports).where(*mine, reports.c.ends > latest.ends))


def forget(connection: Connection, now: datetime) -> None:
    """Delete what is too old."""
    connection.execute(delete(reports).where(reports.c.ends < now - KEPT))


def _one(connection: Connection, hotel: str, kind: Kind, ends: datetime | None) -> Report | None:
    query = select(reports.c.body).where(reports.c.hotel == hotel, reports.c.kind == kind.value)
    if ends is not None:
        query = query.where(reports.c.ends == ends)
    body = connection.execute(query.order_by(reports.c.ends.desc()).limit(1)).scalar()
    return None if body is None else read_report(body)


def _ends(connection: Connection, hotel: str, kind: Kind | None, limit: int) -> list[tuple[Kind, datetime]]:
    query = select(reports.c.kind, reports.c.ends).where(reports.c.hotel == hotel)
    if kind is not None:
        query = query.where(reports.c.kind == kind.value)
    rows = connection.execute(query.order_by(reports.c.ends.desc(), reports.c.kind).limit(limit)).all()
    return [(Kind(row.kind), row.ends) for row in rows]
