"""Rounds, reports and sightings are kept as they are, over both databases."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from alerts.change import Change
from alerts.reports.report import Cell, Chart, Kind, Point, Report, Section, Table, Tone
from checks.result import CheckId
from daemon.store import reports
from daemon.store.rounds import Round
from daemon.store.sightings import Sighting
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

DAY = timedelta(days=1)
TABLE = Table("Response times", ("Integration", "p95"), ((Cell("payment"), Cell("312 ms", Tone.BAD, True)),))
CHART = Chart("Queue", "at most 40 waited", (1.0, None, 40.0), "06:00", "05:00", "updates", 1000.0, (0.5,))
POINT = Point("payment was down \u2603", Tone.FAIR, ("for 12 min",), "i-1")
REPORT = Report(
    kind=Kind.DAILY,
    hotel="h",
    hotel_name="Grand Harbour Hotel",
    timezone="Europe/Lisbon",
    begins=START - DAY,
    ends=START,
    made_at=START + timedelta(seconds=20),
    headline="One thing broke.",
    tone=Tone.FAIR,
    sections=(Section("What broke", (POINT, TABLE, CHART)),),
    figures={"integrations.payment.p95_ms": 312.5},
    evidence={"review-logs": "no new kind of error"},
    known_from=START - timedelta(hours=3),
)
SPF = CheckId("h", "email", "spf")


async def test_a_report_is_kept_as_it_was_made_first_and_its_round_with_it(address: str) -> None:
    async with opened(address) as store:
        await store.rounds.begin("h", "daily", START - 2 * DAY)
        await store.rounds.begin("h", "daily", START)
        assert await store.rounds.of("h") == {"daily": Round(START - 2 * DAY, None)}
        for made in (REPORT, replace(REPORT, headline="Made twice.")):
            await store.commit_with(Change(), partial(reports.keep, found=[made]))
        assert await store.rounds.of("h") == {"daily": Round(START - 2 * DAY, START)}
        assert await store.reports.one("h", Kind.DAILY) == REPORT
        assert await store.reports.one("h", Kind.DAILY, START - DAY) is None
        assert await store.reports.one("other", Kind.DAILY) is None
        assert await store.reports.ends("h") == [(Kind.DAILY, START)]
        assert await store.reports.ends("h", Kind.WEEKLY) == []


async def test_what_was_seen_is_told_with_what_was_before_and_kept_while_it_holds(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        old, then, now = (
            Sighting(SPF, "record", START + number * DAY, value)
            for number, value in enumerate(("v=spf1 -all", "v=spf1 ~all", "v=spf1 ?all"))
        )
        lasting = Sighting(SPF, "selector", START, "google")
        await store.sightings.add([old, then, now, lasting])
        await store.sightings.add([now._replace(value="told twice")])
        assert await store.sightings.since("h", START + 1.5 * DAY) == [lasting, then, now]
        assert await store.sightings.since("other", START) == []
        clock.advance((timedelta(days=402)).total_seconds())
        await store.tidy()
        assert await store.sightings.since("h", START) == [lasting, now]
