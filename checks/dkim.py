"""Probe of a domain's DKIM keys: that what mails are signed with can be verified (RFC 6376, 8301, 8463)."""

import base64
import binascii
from dataclasses import replace
from typing import Annotated, NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pydantic import Field

from checks import values
from checks.check import CheckType
from checks.context import Context
from checks.findings import set_up
from checks.mail_records import MISSING, broken, clip, doubtful, last_seen, listed, not_seen, remember, tags
from checks.resolver import Unanswered
from checks.result import NOTHING, Phase, Result, State, ok
from checks.values import Host, Line

KEY_BITS = "key_bits"
SHORTEST, ADVISED = 1024, 2048
ED25519_BYTES, ED25519_BITS = 32, 256
LONGEST = 8192
"""Characters of a key that are looked at; one of 16384 bits needs 2,800."""

_WORST_FIRST = (State.CRITICAL, State.WARNING, State.OK)


class Options(values.Options):
    """Whose keys, and under which selectors they stand."""

    domain: Host
    selectors: Annotated[tuple[Line, ...], Field(min_length=1)]


class Seen(NamedTuple):
    """What was found at one selector: the verdict, and the record in a form that is the same for equals."""

    result: Result
    record: str | None = None


class UnusableKey(Exception):  # noqa: N818 - it says what was found, as Unreachable does
    """A record that no mail can be verified with; the text says why."""


async def probe(options: Options, context: Context) -> Result:
    """Look every selector's record up, and return the worst."""
    context.trace.enter(Phase.RESOLVE)
    seen: dict[str, Seen] = {}
    settings: dict[str, str] = {}
    try:
        ask = context.tools.resolver.lookups(context.timeout)
        for selector in options.selectors:
            name = f"{selector}._domainkey.{options.domain}".lower()
            records = await ask.all(name, "TXT")
            settings[f"record.{selector}"] = listed(" ".join(text.split()) for text in records)
            seen[name] = judge(name, selector, records, last_seen(context, name))
    except Unanswered as unanswered:
        return not_seen(f"the DKIM keys of {options.domain} cannot be read", unanswered, context)
    context.trace.end()
    good = {name: None if one.record is None else (one.record,) for name, one in seen.items()}
    result = remember(context, good, _worst([one.result for one in seen.values()]))
    return replace(result, findings=set_up(settings))


def judge(name: str, selector: str, records: tuple[str, ...], was: str) -> Seen:
    """Return what the records at a selector's name are good for."""
    selector = clip(selector, 40)
    keys = [text for text in records if "p=" in "".join(text.split())]
    if not records:
        message = f"there is no DKIM key at {clip(name)}{was}; publish the one your mailer signs with"
        return Seen(broken(message, signs=MISSING))
    if len(keys) > 1:
        return Seen(broken(f"selector {selector} has {len(keys)} DKIM records, and only one is allowed"))
    try:
        found = tags((keys or records)[0])
        bits = _bits(found)
    except (UnusableKey, ValueError) as error:
        return Seen(broken(f"the DKIM record of selector {selector} is unusable: {error}"))
    record = "; ".join(f"{tag}={''.join(value.split())}" for tag, value in found.items())
    return Seen(_weighed(selector, found, bits), record)


def _bits(found: dict[str, str]) -> int:
    """Return the length of the key; raises `UnusableKey` when nothing can be verified with it."""
    if found.get("v", "DKIM1") != "DKIM1" or ("v" in found and next(iter(found)) != "v"):
        raise UnusableKey("it does not begin with v=DKIM1")
    if "p" not in found:
        raise UnusableKey("it holds no key (p=)")
    text = "".join(found["p"].split())
    if not text:
        raise UnusableKey("the key is revoked (p= is empty)")
    if "sha256" not in _list(found.get("h", "sha256")):
        raise UnusableKey(f"it forbids sha256 (h={clip(found['h'], 30)})")
    if not _list(found.get("s", "*")) & {"*", "email"}:
        raise UnusableKey(f"it is not for mail (s={clip(found['s'], 30)})")
    return _length(found.get("k", "rsa").lower(), text)


def _length(kind: str, text: str) -> int:
    try:
        key = base64.b64decode(text[:LONGEST], validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnusableKey("the key (p=) is not base64; was it cut short?") from error
    if kind == "ed25519" and len(key) == ED25519_BYTES:
        return ED25519_BITS
    if kind == "ed25519":
        raise UnusableKey(f"the ed25519 key has {len(key)} bytes instead of {ED25519_BYTES}")
    if kind != "rsa":
        raise UnusableKey(f"the kind of key k={clip(kind, 30)} is unknown")
    try:
        public = load_der_public_key(key)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise UnusableKey("the key (p=) cannot be parsed; was it cut short?") from error
    if not isinstance(public, RSAPublicKey):
        raise UnusableKey("the key is not the RSA key it says it is")
    if public.key_size < SHORTEST:
        raise UnusableKey(f"the key has {public.key_size} bits, and receivers ask for {SHORTEST} at least")
    return public.key_size


def _weighed(selector: str, found: dict[str, str], bits: int) -> Result:
    measurements = {KEY_BITS: float(bits)}
    if "y" in _list(found.get("t", "")):
        message = f"selector {selector} is marked as a test (t=y): receivers ignore its signatures"
        return doubtful(message, measurements)
    if bits < ADVISED and bits != ED25519_BITS:
        message = f"selector {selector}: key of {bits} bits, {ADVISED} are advised"
        return ok(message, measurements)
    return ok(f"selector {selector}: key of {bits} bits", measurements)


def _list(value: str) -> set[str]:
    return {item.strip().lower() for item in value.split(":")}


def _worst(results: list[Result]) -> Result:
    """Return the worst of the results, with the words of all as bad, and the length of the shortest key."""
    worst = next(state for state in _WORST_FIRST if any(one.state is state for one in results))
    alike = [one for one in results if one.state is worst]
    message = "; ".join(one.message for one in alike)
    bits = [one.measurements[KEY_BITS] for one in results if KEY_BITS in one.measurements]
    measurements = {KEY_BITS: min(bits)} if bits else NOTHING
    signs = frozenset(sign for one in alike for sign in one.signs)
    return replace(alike[0], message=message, measurements=measurements, signs=signs)


CHECK = CheckType("dkim", Options, KEY_BITS, probe)
