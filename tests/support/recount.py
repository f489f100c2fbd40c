"""The figures of a report, counted again from the rows of the database, by nothing that gathered them."""

import json
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from alerts.maintenance import OWNERS
from alerts.recurrence import Due, turn
from daemon.tally import Peak, Tally, places
from tests.support.recounted_ends import Watched, coming
from tests.support.rows import Rows

MINUTE = 60_000_000
"""Microseconds in one: how moments are stored."""

CHARTED = ("booking_engine", "expedia", "payment")
PEAKS = {
    Peak.QUEUE_PENDING: ("queue_pending", 1.0),
    Peak.QUEUE_AGE: ("queue_oldest_minutes", 1 / 60),
    Peak.SYNC_DELAY: ("sync_delay_minutes", 1 / 60),
    Peak.QUOTA_USED: ("quota_used_percent", 100.0),
    Peak.EVENTS: ("events", 1.0),
    Peak.REFUSED: ("refused_events", 1.0),
    Peak.ERRORS: ("error_lines", 1.0),
    Peak.SILENT: ("silent_minutes", 1 / 60),
    Peak.ONE_IN: ("silence_one_in", 1.0),
}
LIMITS = {"channel_manager": 2000.0}


def reports_in(found: dict[str, Rows]) -> Iterator[dict[str, Any]]:
    """Yield the bodies of the reports, in the order of their ends."""
    for row in sorted(found["reports"], key=lambda one: (one["ends"], one["kind"])):
        body = json.loads(row["body"])
        assert row["ends"] == micros(datetime.fromisoformat(body["to"]))
        yield body


def micros(at: datetime) -> int:
    """Return a moment as it is stored."""
    return round(at.timestamp() * 1_000_000)


def moment_of(stored: int) -> datetime:
    """Return a moment that is stored."""
    return datetime.fromtimestamp(stored / 1_000_000, UTC)


