"""A letter to a vendor about what fails there, ready to send: in plain English, with times in UTC.

It says what their support asks first: which account, what was asked and answered when, under which ids, and
what shows that it is not the hotel's own network. Only where the fault is theirs, or unknown and remote.
"""

from collections.abc import Iterator

from alerts.aids.aid import Aid, AidKind, Ticket
from alerts.aids.sight import Sight
from alerts.aids.ticket_words import (
    ALWAYS,
    ASKED_FOR,
    ASKS,
    FAILS,
    OUTAGE,
    SEEN_FAILING,
    SOUND,
    SUBJECT,
    THEIRS,
    WORKS,
    clock,
)
from alerts.facts import Fact, Failure
from alerts.incident import Breach
from alerts.message_mail import Vendor
from alerts.message_text import clean
from alerts.schedule import FIRST
from checks.result import Reason, State

HEADING = "A letter to their support"
MOST_RUNS = 5
MOST_CHECKS = 5

OURS = frozenset({"pms", "network"})
CONTROL = ("network", "control")
REMOTE = frozenset(
    {"cache", "channels", "health", "http", "ota_auth", "smtp", "status_page", "tcp", "tls", "xml"}
)
"""Types of checks that look at the vendor's own systems, over the network."""

OWN_TROUBLE = frozenset({Reason.INTERNAL, Reason.QUERY, Reason.PERMISSION})
"""Why a run of ours told nothing: no request of theirs has failed then."""


def ticket(sight: Sight) -> Aid | None:
    """Return the letter; None where the vendor has nothing to do with it."""
    looks = _looks(sight)
    if not looks:
        return None
    vendor = sight.desk.vendors.get(looks[0][0].check.integration) or Vendor()
    body = "\n".join(_body(sight, vendor, looks))
    written = Ticket(_address(vendor.support), _subject(sight, vendor, looks[0][0]), body)
    return Aid(AidKind.TICKET, HEADING, ticket=written)


def _looks(sight: Sight) -> list[tuple[Breach, Fact]]:
    """Return what was seen of the vendor's own systems, where the fault may be theirs."""
    incident = sight.incident
    names = {breach.check.integration for breach in incident.breaches}
    if incident.diagnosis.whole or incident.diagnosis.fault not in {"vendor", "unknown"} or len(names) != 1:
        return []
    if sight.facts.kinds.get(next(iter(names)), "") in OURS:
        return []
    control = sight.facts.get(*CONTROL)
    if incident.diagnosis.fault == "unknown" and control is not None and control.failing:
        # It may as well be the hotel's own network: nobody is to be blamed for that.
        return []
    facts = {fact.check: fact for fact in sight.breached()}
    found = [(one, facts[one.check]) for one in incident.breaches if one.check in facts]
    return [(breach, fact) for breach, fact in found if _theirs(fact)][:MOST_CHECKS]


def _theirs(fact: Fact) -> bool:
    """Tell whether a check looks at the vendor's own system: messages may lie in a directory of ours."""
    return fact.type in REMOTE and not (fact.type == "xml" and fact.values.get("path"))


def _address(support: str | None) -> str:
    """Return an address to write to; an empty text where the support is reached in another way."""
    said = clean(support or "", 254)
    name, at, host = said.partition("@")
    return said if name and at and "." in host and not set(said) & set(' ,;<>"()?&') else ""


def _subject(sight: Sight, vendor: Vendor, breach: Breach) -> str:
    who = f"{clean(vendor.account, 60)}: " if vendor.account else ""
    what = clean(sight.incident.diagnosis.sentence or sight.incident.title, 80).removesuffix(".")
    return clean(f"{who}{_name(sight)} {what} since {clock(breach.since)}", SUBJECT)


def _name(sight: Sight) -> str:
    return clean(sight.incident.integrations[0] if sight.incident.integrations else "", 64)


