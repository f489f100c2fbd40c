"""`nightporter validate`: every problem, then what is watched, and what is done every night."""

import argparse
import sys

from daemon.cli.loading import settings
from daemon.clock import SystemClock
from daemon.settings import coverage, render_report
from daemon.settings.nightly import nightly


def main(arguments: argparse.Namespace) -> int:
    """Print what the configuration amounts to."""
    configuration = settings(arguments)
    for warning in configuration.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(render_report(coverage(configuration)))
    print()
    for line in nightly(configuration, SystemClock().now()):
        print(line)
    return 0
