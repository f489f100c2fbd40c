"""What a fault is: a name, a sentence, how it is switched on and off, and what the porter should see."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from checks.result import NO_SIGNS, Reason, Sign, State
from daemon.demo.hotel import Hotel

Switch = Callable[[Hotel], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Turn:
    """A check that a fault turns: its name as `integration/check`, and what becomes of it."""

    check: str
    state: State
    reason: Reason
    signs: frozenset[Sign] = NO_SIGNS


@dataclass(frozen=True, slots=True)
class Fault:
    """A way for things to go wrong. Its name is the cause's, and `:variant` where a cause has several.

    `needs_database` says that it happens in the database. `in_time` says that one look is not enough: the
    mean of several decides. `lasting` says that it is told of for long after it is over. `in_stages` says
    that less is seen of it at first, and announced as something else. `stirs` are checks whose matters it
    uses without turning them.
    """

    name: str
    sentence: str
    turns: tuple[Turn, ...]
    on: Switch
    off: Switch
    needs_database: bool = False
    in_time: bool = False
    lasting: bool = False
    in_stages: bool = False
    stirs: frozenset[str] = frozenset()

    @property
    def checks(self) -> frozenset[str]:
        """The checks that it turns, as `integration/check`."""
        return frozenset(turn.check for turn in self.turns)

    @property
    def integrations(self) -> frozenset[str]:
        """The integrations that show it."""
        return frozenset(check.partition("/")[0] for check in self.checks)

    def shared(self, other: "Fault") -> frozenset[str]:
        """Return the checks that both are about: of such faults one at a time can be switched on."""
        return (self.checks | self.stirs) & (other.checks | other.stirs)

    @property
    def cause(self) -> str:
        """The diagnosis that fits."""
        return self.name.partition(":")[0]


def critical(check: str, reason: Reason, *signs: Sign) -> Turn:
    """Return a check that turns critical."""
    return Turn(check, State.CRITICAL, reason, frozenset(signs))


def warning(check: str, reason: Reason, *signs: Sign) -> Turn:
    """Return a check that turns to a warning."""
    return Turn(check, State.WARNING, reason, frozenset(signs))


def unknown(check: str, reason: Reason = Reason.QUERY, *signs: Sign) -> Turn:
    """Return a check that can no longer look."""
    return Turn(check, State.UNKNOWN, reason, frozenset(signs))