@dataclass
class Recount:
    """Counts a report again, by the clocks of `zone`; its days begin at 06:00."""

    found: dict[str, Rows]
    zone: ZoneInfo
    watched: Watched

    def figures(self, body: dict[str, Any], before: tuple[datetime, datetime]) -> dict[str, float]:
        """Return the figures that a report should have."""
        span = (datetime.fromisoformat(body["from"]), datetime.fromisoformat(body["to"]))
        out: dict[str, float] = {}
        hours = self._hours(span)
        known = [place for place, one in enumerate(hours) if any(tally.runs for tally in one.values())]
        out["watched.hours"] = len(hours)
        out["watched.hours_missing"] = len(hours) - len(known)
        self._incidents(out, span, before)
        self._integrations(out, body["kind"], span, before)
        self._charts(out, body["kind"], span, before)
        self._rest(out, body, span)
        return out

    def _hours(self, span: tuple[datetime, datetime]) -> list[dict[str, Tally]]:
        """Return of each hour what every integration came to: the stored hours, which begin at full ones."""
        first, last = (round(at.timestamp()) // 60 for at in span)
        hours: list[dict[str, Tally]] = [defaultdict(Tally) for _ in range(math.ceil((last - first) / 60))]
        for row in self.found["history"]:
            if row["width"] == 60 and first <= row["start"] < last:
                for _, at in places(bytes(row["body"])):
                    one = Tally()
                    one.absorb(bytes(row["body"]), at)
                    hours[(row["start"] - first) // 60][row["integration"]].merge(one, alike=False)
        return hours

    def _whole(self, span: tuple[datetime, datetime]) -> dict[str, Tally]:
        found: dict[str, Tally] = defaultdict(Tally)
        for hour in self._hours(span):
            for name, tally in hour.items():
                found[name].merge(tally)
        return found

    def _spans(self) -> dict[str, list[tuple[int, int | None]]]:
        """Return when each incident was open, by its timeline."""
        spans: dict[str, list[tuple[int, int | None]]] = defaultdict(list)
        for line in sorted(self.found["events"], key=lambda one: (one["at"], one["seq"])):
            if line["kind"] in {"opened", "reopened"}:
                spans[line["incident"]].append((line["at"], None))
            elif line["kind"] == "resolved":
                spans[line["incident"]][-1] = (spans[line["incident"]][-1][0], line["at"])
        return spans

    def _incidents(
        self, out: dict[str, float], span: tuple[datetime, datetime], before: tuple[datetime, datetime]
    ) -> None:
        begins, ends = map(micros, span)
        opened = over = still = earlier = 0
        causes: dict[str, list[float]] = defaultdict(list)
        rows = {row["id"]: row for row in self.found["incidents"]}
        for name, spans in self._spans().items():
            earlier += any(micros(before[0]) <= at < micros(before[1]) for at, _ in spans)
            cut = [(max(a, begins), min(b or ends, ends)) for a, b in spans]
            inside = [(a, b) for a, b in cut if a < b]
            if not inside:
                continue
            is_open = any(a < ends and (b is None or b > ends) for a, b in spans)
            opened += any(begins <= a < ends for a, _ in spans)
            still += is_open
            over += not is_open
            past = [(a, min(b or ends, ends)) for a, b in spans if a < ends]
            out[f"incidents.id.{name}.minutes"] = sum(b - a for a, b in past) / MINUTE
            out[f"incidents.id.{name}.times"] = len(spans)
            cause = json.loads(rows[name]["body"])["diagnosis"]["cause"]
            causes[cause].append(sum(b - a for a, b in inside) / MINUTE)
        out |= {"incidents.opened": opened, "incidents.over": over, "incidents.still_open": still}
        out |= {"incidents.left_out": 0, "incidents.before.opened": earlier}
        for cause, times in causes.items():
            out[f"incidents.cause.{cause}.count"] = len(times)
            out[f"incidents.cause.{cause}.minutes"] = sum(times)

    def _incident_minutes(self, name: str, span: tuple[datetime, datetime]) -> float:
        """Return in how many minutes an incident of an integration was open: minute by minute."""
        begins, ends = map(micros, span)
        mine = {
            row["id"] for row in self.found["incidents"] if name in json.loads(row["body"])["integrations"]
        }
        open_in = [one for key, spans in self._spans().items() if key in mine for one in spans]
        return float(
            sum(
                any(a <= minute and (b is None or b > minute) for a, b in open_in)
                for minute in range(begins, ends, MINUTE)
            )
        )

    def _integrations(
        self,
        out: dict[str, float],
        kind: str,
        span: tuple[datetime, datetime],
        before: tuple[datetime, datetime],
    ) -> None:
        now, earlier, hours = self._whole(span), self._whole(before), self._hours(span)
        names = {*now, "booking_engine", "payment", "expedia", "email", "channel_manager"}
        out["integrations.count"], out["integrations.left_out"] = len(names), 0
        for name in names:
            here = f"integrations.{name}"
            _doing(out, here, now.get(name))
            _doing(out, f"{here}.before", earlier.get(name))
            out[f"{here}.incident_minutes"] = self._incident_minutes(name, span)
            out[f"{here}.limit_ms"] = LIMITS.get(name, 1000.0)
            failing = [place for place, hour in enumerate(hours) if name in hour and hour[name].failures]
            if failing:
                worst = hours[max(failing, key=partial(self._badness, name, span, hours))][name]
                out[f"{here}.worst_hour.failures"] = worst.failures
                out[f"{here}.worst_hour.looked"] = worst.runs - worst.unknowns

    def _badness(
        self, name: str, span: tuple[datetime, datetime], hours: list[dict[str, Tally]], place: int
    ) -> tuple[bool, float, float, int]:
        """Return how bad an hour was: by the share of its looks that failed, then by incidents."""
        looks = hours[place][name].runs - hours[place][name].unknowns
        start = span[0] + timedelta(hours=place)
        inside = self._incident_minutes(name, (start, min(start + timedelta(hours=1), span[1])))
        return looks >= 5, hours[place][name].failures / looks, inside, -place

    def _charts(
        self,
        out: dict[str, float],
        kind: str,
        span: tuple[datetime, datetime],
        before: tuple[datetime, datetime],
    ) -> None:
        for when, times in (("", span), ("before.", before)):
            bars = self._hours(times) if kind == "daily" else [self._whole(one) for one in self._days(times)]
            for place, bar in enumerate(bars):
                for name in CHARTED:
                    p95 = bar[name].percentile(0.95) if name in bar else None
                    if p95 is not None:
                        out[f"charts.{name}.{when}p95_ms.{place:02}"] = round(round(1000 * p95, 3), 1)
                    if kind == "weekly" and name in bar and bar[name].runs > bar[name].unknowns:
                        out[f"charts.{name}.{when}failures.{place:02}"] = bar[name].failures

    def _days(self, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
        first = span[0].astimezone(self.zone).replace(tzinfo=None)
        walls = [first + timedelta(days=number) for number in range(9)]
        edges = [one.replace(tzinfo=self.zone).astimezone(UTC) for one in walls]
        edges = [one for one in edges if one <= span[1]]
        return list(pairwise(edges))

    def _rest(self, out: dict[str, float], body: dict[str, Any], span: tuple[datetime, datetime]) -> None:
        begins, ends = map(micros, span)
        seen: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        for row in sorted(self.found["sightings"], key=lambda one: one["at"]):
            if row["at"] < ends:
                seen[row["integration"], row["name"]].append((row["at"], row["value"]))
        news = [one for key, one in seen.items() if key[1].startswith("error.") and one[0][0] >= begins]
        changed = [
            sum(at >= begins for at, _ in one[1:])
            for key, one in sorted(seen.items(), key=lambda found: found[1][-1][0])
            if not key[1].startswith("error.") and any(at >= begins for at, _ in one[1:])
        ]
        out["news.count"], out["drift.count"] = len(news), len(changed)
        for place, times in enumerate(changed):
            out[f"drift.{place:02}.times"] = times
        last = {key: one[-1][1] for key, one in seen.items() if key[1] == "certificate.ends"}
        days = {key[0]: datetime.fromisoformat(value) for key, value in last.items()}
        out |= coming(self.watched, days, span[1], self.zone)
        for integration, check in (("booking_engine", "availability"), ("pms", "backup")):
            most = self._most(integration, check, span)
            standing = any(
                (row["integration"], row["check"]) == (integration, check) for row in self.found["standings"]
            )
            if most is not None and standing:
                scale, name = (60, "oldest_minutes") if check == "backup" else (1, "most")
                out[f"checks.{integration}.{check}.{name}"] = most / scale
        out["drills.count"] = 0
        self._overdue(out, datetime.fromisoformat(body["made_at"]), span[1])

    def _overdue(self, out: dict[str, float], now: datetime, ends: datetime) -> None:
        done = {
            row["task"]: row["at"] for row in self.found["maintenance_entries"] if row["at"] < micros(now)
        }
        out["overdue.count"] = 0
        for row in self.found["maintenance_tasks"]:
            task = next(one for one in OWNERS if one.id == row["task"])
            last = done.get(task.id)
            found = turn(
                task.every,
                self.zone,
                since=moment_of(row["since"]),
                done=None if last is None else moment_of(last),
                now=now,
            )
            if found.state is Due.OVERDUE:
                out["overdue.count"] += 1
                out[f"overdue.{task.id}.days"] = (ends - found.due_by).days

    def _most(self, integration: str, check: str, span: tuple[datetime, datetime]) -> float | None:
        first, last = (round(at.timestamp()) // 60 for at in span)
        found = Tally()
        for row in self.found["history"]:
            if row["integration"] == integration and row["width"] == 60 and first <= row["start"] < last:
                for name, at in places(bytes(row["body"])):
                    if name == check:
                        found.absorb(bytes(row["body"]), at)
        return found.peaks.get(Peak.VALUE)


def _doing(out: dict[str, float], here: str, tally: Tally | None) -> None:
    if tally is None or not tally.runs:
        return
    looked = tally.runs - tally.unknowns
    out |= {
        f"{here}.runs": tally.runs,
        f"{here}.failures": tally.failures,
        f"{here}.unknowns": tally.unknowns,
    }
    if looked:
        out[f"{here}.success_percent"] = 100 * (looked - tally.failures) / looked
    for share, name in ((0.5, "p50_ms"), (0.95, "p95_ms")):
        value = tally.percentile(share)
        if value is not None:
            out[f"{here}.{name}"] = 1000 * value
    for peak, (name, factor) in PEAKS.items():
        if peak in tally.peaks:
            out[f"{here}.{name}"] = tally.peaks[peak] * factor
    if Peak.QUOTA_USED in tally.peaks:
        out[f"{here}.quota_left_percent"] = 100 - 100 * tally.peaks[Peak.QUOTA_USED]
