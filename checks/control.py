"""Probe of the control targets: hosts nobody watches, which tell a dead network of ours from a dead vendor.

Those by address are reached without a look-up: when they answer and those by name do not, name servers fail.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated

from pydantic import AfterValidator, Field, PrivateAttr, TypeAdapter
from yarl import URL

from checks import http
from checks.check import CheckType
from checks.connection import Place, Unreachable, place
from checks.context import Context, Trace
from checks.http_request import Request, request, standard_fields
from checks.result import NO_SIGNS, RESPONSE_TIME, Phase, Reason, Result, Sign, failed, ok
from checks.values import HttpUrl, TlsTrust

LONGEST, PART = 5.0, 0.8
"""Seconds that one target has, and the part of a run's time at the most."""

MOST_TARGETS = 16

TARGETS, FAILED = "targets", "targets_failed"
BY_ADDRESS, BY_NAME = "by_address_failed", "by_name_failed"

GOT_THROUGH = frozenset({Reason.TLS, Reason.PROTOCOL, Reason.TOO_LARGE})
"""What a target fails with that was reached all the same."""

_URL: TypeAdapter[str] = TypeAdapter(HttpUrl)


def _target(value: str) -> str:
    scheme, mark, rest = value.partition("://")
    if scheme in {"http", "https"}:
        return _URL.validate_python(value)
    host, _, port = rest.rpartition(":")
    if (
        scheme != "tcp"
        or not mark
        or not host
        or not (port.isascii() and port.isdigit() and 0 < int(port) < 65536)
    ):
        raise ValueError("must be tcp://host:port or an http(s):// URL, such as tcp://1.1.1.1:443")
    return value


class Options(TlsTrust):
    """What to reach: `tcp://host:port`, or http(s) URLs."""

    targets: Annotated[
        tuple[Annotated[str, AfterValidator(_target)], ...], Field(min_length=1, max_length=MOST_TARGETS)
    ]

    _asked: "tuple[Place | Request, ...]" = PrivateAttr(())

    def model_post_init(self, _context: object) -> None:
        """Work the requests out: what loads is what runs."""
        trust = TlsTrust(verify=self.verify, ca_file=self.ca_file)
        self._asked = tuple(_asked(target, trust) for target in self.targets)

    @property
    def asked(self) -> "tuple[Place | Request, ...]":
        """The targets as places to connect to, or requests to make there."""
        return self._asked


def _asked(target: str, trust: TlsTrust) -> Place | Request:
    if target.startswith("tcp:"):
        host, _, port = target.removeprefix("tcp://").rpartition(":")
        return place(host, int(port))
    return request("HEAD", URL(target), standard_fields(), b"", trust)


def target(options: Options) -> str:
    """Return whom a run burdens."""
    return ", ".join(options.targets)


@dataclass(frozen=True, slots=True)
class Reach:
    """How reaching one target went: `reason` is None when it answered. `seconds` are those of its phases."""

    place: Place
    reason: Reason | None
    message: str
    phases: Mapping[Phase, float] = field(default_factory=dict)
    signs: frozenset[Sign] = NO_SIGNS

    @property
    def by_address(self) -> bool:
        """Whether it needs no look-up."""
        return self.place.literal is not None

    @property
    def seconds(self) -> float:
        """How long it took."""
        return sum(self.phases.values())


async def probe(options: Options, context: Context) -> Result:
    """Reach for all targets at once."""
    reaches = await asyncio.gather(*(_reach(asked, context) for asked in options.asked))
    result = judge(reaches)
    answered = [one for one in reaches if one.reason is None]
    if not answered:
        return result
    fastest = min(answered, key=lambda one: one.seconds)
    taken = {RESPONSE_TIME: round(fastest.seconds * 1000, 3)}
    return replace(result, measurements={**result.measurements, **taken}, phases=fastest.phases)


async def _reach(asked: Place | Request, context: Context) -> Reach:
    trace = Trace()
    to = asked if isinstance(asked, Place) else asked.place
    seconds = min(LONGEST, PART * context.timeout)
    try:
        async with asyncio.timeout(seconds):
            await _ask(asked, replace(context, trace=trace))
    except Unreachable as unreachable:
        return Reach(to, unreachable.reason, str(unreachable), signs=unreachable.signs)
    except TimeoutError:
        # A name server that says nothing is a look-up that failed.
        if trace.current is Phase.RESOLVE:
            return Reach(to, Reason.DNS, f"{to.host} is not looked up within {seconds:g} s")
        return Reach(to, Reason.TIMEOUT, f"{to} does not answer within {seconds:g} s")
    trace.end()
    return Reach(to, None, "", trace.phases)


async def _ask(asked: Place | Request, context: Context) -> None:
    if isinstance(asked, Request):
        await http.exchange(asked, context, 0)
        return
    tools = context.tools
    transport = await tools.connector.open(asked, asyncio.Protocol(), context.trace, tools.now())
    transport.abort()


def judge(reaches: Sequence[Reach]) -> Result:
    """Return what the targets together say of the way out; what failed for want of ours says nothing."""
    lost = [one for one in reaches if one.reason is not None]
    found = {
        TARGETS: float(len(reaches)),
        FAILED: float(len(lost)),
        BY_ADDRESS: float(sum(one.by_address for one in lost)),
        BY_NAME: float(sum(not one.by_address for one in lost)),
    }
    telling = [one for one in reaches if one.reason is not Reason.INTERNAL]
    deaf = _deaf(telling)
    if deaf is not None:
        # Where no target by address was tried, it may be the way to the name servers that is lost.
        works = any(one.by_address for one in telling)
        return failed(Reason.DNS, deaf, found, signs=(Sign.NAMES_LOST,) if works else ())
    if len(lost) == len(reaches):
        message = f"none of {len(reaches)} control targets answers: {'; '.join(one.message for one in lost)}"
        reason = _shared(telling)
        return failed(reason, message, found, signs=_signs(reason, telling))
    if lost:
        message = f"{len(reaches) - len(lost)} of {len(reaches)} control targets answer; not this: "
        return ok(message + "; ".join(one.message for one in lost), found)
    return ok(f"all {len(reaches)} control targets answer", found)


def _deaf(telling: Sequence[Reach]) -> str | None:
    """Return that names cannot be looked up, where that and nothing else is wrong; None where it is not."""
    names = [one for one in telling if not one.by_address]
    if not names or any(one.reason is not Reason.DNS for one in names):
        return None
    others = [one for one in telling if one.by_address]
    lost = f"names cannot be looked up: {'; '.join(one.message for one in names)}"
    if not others:
        return lost
    through = sum(one.reason is None or one.reason in GOT_THROUGH for one in others)
    besides = f"{through} of {len(others)} targets by address are reached"
    return f"{lost}; {besides}" if through else None


def _shared(telling: Sequence[Reach]) -> Reason:
    """Return why none answered: the network only where not one was reached."""
    reasons = {one.reason for one in telling}
    if not reasons:
        return Reason.INTERNAL
    if Reason.TLS in reasons:
        return Reason.TLS
    return Reason.PROTOCOL if reasons & GOT_THROUGH else Reason.CONNECT


def _signs(reason: Reason, telling: Sequence[Reach]) -> Iterator[Sign]:
    """Yield that the way out is lost; or what is wrong with the certificates of those that were reached."""
    if reason is Reason.CONNECT:
        yield Sign.CONTROL_LOST
    if reason is Reason.TLS:
        for one in telling:
            yield from one.signs


CHECK = CheckType("control", Options, FAILED, probe, target)
