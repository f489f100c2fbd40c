"""Every type of check, by its name in the configuration."""

from collections.abc import Mapping
from types import MappingProxyType

from checks import http, tcp, tls
from checks.check import CheckType

CHECKS: Mapping[str, CheckType] = MappingProxyType(
    {
        "http": http.CHECK,
        "tcp": tcp.CHECK,
        "tls": tls.CHECK,
    }
)
