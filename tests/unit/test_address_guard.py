"""Where a name may lead: to what is public, and to what the channel allows."""

from ipaddress import ip_network

import pytest

from alerts.notifiers.address_guard import may_lead_to

INSIDE = (
    "0.0.0.0",
    "10.0.0.5",
    "100.64.0.1",
    "127.0.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:1::1",
    "2002:a00:1::",
    "2002:7f00:1::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
)
OUTSIDE = (
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::1",
)


@pytest.mark.parametrize("address", INSIDE)
def test_no_name_may_lead_inside(address: str) -> None:
    assert not may_lead_to(address, ())


@pytest.mark.parametrize("address", OUTSIDE)
def test_a_name_may_lead_to_what_is_public(address: str) -> None:
    assert may_lead_to(address, ())


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.0.0.5", "10.0.0.0/8"),
        ("127.0.0.1", "127.0.0.1/32"),
        ("fd12:3456::1", "fd00::/8"),
        ("::ffff:10.0.0.5", "10.0.0.0/8"),
        ("64:ff9b::10.0.0.5", "10.0.0.0/8"),
    ],
)
def test_what_the_channel_allows_is_no_other_machine_inside(address: str, allowed: str) -> None:
    assert may_lead_to(address, (ip_network(allowed),))
    assert not may_lead_to(address, (ip_network("172.16.0.0/12"), ip_network("fc00::/9")))
