"""Probe of a domain's DMARC policy: that there is one, and that receivers understand it (RFC 9989)."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.findings import set_up
from checks.mail_records import MISSING, broken, clip, doubtful, last_seen, listed, not_seen, remember, tags
from checks.resolver import Lookups, Unanswered
from checks.result import Phase, Result, ok
from checks.values import Host

RECORDS = "records"
MOST_QUERIES = 8
"""How many names a receiver looks at to find the policy."""
POLICIES = frozenset({"none", "quarantine", "reject"})

_VERSION = re.compile(r"[ \t]*v[ \t]*=[ \t]*DMARC1[ \t]*(;|$)")
_CHOICES = {"sp": POLICIES, "np": POLICIES, "adkim": {"r", "s"}, "aspf": {"r", "s"}, "t": {"y", "n"}}


class Options(values.Options):
    """The domain in the From of the hotel's mails."""

    domain: Host


class Policies(NamedTuple):
    """The DMARC records that stand at one name."""

    domain: str
    texts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name they stand at."""
        return f"_dmarc.{self.domain}"

    @property
    def suffix(self) -> str:
        """What they say of being a public suffix's: `y`, `n`, or nothing."""
        match = re.search(r";\s*psd\s*=\s*([yn])\s*(;|$)", self.texts[0], re.IGNORECASE)
        return match[1].lower() if match else ""


async def probe(options: Options, context: Context) -> Result:
    """Find the policy as a receiver does, read it, and see whether it changed."""
    context.trace.enter(Phase.RESOLVE)
    domain = options.domain.lower().removesuffix(".")
    try:
        ask = context.tools.resolver.lookups(context.timeout)
        own = await _at(ask, domain)
        policies = own if own.texts else await _inherited(ask, domain)
    except Unanswered as unanswered:
        return not_seen(f"the DMARC record of {domain} cannot be read", unanswered, context)
    context.trace.end()
    if policies is None:
        was = last_seen(context, own.name)
        message = f'there is no DMARC record at {own.name}{was}; publish TXT "v=DMARC1; p=none; rua=mailto:…"'
        result = remember(context, {own.name: None}, doubtful(message, {RECORDS: 0.0}, MISSING))
        return replace(result, findings=set_up({"record": "none"}))
    result, record = _judge(policies, domain)
    seen = {own.name: None if own.texts else (), policies.name: (record,) if record else None}
    told = f"{policies.name}: {listed(' '.join(text.split()) for text in policies.texts)}"
    return replace(remember(context, seen, result), findings=set_up({"record": told}))


async def _at(ask: Lookups, domain: str) -> Policies:
    texts = await ask.all(f"_dmarc.{domain}", "TXT")
    return Policies(domain, tuple(text for text in texts if _VERSION.match(text)))


async def _inherited(ask: Lookups, domain: str) -> Policies | None:
    """Return the policy of the organisational domain, or else of the public suffix (RFC 9989, 4.10)."""
    nearest: Policies | None = None
    for parent in _parents(domain):
        policies = await _at(ask, parent)
        if len(policies.texts) != 1:
            continue
        if policies.suffix == "y" and nearest and nearest.domain.partition(".")[2] == parent:
            return nearest
        if policies.suffix:
            return policies
        nearest = policies
    return nearest


def _parents(domain: str) -> Iterator[str]:
    """Yield the domains above one, nearest first; with the domain itself they are eight at the most."""
    labels = domain.split(".")
    for left in range(min(len(labels) - 1, MOST_QUERIES - 1), 0, -1):
        yield ".".join(labels[-left:])


def _judge(policies: Policies, domain: str) -> tuple[Result, str | None]:
    """Return the verdict, and if the record is sound, the record in a form that is the same for equals."""
    count = {RECORDS: float(len(policies.texts))}
    if len(policies.texts) > 1:
        message = f"{policies.name} has {len(policies.texts)} DMARC records: receivers ignore them all"
        return broken(message, count), None
    try:
        found = {name.lower(): value for name, value in tags(policies.texts[0]).items()}
    except ValueError as error:
        return broken(f"the DMARC record at {policies.name} is malformed: {error}", count), None
    policy = found.get("p", "none").lower()
    if policy not in POLICIES:
        message = f"the DMARC policy at {policies.name} is p={clip(policy, 30)}, which is none that exists"
        return broken(message, count), None
    record = "; ".join(f"{name}={value}" for name, value in found.items())
    wrong = [name for name, allowed in _CHOICES.items() if found.get(name, "").lower() not in {"", *allowed}]
    if wrong:
        given = ", ".join(f"{name}={clip(found[name], 20)}" for name in wrong)
        return doubtful(
            f"receivers ignore parts of the DMARC record at {policies.name}: {given}", count
        ), record
    return ok("; ".join(_told(policies, domain, found, policy)), count), record


def _told(policies: Policies, domain: str, found: dict[str, str], policy: str) -> Iterator[str]:
    """Yield what there is to say of a sound record."""
    if policies.domain == domain:
        yield f"policy {policy}"
    else:
        yield f"policy {(found.get('sp') or policy).lower()}, inherited from {policies.domain}"
    if policy == "none":
        yield "forgeries are delivered"
    if found.get("t", "").lower() == "y":
        yield "marked as a test (t=y)"
    if "rua" not in found:
        yield "nobody gets reports (rua)"


CHECK = CheckType("dmarc", Options, RECORDS, probe)
