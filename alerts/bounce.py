"""The addresses to which our own mails come back: each names its letter, and nobody else can make one."""

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass

MAC = 16
"""Characters that prove an address to be ours."""

ID = 18
"""Characters of a letter's id."""

LONGEST_NAME = 64 - len("+.") - ID - MAC
"""Characters that are left for the mailbox's own name: RFC 5321 allows 64 before the @."""

_TOKEN = re.compile(rf"[0-9a-z]{{1,{ID}}}\.[0-9a-f]{{{MAC}}}")


@dataclass(frozen=True, slots=True)
class BounceAddresses:
    """Makes and reads the addresses. `key` is the state's own secret, `mailbox` where bounces come in."""

    key: bytes
    mailbox: str

    def of(self, letter: str) -> str:
        """Return the envelope sender of a letter, by its id."""
        name, _, domain = self.mailbox.rpartition("@")
        token = f"{letter}.{self._mac(letter)}"
        return f"{name}+{token}@{domain}" if _TOKEN.fullmatch(token) else self.mailbox

    def letter(self, token: str) -> str | None:
        """Return the id of the letter that a token names, or None when it is not one of ours."""
        letter, _, given = token.partition(".")
        return letter if hmac.compare_digest(given.encode(), self._mac(letter).encode()) else None

    def _mac(self, letter: str) -> str:
        return hmac.digest(self.key, b"bounce:" + letter.encode(), hashlib.sha256).hex()[:MAC]


def token_in(texts: Iterable[str], mailbox: str) -> str | None:
    """Return the token in the first text that holds one: an address beside others, or what follows the +."""
    name, _, domain = mailbox.lower().rpartition("@")
    address = re.compile(
        rf"(?<![^\s<,:;]){re.escape(name)}\+({_TOKEN.pattern})@{re.escape(domain)}(?![\w.-])"
    )
    for text in texts:
        low = text.lower()
        if _TOKEN.fullmatch(low):
            return low
        if found := address.search(low):
            return found[1]
    return None
