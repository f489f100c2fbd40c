"""Probe of DNS blocklists (RFC 5782): whether they list our sending addresses, and can be believed."""

import asyncio
import hashlib
import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from pydantic import Field

from checks import values
from checks.blocklist_policy import Address, leaves_elsewhere, only_policy
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.mail_records import broken
from checks.resolver import Lookups, Unanswered
from checks.result import Phase, Reason, Result, Sign, failed, ok
from checks.values import Host

LISTINGS = "listings"
TRUSTED_FOR = timedelta(hours=1)
"""How long a list that passed its test is believed."""
MOST_TOLD = 3

LISTED_TESTS = ("127.0.0.2", "::ffff:7f00:2")
"""What a list must hold, either of them (RFC 5782, section 5)."""
UNLISTED_TESTS = ("127.0.0.1", "::ffff:7f00:1")
"""What a list must not hold, neither of them."""
ERRORS = {
    "127.255.255.252": "the name of the list is misspelt",
    "127.255.255.254": "it does not serve public resolvers; ask through one of your own",
    "127.255.255.255": "we have asked it too often",
    "127.0.1.255": "it lists names, not addresses",
}

_KEY = re.compile(r"\b[A-Za-z0-9]{20,63}\b")


class Options(values.Options):
    """Which addresses send, which lists are asked for them, and the host that mail leaves through."""

    addresses: Annotated[tuple[Host, ...], Field(min_length=1)]
    lists: Annotated[tuple[Host, ...], Field(min_length=1)]
    through: Host | None = None


class Unreliable(Exception):  # noqa: N818 - it says what was found, as Unreachable does
    """A list that cannot be believed; the text says why."""


@dataclass(slots=True)
class Report:
    """What one list says: whom it lists and why, or why it cannot be believed.

    `harmless` are addresses that should not send directly, and do not. `unreliable` says that it gave an
    answer that cannot be believed.
    """

    zone: str
    listings: list[str] = field(default_factory=list)
    harmless: list[str] = field(default_factory=list)
    trouble: str = ""
    tested: bool = False
    unreliable: bool = False

    @property
    def shown(self) -> str:
        """The list's name, without the customer's key that may be part of it."""
        return _KEY.sub("…", self.zone)


async def probe(options: Options, context: Context) -> Result:
    """Ask one list after the other for every address, each once it passed its test."""
    try:
        addresses = [ipaddress.ip_address(address) for address in options.addresses]
    except ValueError as error:
        return failed(Reason.INTERNAL, f"a sending address is none: {error}")
    context.trace.enter(Phase.RESOLVE)
    zones = list(dict.fromkeys(zone.lower().strip(".") for zone in options.lists))
    believed = _believed(context)
    reports = [Report(zone, tested=_mark(zone) in believed) for zone in zones]
    clock = asyncio.get_running_loop().time
    until = clock() + context.timeout
    for at, report in enumerate(reports):
        # What a list does not need of its share is left to the others.
        seconds = (until - clock()) / (len(reports) - at)
        await _ask(report, addresses, options.through, context, seconds)
    context.trace.end()
    now = context.tools.now().isoformat()
    passed = [_mark(report.zone) for report in reports if report.tested]
    context.memory.keep({"tested": {mark: believed.get(mark, now) for mark in passed}})
    return _judge(reports, addresses, options.through)


async def _ask(
    report: Report, addresses: Sequence[Address], through: str | None, context: Context, seconds: float
) -> None:
    """Fill the report of one list, within so many seconds."""
    try:
        ask = context.tools.resolver.lookups(seconds)
        if not report.tested:
            await _test(ask, report.zone)
            report.tested = True
        for address in addresses:
            codes = await _codes(ask, report.zone, address)
            if only_policy(report.zone, codes) and await leaves_elsewhere(ask, through, addresses):
                report.harmless.append(str(address))
            elif codes:
                await _enter(ask, report, address, codes[0])
    except Unanswered as unanswered:
        report.trouble = unanswered.why
    except Unreliable as unreliable:
        report.trouble, report.tested, report.unreliable = str(unreliable), False, True


