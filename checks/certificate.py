"""Reading a certificate: its dates, its names, and everything that is wrong with it."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from checks.findings import NO_FINDINGS, Findings, set_up
from checks.result import Sign

DAY = timedelta(days=1)


class Fault(NamedTuple):
    """Something that is wrong with a certificate. `words` go on after "it "."""

    sign: Sign
    words: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """The parts of a certificate that a verdict needs."""

    begins: datetime
    ends: datetime
    names: tuple[str, ...]
    self_signed: bool
    issuer: str = ""

    @property
    def lifetime(self) -> timedelta:
        """How long it is valid in all."""
        return self.ends - self.begins

    @property
    def settings(self) -> dict[str, str]:
        """What is worth knowing when it changes: who issued it, and the day it ends (UTC)."""
        return {"certificate.issuer": self.issuer, "certificate.ends": f"{self.ends:%Y-%m-%d}"}

    def matches(self, host: str) -> bool:
        """Say whether the certificate is for this host name or address."""
        try:
            address = str(ipaddress.ip_address(host))
        except ValueError:
            wanted = _plain(host)
            return any(_matches(pattern, wanted) for pattern in self.names)
        return address in self.names

    def faults(self, host: str, now: datetime) -> list[Fault]:
        """Return everything that is wrong with it for `host` at `now`."""
        found = []
        if now > self.ends:
            found.append(Fault(Sign.CERTIFICATE_EXPIRED, f"expired on {self.ends:%Y-%m-%d %H:%M} UTC"))
        if now < self.begins:
            words = f"is not valid before {self.begins:%Y-%m-%d %H:%M} UTC"
            found.append(Fault(Sign.CERTIFICATE_NOT_YET_VALID, words))
        if self.names and not self.matches(host):
            listed = ", ".join(self.names[:3]) or "no name at all"
            words = f"is issued for {listed}, not for {host}"
            found.append(Fault(Sign.CERTIFICATE_WRONG_NAME, words))
        if self.self_signed:
            found.append(Fault(Sign.CERTIFICATE_UNTRUSTED, "is self-signed"))
        return found


@lru_cache(maxsize=1024)
def read(der: bytes) -> Certificate | None:
    """Return what a DER certificate says, or None when it cannot be read."""
    try:
        found = x509.load_der_x509_certificate(der)
        return Certificate(
            begins=found.not_valid_before_utc,
            ends=found.not_valid_after_utc,
            names=_names(found),
            self_signed=found.issuer == found.subject,
            issuer=_issuer(found),
        )
    except (ValueError, x509.InvalidVersion):
        return None


def ends_of(certificate: Certificate | None) -> float | None:
    """Return when a certificate ends (Unix time), where there is one."""
    return certificate.ends.timestamp() if certificate else None


@lru_cache(maxsize=1024)
def findings_of(certificate: Certificate | None) -> Findings:
    """Return what a certificate tells of how its host is set up."""
    return set_up(certificate.settings) if certificate else NO_FINDINGS


def limits(lifetime: timedelta) -> tuple[timedelta, timedelta]:
    """Return how much time left is a warning, and how much is critical, for a certificate's lifetime.

    A quarter of the lifetime, from 24 hours to 21 days; a tenth, from 6 hours to 7 days: fixed days would
    alarm on most of the life of a short-lived certificate.
    """
    warning = min(max(lifetime / 4, DAY), 21 * DAY)
    critical = min(max(lifetime / 10, DAY / 4), 7 * DAY)
    return warning, critical


def _issuer(found: x509.Certificate) -> str:
    """Return who issued it: the organisation and the name it signs under, as far as they are told."""
    parts = (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)
    told = [str(one.value) for part in parts for one in found.issuer.get_attributes_for_oid(part)[:1]]
    return ", ".join(told) or found.issuer.rfc4514_string() or "nobody"


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_oid(ExtensionOID.SUBJECT_ALTERNATIVE_NAME)
    except (x509.UnsupportedGeneralNameType, x509.DuplicateExtension, ValueError):
        # It holds names that cannot be read; OpenSSL has judged them, and the dates are what remains to say.
        return ()
    except x509.ExtensionNotFound:
        common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(name.value) for name in common[:1])
    value = extension.value
    if not isinstance(value, x509.SubjectAlternativeName):
        return ()
    hosts = value.get_values_for_type(x509.DNSName)
    addresses = value.get_values_for_type(x509.IPAddress)
    return (*hosts, *(str(address) for address in addresses))


def _plain(host: str) -> str:
    host = host.rstrip(".").lower()
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _matches(pattern: str, host: str) -> bool:
    pattern = pattern.rstrip(".").lower()
    if not pattern.startswith("*."):
        return pattern == host
    _, dot, parent = host.partition(".")
    return bool(dot) and pattern[2:] == parent
