"""Sessions: what a browser shows instead of the token, once somebody has logged in with it.

Nothing is stored. A session is a text that is signed with a key made of the state's secret and the token:
every replica accepts it, a restart ends none, and another token ends all.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

IDLE = timedelta(hours=12)
"""How long a session lives without being used."""

LONGEST_LIFE = timedelta(days=7)
"""How long it lives at the most, however much it is used."""

RENEWED_AFTER = timedelta(minutes=10)
"""How much older it gets before its use is written down in the cookie again."""

LONGEST = 2000
"""Characters of a signed session at the most: a name has 200."""

MOST_ENDED = 10_000
"""Sessions remembered as logged out; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who has shown the token. `name` is what they call themselves, perhaps nothing."""

    id: str
    name: str
    began: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes and reads sessions. `secret` is the state's own, `token` the one that is in force."""

    secret: bytes
    token: Callable[[], str | None]
    _ended: dict[str, None] = field(default_factory=dict)

    def begin(self, name: str, now: datetime) -> Session:
        """Return a new session; whatever a browser showed before has no part in it."""
        now = now.replace(microsecond=0)
        return Session(secrets.token_urlsafe(16), name, now, now + IDLE)

    def renewed(self, session: Session, now: datetime) -> Session | None:
        """Return the session with its use written down, or None while that makes no difference yet."""
        later = min(now.replace(microsecond=0) + IDLE, session.began + LONGEST_LIFE)
        return replace(session, expires=later) if later - session.expires >= RENEWED_AFTER else None

    def end(self, session: Session) -> None:
        """Accept a session no more, wherever it was copied to. Other replicas do not hear of it."""
        while len(self._ended) >= MOST_ENDED:
            del self._ended[next(iter(self._ended))]
        self._ended[session.id] = None

    def write(self, session: Session) -> str:
        """Return what a cookie holds of a session."""
        told = [
            session.id,
            session.name,
            int(session.began.timestamp()),
            int(session.expires.timestamp()),
        ]
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        text = base64.urlsafe_b64encode(body).rstrip(b"=").decode()
        return f"{text}.{self._mark(b'session', text)}"

    def read(self, value: str, now: datetime) -> Session | None:
        """Return the session that a cookie holds, or None when it is not one of ours, or is over."""
        text, _, mark = value.rpartition(".")
        if len(value) > LONGEST or not _same(mark, self._mark(b"session", text)):
            return None
        told = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        number, name, began, expires = json.loads(told)
        session = Session(
            number, name, datetime.fromtimestamp(began, UTC), datetime.fromtimestamp(expires, UTC)
        )
        return session if now < session.expires and session.id not in self._ended else None

    def csrf(self, session: Session | None) -> str:
        """Return the mark that forms carry: of a session, or of whoever looks where no token is needed."""
        return self._mark(b"form", session.id if session else "")

    def is_csrf(self, shown: str, session: Session | None) -> bool:
        """Say whether a form carries the mark that it was given."""
        return _same(shown, self.csrf(session))

    def _mark(self, use: bytes, text: str) -> str:
        # Links and bounce addresses are signed with the secret itself, and under other names than this.
        key = hmac.digest(self.secret, b"web session:" + (self.token() or "").encode(), hashlib.sha256)
        return hmac.digest(key, use + b":" + _bytes(text), hashlib.sha256).hex()


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(_bytes(one), _bytes(other))


def _bytes(text: str) -> bytes:
    """Return the bytes of whatever a stranger has sent."""
    return text.encode("utf-8", "surrogatepass")
