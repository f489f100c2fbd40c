"""The events that are sent to a webhook to see what happens to them, and how one was answered."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trial:
    """An event that is sent to see what happens to it. `words` follow "an event with"."""

    name: str
    words: str
    forged: bool


FORGED = Trial("forged", "a forged signature", forged=True)
SHORT = Trial("short", "a signature that is too short", forged=True)
UNSIGNED = Trial("unsigned", "no signature", forged=True)
SIGNED = Trial("signed", "a correct signature", forged=False)
OLD = Trial("old", "a correct signature of ten minutes ago", forged=False)


def taken(status: int | None) -> bool:
    """Say whether this status means that an event was let in."""
    return status is not None and 200 <= status < 300


@dataclass(frozen=True, slots=True)
class Answer:
    """The status that a trial was answered with; `again` that of its repetition, if it was answered.

    `before` is the status with which an earlier run saw the same forgery taken. `wait` says that we were
    asked to stay away for a while. `kind` is the media type, and `guarded` that a guard in front owns to it.
    """

    trial: Trial
    status: int
    again: int | None = None
    before: int | None = None
    wait: bool = False
    kind: str = ""
    guarded: bool = False

    @property
    def last(self) -> int:
        """The status that counts."""
        return self.status if self.again is None else self.again

    @property
    def sent_away(self) -> bool:
        """Whether we are not to ask again for now."""
        return self.wait or 429 in {self.status, self.again}

    @property
    def tells(self) -> bool:
        """Whether it says what becomes of such an event, and not only that we ask too much."""
        return self.status != 429 and (not self.wait or taken(self.status))

    @property
    def let_in(self) -> bool:
        """Whether a forgery was taken, be it only once."""
        return self.trial.forged and taken(self.status)

    @property
    def twice(self) -> bool:
        """Whether a forgery was taken more than once, in this run or over two."""
        return self.let_in and (taken(self.again) or self.before is not None)
