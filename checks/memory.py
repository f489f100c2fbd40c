"""What checks remember between their runs, and over a restart: little, and plain JSON."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from checks.result import CheckId

LOGINS = CheckId("", "", "smtp-logins")
"""Under what it is stored when accounts were logged in to: that counts for all checks together."""


class Memory:
    """What one check remembers. `value` is read; `keep` replaces it as a whole.

    `logins` is what all checks together remember of accounts, whichever of them come and go.
    """

    __slots__ = ("changed", "logins", "value")

    def __init__(self, value: Mapping[str, Any] | None = None, logins: "Memory | None" = None) -> None:
        self.value: Mapping[str, Any] = value or {}
        self.logins = logins or self
        self.changed = False

    def keep(self, value: Mapping[str, Any]) -> None:
        """Remember this, and nothing else; it must be JSON, of a few kilobytes at the most."""
        if value != self.value:
            self.value, self.changed = dict(value), True


class Memories:
    """The memories of all checks."""

    def __init__(self) -> None:
        self._logins = Memory()
        self._of = {LOGINS: self._logins}

    def of(self, check: CheckId) -> Memory:
        """Return what a check remembers; the same object every time."""
        return self._of.setdefault(check, Memory(logins=self._logins))

    def restore(self, stored: Mapping[CheckId, Mapping[str, Any]]) -> None:
        """Take up what was remembered before a restart."""
        for check, value in stored.items():
            memory = self.of(check)
            memory.value, memory.changed = value, False

    def forget(self, checks: Iterable[CheckId]) -> None:
        """Drop the memories of checks that are no longer watched."""
        for check in checks:
            if check != LOGINS:
                self._of.pop(check, None)

    def drop(self, hotels: Collection[str]) -> None:
        """Drop the memories of all checks of some hotels."""
        self._of = {check: memory for check, memory in self._of.items() if check.hotel not in hotels}

    def take(self) -> dict[CheckId, Mapping[str, Any]]:
        """Return what has changed since it was last taken."""
        found = {check: memory for check, memory in self._of.items() if memory.changed}
        for memory in found.values():
            memory.changed = False
        return {check: memory.value for check, memory in found.items()}

    def put_back(self, checks: Iterable[CheckId]) -> None:
        """Note that what was taken could not be stored."""
        for check in checks:
            if check in self._of:
                self._of[check].changed = True
