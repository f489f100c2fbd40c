"""Whose turn it is to be told, when and why: the policy's levels and the front desk as turns in time.

A level with nobody to tell passes its turn on to the next one. A level that is not configured has no turn;
but without a level 1 the first turn is the next level's, so that somebody is told.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.calendar import When
from alerts.incident import Criterion, Severity
from alerts.message_mail import FRONT_DESK
from alerts.message_text import lasting
from alerts.policy import LevelPolicy, Policy

FIRST, SECOND, THIRD = "1", "2", "3"
"""The levels there can be."""

Manned = Callable[[LevelPolicy], bool]
"""Tells whether there is anybody of a level to tell."""

WARNINGS = "warnings go to level 1 only"


@dataclass(frozen=True, slots=True)
class Turn:
    """When people are told, and why.

    `at` is None when they are not told, and `why` says why not. `due` is when it would be their turn were it
    within their hours.
    """

    level: str
    role: str
    addresses: tuple[str, ...]
    phone: str | None
    at: datetime | None
    why: str
    due: datetime | None = None
    channels: tuple[str, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether the turn waits for the hours of the level to begin."""
        return self.at is not None and self.due is not None and self.at > self.due


@dataclass(frozen=True, slots=True)
class Times:
    """What turns are counted from: the opening. None is before `earliest`, no further level before `held`."""

    since: datetime
    earliest: datetime
    held: datetime


@dataclass(frozen=True, slots=True)
class _Matter:
    policy: Policy
    severity: Severity
    criteria: Collection[Criterion]
    times: Times


def who(
    policy: Policy, severity: Severity, criteria: Collection[Criterion], at: datetime
) -> tuple[Turn, ...]:
    """Return who would be told of an incident that opens at a moment and that nobody acknowledges."""
    return turns(policy, severity, criteria, Times(at, at, at), lambda level: level.reachable)


def turns(
    policy: Policy,
    severity: Severity,
    criteria: Collection[Criterion],
    times: Times,
    manned: Manned,
) -> tuple[Turn, ...]:
    """Return the turn of each level in order, and of the front desk; `manned` says where there is anybody."""
    matter = _Matter(policy, severity, criteria, times)
    passed: Turn | None = None
    if policy.level(FIRST) is None:
        passed = Turn(FIRST, "", (), None, times.earliest, "", times.earliest)
    found = []
    for level in sorted(policy.levels, key=lambda one: one.level):
        turn = _passed_on(_own(matter, level), passed, times)
        passed = None
        if not manned(level):
            passed = turn if turn.at is not None else None
            turn = replace(turn, at=None, why=f"nobody can be told on level {level.level}")
        found.append(turn)
    return (*found, *_front_desk(matter))


def _passed_on(turn: Turn, passed: Turn | None, times: Times) -> Turn:
    """Return a level's turn with the one that the level before passed on, whichever comes first."""
    if passed is None or passed.at is None or passed.due is None:
        return turn
    at, due = max(passed.at, times.held), max(passed.due, times.held)
    if turn.at is not None and turn.at <= at:
        return turn
    return replace(turn, at=at, due=due, why=f"nobody can be told on level {passed.level}")


def _own(matter: _Matter, level: LevelPolicy) -> Turn:
    turn = Turn(
        level.level, level.role, level.addresses, level.phone, None, WARNINGS, channels=level.channels
    )
    if level.level == FIRST:
        return _at_once(turn, matter.times.earliest, "at once")
    if matter.severity is Severity.WARNING:
        return turn
    if level.level == SECOND:
        return _second(matter, level, turn)
    return _third(matter, turn)


def _second(matter: _Matter, level: LevelPolicy, turn: Turn) -> Turn:
    if matter.severity is Severity.EMERGENCY:
        return _at_once(turn, matter.times.held, "an emergency: at once, whatever the hours")
    if level.hours.when is When.EMERGENCY:
        return replace(turn, why="level 2 is told of emergencies only")
    due = max(matter.times.since + matter.policy.after_level_2, matter.times.held)
    at = level.hours.next_opening(due)
    if at is None:
        return replace(turn, why="the hours of level 2 never begin")
    why = _unacknowledged(matter.policy.after_level_2) if at <= due else "outside its hours until then"
    return replace(turn, at=at, due=due, why=why)


def _third(matter: _Matter, turn: Turn) -> Turn:
    if matter.severity is not Severity.EMERGENCY:
        return replace(turn, why=f"level 3 is told of emergencies only{_rises(matter)}")
    if Criterion.SECURITY_INCIDENT in matter.criteria:
        return _at_once(turn, matter.times.held, "a security incident: at once, whatever the hours")
    delay = matter.policy.after_level_3
    return _at_once(turn, max(matter.times.since + delay, matter.times.held), _unacknowledged(delay))


def _front_desk(matter: _Matter) -> tuple[Turn, ...]:
    if not matter.policy.front_desk:
        return ()
    turn = Turn(FRONT_DESK, "Front desk", matter.policy.front_desk, None, None, "")
    if matter.severity is Severity.WARNING:
        return (replace(turn, why="the front desk is not told of warnings"),)
    return (_at_once(turn, matter.times.earliest, "at once"),)


def _at_once(turn: Turn, at: datetime, why: str) -> Turn:
    return replace(turn, at=at, due=at, why=why)


def _unacknowledged(delay: timedelta) -> str:
    return f"if nobody has acknowledged it within {lasting(delay)}"


def _rises(matter: _Matter) -> str:
    """Say when a critical incident becomes an emergency by lasting."""
    spans = {
        Criterion.MULTIPLE_INTEGRATIONS: matter.policy.after_level_3,
        Criterion.DATA_LOSS_RISK: matter.policy.persistent_after,
    }
    found = [span for criterion, span in spans.items() if criterion in matter.criteria]
    return f", which this becomes when it is open for {lasting(min(found))}" if found else ""
