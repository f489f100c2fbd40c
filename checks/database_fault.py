"""What goes wrong with a database, or a question to it -> reasons and words, without a piece of the DSN."""

import re
import socket

import asyncpg

from checks.result import Reason, Result, Sign, failed

STATEMENT, LOCK = 3.0, 0.5
"""Seconds that a statement, and waiting for a lock, may take at the most."""

_DOWN = {
    "08": "is not reachable",
    "53": "is short of connections, memory or disk",
    "57P": "is shutting down or starting up",
}
"""Classes of SQLSTATE that say that the database as a whole does not serve."""

_ASKING = {
    "42501": (Reason.PERMISSION, "our role may not read it"),
    "42P01": (Reason.QUERY, "there is no such table"),
    "42703": (Reason.QUERY, "there is no such column"),
    "57014": (Reason.QUERY, "it did not finish in the time it has"),
    "55P03": (Reason.QUERY, "another transaction holds a lock on it"),
    "25006": (Reason.QUERY, "it tries to write, and only reading is allowed"),
}
"""SQLSTATEs that say that a question cannot be answered."""

_QUOTED = re.compile("""[:"'`\u00ab\u00bb\u2018-\u201f\u2039\u203a\u300c]""")
"""Where a value may begin, in any of the server's languages."""

UNUSABLE = (
    "the DSN cannot be used: write postgresql://user:password@host:port/database, and / # ? @ : in a "
    "password as %2F %23 %3F %40 %3A"
)


class DatabaseError(Exception):
    """A database, or a question to it, does not work. `down` says that it is the database."""

    def __init__(self, reason: Reason, message: str, *, down: bool) -> None:
        super().__init__(message)
        self.reason = reason
        self.down = down

    @property
    def signs(self) -> tuple[Sign, ...]:
        """What it is a sign of, for whoever asked."""
        return (Sign.DATABASE_DOWN,) if self.down else ()

    @property
    def result(self) -> Result:
        """What a check that wanted to know something saw: nothing, which is neither good nor bad."""
        reason = self.reason if self.reason is Reason.PERMISSION else Reason.QUERY
        return failed(reason, str(self), signs=self.signs)


def of_connecting(error: Exception) -> DatabaseError:
    """Return why no connection comes about; what the driver says of a DSN may quote its password."""
    if isinstance(error, asyncpg.PostgresError):
        return of_server(error, connecting=True)
    if isinstance(error, socket.gaierror):
        return DatabaseError(Reason.DNS, "its host cannot be looked up", down=True)
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return DatabaseError(Reason.CONNECT, f"cannot be connected to: {said}", down=True)
    return DatabaseError(Reason.QUERY, UNUSABLE, down=False)


def of_server(error: asyncpg.PostgresError, *, connecting: bool = False) -> DatabaseError:
    """Return what an error of the server means; it has no data yet while connecting."""
    state = error.sqlstate or ""
    said = f"{state}: {str(error)[:160] if connecting else _shown(state, str(error))}"
    if state in _ASKING:
        reason, words = _ASKING[state]
        return DatabaseError(reason, f"{words} ({said})", down=False)
    if state.startswith("28"):
        return DatabaseError(Reason.CREDENTIALS, f"it does not let us in ({said})", down=True)
    if state == "3D000":
        return DatabaseError(Reason.MISSING, f"there is no such database ({said})", down=True)
    for prefix, words in _DOWN.items():
        if state.startswith(prefix):
            return DatabaseError(Reason.SERVER_ERROR, f"{words} ({said})", down=True)
    return DatabaseError(Reason.QUERY, f"the query fails: {said}", down=False)


def _shown(state: str, text: str) -> str:
    """Return what an error says, but for the values that one of wrong data quotes: they may name a guest."""
    text = text.split("\nDETAIL:", 1)[0]
    if state.startswith("22"):
        text = _QUOTED.split(text, maxsplit=1)[0].strip()
    return text[:160]
