"""How checks did is known after a restart, to the last run."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from daemon.clock import SystemClock
from daemon.history import History
from daemon.store import Store
from tests.acceptance.bodies import payment_only
from tests.support.inbox import inbox
from tests.support.process import Porter, porter
from tests.support.stored import url_of
from tests.support.vendor import vendor

QUERY = "/api/v1/history?integration=payment&check=health&width=1m"


def buckets(answer: Any) -> list[dict[str, Any]]:
    (series,) = answer["series"]
    found: list[dict[str, Any]] = series["buckets"]
    return found


async def told(one: Porter, more_than: int) -> list[dict[str, Any]]:
    """Return the buckets that the porter tells of, once they are of more runs than these."""
    return buckets(
        await one.poll(QUERY, lambda answer: sum(row["runs"] for row in buckets(answer)) > more_than)
    )


async def stored(directory: Path) -> int:
    """Return how many runs are written down."""
    clock = SystemClock()
    store = await Store.open(url_of(directory), clock)
    try:
        now = datetime.now(UTC)
        rows = await History(store, clock, set).buckets(
            "grand-harbour",
            "payment",
            "health",
            since=now - timedelta(hours=1),
            until=now,
            width=timedelta(minutes=1),
        )
        return sum(bucket.runs for row in rows.values() for bucket in row)
    finally:
        await store.close()


async def test_restarts_lose_no_run(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        await told(one, 2)
        assert await one.stop() == 0
        made = gateway.requests["/v1/status"]
        assert await stored(tmp_path) == made
        await one.start()
        rows = await told(one, made + 2)
        assert all(row["success_rate"] == 100.0 for row in rows)
        assert all(0 < row["mean_ms"] < 5000 and row["p95_ms"] > 0 for row in rows)
        assert await one.stop() == 0
        assert await stored(tmp_path) == gateway.requests["/v1/status"]
