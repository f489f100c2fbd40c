"""Settings -> the checks that are run."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import ValidationError

from checks.check import NETWORK, Check, CheckType, Limits
from checks.integrations import KINDS, OWN_SIDE
from checks.integrations.built_in import BuiltIn, Tuning
from checks.integrations.site import Bounds, Site
from checks.result import CheckId
from checks.values import Options
from daemon.settings.own_checks import DEFAULT_INTERVAL, pace
from daemon.settings.problems import Steps
from daemon.settings.settings import Hotel, Integration, Settings

SECTIONS = frozenset({"messages", "smtp", "webhook"})
"""Sections of an integration that built-in checks take their options from."""


def checks_of(settings: Settings) -> tuple[Check, ...]:
    """Return every check that is run, in the order of the configuration."""
    return tuple(check for hotel in settings.hotels for check in _of_hotel(hotel))


def unbuildable(hotel: Hotel) -> Iterator[tuple[Steps, str]]:
    """Return why built-in checks of a hotel cannot be made of what is configured, and where that stands."""
    for integration in (*hotel.integrations.values(), *hotel.own_side.values()):
        here: Steps = ("pms",) if integration.name in OWN_SIDE else ("integrations", integration.name)
        site = site_of(integration, hotel)
        for built_in in built_ins_of(integration):
            if built_in.lacking(site):
                continue
            try:
                built_in.look(site, integration.checks.tunings.get(built_in.name, built_in.tuning()))
            except ValidationError as error:
                section = built_in.needs[:1] if built_in.needs[0] in SECTIONS else ()
                for one in error.errors(include_url=False, include_input=False):
                    told = str(one.get("ctx", {}).get("error", one["msg"]))
                    yield (*here, *section, str(one["loc"][0]) if one["loc"] else "url"), told


def built_ins_of(integration: Integration) -> tuple[BuiltIn, ...]:
    """Return the checks an integration has by itself."""
    return OWN_SIDE.get(integration.name) or KINDS[integration.kind]


def site_of(integration: Integration, hotel: Hotel) -> Site:
    """Return what an integration's built-in checks are made of."""
    limits = integration.thresholds
    bounds = Bounds(
        queue_size=limits.queue_size,
        sync_delay=limits.sync_delay_minutes * 60,
        error_rate=limits.error_rate_percent / 100,
        rate_window=limits.rate_window or 6 * limits.window,
        min_samples=limits.min_samples,
    )
    return Site(
        hotel.id,
        integration.name,
        integration.kind,
        integration.options,
        hotel.pms,
        hotel.control,
        bounds,
        hotel.timezone,
    )


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
        for plan in (*_built_ins(integration, hotel), *_own(integration, hotel)):
            if plan.tuning.enabled:
                yield _check(hotel, integration, plan)


def _own(integration: Integration, hotel: Hotel) -> Iterator[_Plan]:
    for name, own in integration.checks.own.items():
        taken = _defaults(own.options, hotel)
        options = own.options.model_copy(update=taken) if taken else own.options
        yield _Plan(name, own.type, options, own.tuning, DEFAULT_INTERVAL, own.tuning.limits)


def _defaults(options: Options, hotel: Hotel) -> dict[str, object]:
    """Return what a check of one's own takes from the hotel when it does not say otherwise itself."""
    return {
        key: getattr(hotel.pms, key)
        for key in ("dsn", "pm2")
        if key in type(options).model_fields and getattr(options, key) is None
    }


def _built_ins(integration: Integration, hotel: Hotel) -> Iterator[_Plan]:
    site = site_of(integration, hotel)
    for built_in in built_ins_of(integration):
        if not built_in.lacking(site):
            tuning = integration.checks.tunings.get(built_in.name, built_in.tuning())
            kind, options = built_in.look(site, tuning)
            yield _Plan(built_in.name, kind, options, tuning, built_in.interval, Limits())


def _check(hotel: Hotel, integration: Integration, plan: _Plan) -> Check:
    interval, timeout = pace(plan.tuning, plan.default_interval)
    interval = min(interval, plan.type.at_most or interval)
    thresholds = integration.thresholds
    return Check(
        id=CheckId(hotel.id, integration.name, plan.name),
        kind=integration.kind,
        type=plan.type,
        options=plan.options,
        interval=interval,
        timeout=min(timeout, interval),
        failures=plan.tuning.failures or thresholds.failures,
        successes=plan.tuning.successes or thresholds.successes,
        limits=plan.limits,
        response_limit=thresholds.response_time_ms / 1000,
        window=thresholds.window,
        error_limit=thresholds.error_rate_percent / 100 if _is_rated(integration, plan) else None,
        rate_window=thresholds.rate_window or 6 * thresholds.window,
        min_samples=thresholds.min_samples,
    )


def _is_rated(integration: Integration, plan: _Plan) -> bool:
    """Say whether runs count towards an error rate; that of payments is over transactions."""
    return plan.type.name in NETWORK and integration.kind != "payment"
