"""Where a channel may lead: no host name may turn out to be a machine inside (server-side request forgery).

Who writes an address, or `localhost`, means it. A name is for somebody else to answer: what it leads to must
be public, or in a range that the channel allows.
"""

import socket
from collections.abc import Iterator, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from alerts.notification import DeliveryError, DeliveryReason
from alerts.notifiers.reaching import Resolve

Network = IPv4Network | IPv6Network

NAT64 = IPv6Network("64:ff9b::/96")
"""Under which networks without IPv4 reach it (RFC 6052)."""

LOCAL = "localhost"


def guarded(resolve: Resolve, allowed: Sequence[Network]) -> Resolve:
    """Return a look-up that raises DeliveryError for a name that leads to what is neither public nor allowed.

    What it returns is what was judged: whoever connects to it needs no second look-up.
    """

    async def look_up(host: str) -> Sequence[tuple[socket.AddressFamily, str]]:
        found = await resolve(host)
        if host.rstrip(".").lower() == LOCAL or _is_address(host):
            return found
        for _, address in found:
            if not may_lead_to(address, allowed):
                raise DeliveryError(
                    DeliveryReason.CONNECT,
                    f"its host name leads to {address}, which is not public; if that is meant, write its "
                    "range under `allow` of the channel, or the address into its `url`",
                )
        return found

    return look_up


def _is_address(host: str) -> bool:
    try:
        ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def may_lead_to(address: str, allowed: Sequence[Network]) -> bool:
    """Tell whether a name may lead to an address."""
    one = ip_address(address.partition("%")[0])
    inner = tuple(_within(one)) if isinstance(one, IPv6Address) else ()
    if any(each in network for network in allowed for each in (one, *inner)):
        return True
    if inner:
        return all(map(_is_public, inner))
    return _is_public(one)


def _is_public(one: IPv4Address | IPv6Address) -> bool:
    local = isinstance(one, IPv6Address) and one.is_site_local
    return one.is_global and not (one.is_multicast or one.is_reserved or local)


def _within(one: IPv6Address) -> Iterator[IPv4Address]:
    """Return the IPv4 addresses that an address stands for: mapped, 6to4 or behind NAT64."""
    if one.ipv4_mapped is not None:
        yield one.ipv4_mapped
    if one.sixtofour is not None:
        yield one.sixtofour
    if one in NAT64:
        yield IPv4Address(int(one) & 0xFFFF_FFFF)
