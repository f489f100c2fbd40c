"""Every metric: the process's own on prometheus_client, those of checks straight from the board."""

from daemon.metrics.process import Metrics

__all__ = ["Metrics"]
