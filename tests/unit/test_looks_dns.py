"""Which mail records of a site are looked at, and how."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from checks import blocklist, dkim, dmarc, spf
from checks.integrations import looks_dns
from checks.integrations.built_in import Tuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site

BOUNDS = Bounds(100, 3600.0, 0.05, 1800.0, 20)


def site(**keys: Any) -> Site:
    system = System(domain="hotel.example", **keys)
    return Site("h", "email", "email", system, Pms(), (), BOUNDS, ZoneInfo("Europe/Lisbon"))


@pytest.mark.parametrize("host", ["smtp.gmail.com", "SMTP-relay.gmail.com."])
def test_mail_through_google_needs_googles_record(host: str) -> None:
    kind, options = looks_dns.spf(site(smtp={"host": host}), Tuning())
    assert kind is spf.CHECK
    assert options == spf.Options(domain="hotel.example", include="_spf.google.com")


def test_addresses_of_our_own_are_looked_at_instead() -> None:
    keys = {"smtp": {"host": "smtp.gmail.com"}, "sending_ips": ["198.51.100.1"]}
    _, options = looks_dns.spf(site(**keys), Tuning())
    assert options == spf.Options(domain="hotel.example", senders=("198.51.100.1",))
    _, options = looks_dns.spf(site(smtp={"host": "mail.hotel.example"}), Tuning())
    assert options == spf.Options(domain="hotel.example")


def test_every_other_look_takes_what_the_site_says() -> None:
    keys = {"dkim_selectors": ["google"], "sending_ips": ["198.51.100.1"], "blocklists": ["bl.example"]}
    one = site(**keys)
    assert looks_dns.dkim(one, Tuning()) == (
        dkim.CHECK,
        dkim.Options(domain="hotel.example", selectors=("google",)),
    )
    assert looks_dns.dmarc(one, Tuning()) == (dmarc.CHECK, dmarc.Options(domain="hotel.example"))
    assert looks_dns.blocklist(one, Tuning()) == (
        blocklist.CHECK,
        blocklist.Options(addresses=("198.51.100.1",), lists=("bl.example",)),
    )


def test_blocklists_are_judged_by_the_host_that_mail_leaves_through() -> None:
    keys = {"smtp": {"host": "smtp.gmail.com"}, "sending_ips": ["198.51.100.1"], "blocklists": ["bl.example"]}
    assert looks_dns.blocklist(site(**keys), Tuning())[1] == blocklist.Options(
        addresses=("198.51.100.1",), lists=("bl.example",), through="smtp.gmail.com"
    )
