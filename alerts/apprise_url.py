"""The URLs of Apprise, an optional package that speaks to SMS gateways, telephones and chats."""

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apprise import Apprise

LOGGERS = ("apprise", "urllib3", "requests")
"""They write addresses, with the secrets in them, into the log."""

MISSING = "needs a package that is not installed: pip install 'nightporter[apprise]'"


def opened(url: str) -> "Apprise":
    """Return what speaks to an address; raise ValueError, which does not name it, when nothing does."""
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
    return found
