"""How the hotel's own synchronisation processes are looked at."""

from checks import process
from checks.check import CheckType
from checks.integrations.built_in import Tuning
from checks.integrations.site import Site
from checks.values import Options


def sync_process(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look whether the process that synchronises with the vendor is online."""
    system = site.system
    options = process.Options(name=system.sync_process or "", workers=system.workers, pm2=site.pms.pm2)
    return process.CHECK, options
