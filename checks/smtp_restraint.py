"""How often to log in: seldom, for a monitor that logs in every minute gets the account locked.

Counted is by account, for all checks together. Remembered is what the last login led to and a fingerprint of
what was sent, so that a changed configuration is tried at once; never the password.
"""

import hashlib
import secrets
from asyncio import to_thread
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from checks.memory import Memory
from checks.result import Reason, Result, Sign, failed
from checks.values import SmtpServer

REST = 3600.0
"""Seconds without a login after one that worked, and after too many that did not."""

PAUSE = 30.0
"""Seconds without a login after one that did not work: what troubles the server now may be over then."""

LATENESS = 30.0
"""Seconds by which an hourly run may come early without being taken for a second one in the hour."""

MOST_REFUSALS = 2
KEPT = 2 * REST
"""Seconds after which a login is forgotten."""

ROUNDS = 50_000
FINGERPRINT = 4
"""Bytes: enough to tell accounts apart, too few to confirm a guess at a password."""

UNANSWERED = "the server gave no answer to the login in time"


@dataclass(frozen=True, slots=True)
class Logins:
    """What is known of the logins to one account. `at` is the Unix time of the last one, 0 for never.

    Every login counts as refused until the server has said that it worked; `open` says that it has not
    answered yet. `reason`, `says` and `signs` tell how the last answered one failed.
    """

    at: float = 0.0
    refusals: int = 0
    reason: str = ""
    says: str = ""
    open: bool = False
    signs: tuple[str, ...] = ()

    def wait(self, *, patient: bool) -> float:
        """Return the seconds from the last login to the next."""
        hasty = 0 < self.refusals < MOST_REFUSALS and not patient
        return PAUSE if hasty else REST - LATENESS

    def verdict(self, refused: Result, *, patient: bool = False) -> Result:
        """Return how a login failed, with word of when it will be tried again if that is not next time."""
        decisive = refused.reason is Reason.CREDENTIALS
        if self.refusals < MOST_REFUSALS and not patient:
            return replace(refused, decisive=decisive)
        until = datetime.fromtimestamp(self.at + REST, UTC)
        row = f"{self.refusals} refusals in a row" if self.refusals > 1 else "that"
        message = f"{refused.message}; after {row} it is not tried again before {until:%Y-%m-%d %H:%M} UTC"
        return replace(refused, message=message, decisive=decisive)


class Account:
    """One account, and what all checks together have learnt of it."""

    def __init__(self, memory: Memory, fingerprint: str, now: Callable[[], datetime]) -> None:
        self._memory = memory
        self._fingerprint = fingerprint
        self._clock = now
        self._tried = False

    @property
    def known(self) -> Logins:
        """What is known now: other checks may log in at any moment."""
        return _read(_accounts(self._memory.value).get(self._fingerprint)) or Logins()

    @property
    def due(self) -> bool:
        """Whether it is time to log in; a clock set back far is, for it must not hold back for ever."""
        known = self.known
        return abs(self._now - known.at) >= known.wait(patient=self._patient)

    def held(self) -> Result | None:
        """Return how the last login failed while none may be tried, else None."""
        known = self.known
        under_way = known.open and not known.reason and self._now - known.at < PAUSE
        if self.due or not known.refusals or under_way:
            return None
        signs = map(Sign, known.signs)
        last = failed(Reason(known.reason or Reason.TIMEOUT), known.says or UNANSWERED, signs=signs)
        return known.verdict(last, patient=self._patient)

    def begin(self) -> bool:
        """Say whether to log in now, and count it: what is cut short must not be forgotten."""
        if not self.due:
            return False
        known, self._tried = self.known, True
        self._keep(replace(known, at=self._now, refusals=known.refusals + 1, open=True))
        return True

    def worked(self) -> None:
        """Note that the server has let us in."""
        self._tried = False
        self._keep(Logins(self._now))

    def judged(self, result: Result) -> Result:
        """Return what a run led to; if that is a login that did not work, note it."""
        if not self._tried:
            return result
        self._tried = False
        known = replace(self.known, reason=str(result.reason), says=result.message, open=False)
        known = replace(known, signs=tuple(sorted(map(str, result.signs))))
        self._keep(known)
        return known.verdict(result)

    def close(self) -> None:
        """Note a login that nobody saw the end of."""
        if self._tried:
            self.judged(failed(Reason.TIMEOUT, UNANSWERED))

    @property
    def word(self) -> str:
        """What to say of a login that is not repeated because it worked; empty if there is none."""
        known = self.known
        if self.due or known.refusals:
            return ""
        when = datetime.fromtimestamp(known.at, UTC)
        return f"; it let us log in at {when:%H:%M} UTC, which is tried once an hour"

    @property
    def _now(self) -> float:
        return self._clock().timestamp()

    @property
    def _patient(self) -> bool:
        return self._memory.value.get("patient") is True

    def _keep(self, logins: Logins) -> None:
        now = self._now
        accounts = {
            fingerprint: entry
            for fingerprint, entry in _accounts(self._memory.value).items()
            if (found := _read(entry)) is not None and abs(now - found.at) < KEPT
        }
        accounts[self._fingerprint] = asdict(logins)
        self._memory.keep({**self._memory.value, "accounts": accounts})


async def account(server: SmtpServer, memory: Memory, now: Callable[[], datetime]) -> Account:
    """Return the account that a check would log in to."""
    salt = memory.value.get("salt")
    if not isinstance(salt, str) or not salt:
        salt = secrets.token_hex(16)
        memory.keep({"salt": salt, "accounts": {}})
    return Account(memory, await to_thread(_fingerprint, server, salt), now)


def secondhand(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what another process remembers, for one that cannot tell it of its own logins.

    It tries none within an hour of the last one, whatever that led to.
    """
    return {**value, "patient": True} if value else {}


def _fingerprint(server: SmtpServer, salt: str) -> str:
    password = server.password.get_secret_value() if server.password else ""
    host = server.host.lower().rstrip(".")
    sent = "\0".join((host, server.username or "", password)).encode(errors="surrogateescape")
    return hashlib.pbkdf2_hmac("sha256", sent, salt.encode(), ROUNDS, FINGERPRINT).hex()


def _accounts(value: Mapping[str, Any]) -> Mapping[str, Any]:
    found = value.get("accounts")
    return found if isinstance(found, dict) else {}


def _read(entry: object) -> Logins | None:
    """Return what is remembered of an account, or None when it is none of ours."""
    match entry:
        case {
            "at": int() | float() as at,
            "refusals": int(refusals),
            "reason": str(reason),
            "says": str(says),
            "open": bool(under_way),
            **rest,
        } if reason in set(Reason) or (not reason and (under_way or not refusals)):
            return Logins(at, refusals, reason, says, under_way, _signs(rest.get("signs")))
    return None


def _signs(entry: object) -> tuple[str, ...]:
    """Return the signs among what is remembered as such."""
    return tuple(str(sign) for sign in Sign if isinstance(entry, list | tuple) and sign in entry)
