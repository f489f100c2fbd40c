"""What a built-in check is: its name, its pace, what it needs, and how it looks."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field
from yarl import URL

from checks import health, http, status_page, tls
from checks.check import CheckType
from checks.integrations.site import Site
from checks.tables.availability import LONGEST
from checks.values import Count, Duration, Flag, Options, Whole

MINUTE, HOUR = 60.0, 3600.0
DSN, LOGS = ("pms.dsn",), ("pms.log_dir",)


class Tuning(Options):
    """What every check takes."""

    enabled: Flag = Field(True, description="whether it is run at all")
    interval: Duration | None = Field(
        None, description="how often it is run, at least 1s; the default is the check's own"
    )
    timeout: Duration | None = Field(
        None, description="until when a run must have ended; at most the interval, and 10s unless told"
    )
    failures: Whole | None = Field(
        None, description="runs in a row that are not ok before it counts; the default is the threshold's"
    )
    successes: Whole | None = Field(
        None, description="good runs in a row before it is over; the default is the threshold's"
    )


class SqlTuning(Tuning):
    """What a built-in check on the PMS's tables takes besides."""

    query: Annotated[str, Field(min_length=1, max_length=10_000)] | None = Field(
        None,
        description="a statement in place of ours, where tables differ; it gives the same columns",
    )
    horizon_days: Annotated[Count, Field(le=LONGEST)] | None = Field(
        None, description="how many days ahead are looked at, by `availability` and `rates`; 365 unless told"
    )


class StockTuning(SqlTuning):
    """What the check of availability takes besides: with how many rooms left a night is nearly sold out."""

    scarce: Count | None = Field(
        None, description="with how many rooms left a night is nearly sold out; 2 unless told"
    )


Look = Callable[[Site, Any], tuple[CheckType, Options]]
"""Makes, of a site and a tuning of the built-in's own class, the type and options of the check."""


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """A check that an integration of a kind has by itself.

    `needs` are keys of the integration, or of `pms` where they begin so; without them the check does not
    exist.
    """

    name: str
    interval: float
    look: Look
    needs: tuple[str, ...] = ("url",)
    tuning: type[Tuning] = Tuning
    why: str = ""

    def lacking(self, site: Site) -> list[str]:
        """Return what of the needs is not configured."""
        missing = [need for need in self.needs if site.lacks(need)]
        if self.look is certificate and not missing and not str(site.host.url).startswith("https:"):
            missing.append("url with https://")
        return missing


def endpoint(path: str, *, bearer: bool = True) -> Look:
    """Return a look at a health endpoint, with the API key or without."""

    def look(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
        key = site.system.api_key if bearer else None
        return health.CHECK, http.Options(url=site.endpoint(path), api_key=key, **site.trust)

    return look


def certificate(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at the certificate of the integration's `url`."""
    url = URL(str(site.host.url))
    return tls.CHECK, tls.Options(host=url.raw_host or "", port=url.port or 443, **site.trust)


CERTIFICATE = BuiltIn("certificate", HOUR, certificate, why="how long the certificate lasts")


def vendor_status(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at what the vendor's status page admits."""
    vendor = site.system.vendor
    url = vendor.status_url if vendor and vendor.status_url else ""
    options = http.Options(url=url, follow_redirects=True, max_bytes=status_page.MAX_BYTES)
    return status_page.CHECK, options


VENDOR_STATUS = BuiltIn(
    "vendor_status", 5 * MINUTE, vendor_status, ("vendor.status_url",), why="what its status page admits"
)
