"""How often to log in: seldom, for a monitor that logs in every minute gets the account locked.

Remembered is what the last login led to and a fingerprint of what was sent, so that a changed configuration
is tried at once; never the password.
"""

import hashlib
import secrets
from asyncio import to_thread
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from checks.memory import Memory
from checks.result import Reason, Result, failed
from checks.values import SmtpServer

REST = 3600.0
"""Seconds without a login after one that worked, and after too many that were refused."""

LATENESS = 30.0
"""Seconds by which an hourly run may come early without being taken for a second one in the hour."""

MOST_REFUSALS = 2
ROUNDS = 50_000
FINGERPRINT = 4
"""Bytes: enough to notice a change, too few to confirm a guess at the password."""


@dataclass(frozen=True, slots=True)
class Logins:
    """What is known of earlier logins with the same configuration. `at` is a Unix time, 0 for never."""

    salt: str
    fingerprint: str
    at: float = 0.0
    refusals: int = 0
    reason: str = ""
    says: str = ""

    def recent(self, now: datetime) -> bool:
        """Say whether the last login is less than an hour ago."""
        return 0 <= now.timestamp() - self.at < REST - LATENESS

    def held(self, now: datetime) -> Result | None:
        """Return the last verdict while no login may be tried, else None."""
        if self.refusals < MOST_REFUSALS or not self.recent(now):
            return None
        return self.verdict(failed(Reason(self.reason), self.says))

    def verdict(self, refused: Result) -> Result:
        """Return a refusal, with word of when it will be tried again if that is not next time."""
        decisive = refused.reason is Reason.CREDENTIALS
        if self.refusals < MOST_REFUSALS:
            return replace(refused, decisive=decisive)
        until = datetime.fromtimestamp(self.at + REST, UTC)
        message = (
            f"{refused.message}; after {self.refusals} refusals in a row "
            f"it is not tried again before {until:%Y-%m-%d %H:%M} UTC"
        )
        return replace(refused, message=message, decisive=decisive)

    def worked(self, now: datetime) -> "Logins":
        """Return what is known once a login worked."""
        return Logins(self.salt, self.fingerprint, now.timestamp())

    def refused(self, seen: Result, now: datetime) -> "Logins":
        """Return what is known once a login was refused."""
        more = self.refusals + 1
        return replace(self, at=now.timestamp(), refusals=more, reason=str(seen.reason), says=seen.message)

    def keep(self, memory: Memory) -> None:
        """Remember this for the next run."""
        memory.keep(asdict(self))


async def recall(server: SmtpServer, memory: Memory) -> Logins:
    """Return what is remembered, if it was with the same host, user name and password."""
    found = _read(memory.value)
    salt = found.salt if found else secrets.token_hex(16)
    fingerprint = await to_thread(_fingerprint, server, salt)
    return found if found and found.fingerprint == fingerprint else Logins(salt, fingerprint)


def _fingerprint(server: SmtpServer, salt: str) -> str:
    password = server.password.get_secret_value() if server.password else ""
    sent = "\0".join((server.host, server.username or "", password)).encode(errors="surrogateescape")
    return hashlib.pbkdf2_hmac("sha256", sent, salt.encode(), ROUNDS, FINGERPRINT).hex()


def _read(value: Mapping[str, Any]) -> Logins | None:
    """Return what a memory holds, or None when it is none of ours."""
    match value:
        case {
            "salt": str(salt),
            "fingerprint": str(fingerprint),
            "at": int() | float() as at,
            "refusals": int(refusals),
            "reason": str(reason),
            "says": str(says),
        } if not reason or reason in set(Reason):
            return Logins(salt, fingerprint, at, refusals, reason, says)
    return None