async def _test(ask: Lookups, zone: str) -> None:
    """Raise `Unreliable` unless a list holds what it must, and not what it must not."""
    for address in UNLISTED_TESTS:
        if await _codes(ask, zone, ipaddress.ip_address(address)):
            raise Unreliable(f"it lists {address}, which no list may: it lists everything")
    for address in LISTED_TESTS:
        if await _codes(ask, zone, ipaddress.ip_address(address)):
            return
    raise Unreliable(f"it does not list {LISTED_TESTS[0]}, which every list must: it is gone or empty")


async def _enter(ask: Lookups, report: Report, address: Address, code: str) -> None:
    """Put a listing into the report, the first one with the list's reason."""
    report.listings.append(str(address))
    if len(report.listings) > 1:
        return
    try:
        reasons = (await ask.find(_question(report.zone, address), "TXT")).records
    except Unanswered:
        reasons = ()
    report.listings[0] += f" ({code}{', ' + excerpt(reasons[0]) if reasons else ''})"


async def _codes(ask: Lookups, zone: str, address: Address) -> tuple[str, ...]:
    """Return what a list answers for an address, nothing when it does not list it; raises `Unreliable`."""
    answers = (await ask.find(_question(zone, address), "A")).records
    for answer in answers:
        if answer in ERRORS:
            raise Unreliable(f"it answers {answer}: {ERRORS[answer]}")
        if answer.startswith("127.255.255."):
            raise Unreliable(f"it answers {answer}, an error")
        if not answer.startswith("127."):
            raise Unreliable(f"it answers {answer}, which is no answer of a blocklist")
    return answers


def _question(zone: str, address: Address) -> str:
    # The two labels of the reverse tree make way for the list's name.
    return ".".join([*address.reverse_pointer.split(".")[:-2], zone])


def _judge(reports: Sequence[Report], addresses: Sequence[Address], through: str | None) -> Result:
    listings = [f"{report.shown} lists {one}" for report in reports for one in report.listings]
    troubled = [report for report in reports if report.trouble]
    measurements = {LISTINGS: float(len(listings))}
    if listings:
        more = f"; and {len(listings) - MOST_TOLD} more" if len(listings) > MOST_TOLD else ""
        message = "; ".join(listings[:MOST_TOLD]) + more
        return broken(message, measurements, (Sign.ADDRESS_LISTED,))
    if troubled:
        told = "; ".join(f"{report.shown}: {report.trouble}" for report in troubled[:MOST_TOLD])
        message = f"{len(troubled)} of {len(reports)} lists cannot be believed: {told}"
        signs = (Sign.LIST_UNRELIABLE,) if any(report.unreliable for report in troubled) else ()
        return failed(Reason.QUERY, message, signs=signs)
    harmless = [f"{report.shown} has {one}" for report in reports for one in report.harmless]
    if harmless:
        more = f" and {len(harmless) - MOST_TOLD} more" if len(harmless) > MOST_TOLD else ""
        told = f"{', '.join(harmless[:MOST_TOLD])}{more} as not to send directly (PBL)"
        return ok(f"no listing that matters: {told}, and mail leaves through {through}", measurements)
    lists = "1 list" if len(reports) == 1 else f"{len(reports)} lists"
    asked = "1 address" if len(addresses) == 1 else f"{len(addresses)} addresses"
    return ok(f"no list has any address: {lists} and {asked} looked at", measurements)


def _believed(context: Context) -> dict[str, str]:
    """Return which lists passed their test lately, and when."""
    tested: dict[str, str] = context.memory.value.get("tested", {})
    now = context.tools.now()
    return {mark: at for mark, at in tested.items() if _lately(datetime.fromisoformat(at), now)}


def _lately(at: datetime, now: datetime) -> bool:
    return timedelta(0) <= now - at < TRUSTED_FOR


def _mark(zone: str) -> str:
    """Return what a list is remembered by: its name may hold a customer's key."""
    return hashlib.sha256(zone.encode()).hexdigest()[:16]


CHECK = CheckType("blocklist", Options, LISTINGS, probe)
