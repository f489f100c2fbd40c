"""The owner's dashboard figures of an integration, as people read them."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from alerts.message_text import hotel_time
from daemon.web.pages.chart import milliseconds
from daemon.web.pages.saying import about

NOTHING = "not known"
"""What stands where a figure is not known."""

LASTS = {"last_sync": "Last sync", "last_transaction": "Last transaction", "last_sent": "Last mail sent"}
ASKED = frozenset({"booking_engine", "ota", "payment", "email", "channel_manager"})
"""Kinds of which the owner asks for all figures."""

RATES = {"delivery_rate": "Delivered", "bounce_rate": "Bounced"}


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name; `note` says what it is held against, and `tone` how it stands to that."""

    label: str
    value: str
    note: str = ""
    tone: str = ""

    @property
    def known(self) -> bool:
        """Whether there is a number."""
        return self.value != NOTHING


def figures(
    kind: str, fields: Mapping[str, Any], limit: float | None, now: datetime, zone: ZoneInfo
) -> tuple[Figure, ...]:
    """Return the figures of an integration; `fields` are those of the status document, `limit` is in ms.

    What is not known is said to be where the owner asks for it, and left out of everything else.
    """
    found = (_rate(fields), *_mail(fields), _response(fields, limit), _last(fields, now, zone))
    return tuple(one for one in found if one.known or kind in ASKED)


def _rate(fields: Mapping[str, Any]) -> Figure:
    return Figure("Success rate", _percent(fields["success_rate"]))


def _mail(fields: Mapping[str, Any]) -> Iterator[Figure]:
    for key, label in RATES.items():
        if fields[key] is not None:
            yield Figure(label, _percent(fields[key]))


def _response(fields: Mapping[str, Any], limit: float | None) -> Figure:
    mean, high = fields["avg_response_time_ms"], fields["p95_response_time_ms"]
    if mean is None:
        return Figure("Mean response", NOTHING)
    notes = [] if high is None else [f"p95 {milliseconds(high)}"]
    notes += [] if limit is None else [f"limit {milliseconds(limit)}"]
    slow = limit is not None and mean > limit
    return Figure("Mean response", milliseconds(mean), ", ".join(notes), "fair" if slow else "")


def _last(fields: Mapping[str, Any], now: datetime, zone: ZoneInfo) -> Figure:
    key = next(key for key in LASTS if key in fields)
    label, instant = LASTS[key], fields[key]
    if instant is None:
        return Figure(label, NOTHING)
    at = datetime.fromisoformat(instant)
    if at > now:
        return Figure(label, hotel_time(at, now, zone), "in the future")
    return Figure(label, f"{about(now - at)} ago", hotel_time(at, now, zone))


def _percent(value: float | None) -> str:
    if value is None or not math.isfinite(value):
        return NOTHING
    return f"{value:.0f} %" if value in {0.0, 100.0} else f"{value:.1f} %"
