"""How what speaks HTTP is looked at, beyond whether it answers: webhooks, caches, channels."""

from checks import cache as cache_type
from checks import channels, http
from checks import control as control_type
from checks import webhook as webhook_type
from checks.check import CheckType
from checks.integrations.built_in import Tuning
from checks.integrations.site import Site
from checks.values import Options


def webhook(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the PMS takes what the vendor signs, and refuses what somebody else does."""
    return webhook_type.CHECK, webhook_type.Options(**dict(site.system.webhook or {}))


def cache(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at the age of a booking engine's availability cache."""
    url, key = site.endpoint("/api/cache/status"), site.system.api_key
    return cache_type.CHECK, http.Options(url=url, api_key=key, **site.trust)


def channel_status(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at what a channel manager says of itself and its channels."""
    url, key = site.endpoint("/api/sync/status"), site.system.api_key
    options = channels.Options(url=url, api_key=key, sync_delay=site.bounds.sync_delay, **site.trust)
    return channels.CHECK, options


def control(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the network itself works."""
    return control_type.CHECK, control_type.Options(targets=site.control)
