"""Probe of a domain's SPF record: that receivers can evaluate it, and that our senders pass."""

import ipaddress
from dataclasses import replace

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.findings import set_up
from checks.mail_records import MISSING, broken, doubtful, last_seen, listed, not_seen, remember
from checks.resolver import Unanswered
from checks.result import Phase, Result, failed, ok
from checks.result import Reason as Why
from checks.spf_google import through_google
from checks.spf_record import SpfError, is_spf
from checks.spf_sender import PASS, Address, Sender
from checks.spf_survey import MOST_LOOKUPS, Records, Survey
from checks.values import Host

LOOKUPS = "lookups"
MOST_NAMED = 3


class Options(values.Options):
    """Whose record it is, which addresses send, and the record of Google's servers when they do."""

    domain: Host
    senders: tuple[Host, ...] = ()
    include: Host | None = None


async def probe(options: Options, context: Context) -> Result:
    """Walk through the record, evaluate it for each sender, and see whether it changed."""
    context.trace.enter(Phase.RESOLVE)
    survey = Survey()
    try:
        ask = context.tools.resolver.lookups(context.timeout)
        result = await _judge(options, context, Records(ask), survey)
        found = await ask.all(options.domain, "TXT")
    except Unanswered as unanswered:
        return not_seen(f"the SPF record of {options.domain} cannot be evaluated", unanswered, context)
    context.trace.end()
    sound = result.reason is not Why.CONTENT
    records = [" ".join(text.lower().split()) for text in found if is_spf(text)]
    result = remember(context, {options.domain: records if sound else None}, result)
    return replace(result, findings=set_up({"record": listed(records)}))


async def _judge(options: Options, context: Context, records: Records, survey: Survey) -> Result:
    try:
        addresses = [ipaddress.ip_address(sender) for sender in options.senders]
    except ValueError as error:
        return failed(Why.INTERNAL, f"a sending address is none: {error}")
    try:
        if not await survey.walk(records, options.domain):
            was = last_seen(context, options.domain)
            message = f'{options.domain} has no SPF record{was}; publish TXT "{_advice(options)}"'
            return broken(message, signs=MISSING)
        result = await _senders(options, records, addresses)
        google = await through_google(records, options.domain, options.include)
    except SpfError as error:
        message = f"receivers cannot evaluate the SPF record of {options.domain}: {error}"
        return broken(message, {LOOKUPS: float(survey.lookups)})
    return _weighed(options, survey, result, google)


async def _senders(options: Options, records: Records, addresses: list[Address]) -> Result:
    """Return what receivers make of each address that sends."""
    failing: list[tuple[Address, str]] = []
    unclear: list[tuple[Address, str]] = []
    for address in addresses:
        sender = Sender(records, address)
        verdict = await sender.verdict(options.domain.lower())
        if verdict != PASS:
            (unclear if sender.macros else failing).append((address, verdict))
    if failing:
        address, verdict = failing[0]
        named = ", ".join(f"{address} ({verdict})" for address, verdict in failing[:MOST_NAMED])
        more = f" and {len(failing) - MOST_NAMED} more" if len(failing) > MOST_NAMED else ""
        return broken(
            f"the SPF record of {options.domain} does not let our {named}{more} send; "
            f"add ip{address.version}:{address} to it"
        )
    if unclear:
        named = ", ".join(str(address) for address, _ in unclear[:MOST_NAMED])
        return ok(f"whether {named} may send depends on the single mail (macros)")
    return ok(f"lets our {len(addresses)} sending addresses in" if addresses else "")


def _weighed(options: Options, survey: Survey, result: Result, google: Result) -> Result:
    """Return the result with what the walk tells, and what becomes of mail that leaves through Google."""
    domain, measurements = options.domain, {LOOKUPS: float(survey.lookups)}
    if result.reason is not None:
        return broken(result.message, measurements)
    if survey.open_to_all:
        message = f'the SPF record of {domain} lets everybody send in its name; end it with "~all" or "-all"'
        return doubtful(message, measurements)
    if google.reason is not None:
        return doubtful(google.message, measurements)
    said = [f"needs {survey.lookups} of {MOST_LOOKUPS} look-ups"]
    said += [one.message for one in (result, google) if one.message]
    if not survey.ends:
        said.append('says nothing of other senders: end it with "~all"')
    return ok("; ".join(said), measurements)


def _advice(options: Options) -> str:
    """Return the record to publish, as far as we know who sends."""
    known = [f"ip{6 if ':' in sender else 4}:{sender}" for sender in options.senders[:MOST_NAMED]]
    if options.include is not None:
        known.append(f"include:{options.include}")
    return " ".join(["v=spf1", *(known or ["mx"]), "~all"])


CHECK = CheckType("spf", Options, LOOKUPS, probe)
