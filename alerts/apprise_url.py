"""The URLs of Apprise, an optional package that speaks to SMS gateways, telephones and chats."""

import logging
from typing import TYPE_CHECKING

from checks.values import TlsTrust

if TYPE_CHECKING:
    from apprise import Apprise

LOGGERS = ("apprise", "urllib3", "requests")
"""They write addresses, with the secrets in them, into the log."""

MISSING = "needs a package that is not installed: pip install 'nightporter[apprise]'"


def opened(url: str, trust: TlsTrust | None = None) -> "Apprise":
    """Return what speaks to an address; raise ValueError, which does not name it, when nothing does.

    An authority of one's own is trusted alone, not beside the system's: Apprise knows no other way.
    """
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    try:
        from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - optional, and slow to import
    except ImportError:
        raise ValueError(MISSING) from None
    found = Apprise(asset=AppriseAsset(storage_mode="memory"))
    if not found.add(url) or len(found) != 1:
        raise ValueError(
            "is not one URL that Apprise knows, such as twilio://SID:TOKEN@FROM/TO; "
            "each service's is described at https://appriseit.com/services/"
        )
    if trust is not None and (trust.ca_file is not None or not trust.verify):
        verified = str(trust.ca_file) if trust.verify else False
        found[0].verify_certificate = verified  # type: ignore[assignment]  # requests takes a file, too
    return found
