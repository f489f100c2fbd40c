"""What goes wrong with a state in PostgreSQL, in words that name the remedy and quote nothing stored."""

import ssl
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_dbapi as driver
from sqlalchemy.exc import StatementError

from daemon.store.errors import ContradictionError, StateError

GRANTS = (
    "make the porter's role its owner (ALTER DATABASE … OWNER TO …), or grant the role the rest: "
    "GRANT ALL ON SCHEMA public TO …; GRANT ALL ON ALL TABLES IN SCHEMA public TO …; "
    "GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO …"
)
BLOCKED = "another session holds it up: look for it in pg_stat_activity"
AWAY = "the server ended the connection; it is opened again by itself once the server is back"

BROKEN = "the connection broke off; it is opened again by itself"

BY_CODE: Mapping[str, str] = MappingProxyType(
    {
        "28P01": "the server refuses the password; give the right one in the address, or in ~/.pgpass",
        "28000": "the server lets this role not in from here; add it to the server's pg_hba.conf",
        "3D000": "the database does not exist; create it: CREATE DATABASE … OWNER …",
        "42501": f"the porter's role lacks a right; {GRANTS}",
        "25006": (
            "the database can only be read (a standby?); name the primary, or add "
            "?target_session_attrs=read-write to the address"
        ),
        "53100": "the server's disk is full; free some space on it",
        "53200": "the server is out of memory; look at its log",
        "53300": (
            "the server has no connection left; raise its max_connections, or put pgbouncer in front "
            "(each porter takes three)"
        ),
        "42P01": "has lost a table; restore a backup, or name an empty database",
        "55P03": f"a lock was not had in time; {BLOCKED}",
        "57014": f"the server took too long over a statement; {BLOCKED}",
        "25P03": "the porter paused for too long within a transaction; nothing was written",
        "57P01": AWAY,
        "57P02": AWAY,
        "57P03": "the server is starting or stopping; it is asked again by itself",
        "40001": "another session was faster; it is tried again by itself",
        "40P01": "another session was faster; it is tried again by itself",
    }
)
BY_CLASS: Mapping[str, str] = MappingProxyType(
    {
        "08": BROKEN,
        "53": "the server has run out of something; look at its log",
        "58": "the server has trouble with its disk or system; look at its log",
        "XX": "the server has met damage or a fault of its own; look at its log",
    }
)
UNREACHABLE = "the server cannot be reached; look whether it runs, and at host, port and firewall"
DISTRUSTED = "no encrypted connection comes about; look at the certificate, and at sslmode in the address"
LOCKED_OUT, READ_ONLY = "55P03", "25006"


def code_of(error: BaseException) -> str:
    """Return the SQLSTATE of an error, empty when it has none."""
    cause = error.orig if isinstance(error, StatementError) else error
    return getattr(cause, "sqlstate", None) or ""


def is_lost(error: BaseException) -> bool:
    """Say whether the driver has lost track of a connection: the other side hung up in the midst."""
    return isinstance(error, driver.InternalClientError)


def trouble(name: str, error: Exception) -> StateError:
    """Return what an error means to the person who has to set it right."""
    cause = error.orig if isinstance(error, StatementError) and error.orig else error
    code = code_of(error)
    if isinstance(cause, TimeoutError):
        return StateError(f"state {name}: no answer in time; look at the server and the network between")
    said = _said(cause)
    if code.startswith("23"):
        return ContradictionError(
            f"state {name}: the change contradicts what is stored ({said}); nothing was written"
        )
    sentence = BY_CODE.get(code) or BY_CLASS.get(code[:2])
    if sentence is None and is_lost(cause):
        sentence = BROKEN
    if sentence is None and isinstance(cause, OSError):
        sentence = DISTRUSTED if isinstance(cause, ssl.SSLError) else UNREACHABLE
    if sentence is None:
        return StateError(f"state {name}: does not work: {type(cause).__name__}: {said}")
    return StateError(f"state {name}: {sentence} ({said})")


def _said(cause: BaseException) -> str:
    """Return the first line of what the server said: those that follow may quote what is stored."""
    text = str(cause.args[0]) if len(cause.args) == 1 else str(cause)
    return " ".join((text.splitlines() or [""])[0].split())[:200] or type(cause).__name__
