"""Payments of late, as the `transactions` check is told of them: what went through, and what failed."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from checks.tables.payment_codes import FAULTS, Outcome, is_probing, outcome
from checks.tables.question import Row, UnreadableError, strange

_A_CODE = re.compile(r"[\w.-]{1,30}", re.ASCII)
"""What may be shown of a gateway's answer: a longer text may name a guest."""


@dataclass(slots=True)
class Tally:
    """Failed payments of one kind."""

    recent: int = 0
    burst: int = 0
    week: int = 0
    burst_known: int = 0
    burst_small: int = 0
    amount: float = 0.0
    burst_amount: float = 0.0
    newest: float | None = None

    def add(self, row: Row) -> None:
        """Count the row in."""
        self.recent += row.count("recent")
        self.burst += row.count("burst")
        self.week += row.count("week")
        self.burst_known += row.count("burst_known")
        self.burst_small += row.count("burst_small")
        self.amount += row.number_or_none("amount") or 0.0
        self.burst_amount += row.number_or_none("burst_amount") or 0.0
        newest = row.age("newest")
        if newest is not None:
            self.newest = newest if self.newest is None else min(self.newest, newest)

    def before(self, stretch: float, history: float) -> float:
        """Return how many a stretch of these seconds had on average earlier in the week's known part."""
        return max(0, self.week - max(self.recent, self.burst)) * min(1.0, stretch / max(history, 1.0))


@dataclass(slots=True)
class Takings:
    """What happened to payments of late."""

    succeeded: int = 0
    last: float | None = None
    unconfirmed: int = 0
    unconfirmed_week: int = 0
    history: float = 0.0
    failed: Mapping[Outcome, Tally] = field(default_factory=lambda: {one: Tally() for one in Outcome})
    probing: Tally = field(default_factory=Tally)
    over_little: Tally = field(default_factory=Tally)
    odd: list[str] = field(default_factory=list)

    @property
    def faults(self) -> int:
        """How many failed by a fault, the gateway's or ours."""
        return sum(self.failed[one].recent for one in FAULTS)

    @classmethod
    def of(cls, rows: Iterable[Row]) -> Self:
        """Return what the rows of an answer say in all."""
        takings = cls()
        told = {takings._take(row) for row in rows}
        if "succeeded" not in told:
            raise UnreadableError("the query gives no row whose outcome is succeeded")
        return takings

    def _take(self, row: Row) -> str:
        self.history = max(self.history, row.age("oldest") or 0.0)
        kind = row.text("outcome")
        if kind == "succeeded":
            self.succeeded += row.count("recent")
            self.last = row.age("newest") if self.last is None else self.last
        elif kind == "pending":
            self.unconfirmed += row.count("recent")
            self.unconfirmed_week += row.count("week")
        elif kind == "failed":
            self._take_failure(row, row.text_or_none("code"))
        elif kind == "unreadable":
            raise UnreadableError(strange(row.text_or_none("code"), "succeeded, pending or refunded"))
        else:
            raise UnreadableError(f"column outcome is {kind[:20]!r}, expected succeeded, pending or failed")
        return kind

    def _take_failure(self, row: Row, code: str | None) -> None:
        found = outcome(code)
        self.failed[found].add(row)
        if is_probing(code):
            self.probing.add(row)
        if is_probing(code, over_little=True):
            self.over_little.add(row)
        if found is Outcome.UNKNOWN and row.count("recent"):
            self.odd.append(code if code and _A_CODE.fullmatch(code) else "no code")
