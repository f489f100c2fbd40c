"""`nightporter validate`: every problem of the configuration, then what is watched."""

import argparse
import sys

from daemon.cli.loading import settings
from daemon.settings import coverage, render_report


def main(arguments: argparse.Namespace) -> int:
    """Print what the configuration amounts to."""
    configuration = settings(arguments)
    for warning in configuration.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(render_report(coverage(configuration)))
    return 0
