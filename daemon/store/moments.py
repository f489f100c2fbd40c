"""The time by which leases are measured: one clock for all who share a state."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from daemon.store.schema import MICROSECOND, Moment


class LeaseMoment(FunctionElement[datetime]):
    """A moment by our clock where one process has the state, else so far from the database's now."""

    type = Moment()
    inherit_cache = True


@compiles(LeaseMoment, "sqlite")
def _by_our_clock(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    ours, _ = element.clauses
    return compiler.process(ours, **kw)


@compiles(LeaseMoment, "postgresql")
def _by_the_databases_clock(element: Any, compiler: SQLCompiler, **kw: Any) -> str:
    _, ahead = element.clauses
    now = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)"
    return f"({now} + {compiler.process(ahead, **kw)})"


def lease_clock(now: datetime, ahead: timedelta = timedelta(0)) -> ColumnElement[datetime]:
    """Return a moment so far ahead of now; `now` itself counts where one process has the state."""
    return LeaseMoment(literal(now + ahead, Moment), literal(ahead // MICROSECOND, BigInteger))


def is_shared(connection: Connection) -> bool:
    """Return whether several processes may work with this state."""
    return connection.dialect.name == "postgresql"
