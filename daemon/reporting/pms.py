"""What failed in the tables of the PMS, by age and reason: counted, and never whose it is."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import structlog

from alerts.reports.consistency import NO_DATABASE
from alerts.reports.facts import MOST_FAILED, Failed
from checks.database import DatabaseError, Databases
from checks.database_lane import Rows
from checks.tables.complaints import INVALID, NO_INVENTORY, NO_ORIGINAL, UNMAPPED

log = structlog.get_logger()

WITHIN = 3.0
"""Seconds that a question may take."""

_STATEMENT = """
SELECT reason, count(*) AS many,
       count(*) FILTER (WHERE age < 86400) AS recent,
       count(*) FILTER (WHERE age BETWEEN 86400 AND 604800) AS days,
       count(*) FILTER (WHERE age > 604800) AS older,
       max(age)::float8 AS oldest
FROM (
    SELECT extract(epoch FROM now() - created_at) AS age, CASE {reasons} ELSE 'another reason' END AS reason
    FROM {table} WHERE {failed} ORDER BY created_at DESC LIMIT {most}
) AS few
GROUP BY reason
"""
_NONE_GIVEN = "WHEN error IS NULL THEN 'no reason given'"
_KINDS = f"""{_NONE_GIVEN}
    WHEN {UNMAPPED} THEN 'room type not mapped'
    WHEN {NO_INVENTORY} THEN 'no inventory'
    WHEN {NO_ORIGINAL} THEN 'original not found'
    WHEN {INVALID} THEN 'not valid'"""
_ANSWERS = f"""{_NONE_GIVEN}
    WHEN error ~* '429|rate.?limit|too many' THEN 'too many requests'
    WHEN error ~* 'time(d)? ?out' THEN 'no answer in time'
    WHEN error ~* '\\m40[13]\\M|unauthori[sz]ed|forbidden|credential' THEN 'login refused'
    WHEN error ~* '\\m50[0-9]\\M|server error|unavailable' THEN 'error of the vendor'
    WHEN {INVALID} THEN 'not valid'"""


@dataclass(frozen=True, slots=True)
class _Table:
    """A table that may hold failures, and the kind of integration whose it is."""

    name: str
    kind: str
    said: str
    failed: str
    reasons: str

    @property
    def statement(self) -> str:
        """The question: of so many failures at the most, the latest."""
        return _STATEMENT.format(reasons=self.reasons, table=self.name, failed=self.failed, most=MOST_FAILED)


TABLES = (
    _Table("ota_modification_queue", "ota", "Changes of reservations", "status = 'failed'", _KINDS),
    _Table("channel_manager_queue", "channel_manager", "Channel updates", "status = 'failed'", _ANSWERS),
    _Table(
        "reservation_import_errors", "booking_engine", "Reservation imports", "resolved_at IS NULL", _KINDS
    ),
)


async def failed_updates(
    databases: Databases | None, dsn: str | None, kinds: Collection[str]
) -> tuple[tuple[Failed, ...], str]:
    """Return what failed and is left, for the kinds of integrations there are; or why it is not known."""
    if databases is None or not dsn:
        return (), NO_DATABASE
    found = []
    for table in TABLES:
        if table.kind in kinds:
            try:
                rows = await databases.fetch(dsn, table.statement, within=WITHIN, limit=20)
            except DatabaseError as error:
                log.debug("report.not_asked", table=table.name, error=str(error))
                return (), f"{table.name}: {_why(error)}"
            found.append(_failed(table, rows))
    return tuple(found), ""


def _why(error: DatabaseError) -> str:
    """Return why nothing is known, without what the server or the driver says: it may tell of the DSN."""
    return re.split(r"[(:\"']", str(error), maxsplit=1)[0].strip()


def _failed(table: _Table, rows: Rows) -> Failed:
    def summed(name: str) -> int:
        return sum(int(row[name]) for row in rows)

    return Failed(
        name=table.name,
        said=table.said,
        many=summed("many"),
        reasons=dict(_reasons(rows)),
        recent=summed("recent"),
        days=summed("days"),
        older=summed("older"),
        oldest=max((float(row["oldest"]) for row in rows if row["oldest"] is not None), default=None),
    )


def _reasons(rows: Rows) -> Iterator[tuple[str, int]]:
    for row in sorted(rows, key=lambda one: (-int(one["many"]), str(one["reason"]))):
        yield str(row["reason"]), int(row["many"])
