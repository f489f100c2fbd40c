"""How a check stands: what is remembered of it between runs, and kept over a restart."""

from dataclasses import dataclass
from datetime import datetime

from checks.result import CheckId, Reason, State


@dataclass(frozen=True, slots=True)
class Standing:
    """A check as its runs left it.

    `state`, `reason` and `message` are the decided verdict and `since` its beginning: a run that is not ok
    decides nothing until there are `failures` of them (the state stays what it was, `unknown` at first),
    while a breach holds its state until enough ok runs clear it. `bad_runs` and `ok_runs` count consecutive
    runs; `bad_since` is the first of the current row that was not ok; `breached_at` the deciding moment.
    `slow` is set while the mean response time is past its limit.
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
