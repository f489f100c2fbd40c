"""Which checks an integration of each kind consists of."""

from collections.abc import Mapping
from types import MappingProxyType

from checks.integrations import (
    booking_engine,
    channel_manager,
    email,
    network,
    ota,
    payment,
    pms,
)
from checks.integrations.built_in import BuiltIn

KINDS: Mapping[str, tuple[BuiltIn, ...]] = MappingProxyType(
    {
        "booking_engine": booking_engine.CHECKS,
        "ota": ota.CHECKS,
        "payment": payment.CHECKS,
        "email": email.CHECKS,
        "channel_manager": channel_manager.CHECKS,
        "generic": (),
    }
)
OWN_SIDE: Mapping[str, tuple[BuiltIn, ...]] = MappingProxyType({"pms": pms.CHECKS, "network": network.CHECKS})
"""The two integrations that exist without being configured."""
