"""Which certificates a notifier believes."""

import ssl

from checks.values import TlsTrust


def context(trust: TlsTrust) -> ssl.SSLContext:
    """Return a client context that believes the system's authorities and `ca_file`, or anything."""
    found = ssl.create_default_context()
    if trust.ca_file is not None:
        found.load_verify_locations(cafile=trust.ca_file)
    if not trust.verify:
        found.check_hostname = False
        found.verify_mode = ssl.CERT_NONE
    return found
