"""How the hotel's own mail server is looked at."""

from checks import smtp as server
from checks.check import CheckType
from checks.integrations.built_in import Tuning
from checks.integrations.site import Site
from checks.values import Options


def smtp(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the server takes mail, without logging in."""
    return server.CHECK, server.Options(**dict(site.system.smtp or {}))


def smtp_login(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the server lets us in."""
    return server.CHECK, server.Options(**dict(site.system.smtp or {}), login=True)
