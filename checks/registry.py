"""Every type of check, by its name in the configuration."""

from collections.abc import Mapping
from types import MappingProxyType

from checks import dns, heartbeat, http, log, process, smtp, sql, tcp, tls, xml
from checks.check import CheckType

CHECKS: Mapping[str, CheckType] = MappingProxyType(
    {
        "http": http.CHECK,
        "tcp": tcp.CHECK,
        "tls": tls.CHECK,
        "smtp": smtp.CHECK,
        "dns": dns.CHECK,
        "sql": sql.CHECK,
        "log": log.CHECK,
        "process": process.CHECK,
        "heartbeat": heartbeat.CHECK,
        "xml": xml.CHECK,
    }
)
