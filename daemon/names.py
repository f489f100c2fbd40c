"""Settings -> the names that diagnoses use of each check: hosts, ports, processes, paths, accounts."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from yarl import URL

from checks.integrations import OWN_SIDE
from checks.result import CheckId
from checks.values import Options
from daemon.logs import Redactor
from daemon.settings import Hotel, Integration, Settings, checks_of

PLAIN = {
    "host": "host",
    "port": "port",
    "path": "path",
    "directory": "path",
    "domain": "domain",
    "selector": "selector",
    "name": "name",
    "zone": "zone",
    "address": "address",
    "scheme": "scheme",
    "username": "username",
    "method": "method",
}
"""Options of checks that are names, and what they are called."""

Names = Mapping[CheckId, Mapping[str, str]]


def names_of(settings: Settings) -> Names:
    """Return the names for every check, without secrets: those of its own options go before its system's."""
    redact = Redactor(settings.secrets)
    hotels = {hotel.id: hotel for hotel in settings.hotels}
    systems = {
        (hotel.id, name): dict(_of_system(integration, hotel))
        for hotel in settings.hotels
        for name, integration in {**hotel.integrations, **hotel.own_side}.items()
    }
    found: dict[CheckId, dict[str, str]] = {}
    for check in checks_of(settings):
        named = systems[check.id.hotel, check.id.integration] | dict(_of_options(check.options))
        if check.type.name == "process":
            named["process"] = named.get("name", "")
        if check.type.name == "smtp":
            named |= {"smtp_host": named.get("host", ""), "smtp_port": named.get("port", "")}
        named["hotel"] = hotels[check.id.hotel].name
        found[check.id] = _clean(named, redact)
    return found


def _clean(named: Mapping[str, str], redact: Callable[[str], str]) -> dict[str, str]:
    return {name: redact(value) for name, value in named.items() if value}


def _of_options(options: Options) -> Iterator[tuple[str, str]]:
    for option, name in PLAIN.items():
        value = getattr(options, option, None)
        if isinstance(value, str | int | Path):
            yield name, str(value)
    paths = getattr(options, "paths", ())
    if paths:
        yield "path", str(paths[0])
    url = getattr(options, "url", None)
    if url:
        yield from _of_url(str(url))


def _of_url(text: str) -> Iterator[tuple[str, str]]:
    """Yield the names in a URL; who logs in with it, and what its query says, are nobody's business."""
    url = URL(text).with_user(None).with_query(None).with_fragment(None)
    yield "url", str(url)
    yield "host", url.raw_host or ""
    yield "port", str(url.port or "")


def _of_system(integration: Integration, hotel: Hotel) -> Iterator[tuple[str, str]]:
    system, vendor = integration.options, integration.vendor
    if integration.name not in OWN_SIDE and system.url:
        yield from _of_url(str(system.url))
    for name, value in (
        ("platform", system.platform),
        ("process", system.sync_process),
        ("domain", system.domain),
        ("selector", next(iter(system.dkim_selectors), None)),
        ("scheme", system.webhook.scheme if system.webhook else None),
        ("webhook", str(URL(str(system.webhook.url)).with_query(None)) if system.webhook else None),
        ("log_dir", str(hotel.pms.log_dir) if hotel.pms.log_dir else None),
        ("pm2", hotel.pms.pm2),
        ("workers", str(system.workers)),
    ):
        if value:
            yield name, value
    if vendor is not None:
        yield from (
            (name, value)
            for name, value in (
                ("support", vendor.support),
                ("phone", vendor.phone),
                ("account", vendor.account),
                ("status_url", str(vendor.status_url or "")),
            )
            if value
        )
