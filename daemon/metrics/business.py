"""The families that say how business goes: queues, delays, quotas, mails."""

from collections.abc import Callable, Sequence
from functools import partial

from checks.result import (
    BOUNCED_RATIO,
    DELIVERED_RATIO,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SYNC_DELAY,
    Quota,
)
from daemon.metrics.families import Family, Row
from daemon.metrics.text import escape, number

_UNSEEN = "where the last run did not see it"


def _measured(metric: str, measurement: str, rows: Sequence[Row]) -> list[str]:
    return [
        f"{metric}{{{labels}}} {number(value)}\n"
        for labels, tile in rows
        if tile.result is not None and (value := tile.result.measurements.get(measurement)) is not None
    ]


def _queued(metric: str, measurement: str, rows: Sequence[Row]) -> list[str]:
    return [
        f'{metric}{{{labels},queue="{tile.check.id.check}"}} {number(value)}\n'
        for labels, tile in rows
        if tile.result is not None and (value := tile.result.measurements.get(measurement)) is not None
    ]


def _quotas(metric: str, pick: Callable[[Quota], float | None], rows: Sequence[Row]) -> list[str]:
    return [
        f'{metric}{{{labels},quota="{escape(name)}"}} {number(value)}\n'
        for labels, tile in rows
        if tile.result is not None
        for name, quota in tile.result.quotas.items()
        if (value := pick(quota)) is not None
    ]


def _queue(name: str, measurement: str, documentation: str) -> Family[Row]:
    return Family(name, "gauge", documentation, partial(_queued, name, measurement), _UNSEEN)


def _value(name: str, measurement: str, documentation: str) -> Family[Row]:
    return Family(name, "gauge", documentation, partial(_measured, name, measurement), _UNSEEN)


def _quota(name: str, pick: Callable[[Quota], float | None], documentation: str) -> Family[Row]:
    return Family(name, "gauge", documentation, partial(_quotas, name, pick), _UNSEEN)


BUSINESS: tuple[Family[Row], ...] = (
    _queue("nightporter_queue_pending", QUEUE_PENDING, "Rows that wait, counted a little past the limit."),
    _queue("nightporter_queue_processing", QUEUE_PROCESSING, "Rows being worked on."),
    _queue("nightporter_queue_failed", QUEUE_FAILED, "Rows that failed."),
    _queue(
        "nightporter_queue_oldest_timestamp_seconds", QUEUE_OLDEST, "When the oldest one that waits was made."
    ),
    _value("nightporter_sync_delay_seconds", SYNC_DELAY, "How far behind the synchronisation is."),
    _value("nightporter_mail_delivered_ratio", DELIVERED_RATIO, "The share of mails that were delivered."),
    _value("nightporter_mail_bounced_ratio", BOUNCED_RATIO, "The share of mails that came back."),
    _quota("nightporter_quota_used", lambda one: one.used, "How much of the allowance is used up."),
    _quota("nightporter_quota_limit", lambda one: one.limit, "How much is allowed."),
    _quota(
        "nightporter_quota_exhaustion_timestamp_seconds",
        lambda one: one.exhausted_at,
        "When, at the current pace, nothing will be left.",
    ),
)
