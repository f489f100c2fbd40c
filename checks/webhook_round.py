"""What a webhook's check remembers: where a round of trials broke off, and what had been answered until then.

A slow verifier, or one that limits how often it is asked, does not answer all trials in one run: the rest
follow in the next ones, and what was answered counts meanwhile. So does a forgery that was taken.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from checks.webhook_trial import Answer, Trial

RECENT = 6 * 3600.0
"""Seconds that an answer counts for at the least."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    status: int
    again: int | None = None
    kind: str = ""
    guarded: bool = False
    at: float


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True)

    of: str
    first: str
    answers: dict[str, _Entry]


@dataclass(frozen=True, slots=True)
class Round:
    """The trials in the order of their turn, and what earlier runs learnt of them; `of` is whose they are."""

    of: str
    trials: tuple[Trial, ...]
    order: tuple[Trial, ...]
    now: float
    known: Mapping[Trial, Answer] = field(default_factory=dict)
    since: Mapping[Trial, float] = field(default_factory=dict)

    def before(self, trial: Trial) -> int | None:
        """Return the status with which a forgery was taken in an earlier run."""
        answer = self.known.get(trial)
        return answer.status if answer is not None and answer.let_in else None

    def after(self, trial: Trial) -> Trial:
        """Return whose turn comes after this one's."""
        return self.trials[(self.trials.index(trial) + 1) % len(self.trials)]

    def kept(self, answers: Sequence[Answer], first: Trial) -> dict[str, Any]:
        """Return what the next run must know, as JSON: all where this one broke off, else forgeries only."""
        told = {one.trial: one for one in answers if one.tells}
        whole = len(told) == len(self.trials)
        every = {} if whole else {trial: (one, self.since[trial]) for trial, one in self.known.items()}
        every |= {trial: (one, self.now) for trial, one in told.items() if one.let_in or not whole}
        if not every:
            return {}
        entries = {trial.name: _entry(one, at) for trial, (one, at) in every.items()}
        return _Kept(of=self.of, first=first.name, answers=entries).model_dump()


def _entry(one: Answer, at: float) -> _Entry:
    again = one.status if one.twice else one.again
    return _Entry(status=one.status, again=again, kind=one.kind, guarded=one.guarded, at=at)


def recall(
    value: Mapping[str, Any], of: str, trials: tuple[Trial, ...], now: float, interval: float
) -> Round:
    """Return where the rounds stand, by what is remembered; `now` and `interval` are seconds.

    What is old, was learnt with other options, or cannot be read is forgotten.
    """
    try:
        kept = _Kept.model_validate(value)
    except ValidationError:
        return Round(of, trials, trials, now)
    if kept.of != of:
        return Round(of, trials, trials, now)
    recent = max(RECENT, 2 * len(trials) * interval)
    entries = {
        trial: entry
        for trial in trials
        if (entry := kept.answers.get(trial.name)) and abs(now - entry.at) <= recent
    }
    known = {
        trial: Answer(trial, one.status, one.again, kind=one.kind, guarded=one.guarded)
        for trial, one in entries.items()
    }
    first = _index(kept.first, trials)
    since = {trial: one.at for trial, one in entries.items()}
    return Round(of, trials, trials[first:] + trials[:first], now, known, since)


def _index(name: str, trials: Iterable[Trial]) -> int:
    return next((index for index, trial in enumerate(trials) if trial.name == name), 0)
