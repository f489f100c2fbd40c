"""What ends soon, counted again from what is watched: certificates, credentials and quotas."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass
class Watched:
    """What no row tells: credentials by id, since when and until when; a certificate and a quota that end.

    Both are told by integration, check and end.
    """

    credentials: dict[str, tuple[date | None, date]]
    certificate: tuple[str, str, datetime]
    quota: tuple[str, str, datetime]


def coming(
    known: Watched, last_days: dict[str, datetime], ends: datetime, zone: ZoneInfo
) -> dict[str, float]:
    """Return the figures of what ends: certificates in 21 days, credentials in 30, quotas in a week."""
    out: dict[str, float] = {}
    tick = timedelta(microseconds=1)
    found = [(f"certificate.{known.certificate[0]}.{known.certificate[1]}", known.certificate[2], 21)]
    for name, day in last_days.items():
        end = day.replace(tzinfo=UTC) + timedelta(days=1) - tick
        found.append((f"certificate.{name}.health", end, 21))
    for name, (since, due) in known.credentials.items():
        end = datetime.combine(due + timedelta(days=1), time(), zone).astimezone(UTC) - tick
        found.append((f"credential.{name}", end, 30))
        today = ends.astimezone(zone).date()
        out[f"credentials.{name}.days_left"] = (due - today).days
        if since is not None:
            out[f"credentials.{name}.age_days"] = (today - since).days
    found.append((f"quota.{known.quota[0]}.messages", known.quota[2], 7))
    told = [(name, end) for name, end, days in found if end - ends <= timedelta(days=days)]
    out["coming.count"] = len(told)
    for name, end in told:
        kind = f"coming.{'ahead' if end > ends else 'past'}.{name.split('.')[0]}"
        out[kind] = out.get(kind, 0) + 1
        out[f"coming.{name}.days"] = (end - ends).days
        if end <= ends - timedelta(days=1):
            out[f"coming.{name}.days_ago"] = int((ends - end) / timedelta(days=1))
        out[f"coming.{name}.minutes"] = max(0.0, (end - ends) / timedelta(minutes=1))
    return out
