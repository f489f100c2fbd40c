"""Settings -> the checks that are run."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError
from yarl import URL

from checks import health, http, tls
from checks.check import Check, CheckType, Limits
from checks.integrations import KINDS, OWN_SIDE
from checks.integrations.built_in import BuiltIn, Tuning
from checks.result import CheckId
from checks.values import Options
from daemon.settings.own_checks import DEFAULT_INTERVAL, pace
from daemon.settings.problems import Steps
from daemon.settings.settings import Hotel, Integration, Settings


def checks_of(settings: Settings) -> tuple[Check, ...]:
    """Return every check that is run, in the order of the configuration."""
    return tuple(check for hotel in settings.hotels for check in _of_hotel(hotel))


def unbuildable(hotel: Hotel) -> Iterator[tuple[Steps, str]]:
    """Return why built-in checks of a hotel cannot be made of what is configured, and where that stands."""
    for integration in (*hotel.integrations.values(), *hotel.own_side.values()):
        try:
            for _ in _built_ins(integration, hotel):
                pass
        except ValidationError as error:
            here = ("pms",) if integration.name in OWN_SIDE else ("integrations", integration.name)
            for one in error.errors(include_url=False, include_input=False):
                told = str(one.get("ctx", {}).get("error", one["msg"]))
                yield (*here, str(one["loc"][0]) if one["loc"] else "url"), told


def built_ins_of(integration: Integration) -> tuple[BuiltIn, ...]:
    """Return the checks an integration has by itself."""
    return OWN_SIDE.get(integration.name) or KINDS[integration.kind]


def lacking(built_in: BuiltIn, integration: Integration, hotel: Hotel) -> list[str]:
    """Return what of a built-in check's needs is not configured."""
    missing = [need for need in built_in.needs if not _has(need, integration, hotel)]
    side = hotel.pms if integration.name == "pms" else integration.options
    if built_in.name == "certificate" and not missing and not (side.url or "").startswith("https:"):
        missing.append("url with https://")
    return missing


def _has(need: str, integration: Integration, hotel: Hotel) -> bool:
    if need == "control":
        return bool(hotel.control)
    section, _, key = need.rpartition(".")
    if section == "pms" or integration.name == "pms":
        return bool(getattr(hotel.pms, key))
    holder = getattr(integration.options, section) if section else integration.options
    return bool(getattr(holder, key, None))


@dataclass(frozen=True, slots=True)
class _Plan:
    """One check, as it is configured."""

    name: str
    type: CheckType
    options: Options
    tuning: Tuning
    default_interval: float
    limits: Limits


def _of_hotel(hotel: Hotel) -> Iterator[Check]:
    for integration in (*hotel.integrations.values(), *hotel.own_side.values()):
        for plan in (*_built_ins(integration, hotel), *_own(integration)):
            if plan.tuning.enabled:
                yield _check(hotel, integration, plan)


def _own(integration: Integration) -> Iterator[_Plan]:
    for name, own in integration.checks.own.items():
        if own.type.probe is not None:
            yield _Plan(name, own.type, own.options, own.tuning, DEFAULT_INTERVAL, own.tuning.limits)


def _built_ins(integration: Integration, hotel: Hotel) -> Iterator[_Plan]:
    for built_in in built_ins_of(integration):
        tuning = integration.checks.tunings.get(built_in.name, Tuning())
        if built_in.watched and not lacking(built_in, integration, hotel):
            kind, options = _look(built_in, integration, hotel)
            yield _Plan(built_in.name, kind, options, tuning, built_in.interval, Limits())


def _look(built_in: BuiltIn, integration: Integration, hotel: Hotel) -> tuple[CheckType, Options]:
    """Return how a built-in check looks."""
    side = hotel.pms if integration.name == "pms" else integration.options
    url = URL(side.url or "")
    trust = {"verify": side.verify, "ca_file": str(side.ca_file) if side.ca_file else None}
    if built_in.path is None:
        return tls.CHECK, tls.Options.model_validate({"host": url.raw_host, "port": url.port, **trust})
    key = integration.options.api_key if built_in.bearer else None
    address = str(url).rstrip("/") + built_in.path
    return health.CHECK, http.Options.model_validate({"url": address, "api_key": key, **trust})


def _check(hotel: Hotel, integration: Integration, plan: _Plan) -> Check:
    interval, timeout = pace(plan.tuning, plan.default_interval)
    thresholds = integration.thresholds
    return Check(
        id=CheckId(hotel.id, integration.name, plan.name),
        kind=integration.kind,
        type=plan.type,
        options=plan.options,
        interval=interval,
        timeout=timeout,
        failures=plan.tuning.failures or thresholds.failures,
        successes=plan.tuning.successes or thresholds.successes,
        limits=plan.limits,
        response_limit=thresholds.response_time_ms / 1000,
        window=thresholds.window,
    )
