"""The address of a state, as a configuration writes it: a file, or a database in PostgreSQL."""

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

SCHEME = "sqlite:///"
SCHEMES = ("postgresql://", "postgres://")

PARAMETERS = frozenset(
    {"host", "port", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "target_session_attrs"}
)
"""What may follow the `?`, by the names that libpq gives it."""

TLS = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

SHAPE = (
    "must be postgresql://user@host/database; in a password write @ as %40, : as %3A, / as %2F, ? as %3F, "
    "# as %23 and % as %25"
)
_PORT = re.compile(r":[0-9]{1,5}")


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a database is, without the password."""

    hosts: str
    database: str

    def __str__(self) -> str:
        return f"postgresql://{self.hosts}/{self.database}"


def file_address(url: str) -> Path:
    """Return the file that a `sqlite:///` address means, links resolved; raise ValueError if none."""
    name = url.removeprefix(SCHEME)
    if not url.startswith(SCHEME) or not name.startswith("/") or "\x00" in name:
        raise ValueError(
            "must be sqlite:////absolute/path/state.db, with four slashes: a file to keep; or a "
            "PostgreSQL database, postgresql://user@host/database"
        )
    return Path(os.path.realpath(name))


def postgres_address(url: str) -> PostgresAddress:
    """Return where a `postgresql://` address leads; raise ValueError, which quotes none of it, if nowhere."""
    if not url.startswith(SCHEMES) or any(ord(sign) <= 32 for sign in url):
        raise ValueError(SHAPE)
    try:
        parts = urlsplit(url)
        given = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ValueError(SHAPE) from None
    _judge(given)
    hosts = parts.netloc.rpartition("@")[2] or given.get("host", "")
    database = unquote(parts.path.removeprefix("/"))
    sound = parts.netloc.count("@") <= 1 and "/" not in database and not parts.fragment
    if not hosts or not database or not sound or not all(_is_host(one) for one in hosts.split(",")):
        raise ValueError(SHAPE)
    return PostgresAddress(hosts, database)


def passwords_in(url: str) -> set[str]:
    """Return the password of an address, as it is written and as it is meant."""
    if not url.startswith(SCHEMES):
        return set()
    written = urlsplit(url).netloc.rpartition("@")[0].partition(":")[2]
    return {written, unquote(written)} - {""}


def _is_host(host: str) -> bool:
    _, colon, port = host.rpartition("]")[2].rpartition(":")
    return bool(host) and (not colon or _PORT.fullmatch(colon + port) is not None)


def _judge(given: dict[str, str]) -> None:
    known = ", ".join(sorted(PARAMETERS))
    if unknown := sorted(given.keys() - PARAMETERS):
        raise ValueError(f"does not take `{unknown[0][:40]}` after the ?; it takes {known}")
    if given.get("sslmode", TLS[0]) not in TLS:
        raise ValueError(f"takes as sslmode one of {', '.join(TLS)}")
