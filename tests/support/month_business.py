"""A hotel's usual business as the probes judge it: payments in the evening, prices in the queue."""

from datetime import datetime
from random import Random
from types import SimpleNamespace
from typing import cast
from zoneinfo import ZoneInfo

from checks.check import Check
from checks.context import Context, Trace
from checks.memory import Memory
from checks.result import Result
from checks.tables import queues, transactions
from checks.tables.question import Row
from tests.support.month_calendar import Stretch


class Business:
    """Payments and updates; what fails of them is the guests' cards, and hardly ever the gateway."""

    def __init__(self, random: Random, zone: ZoneInfo) -> None:
        self._random = random
        self._zone = zone
        self._memory = Memory()

    def payments(self, check: Check, now: datetime) -> Result:
        """Return what is told of payments: in the evening one in eight is declined, and hardly a fault."""
        local = now.astimezone(self._zone)
        busy = 18 <= local.hour < 23
        paid = self._random.randint(45, 75) if busy else self._random.randint(5, 20)
        declined = self._random.randint(6, 11) if busy else self._random.randint(0, 3)
        faults = int(self._random.random() < 0.1)
        rows = [
            Row(_outcome("succeeded", None, paid, 8000)),
            Row(_outcome("failed", "INSUFFICIENT_FUNDS", declined, 1500)),
            Row(_outcome("failed", "GATEWAY_TIMEOUT", faults if paid > 20 else 0, 30)),
        ]
        return transactions.judge(
            cast("transactions.Options", check.options), rows, self._context(check, now)
        )

    def queue(self, check: Check, now: datetime, flood: Stretch | None) -> Result:
        """Return how long the queue is: short, but when somebody changes the prices of a season."""
        gone = (now - flood.begins).total_seconds() if flood is not None else 0.0
        pending = max(0, int(flood.much - 1.5 * gone)) if flood is not None else self._random.randint(0, 3)
        row = {
            "pending": pending,
            "processing": min(2, pending),
            "stuck": 0,
            "failed": 0,
            "failed_hour": 0,
            "done_hour": 40,
            "unsettled": 0,
            "arrived": pending if gone < 300 else 5,
            "drained": 450 if flood is not None else 5,
            "oldest_pending": min(gone, 600.0) + 2.0 if pending else None,
            "newest_processed": 3.0,
            "error": None,
            "statuses": None,
        }
        options = cast("queues.Options", check.options)
        return queues.judge(options, Row(row), self._context(check, now))

    def _context(self, check: Check, now: datetime) -> Context:
        tools = SimpleNamespace(now=lambda: now)
        return cast(
            "Context",
            SimpleNamespace(
                tools=tools, trace=Trace(), interval=check.interval, timeout=10.0, memory=self._memory
            ),
        )


def _outcome(outcome: str, code: str | None, recent: int, week: int) -> dict[str, object]:
    return {
        "outcome": outcome,
        "code": code,
        "recent": recent,
        "burst": recent // 3,
        "burst_known": recent // 3,
        "burst_small": 0,
        "week": week,
        "amount": 120.0 * recent,
        "burst_amount": None,
        "newest": 60.0 if recent else 4000.0,
        "oldest": 7 * 86_400.0,
    }
