"""What reports are made of: of a hotel at which nothing is the matter, and of others."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.reports.drift import Change, Novelty
from alerts.reports.facts import (
    Coming,
    Credential,
    Doing,
    Facts,
    Failed,
    Happening,
    Held,
    IntegrationFacts,
    Overdue,
    Stand,
    Stretch,
)
from alerts.reports.periods import scheduled
from alerts.reports.report import Kind
from checks.result import State

LISBON = ZoneInfo("Europe/Lisbon")
ENDS = datetime(2026, 11, 30, 6, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def facts(kind: Kind = Kind.DAILY, **changes: Any) -> Facts:
    """Return the facts of a hotel that was watched all the time, and at which nothing is the matter."""
    ends = datetime(2026, 12, 1, 6, tzinfo=UTC) if kind is Kind.MONTHLY else ENDS
    span = scheduled(kind, ends, LISBON, time(6))
    plain = Facts(
        kind=kind,
        hotel="h",
        hotel_name="Grand Harbour Hotel",
        zone=LISBON,
        spans=span,
        made_at=ends,
        known_from=span.period.begins,
        hours=24,
        integrations=(integration("expedia"),),
    )
    return replace(plain, **changes)


def integration(name: str, peaks: Mapping[str, float] | None = None) -> IntegrationFacts:
    return IntegrationFacts(name, Doing(72, p50_ms=180.0, p95_ms=320.0, peaks=peaks or {}))


def happening(severity: str, begins: datetime, ends: datetime | None) -> Happening:
    title = "payment: the vendor is down"
    return Happening("inc-1", title, "vendor-outage", severity, ("payment",), ((begins, ends),))


def coming(name: str, days: float) -> Coming:
    return Coming(name, "Something ends", ENDS + timedelta(days=days))


MINUTE = timedelta(minutes=1)
NAMES = ("booking_engine", "channel_manager", "email", "expedia", "payment", "pms")
PACES = {
    "booking_engine": 180.0,
    "channel_manager": 160.0,
    "email": 120.0,
    "expedia": 360.0,
    "payment": 240.0,
}
PEAKS: Mapping[str, Mapping[str, float]] = {
    "booking_engine": {
        "events": 41.0,
        "silent_seconds": 9_300.0,
        "silence_one_in": 34.0,
        "sync_delay_seconds": 240.0,
        "quota_used_ratio": 0.0129,
    },
    "channel_manager": {
        "queue_pending": 1840.0,
        "queue_oldest_age_seconds": 5_400.0,
        "sync_delay_seconds": 2_460.0,
        "quota_used_ratio": 0.0129,
    },
    "email": {"quota_used_ratio": 0.874, "silent_seconds": 3_900.0, "silence_one_in": 4.2},
    "expedia": {"queue_pending": 60.0, "queue_oldest_age_seconds": 88.0},
    "payment": {
        "events": 171.0,
        "refused_events": 3.0,
        "silent_seconds": 21_600.0,
        "silence_one_in": 4_321.0,
        "quota_used_ratio": 0.0129,
    },
    "pms": {"error_lines": 12.0},
}


def unknown(kind: Kind) -> Facts:
    """Return the facts of a hotel that was never watched."""
    names = tuple(IntegrationFacts(name, Doing(), limit_ms=1000.0) for name in NAMES[:-1])
    return facts(kind, known_from=None, integrations=names, not_asked="no database of the PMS is configured")


def first_day(kind: Kind) -> Facts:
    """Return the facts of a hotel that was set up on the day before, and where all was well."""
    found = facts(kind)
    begins = found.period.ends - DAY
    whole = tuple(_busy(found, name, begins, quiet=True) for name in NAMES)
    hours = round((found.period.ends - found.period.begins) / HOUR)
    return replace(found, known_from=begins, hours=hours, integrations=whole, not_asked="")


def bad(kind: Kind) -> Facts:
    """Return the facts of a hotel at which much went wrong."""
    plain = facts(kind)
    begins, ends = plain.period.begins, plain.period.ends
    return replace(
        plain,
        hours=round((ends - begins) / HOUR),
        gaps=3,
        known_before=plain.spans.before.begins,
        integrations=tuple(_busy(plain, name, begins) for name in NAMES),
        incidents=_incidents(ends),
        incidents_before=1,
        standings=_stands(ends),
        coming=(
            Coming("certificate.payment.certificate", "The certificate of payment ends", ends + 5 * DAY),
            Coming("credential.ota", "Password at Expedia is to be changed by Rui", ends + 10 * DAY),
            Coming("quota.email.messages", "The quota messages of email will be used up", ends + 7 * HOUR),
        ),
        news=(Novelty("pms", "logs", "0a1b", "ERROR no route to the gateway # ms", ends - 9 * HOUR),),
        failed=(
            Failed(
                "channel_manager_queue",
                "channel updates",
                10,
                {"too many requests": 8, "timed out": 2},
                4,
                5,
                1,
                777_600.0,
            ),
            Failed(
                "reservation_import_errors",
                "reservations to import",
                2,
                {"room type not mapped": 2},
                2,
                0,
                0,
                7_200.0,
            ),
        ),
        overdue=(Overdue("test-backups", "Test backup procedures", ends - 7 * DAY),),
        drills=(Held("1", ends - 12 * DAY, 4 * MINUTE), Held("2", ends - 2 * DAY)),
        disk_free_percent=12.5,
        drift=(
            Change(
                "email", ("dmarc",), "record", "v=DMARC1; p=none", "v=DMARC1; p=quarantine", ends - 9 * DAY
            ),
            Change("payment", ("webhook",), "event.forged", "refused: 401", "taken: 200", ends - 3 * DAY, 2),
        ),
        credentials=(
            Credential("API key of the gateway", "Ada", date(2026, 10, 10), date(2027, 4, 8), "gateway"),
            Credential("Password at Expedia", "Rui", date(2026, 6, 12), date(2026, 12, 9), "ota"),
            Credential("Key of the door locks", due=date(2026, 11, 20), id="locks"),
        ),
    )


def _incidents(ends: datetime) -> tuple[Happening, ...]:
    return (
        Happening(
            "inc-a",
            "payment: the vendor is down",
            "vendor-outage",
            "critical",
            ("payment",),
            ((ends - 60 * HOUR, ends - 59 * HOUR), (ends - 9 * HOUR, ends - 8 * HOUR)),
            ("Joana, Integration Support",),
            ("Joana: Took cards by the terminal.",),
            "works again",
            "The gateway answers with errors of its own, and its status page says so.",
            "vendor",
        ),
        Happening(
            "inc-b",
            "expedia: many changes wait",
            "high-update-volume",
            "warning",
            ("expedia",),
            ((ends - 6 * HOUR, ends - 4 * HOUR),),
            (),
            ("Joana: Runbook was wrong: it names channel-sync.",),
            "all of its checks are well again",
        ),
        Happening(
            "inc-c",
            "booking_engine: webhook is blocked",
            "webhook-blocked",
            "emergency",
            ("booking_engine",),
            ((ends - 90 * MINUTE, None),),
            summary="A firewall of the hotel refuses the sender's addresses.",
            fault="us",
        ),
    )


def _stands(ends: datetime) -> tuple[Stand, ...]:
    since = ends - 8 * DAY
    fates = {"event.forged": "refused: 401", "event.unsigned": "refused: 401"}
    return (
        Stand("booking_engine", "availability", State.OK, since, most=2.0),
        Stand("booking_engine", "room_mapping", State.CRITICAL, since, "no mapping for DLX"),
        Stand("booking_engine", "webhook", State.OK, since, forgeries=fates),
        Stand("booking_engine", "webhook_log", State.OK, since, last_event=ends - 20 * MINUTE),
        Stand("expedia", "modification_orphans", State.OK, since, most=0.0),
        Stand("payment", "webhook", State.CRITICAL, since, forgeries={"event.forged": "taken: 200"}),
        Stand("payment", "webhook_log", State.OK, since, last_event=ends - 3 * MINUTE),
        Stand("pms", "backup", State.CRITICAL, since, "the newest backup is 3 days old", most=259_200.0),
    )


def _busy(found: Facts, name: str, since: datetime, *, quiet: bool = False) -> IntegrationFacts:
    """Return an integration that was watched since then, and that failed in an hour unless it was quiet."""
    begins, ends = found.period.begins, found.period.ends
    hours = tuple(_stretch(begins + HOUR * n, 1, name, since, quiet) for n in range((ends - begins) // HOUR))
    days = tuple(_stretch(begins + DAY * n, 24, name, since, quiet) for n in range((ends - begins) // DAY))
    pace, runs = PACES.get(name), sum(one.looked for one in hours)
    timed = (pace, 1.8 * pace) if pace else (None, None)
    failures = sum(one.failures for one in hours)
    peaks = {} if quiet else PEAKS[name]
    doing = Doing(runs, failures=failures, p50_ms=timed[0], p95_ms=timed[1], peaks=peaks)
    before = Doing() if quiet else replace(doing, failures=0, p95_ms=pace and 1.1 * pace)
    earlier = () if quiet else tuple(replace(one, failures=0) for one in days)
    return IntegrationFacts(
        name,
        doing,
        before,
        hours,
        () if quiet else hours,
        days,
        earlier,
        300.0 if name == "expedia" else 1000.0,
    )


def _stretch(start: datetime, hours: int, name: str, since: datetime, quiet: bool) -> Stretch:
    if start + hours * HOUR <= since:
        return Stretch(start)
    busy = 1.0 + (start.timestamp() // 3600 % 7) / 7
    failed = 0 if quiet or name != "payment" else int(start.timestamp() // 3600 % 24 in {6, 21}) * 7
    pace = PACES.get(name)
    return Stretch(start, 36 * hours, failed, pace and round(pace * busy, 1))