def _body(sight: Sight, vendor: Vendor, looks: list[tuple[Breach, Fact]]) -> Iterator[str]:
    yield "Hello,"
    yield ""
    began = min(breach.since for breach, _ in looks)
    yield f"since {clock(began)} {SEEN_FAILING} All times here are UTC."
    yield ""
    yield f"Our account or property id with you: {clean(vendor.account or 'unknown to our monitoring', 200)}"
    yield f"Property: {clean(sight.desk.name, 200)} ({clean(sight.desk.id, 64)})"
    yield f"Our severity: {sight.incident.severity}; our reference: {clean(sight.incident.id, 64)}"
    for breach, fact in looks:
        yield ""
        yield from _look(breach, fact)
    yield ""
    yield f"{WORKS}:"
    yield from _works(sight, looks)
    yield ""
    yield ASKED_FOR
    wanted = dict.fromkeys(ASKS.get(breach.reason, OUTAGE) for breach, _ in looks)
    yield from (f"- {one}" for one in (*wanted, *ALWAYS))
    yield ""
    yield from _contact(sight)


def _look(breach: Breach, fact: Fact) -> Iterator[str]:
    yield f"{FAILS} ({clean(breach.check.check, 64)}):"
    if fact.values.get("url") or fact.values.get("host"):
        yield f"- Asked: {_asked(fact)}"
    yield f"- Seen: {_seen(breach.reason, breach.message)}"
    last = f", last success {clock(breach.last_ok)}" if breach.last_ok else ""
    yield f"- Since {clock(breach.since)}{last}"
    failed = [one for one in fact.failures if one.reason not in OWN_TROUBLE]
    runs = [one for one in failed if one.at >= breach.since][-MOST_RUNS:]
    if runs:
        yield f"- The last {len(runs)} failed requests:" if len(runs) > 1 else "- The last failed request:"
    yield from (f"  {_run(one)}" for one in runs)


def _asked(fact: Fact) -> str:
    url, method = fact.values.get("url", ""), fact.values.get("method", "")
    if url and fact.type not in {"tcp", "tls", "smtp"}:
        probe = "; header X-Monitor-Probe: nightporter" if method else ""
        return clean(f"{method or 'GET'} {url}{probe}")
    host, port = fact.values.get("host", ""), fact.values.get("port", "")
    return clean(f"a {fact.type.upper()} connection to {host}{f':{port}' if port else ''}")


def _run(run: Failure) -> str:
    called = f" [{clean(run.request, 100)}]" if run.request else ""
    return f"{clock(run.at)}  {_seen(run.reason, run.message)}{called}"


def _seen(reason: Reason, message: str) -> str:
    return f"{clean(message, 200)} ({str(reason).replace('_', ' ')})"


def _works(sight: Sight, looks: list[tuple[Breach, Fact]]) -> Iterator[str]:
    control = sight.facts.get(*CONTROL)
    if control is not None and control.state is State.OK:
        yield f"- {SOUND}, last at {clock(control.at)}."
    vendors = [name for name in sight.healthy if sight.facts.kinds.get(name, "") not in OURS]
    if vendors:
        count = len(vendors)
        yield f"- {count} other external {'system answers' if count == 1 else 'systems answer'} us as usual."
    name, failing = looks[0][0].check.integration, {breach.check for breach, _ in looks}
    well = [
        clean(fact.check.check, 64)
        for fact in sight.facts.of(name)
        if _theirs(fact)
        # What a status page says of a service is no answer of that service.
        and fact.type != "status_page"
        and fact.state is State.OK
        and not fact.stale
        and fact.check not in failing
    ]
    if well:
        yield f"- {THEIRS}: {', '.join(well[:MOST_CHECKS])}."
    if not vendors and not well and (control is None or control.state is not State.OK):
        yield "- We have nothing to compare it with at the moment."


def _contact(sight: Sight) -> Iterator[str]:
    first = (sight.incident.policy or sight.desk.policy).level(FIRST)
    yield f"Thank you,\n{clean(sight.desk.name, 200)}"
    if first is not None:
        reach = [first.phone or "", *first.addresses[:1]]
        yield ", ".join(clean(one, 254) for one in (first.role, *reach) if one)
