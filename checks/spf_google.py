"""Whether an SPF record lets mail in that leaves through Google, however it does so."""

from ipaddress import IPv4Address, IPv4Network

from checks.mail_records import doubtful
from checks.resolver import Unanswered
from checks.result import Result, ok
from checks.spf_record import Record, SpfError
from checks.spf_sender import PASS, Sender
from checks.spf_survey import MOST_LOOKUPS, Records


async def through_google(records: Records, domain: str, include: str | None) -> Result:
    """Return what receivers make of one of Google's addresses, taken from its own record `include`.

    What cannot be found out, or depends on the single mail, is no fault of the domain. Its record must have
    been surveyed.
    """
    if include is None:
        return ok()
    try:
        address = await _an_address(records, include.lower())
        if address is None:
            return ok(f"whether Google's servers may send is not known: {include} names no network")
        sender = Sender(records, address)
        verdict = await sender.verdict(domain.lower())
    except (SpfError, Unanswered) as error:
        return ok(f"whether Google's servers may send is not known: {error}")
    if verdict == PASS:
        return ok()
    if sender.macros:
        return ok("whether Google's servers may send is unclear: it depends on the single mail (macros)")
    return doubtful(
        f"mail leaves through Google, but the SPF record of {domain} does not let its servers send "
        f"({address}: {verdict}); add include:{include} to it"
    )


async def _an_address(records: Records, include: str) -> IPv4Address | None:
    """Return an address in the largest network that a record and what it includes let in."""
    largest: IPv4Network | None = None
    names, at = [include], 0
    while at < min(len(names), MOST_LOOKUPS):
        record = await records.of(names[at])
        at += 1
        if record is None:
            continue
        for network in _networks(record):
            if largest is None or network.num_addresses > largest.num_addresses:
                largest = network
        names += [name for name in _further(record) if name not in names]
    return None if largest is None else largest[largest.num_addresses // 2]


def _networks(record: Record) -> list[IPv4Network]:
    return [
        term.network
        for term in record.terms
        if term.qualifier == "+" and isinstance(term.network, IPv4Network)
    ]


def _further(record: Record) -> list[str]:
    targets = [term.target for term in record.terms if term.name == "include" and term.qualifier == "+"]
    return [target.name for target in (*targets, record.redirect) if target is not None and target.fixed]
