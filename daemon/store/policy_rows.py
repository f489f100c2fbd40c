"""A policy of escalation <-> the JSON that an incident keeps of it, without loss."""

from collections.abc import Mapping
from datetime import UTC, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from alerts.calendar import OfficeHours, When
from alerts.policy import LevelPolicy, Policy
from daemon.store.schema import MICROSECOND


def policy_json(policy: Policy) -> dict[str, Any]:
    """Return a policy as JSON can hold it; spans in microseconds."""
    return {
        "levels": [_level_json(level) for level in policy.levels],
        "front_desk": policy.front_desk,
        "after_level_2": policy.after_level_2 // MICROSECOND,
        "after_level_3": policy.after_level_3 // MICROSECOND,
        "persistent_after": policy.persistent_after // MICROSECOND,
        "reopened_times": policy.reopened_times,
        "reopened_within": policy.reopened_within // MICROSECOND,
        "multiple": policy.multiple,
        "remind_every": policy.remind_every // MICROSECOND,
        "channels": policy.channels,
    }


def policy_of(value: Mapping[str, Any]) -> Policy:
    """Return the policy of what `policy_json` made."""
    return Policy(
        levels=tuple(_level_of(level) for level in value["levels"]),
        front_desk=tuple(value["front_desk"]),
        after_level_2=_span(value["after_level_2"]),
        after_level_3=_span(value["after_level_3"]),
        persistent_after=_span(value["persistent_after"]),
        reopened_times=value["reopened_times"],
        reopened_within=_span(value["reopened_within"]),
        multiple=value["multiple"],
        remind_every=_span(value["remind_every"]),
        channels=tuple(value.get("channels", ())),
    )


def _span(micros: int) -> timedelta:
    return micros * MICROSECOND


def _level_json(level: LevelPolicy) -> dict[str, Any]:
    return {
        "level": level.level,
        "role": level.role,
        "addresses": level.addresses,
        "phone": level.phone,
        "hours": _hours_json(level.hours),
        "channels": level.channels,
    }


def _level_of(value: Mapping[str, Any]) -> LevelPolicy:
    return LevelPolicy(
        level=value["level"],
        role=value["role"],
        addresses=tuple(value["addresses"]),
        phone=value["phone"],
        hours=_hours_of(value["hours"]),
        channels=tuple(value["channels"]),
    )


def _hours_json(hours: OfficeHours) -> dict[str, Any]:
    return {
        "when": hours.when,
        "days": sorted(hours.days),
        "opens": hours.opens.isoformat(),
        "closes": hours.closes.isoformat(),
        "holidays": hours.holidays,
        "zone": _zone_name(hours.zone),
    }


def _hours_of(value: Mapping[str, Any]) -> OfficeHours:
    zone = value["zone"]
    return OfficeHours(
        days=frozenset(value["days"]),
        opens=time.fromisoformat(value["opens"]),
        closes=time.fromisoformat(value["closes"]),
        holidays=value["holidays"],
        zone=UTC if zone is None else ZoneInfo(zone),
        when=When(value["when"]),
    )


def _zone_name(zone: tzinfo) -> str | None:
    """Return the name of a zone; None is UTC itself, which is not the zone of that name."""
    if zone is UTC:
        return None
    if not isinstance(zone, ZoneInfo) or zone.key is None:
        raise TypeError(f"a time zone without a name cannot be stored: {zone!r}")
    return zone.key
