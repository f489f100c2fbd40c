"""Entries of blocklists that accuse nobody, but say that an address should not send mail directly."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from checks.resolver import Lookups

Address = IPv4Address | IPv6Address

POLICY_CODES = frozenset({"127.0.0.10", "127.0.0.11"})
"""What Spamhaus answers for addresses in its PBL: of the provider's own accord, or for his silence."""
_SPAMHAUS = (".spamhaus.org", ".spamhaus.net")

_INSIDE = tuple(
    ip_network(text)
    for text in (
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    )
)
"""Networks whose hosts reach the world through an address of ours."""


def only_policy(zone: str, codes: Iterable[str]) -> bool:
    """Say whether a list's answer is nothing worse than an entry in the PBL."""
    found = frozenset(codes)
    return bool(found) and found <= POLICY_CODES and zone.endswith(_SPAMHAUS)


async def leaves_elsewhere(ask: Lookups, through: str | None, sending: Sequence[Address]) -> bool:
    """Say whether the host that mail leaves through is another's, not one of our addresses or behind them.

    A host that has no address counts as ours. Raises `Unanswered`.
    """
    if through is None:
        return False
    try:
        found: list[Address] = [ip_address(through)]
    except ValueError:
        records = [record for kind in ("A", "AAAA") for record in (await ask.find(through, kind)).records]
        found = [ip_address(record) for record in records]
    return bool(found) and not any(_ours(address, sending) for address in found)


def _ours(address: Address, sending: Sequence[Address]) -> bool:
    return address in sending or any(address in network for network in _INSIDE)
