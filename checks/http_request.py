"""A request as bytes, worked out once, and where a redirect leads from it."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from types import MappingProxyType

from yarl import URL

from checks.connection import Place, place
from checks.values import TlsTrust

REDIRECTS = frozenset({301, 302, 303, 307, 308})
HARMLESS = frozenset({"accept", "accept-language", "user-agent", "x-monitor-probe"})
"""Header fields that may follow a redirect to another origin; any other may hold a credential."""

TAKES_BOOKINGS = re.compile(
    r"OTA_HotelRes(Modify)?Notif|OTA_ReadRQ|BookingRetrieval|/eqc/br\b|/reservations?([/_.?-]|$)",
    re.IGNORECASE,
)
"""What fetches reservations: a vendor counts what we are shown as delivered to the hotel."""

PROBE_HEADER = "X-Monitor-Probe"
PROBE_NAME = "nightporter"


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to send. `fields` are all header fields but Host and Content-Length."""

    method: str
    url: URL
    fields: Mapping[str, str]
    body: bytes
    trust: TlsTrust
    place: Place
    wire: bytes

    def after(self, status: int, location: str) -> "Request | None":
        """Return the request that a redirect asks for, or None when it must not be followed.

        Credentials stay with their origin (scheme, host and port): to another one only harmless header fields
        go along, and neither body nor anything of a secure page goes to plain text.
        """
        try:
            target = self.url.join(URL(location)).with_fragment(None)
            port = target.port
        except ValueError:
            return None
        if (
            target.scheme not in {"http", "https"}
            or not target.raw_host
            or port is None
            or target.user is not None
            or takes_bookings(target)
        ):
            return None
        fields, body, method = dict(self.fields), self.body, self.method
        if target.origin() != self.url.origin():
            if self.url.scheme == "https" and target.scheme == "http":
                return None
            fields = {name: value for name, value in fields.items() if name.lower() in HARMLESS}
            # Nothing that changes something is done at another house's door.
            if method != "HEAD" and status in {307, 308} and method not in {"GET", "OPTIONS"}:
                return None
            if status in {301, 302} and method not in {"GET", "HEAD", "OPTIONS", "POST"}:
                return None
        if method != "HEAD" and (status == 303 or (status in {301, 302} and method == "POST")):
            method, body = "GET", b""
            fields = {name: value for name, value in fields.items() if name.lower() != "content-type"}
        return request(method, target, fields, body, self.trust)


def request(method: str, url: URL, fields: Mapping[str, str], body: bytes, trust: TlsTrust) -> Request:
    """Work a request out; `trust` is used where the URL is https."""
    to = place(url.raw_host or "", url.port or 0, trust if url.scheme == "https" else None)
    lines = [f"{method} {url.raw_path_qs or '/'} HTTP/1.1"]
    if "host" not in {name.lower() for name in fields}:
        lines.append(f"Host: {url.host_port_subcomponent}")
    lines += [f"{name}: {value}" for name, value in fields.items()]
    if body or method in {"POST", "PUT", "PATCH"}:
        lines.append(f"Content-Length: {len(body)}")
    wire = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace") + body
    return Request(method, url, fields, body, trust, to, wire)


def takes_bookings(url: URL) -> bool:
    """Say whether asking a URL could take reservations away from the hotel."""
    return bool(TAKES_BOOKINGS.search(url.path_qs))


def standard_fields() -> dict[str, str]:
    """Return the header fields that every probe carries."""
    return {
        "User-Agent": f"NightPorter/{_version()}",
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "Connection": "close",
        PROBE_HEADER: PROBE_NAME,
    }


@cache
def plain_fields() -> Mapping[str, str]:
    """Return the same, one object for all requests that carry no other."""
    return MappingProxyType(standard_fields())


@cache
def _version() -> str:
    return version("nightporter")


def basic(username: str, password: str) -> str:
    """Return the value of an Authorization field (RFC 7617)."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
