"""Probe of DNS records: whether a name has them, and whether one is as expected."""

import ipaddress
from dataclasses import replace
from typing import Literal

from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.expectation import excerpt
from checks.findings import NO_FINDINGS, set_up
from checks.mail_records import listed
from checks.resolver import Found, Unanswered
from checks.resolver_server import MOST_RECORDS
from checks.result import Phase, Reason, Result, Sign, failed, ok
from checks.values import Host, Regex

RECORDS = "records"


class Expect(values.Options):
    """What one of the records must look like."""

    matches: Regex = Field(description="what one of the records must match, somewhere")


class Options(values.Options):
    """Which records of which name to look up; PTR takes an address as well."""

    name: Host = Field(description="what is looked up; for `PTR` an address, too")
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"] = Field("A", description="which records")
    expect: Expect | None = Field(
        None, description="what one of them must look like; without it any record is enough"
    )

    @property
    def asked(self) -> str:
        """The name that is looked up: for the PTR of an address, its reverse one."""
        if self.record == "PTR":
            try:
                return ipaddress.ip_address(self.name).reverse_pointer
            except ValueError:
                pass
        return self.name


async def probe(options: Options, context: Context) -> Result:
    """Look up, and hold the records against the expectation."""
    trace = context.trace
    trace.enter(Phase.RESOLVE)
    try:
        found = await context.tools.resolver.lookups(context.timeout).find(options.asked, options.record)
    except Unanswered as unanswered:
        trace.end()
        message = f"{options.record} of {options.name}: {unanswered.why}"
        return replace(failed(unanswered.reason, message), failed_phase=Phase.RESOLVE)
    trace.end()
    return replace(
        _judge(options, found),
        measurements={RECORDS: float(len(found.records))},
        findings=NO_FINDINGS if found.more else set_up({options.record: listed(found.records)}),
    )


def _judge(options: Options, found: Found) -> Result:
    if not found.exists:
        signs = (Sign.RECORD_MISSING, Sign.NAME_UNKNOWN)
        return failed(Reason.MISSING, f"there is no such name as {options.name}", signs=signs)
    if not found.records:
        said = f"{options.name} has no {options.record} record"
        return failed(Reason.MISSING, said, signs=(Sign.RECORD_MISSING,))
    expect = options.expect
    if expect is not None and not any(expect.matches.search(record) for record in found.records):
        shown = excerpt(", ".join(found.records))
        which = (
            f"of the first {MOST_RECORDS} {options.record} records none"
            if found.more
            else (f"no {options.record} record")
        )
        return failed(Reason.CONTENT, f"{which} matches {expect.matches.pattern}: {shown}")
    if found.more:
        return ok(f"more than {MOST_RECORDS} {options.record} records, of which {MOST_RECORDS} were read")
    return ok(f"{len(found.records)} {options.record} record{'s' if len(found.records) > 1 else ''}")


CHECK = CheckType("dns", Options, RECORDS, probe)
