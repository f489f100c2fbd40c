"""The process's own metrics: deliveries, the queue, the scheduler, the event loop, the configuration."""

import math
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.process_collector import ProcessCollector

from alerts.notification import MAIL, DeliveryReason
from daemon.board import Board
from daemon.metrics.exposition import Exposition

LEVELS = ("1", "2", "3", "front-desk")
_DELAYS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What the process counts and measures, on the registry given; closed label sets begin at zero.

    `now` is the porter's clock.
    """

    def __init__(self, registry: CollectorRegistry, version: str, now: Callable[[], datetime]) -> None:
        self._exposition = Exposition(registry)
        ProcessCollector(registry=registry)
        build = Gauge("nightporter_build_info", "The version running.", ("version",), registry=registry)
        build.labels(version).set(1)
        self._count_deliveries(registry)
        self._measure_work(registry)
        self._look_within(registry)
        clock = _gauge("nightporter_clock_timestamp_seconds", "The time on the porter's clock.", registry)
        clock.set_function(lambda: now().timestamp())
        self.channels((MAIL,))

    def _count_deliveries(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "nightporter_notification_attempts",
            "Attempts to deliver a notification.",
            ("channel", "level"),
            registry=registry,
        )
        self._failures = Counter(
            "nightporter_notification_failures",
            "Attempts to deliver a notification that failed, by reason.",
            ("channel", "level", "reason"),
            registry=registry,
        )
        self._pending = _gauge("nightporter_notification_pending", "Notifications waiting.", registry)
        self._oldest = _gauge(
            "nightporter_notification_oldest_timestamp_seconds",
            "When the oldest waiting notification was written; absent when none waits.",
            registry,
        )
        self._oldest.set(math.nan)

    def _measure_work(self, registry: CollectorRegistry) -> None:
        self._late = _delays(
            "nightporter_scheduler_lateness_seconds", "How late runs were started.", registry
        )
        self._lag = _delays(
            "nightporter_event_loop_lag_seconds", "How late the event loop came to what was due.", registry
        )
        self._scheduled = _gauge("nightporter_checks_scheduled", "Checks that are scheduled.", registry)
        self._skipped = Counter(
            "nightporter_runs_skipped",
            "Runs that were due but not made, because too many were in flight.",
            registry=registry,
        )
        self._reload_ok = _gauge(
            "nightporter_config_last_reload_successful", "Whether the last reload was applied.", registry
        )
        self._reloaded_at = _gauge(
            "nightporter_config_last_reload_success_timestamp_seconds",
            "When a configuration was last applied.",
            registry,
        )

    def _look_within(self, registry: CollectorRegistry) -> None:
        self._ready = _gauge(
            "nightporter_ready", "Whether the porter can do its work, as /-/ready says.", registry
        )
        self._audited = _gauge(
            "nightporter_self_audit_successful",
            "Whether the last audit found nothing neglected: only then the dead man's switch is pinged.",
            registry,
        )
        self._configured = _gauge("nightporter_hotels_configured", "Hotels in the configuration.", registry)
        self._held = _gauge("nightporter_hotels_held", "Hotels that this process looks after.", registry)
        self._unreached = Gauge(
            "nightporter_recipients_unreached",
            "People and channels whose last message could not be delivered, within a day.",
            ("hotel",),
            registry=registry,
        )

    def channels(self, names: Iterable[str]) -> None:
        """Let the counters of these channels begin at zero."""
        for name in names:
            for level in LEVELS:
                self._attempts.labels(name, level)
                for reason in DeliveryReason:
                    self._failures.labels(name, level, reason)

    def attempted(self, channel: str, level: str) -> None:
        """Count an attempt to deliver."""
        self._attempts.labels(channel, level).inc()

    def failed(self, channel: str, level: str, reason: DeliveryReason) -> None:
        """Count an attempt that failed."""
        self._failures.labels(channel, level, reason).inc()

    def waiting(self, pending: int, oldest: datetime | None) -> None:
        """Show how many notifications wait, and since when the oldest."""
        self._pending.set(pending)
        self._oldest.set(math.nan if oldest is None else oldest.timestamp())

    def late(self, seconds: float) -> None:
        """Note how late a run was started."""
        self._late.observe(seconds)

    def lagged(self, seconds: float) -> None:
        """Note how late the event loop was."""
        self._lag.observe(seconds)

    def scheduled(self, checks: int) -> None:
        """Show how many checks are scheduled."""
        self._scheduled.set(checks)

    def hotels(self, held: int, configured: int) -> None:
        """Show how many hotels are looked after here, of how many that are configured."""
        self._held.set(held)
        self._configured.set(configured)

    def ready(self, *, ok: bool) -> None:
        """Show whether the porter can do its work."""
        self._ready.set(int(ok))

    def audited(self, *, ok: bool) -> None:
        """Show how the last audit ended."""
        self._audited.set(int(ok))

    def unreached(self, recipients: Mapping[str, int]) -> None:
        """Show how many do not get what they are sent, for exactly these hotels."""
        self._unreached.clear()
        for hotel, count in recipients.items():
            self._unreached.labels(hotel).set(count)

    def skipped(self) -> None:
        """Count a run that was due but not made."""
        self._skipped.inc()

    def reloaded(self, *, ok: bool, at: datetime) -> None:
        """Show how the last reading of the configuration ended."""
        self._reload_ok.set(int(ok))
        if ok:
            self._reloaded_at.set(at.timestamp())

    def expose(self, board: Board, monotonic: float, *, openmetrics: bool) -> AsyncIterator[str]:
        """Yield all metrics as pieces of text, in slices between which the event loop has its turn."""
        return self._exposition.chunks(board, monotonic, openmetrics=openmetrics)


def _gauge(name: str, documentation: str, registry: CollectorRegistry) -> Gauge:
    return Gauge(name, documentation, registry=registry)


def _delays(name: str, documentation: str, registry: CollectorRegistry) -> Histogram:
    return Histogram(name, documentation, buckets=_DELAYS, registry=registry)
