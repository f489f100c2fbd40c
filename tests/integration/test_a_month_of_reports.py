"""A hotel of which a year is kept: the report of a month is against the month before, and true."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.incident import Cause, Severity
from alerts.reports.plain_text import plain_text
from alerts.reports.report import Kind
from checks.result import CheckId
from daemon.store.histories import Ends
from daemon.store.sightings import Sighting
from daemon.tally import DAY, HOUR, Peak, Stored, Tally, body_of
from tests.support.reported import HOTEL, a_hotel
from tests.support.stored import url_of

BEGAN = datetime(2025, 12, 1, tzinfo=UTC)
ENDS = datetime(2026, 12, 1, 6, tzinfo=UTC)
KEPT_HOURS = ENDS - timedelta(days=40)
"""Older hours have become days by then."""


def tally(hours: int, seconds: float, failures: int = 0) -> Tally:
    """Return what twelve looks in each of some hours came to."""
    found = Tally()
    found.runs, found.failures, found.answers = 12 * hours, failures, True
    for _ in range(12 * hours - failures):
        found.time(seconds)
    found.rise(Peak.QUEUE_PENDING, 10.0 * hours)
    return found


def year() -> Iterator[Stored]:
    """Yield a year: answers within 200 ms, from November on within 500 ms, and a look an hour that fails."""
    at = BEGAN
    while at < ENDS:
        wide = HOUR if at >= KEPT_HOURS.replace(hour=0) else DAY
        late = at >= datetime(2026, 11, 1, 6, tzinfo=UTC)
        hours = wide // HOUR
        body = body_of({"health": tally(hours, 0.5 if late else 0.2, hours if late else 0)})
        yield Stored(HOTEL, wide, round(at.timestamp()) // 60, "payment", 0, body)
        at += timedelta(minutes=wide)


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return tmp_path


async def test_a_month_is_held_against_the_month_before_as_a_year_of_rows_tells_it(directory: Path) -> None:
    async with a_hotel(url_of(directory), directory, datetime(2026, 10, 10, tzinfo=UTC)) as hotel:
        minute = round(ENDS.timestamp()) // 60
        await hotel.store.history.add(list(year()), {HOTEL: Ends(minute, minute)}, minute)
        first = await hotel.opens("inc-a", "payment", Cause.VENDOR_OUTAGE, Severity.CRITICAL)
        hotel.clock.advance(7200)
        await hotel.ends(first)
        seen = (("v=spf1 -all", 1), ("v=spf1 ~all", 40))
        check = CheckId(HOTEL, "email", "spf")
        await hotel.store.sightings.add(
            [Sighting(check, "record", hotel.clock.now() + timedelta(days=days), text) for text, days in seen]
        )
        hotel.clock.advance(40 * 86_400)
        for name in ("inc-b", "inc-c"):
            one = await hotel.opens(name, "payment", Cause.VENDOR_OUTAGE, Severity.WARNING)
            hotel.clock.advance(3600)
            await hotel.ends(one, "The runbook was wrong." if name == "inc-c" else "")
        hotel.clock.advance((ENDS - hotel.clock.now()).total_seconds())
        found = await hotel.nights.reports.now(HOTEL, Kind.MONTHLY)
    figures, here = found.figures, "integrations.payment"
    assert (found.begins, found.ends) == (datetime(2026, 11, 1, 6, tzinfo=UTC), ENDS)
    assert figures[f"{here}.runs"] == 30 * 24 * 12
    assert figures[f"{here}.success_percent"] == pytest.approx(100 * 11 / 12)
    assert figures[f"{here}.before.success_percent"] == 100
    assert figures[f"{here}.p95_ms"] == pytest.approx(500, rel=0.025)
    assert figures[f"{here}.before.p95_ms"] == pytest.approx(200, rel=0.025)
    assert figures["incidents.opened"] == 2
    assert figures["incidents.before.opened"] == 1
    assert figures["incidents.cause.vendor-outage.minutes"] == 120
    assert figures["drift.count"] == 1
    text = " ".join(plain_text(found).split())
    assert "2 incidents opened this month, 1 the month before." in text
    assert "▲ email: SPF record" in text or "▲ email: DNS record changed" in text
    assert "Ada: The runbook was wrong." in text
    assert "slower" in text
