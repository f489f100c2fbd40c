"""Steps that send to a vendor, and what is said in their place where there is none."""

from collections.abc import Mapping
from types import MappingProxyType

VENDOR_FIRST = "Look at the vendor's status page, or call its support with the times given below."
KEEPER_FIRST = "Call whoever looks after {who}, with the times given below."
"""In place of `VENDOR_FIRST`, for what is no vendor's."""

UNDER_LOAD = "Look at the vendor's status page, or ask its support whether it is under load."
NAME_MOVED = "If only this name fails, check it for a typing error and ask the vendor whether it has moved."
ALLOWED = "Ask the vendor whether our property is connected and our account may use this interface."
ALLOWANCE = "If the limit is too low for the hotel, ask the vendor to raise it."
ADDRESS = "Check the address of {who} in the configuration: the vendor may have moved or removed it."
NEWS = "Look for a changed interface in the vendor's news."
MOVED = "Check whether the vendor has moved; put the new address into the configuration of {who}."

WITHOUT_VENDOR: Mapping[str, str] = MappingProxyType(
    {
        VENDOR_FIRST: KEEPER_FIRST,
        UNDER_LOAD: "See whether what runs {who} is under load.",
        NAME_MOVED: "If only this name fails, check it for a typing error; it may have been moved.",
        ALLOWED: "Ask whoever looks after {who} whether our account may use it.",
        ALLOWANCE: "If the limit is too low for the hotel, have it raised by whoever looks after {who}.",
        ADDRESS: "Check the address of {who} in the configuration: it may have been moved or removed.",
        NEWS: "Ask whoever looks after {who} what has changed since the time given below.",
        MOVED: "Check whether {who} has moved; put the new address into its configuration.",
    }
)
