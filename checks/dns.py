"""Options of the DNS check: accepted, not yet watched."""

from typing import Literal

from checks import values
from checks.check import CheckType
from checks.values import Host, Regex


class Expect(values.Options):
    """What the records must look like."""

    matches: Regex


class Options(values.Options):
    """Which records of which name to look up."""

    name: Host
    record: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "TXT"] = "A"
    expect: Expect | None = None


CHECK = CheckType("dns", Options, "records", None)
