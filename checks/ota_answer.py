"""What the answer of an OTA says: OpenTravel messages, bare or in SOAP, whatever their namespace."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from lxml import etree

from checks import request_ids
from checks.expectation import excerpt
from checks.result import Reason, Result, Sign, failed, ok

# Error Warning Type (EWT) of the OpenTravel code list, as SiteMinder and Booking.com document it: whose
# fault an error is. These say more than any code.
DECIDING_TYPES: Mapping[int, Reason] = MappingProxyType(
    {4: Reason.CREDENTIALS, 5: Reason.CREDENTIALS, 9: Reason.CREDENTIALS, 6: Reason.FORBIDDEN}
)

# Error codes (ERR) of the OpenTravel code list: what is wrong, whatever kind of error it is filed under.
CODES: Mapping[int, Reason] = MappingProxyType(
    dict.fromkeys((497, 392, 375), Reason.FORBIDDEN)
    | dict.fromkeys((320, 321, 402, 249, 436, 783, 842), Reason.CONTENT)
    | dict.fromkeys((187, 450), Reason.SERVER_ERROR)
)

# The other types of the same list: 2 and 8 mean that we talk to the wrong endpoint.
TYPES: Mapping[int, Reason] = MappingProxyType(
    dict.fromkeys((3, 7, 10), Reason.CONTENT)
    | dict.fromkeys((2, 8), Reason.CLIENT_ERROR)
    | dict.fromkeys((1, 12, 13), Reason.SERVER_ERROR)
)

# Codes that vendors disagree about: 448 is "system error" at Booking.com and "invalid user name or password"
# at SiteMinder, which files it under type 4.
DISPUTED_CODES: Mapping[int, Reason] = MappingProxyType({448: Reason.SERVER_ERROR})

# Codes of the same list that say that a room type or a rate is not mapped.
MAPPING_CODES = frozenset({249, 402, 436, 783, 842})

# Types and codes of the same lists that say that the message itself is at fault.
INVALID_TYPES, INVALID_CODES = frozenset({3, 7, 10}), frozenset({320, 321})

# What the types and codes are called there.
NAMES: Mapping[int, str] = MappingProxyType(
    {
        1: "unknown",
        2: "no implementation",
        3: "business rule",
        4: "authentication",
        5: "authentication timeout",
        6: "authorization",
        7: "protocol violation",
        8: "transaction model",
        9: "authentication model",
        10: "required field missing",
        11: "advisory",
        12: "processing exception",
        13: "application error",
    }
)
CODE_NAMES: Mapping[int, str] = MappingProxyType(
    {
        187: "system unavailable",
        249: "invalid rate code",
        320: "invalid value",
        321: "required field missing",
        375: "hotel not active",
        392: "invalid hotel code",
        402: "invalid room type",
        436: "rate does not exist",
        448: "system error",
        450: "unable to process",
        497: "authorization error",
        783: "room or rate not found",
        842: "rate not loaded",
    }
)

# WS-Security (SOAP Message Security 1.1.1, section 12): faults that refuse our credentials.
REFUSING_FAULTS = frozenset({"FailedAuthentication", "InvalidSecurityToken"})

# SOAP 1.1 section 4.4.1 gives `Client.Authentication` as an example of a code with details.
REFUSING_DETAIL = "Authentication"

# SOAP 1.1 section 4.4.1 and SOAP 1.2 section 5.4.6: whose fault a fault is, when it is ours.
OUR_FAULTS = frozenset({"Client", "Sender"})

# Which of several errors is told: the one that the others most likely follow from.
RANK = (Reason.CREDENTIALS, Reason.FORBIDDEN, Reason.CONTENT, Reason.CLIENT_ERROR, Reason.SERVER_ERROR)

MOST = 1000
"""How many errors of an answer are looked at."""

_ANSWER = re.compile(r"OTA_\w+RS")
_NUMBER = re.compile(r"[0-9]{1,6}", re.ASCII)


def judge(root: etree._Element) -> Result:
    """Return what a document says; one that is no OTA message is ok."""
    said, token = _judged(root), request_ids.of_message(_message(root).get(request_ids.ECHO))
    return replace(said, findings=replace(said.findings, request=token)) if token else said


def _judged(root: etree._Element) -> Result:
    for verdict in (_errors(root), _fault(root), _not_processed(root)):
        if verdict is not None:
            return replace(verdict, signs=verdict.signs | {Sign.NOT_PROCESSED})
    message = _message(root)
    if _ANSWER.fullmatch(_local(message)) and message.find("{*}Success") is None:
        return failed(Reason.PROTOCOL, f"{excerpt(_local(message))} says neither Success nor Errors")
    return ok()


def _message(root: etree._Element) -> etree._Element:
    """Return the message itself: what is in the body of a SOAP envelope."""
    inside = root.find("{*}Body/*") if _local(root) == "Envelope" else None
    return root if inside is None else inside


def _fault(root: etree._Element) -> Result | None:
    for fault in root.iter("{*}Fault"):
        parent = fault.getparent()
        if parent is None or _local(parent) == "Body":
            codes = [_code(one.text) for one in fault.iter("{*}faultcode", "{*}Value")]
            said = next((one.text for one in fault.iter("{*}faultstring", "{*}Text") if one.text), "")
            message = f"answers with a SOAP fault, {excerpt(codes[0]) if codes else 'without a code'}"
            reason = _reason_of_fault(codes)
            verdict = _verdict(reason, message, said)
            invalid = reason is Reason.CONTENT
            return replace(verdict, signs=frozenset({Sign.MESSAGE_INVALID})) if invalid else verdict
    return None


def _code(text: str | None) -> str:
    """Return a fault code without its prefix, with its details (`Client.Authentication`)."""
    return (text or "").strip().rpartition(":")[2]


def _reason_of_fault(codes: list[str]) -> Reason:
    first, *details = codes[0].split(".") if codes else [""]
    ours = first in OUR_FAULTS
    if REFUSING_FAULTS & {first, *details, *codes[1:]} or (ours and REFUSING_DETAIL in details):
        return Reason.CREDENTIALS
    return Reason.CONTENT if ours else Reason.SERVER_ERROR


def _errors(root: etree._Element) -> Result | None:
    if next(root.iter("{*}Errors"), None) is None:
        return None
    errors = [error for one in root.iter("{*}Errors") for error in _first(one, "{*}Error")]
    if not errors:
        return failed(Reason.CONTENT, "answers with Errors that name none")
    worst = min(errors, key=lambda error: RANK.index(_reason(error)))
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    told = _told(worst, _reason(worst), f"answers with an error{more}")
    return replace(told, signs=frozenset(sign for error in errors for sign in _signs(error)))


def _not_processed(root: etree._Element) -> Result | None:
    for warning in root.iter("{*}Warning"):
        if warning.get("Status", "").strip().lower() == "notprocessed":
            reason = _reason(warning)
            if reason not in {Reason.CREDENTIALS, Reason.FORBIDDEN}:
                reason = Reason.CONTENT
            told = _told(warning, reason, "answers that something was not processed")
            return replace(told, signs=frozenset(_signs(warning)))
    return None


def _first(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    for number, child in enumerate(parent.iterchildren(name)):
        if number == MOST:
            break
        yield child


def _reason(error: etree._Element) -> Reason:
    """Return what an error means, by its type and code."""
    kind, code = _number(error, "Type"), _number(error, "Code")
    return (
        DECIDING_TYPES.get(kind)
        or CODES.get(code)
        or TYPES.get(kind)
        or DISPUTED_CODES.get(code)
        or Reason.CONTENT
    )


def _signs(error: etree._Element) -> Iterator[Sign]:
    """Yield what an error is a sign of; a code says more than a type."""
    kind, code = _number(error, "Type"), _number(error, "Code")
    if _reason(error) is not Reason.CONTENT:
        return
    if code in MAPPING_CODES:
        yield Sign.CODE_NOT_MAPPED
    elif kind in INVALID_TYPES or code in INVALID_CODES:
        yield Sign.MESSAGE_INVALID


def _number(error: etree._Element, name: str) -> int:
    value = error.get(name, "").strip()
    return int(value) if _NUMBER.fullmatch(value) else -1


def _told(error: etree._Element, reason: Reason, beginning: str) -> Result:
    """Return the verdict on an error or warning, in its own words and those of the code lists."""
    parts = [
        f"{word} {excerpt(error.get(key, ''))}{_named(names, _number(error, key))}"
        for key, word, names in (("Type", "type", NAMES), ("Code", "code", CODE_NAMES))
        if error.get(key)
    ]
    message = ": ".join((beginning, ", ".join(parts))) if parts else beginning
    result = _verdict(reason, message, error.get("ShortText") or error.text or "")
    return replace(result, decisive=result.decisive or _number(error, "Code") in MAPPING_CODES)


def _named(names: Mapping[int, str], number: int) -> str:
    return f" ({names[number]})" if number in names else ""


def _verdict(reason: Reason, message: str, said: str) -> Result:
    words = excerpt(said)
    refused = reason in {Reason.CREDENTIALS, Reason.FORBIDDEN}
    return replace(failed(reason, f"{message}: {words}" if words else message), decisive=refused)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname
