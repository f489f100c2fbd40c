"""The `nightporter` command: arguments, signals and exit codes live here and nowhere else."""

from daemon.cli.command import main

__all__ = ["main"]
