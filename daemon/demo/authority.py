"""The authority that vouches for everything in the simulated hotel, and the certificates it may issue."""

import ssl
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import trustme

from daemon.clock import SystemClock

Kind = Literal["good", "expired", "expiring", "future", "wrong-name", "foreign"]
NAMES = ("localhost", "127.0.0.1")

_DAYS: dict[Kind, tuple[float, float]] = {
    "good": (-10, 80),
    "expired": (-90, -1),
    "expiring": (-80, 10),
    "future": (1, 90),
    "wrong-name": (-10, 80),
    "foreign": (-10, 80),
}
"""When a certificate of each kind begins and ends, in days from now."""


class Authority:
    """Issues certificates; its own is in `file`, for `ca_file`."""

    def __init__(self, directory: Path) -> None:
        self.file = directory / "hotel-ca.pem"
        self._own = trustme.CA()
        self._foreign = trustme.CA()
        self._own.cert_pem.write_to_path(str(self.file))

    def context(self, kind: Kind = "good") -> ssl.SSLContext:
        """Return a server's context with a certificate."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.present(context, kind)
        return context

    def present(self, context: ssl.SSLContext, kind: Kind) -> None:
        """Let a server show a certificate of a kind from the next handshake on."""
        issuer = self._foreign if kind == "foreign" else self._own
        names = ("www.somewhere.invalid",) if kind == "wrong-name" else NAMES
        begins, ends = (_moment(days) for days in _DAYS[kind])
        issuer.issue_cert(*names, not_before=begins, not_after=ends).configure_cert(context)


def _moment(days: float) -> datetime:
    return SystemClock().now() + timedelta(days=days)
