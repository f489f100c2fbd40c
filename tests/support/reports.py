"""Reports to be shown: of a big hotel, of one that has nothing, of one watched for a day."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.reports.report import Block, Cell, Chart, Kind, Point, Report, Section, Table, Tone
from tests.support.letters import HOSTILE

ENDS = datetime(2026, 11, 30, 6, 0, tzinfo=UTC)
BEGINS = {
    Kind.DAILY: ENDS - timedelta(days=1),
    Kind.WEEKLY: ENDS - timedelta(days=7),
    Kind.MONTHLY: datetime(2026, 10, 1, 5, 0, tzinfo=UTC),
}
INTEGRATIONS = ("booking_engine", "expedia", "payment", "email", "channel_manager", "door_locks")


def report(*sections: Section, kind: Kind = Kind.DAILY, **changes: Any) -> Report:
    """Return a report of Grand Harbour Hotel: of 29 November 2026, of the week it ends, or of October."""
    ends = datetime(2026, 11, 1, 6, 0, tzinfo=UTC) if kind is Kind.MONTHLY else ENDS
    plain = Report(
        kind=kind,
        hotel="grand-harbour",
        hotel_name="Grand Harbour Hotel",
        timezone="Europe/Lisbon",
        begins=BEGINS[kind],
        ends=ends,
        made_at=ends + timedelta(seconds=12),
        headline="2 incidents, nothing is open, the certificate of payment expires in 6 days.",
        tone=Tone.FAIR,
        sections=sections,
        known_from=BEGINS[kind],
    )
    return replace(plain, **changes)


def section(heading: str, *blocks: Block) -> Section:
    """Return a section of these blocks."""
    return Section(heading, blocks)


def row(*cells: str | Cell) -> tuple[Cell, ...]:
    """Return cells: those that begin with a digit are numbers."""
    return tuple(one if isinstance(one, Cell) else Cell(one, numeric=one[:1].isdigit()) for one in cells)


def waves(many: int, high: float = 400.0, apart: int = 7) -> tuple[float | None, ...]:
    """Return values that go up and down; every `apart`-th one is not known from the middle on."""
    return tuple(
        None
        if place > many // 2 and place % apart == 0
        else round(high * (0.6 + 0.4 * math.sin(place / 2.5)), 1)
        for place in range(many)
    )


def chart(name: str, many: int, first: str, last: str, *, limit: float | None = 1000.0) -> Chart:
    """Return how long an integration took to answer."""
    return Chart(
        title=f"{name}: 95 in 100 answers within",
        said=f"{name} answered within 400 ms at the worst, around the middle; the limit is 1000 ms.",
        values=waves(many, 930.0 if name == "payment" else 400.0),
        first=first,
        last=last,
        unit="ms",
        limit=limit,
        before=waves(many, 350.0, many + 1),
    )


def incidents() -> Section:
    """Return what broke, and what is still open."""
    return Section(
        "What broke",
        (
            Point(
                "payment: refuses our credentials (401)",
                Tone.BAD,
                ("critical, Sunday 14:12 to 14:54, 42 min", "API credentials invalid; rotated the key"),
                "inc-7f3a9c",
            ),
            Point(
                "expedia: answers slowly", Tone.FAIR, ("warning, Sunday 20:02, 12 min long",), "inc-33bb44"
            ),
        ),
    )


def times(first: str, last: str, many: int) -> Section:
    """Return the response times of every integration: a table of six columns, and charts."""
    rows = tuple(
        row(
            name,
            f"{180 + 7 * place} ms",
            f"{420 + 31 * place} ms",
            Cell(f"+{4 * place} %", Tone.FAIR if place == 4 else Tone.PLAIN, numeric=True),
            f"{1440 * (place + 1)}",
            f"{place}",
        )
        for place, name in enumerate(INTEGRATIONS)
    )
    head = ("Integration", "p50", "p95", "p95 against the week before", "Runs", "Failed")
    drawn: tuple[Block, ...] = tuple(chart(name, many, first, last) for name in INTEGRATIONS[:4])
    return Section("Response times", (Table("Response times by integration", head, rows), *drawn))


def queues() -> Section:
    """Return a table of three columns, one of them wide, and a point that is well."""
    said = "updates waited for the channel manager while it answered 429; drained by 15:10"
    rows = (
        row("channel_manager", "812", said),
        row("modification_queue", "14", "never behind"),
        row("emails_to_send", "3", Cell("never behind", Tone.GOOD)),
    )
    return Section(
        "Queues and lag",
        (
            Table("Queues", ("Queue", "Most pending", "What was seen"), rows),
            Point("Webhooks: 412 received, the last at 05:58; all forged ones were refused.", Tone.GOOD),
            Point("Mail quota: 1,204 of 2,000 at most, 796 left at the tightest hour."),
        ),
    )


def coming() -> Section:
    """Return what will break."""
    return Section(
        "What will break",
        (
            Point("The certificate of payment expires on 6 Dec 2026, in 6 days.", Tone.BAD),
            Point("Overdue: test the backups; last done 34 days ago by Ana Silva.", Tone.FAIR),
        ),
    )


def big(kind: Kind) -> Report:
    """Return the report of a hotel of which there is much to say."""
    ends = {
        Kind.DAILY: ("Sun 06:00", "Mon 06:00", 24),
        Kind.WEEKLY: ("Mon 23 Nov", "Sun 29 Nov", 168),
        Kind.MONTHLY: ("1 Oct", "31 Oct", 31),
    }
    failed = tuple(
        row(f"upd-{1000 + place}", f"{place + 1} h", "room type not mapped", f"Deluxe {place}", "expedia")
        for place in range(80)
    )
    more = {
        Kind.DAILY: (),
        Kind.WEEKLY: (
            Section(
                "Failed updates",
                (Table("Failed updates", ("Id", "Age", "Reason", "Room", "Channel"), failed),),
            ),
        ),
        Kind.MONTHLY: (
            Section(
                "Configuration drift",
                (
                    Point(
                        "The SPF record of hotel.example has changed.",
                        Tone.FAIR,
                        ("before: v=spf1 include:_spf.google.com -all", "now: v=spf1 +all"),
                    ),
                ),
            ),
        ),
    }
    sections = (incidents(), times(*ends[kind]), queues(), *more[kind], coming())
    return report(*sections, kind=kind)


def empty(kind: Kind = Kind.DAILY) -> Report:
    """Return the report of a hotel of which nothing is known."""
    sections = (Section("What broke", (Point("Nothing is recorded of this time."),)),)
    return report(*sections, kind=kind, headline="Nothing is recorded.", tone=Tone.PLAIN, known_from=None)


def one_day(kind: Kind = Kind.WEEKLY) -> Report:
    """Return the report of a hotel that has been watched since the day before."""
    alone = Chart(
        "payment: 95 in 100 answers within",
        "payment answered within 412 ms on Sunday; the days before are not known.",
        (*(None,) * 6, 412.0),
        "Mon 23 Nov",
        "Sun 29 Nov",
        "ms",
    )
    sections = (
        Section("What broke", (Point("Nothing broke.", Tone.GOOD),)),
        Section("Response times", (alone,)),
    )
    since = ENDS - timedelta(days=1)
    return report(*sections, kind=kind, headline="Nothing broke.", tone=Tone.GOOD, known_from=since)


def hostile() -> Report:
    """Return a report in which every text is hostile."""
    cell = Cell(HOSTILE, Tone.BAD)
    blocks: tuple[Block, ...] = (
        Table(HOSTILE, (HOSTILE,) * 5, ((cell,) * 5,) * 3),
        Chart(HOSTILE, HOSTILE, (math.inf, math.nan, -1e308, 1e308), HOSTILE, HOSTILE, HOSTILE, math.nan),
        Point(HOSTILE, Tone.BAD, (HOSTILE,), HOSTILE),
    )
    return report(Section(HOSTILE, blocks), headline=HOSTILE, hotel_name=HOSTILE, hotel="grand-harbour")


EXAMPLES: Mapping[str, Report] = {
    "daily": big(Kind.DAILY),
    "weekly": big(Kind.WEEKLY),
    "monthly": big(Kind.MONTHLY),
    "empty": empty(),
    "one-day": one_day(),
}
"""What the golden files show."""
