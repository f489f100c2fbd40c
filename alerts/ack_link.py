"""Links by which whoever got a mail acknowledges its incident: bound to incident, epoch and recipient."""

import base64
import hashlib
import hmac
import json
from binascii import Error as NotBase64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from alerts.incident import Incident

LIVES = timedelta(hours=24)
DRILLS = "d-"
"""What the id of a drill begins with in a link: no incident's does, so that none is taken for the other."""
LONGEST = 1000
"""Characters of a token at the most: an e-mail address has at most 254."""


DrillLink = Callable[[str, str, datetime], str]
"""Returns the address of the page on which a recipient acknowledges the drill with an id."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What a token that was really ours says. It may have expired, or be of an earlier epoch."""

    incident: str
    epoch: int
    recipient: str
    expires: datetime


@dataclass(frozen=True, slots=True)
class AckLinks:
    """Makes and reads the links. `key` is the state's own secret."""

    key: bytes
    public_url: str = ""

    def address(self, incident: Incident, recipient: str, now: datetime) -> str:
        """Return the address of the page on which a recipient acknowledges an incident."""
        return f"{self.public_url.rstrip('/')}/i/{incident.id}/{self.token(incident, recipient, now)}"

    def token(self, incident: Incident, recipient: str, now: datetime) -> str:
        """Return the token for a recipient of a mail about an incident's epoch."""
        return self._token(incident.id, incident.epoch, recipient, now)

    def drill_address(self, drill: str, recipient: str, now: datetime) -> str:
        """Return the address of the page on which a recipient acknowledges a drill."""
        name = f"{DRILLS}{drill}"
        return f"{self.public_url.rstrip('/')}/i/{name}/{self._token(name, 0, recipient, now)}"

    def _token(self, name: str, epoch: int, recipient: str, now: datetime) -> str:
        expires = int((now + LIVES).timestamp())
        told = json.dumps([name, epoch, recipient, expires], separators=(",", ":"))
        return f"{_encoded(told.encode())}.{_encoded(self._signature(told.encode()))}"

    def read(self, token: str) -> Pass | None:
        """Return what a token says, or None when it is not one of ours."""
        told, _, signature = token.partition(".")
        try:
            body, given = _decoded(told), _decoded(signature)
        except (NotBase64, ValueError):
            return None
        if len(token) > LONGEST or not hmac.compare_digest(given, self._signature(body)):
            return None
        incident, epoch, recipient, expires = json.loads(body)
        return Pass(incident, epoch, recipient, datetime.fromtimestamp(expires, UTC))

    def _signature(self, told: bytes) -> bytes:
        return hmac.digest(self.key, b"acknowledge:" + told, hashlib.sha256)


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    value = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(value) != text:
        raise ValueError("is not how we write it")
    return value
