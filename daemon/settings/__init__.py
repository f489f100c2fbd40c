"""The configuration: read with line numbers, checked as a whole, put together as Settings."""

from daemon.settings.coverage import Coverage, coverage, render_report
from daemon.settings.load import load
from daemon.settings.plan import checks_of
from daemon.settings.problems import ConfigError, Problem
from daemon.settings.schema import schema
from daemon.settings.settings import Hotel, Integration, Settings

__all__ = [
    "ConfigError",
    "Coverage",
    "Hotel",
    "Integration",
    "Problem",
    "Settings",
    "checks_of",
    "coverage",
    "load",
    "render_report",
    "schema",
]
