"""Looks at what DNS says of a domain's mail."""

from checks import blocklist as blocklist_type
from checks import dkim as dkim_type
from checks import dmarc as dmarc_type
from checks import spf as spf_type
from checks.check import CheckType
from checks.integrations.built_in import Tuning
from checks.integrations.site import Site
from checks.values import Options

GOOGLE_HOSTS = frozenset({"smtp.gmail.com", "smtp-relay.gmail.com"})
GOOGLE_RECORD = "_spf.google.com"


def spf(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at who may send in the domain's name: our addresses, or else Google's when mail leaves there."""
    system = site.system
    google = system.smtp is not None and system.smtp.host.lower().rstrip(".") in GOOGLE_HOSTS
    include = GOOGLE_RECORD if google and not system.sending_ips else None
    options = spf_type.Options(domain=system.domain or "", senders=system.sending_ips, include=include)
    return spf_type.CHECK, options


def dkim(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at the keys that mails are signed with."""
    system = site.system
    return dkim_type.CHECK, dkim_type.Options(domain=system.domain or "", selectors=system.dkim_selectors)


def dmarc(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look at what receivers are asked to do with forgeries."""
    return dmarc_type.CHECK, dmarc_type.Options(domain=site.system.domain or "")


def blocklist(site: Site, _tuning: Tuning) -> tuple[CheckType, Options]:
    """Look for the sending addresses on the configured lists."""
    system = site.system
    through = system.smtp.host if system.smtp is not None else None
    options = blocklist_type.Options(addresses=system.sending_ips, lists=system.blocklists, through=through)
    return blocklist_type.CHECK, options
