"""How a check stands: what is remembered of it between runs, and kept over a restart."""

from dataclasses import dataclass
from datetime import datetime

from alerts.flapping import NO_RUNS
from checks.result import NO_SIGNS, CheckId, Reason, Sign, State

NOT_YET = "has not run yet"
"""What is said of a check that has no standing."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A check as its runs left it.

    `state`, `reason`, `message`, `signs`, and `observed` against `limit` in `unit`, are the decided verdict
    and `since` its beginning: a run that is not ok decides nothing until there are `failures` of them (the
    state stays what it was, `unknown` at first), while a breach holds its state until enough ok runs clear
    it. `bad_runs` and `ok_runs` count consecutive runs, `blind_runs` those that could not look for a reason
    of ours; `bad_since` is the first of the current row that was not ok; `breached_at` the deciding moment.

    `worse_runs` counts consecutive runs that were worse than a breach that is a warning, and are not decided.

    `slow` is set while the mean response time is past its limit, `erring` while the error rate of the
    integration is and this check carries it. `flapping` holds a breach that changes too often; `history`
    are its latest runs (see `alerts.flapping`), `changed_at` is when one last differed from the one before,
    `openings` when it last breached.
    """

    check: CheckId
    state: State
    reason: Reason | None
    message: str
    since: datetime
    last_run: datetime
    last_ok: datetime | None = None
    bad_runs: int = 0
    ok_runs: int = 0
    bad_since: datetime | None = None
    breached: bool = False
    breached_at: datetime | None = None
    slow: bool = False
    erring: bool = False
    blind_runs: int = 0
    flapping: bool = False
    history: int = NO_RUNS
    changed_at: datetime | None = None
    openings: tuple[datetime, ...] = ()
    signs: frozenset[Sign] = NO_SIGNS
    worse_runs: int = 0
    observed: float | None = None
    limit: float | None = None
    unit: str = ""

    @property
    def blind(self) -> bool:
        """Whether what is broken is that nobody can look."""
        return self.breached and self.state is State.UNKNOWN

    @property
    def down(self) -> bool:
        """Whether runs themselves made the breach: no number over many of them, nor that none could look."""
        return self.breached and not (self.slow or self.erring or self.state is State.UNKNOWN)

    def differs(self, before: "Standing | None") -> bool:
        """Say whether anything is decided otherwise than before: numbers and words alone are no news."""
        return before is None or (
            (before.breached, before.state, before.reason, before.flapping, before.erring, before.signs)
            != (self.breached, self.state, self.reason, self.flapping, self.erring, self.signs)
        )
