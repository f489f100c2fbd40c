"""Processes that must not outlive us."""

import shutil

_PREFIX = ("setpriv", "--pdeathsig", "INT")


def with_us() -> tuple[str, ...]:
    """Return what to put before a command so that it is interrupted when we are killed, where that can be."""
    return _PREFIX if shutil.which(_PREFIX[0]) else ()
