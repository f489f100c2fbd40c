"""Getting through to a host: resolve, connect, TLS, each as a phase of the run's trace."""

import asyncio
import errno
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from aiohappyeyeballs import start_connection

from checks import certificate
from checks.lookup import Address, Lookups
from checks.result import Phase, Reason, Result, Sign, failed
from checks.trust import Trust
from checks.values import TlsTrust

HEAD_START = 0.25
"""Seconds an address is given before the next one is tried beside it (RFC 8305)."""

MOST_ADDRESSES = 8

LONGEST_HANDSHAKE = 86_400.0

PEEK = 2.0
"""Seconds for a second look at a certificate that was refused, to say all that is wrong with it."""

OUR_OWN = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})
"""What a connection fails with for want of something on this host."""

NO_SUCH_NAME = frozenset({socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)})
"""What a look-up fails with when the name servers know of no such name, or of no address for it."""

Resolve = Callable[[str], Awaitable[Sequence[Address]]]
Again = Callable[[], Awaitable[tuple[asyncio.Transport, asyncio.Protocol]]]

NOT_TLS = frozenset({"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG"})
"""What OpenSSL says when the answer to its greeting is not TLS at all."""


class Phases(Protocol):
    """The part of a run's trace that connecting uses."""

    current: Phase | None

    def enter(self, phase: Phase) -> None:
        """Begin a phase."""
        ...


class Unreachable(Exception):  # noqa: N818 - a finding about the target, not an error of ours
    """The host could not be got through to, and why."""

    def __init__(self, reason: Reason, message: str, *signs: Sign) -> None:
        super().__init__(message)
        self.reason = reason
        self.signs = frozenset(signs)

    def result(self, trace: Phases) -> Result:
        """Return this as what the run saw."""
        return replace(failed(self.reason, str(self), signs=self.signs), failed_phase=trace.current)


@dataclass(frozen=True, slots=True)
class Place:
    """Where to connect: `trust` is None for plain text, `server_name` what the certificate must name."""

    host: str
    port: int
    trust: TlsTrust | None = None
    server_name: str | None = None
    literal: Address | None = None

    @property
    def name(self) -> str:
        """The name that the certificate is held against: without the dot that may end a full name."""
        return (self.server_name or self.host).rstrip(".")

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place(host: str, port: int, trust: TlsTrust | None = None, server_name: str | None = None) -> Place:
    """Return a place; whether the host is an address is found out once, here."""
    host = host.removeprefix("[").removesuffix("]")
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return Place(host, port, trust, server_name)
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    return Place(host, port, trust, server_name, (family, host))


@dataclass(slots=True)
class Connector:
    """Opens connections: a new one each time, over kept SSL contexts."""

    resolve: Resolve = field(default_factory=Lookups)
    trust: Trust = field(default_factory=Trust)

    async def open(
        self, to: Place, protocol: asyncio.Protocol, trace: Phases, now: datetime
    ) -> asyncio.Transport:
        """Return a transport to the place, or raise `Unreachable`; `now` is held against certificates."""
        transport = await self._connect(to, protocol, trace)
        if to.trust is None:
            return transport
        return await self.upgrade(transport, protocol, to, trace, now)

    async def upgrade(
        self,
        transport: asyncio.Transport,
        protocol: asyncio.Protocol,
        to: Place,
        trace: Phases,
        now: datetime,
        *,
        again: Again | None = None,
    ) -> asyncio.Transport:
        """Return the transport with TLS over it, or abort it and raise `Unreachable`.

        `again` leads to the point of the handshake once more, where connecting alone does not.
        """
        secured: asyncio.Transport | None = None
        trace.enter(Phase.TLS)
        try:
            trust = self.trust.context(to.trust or TlsTrust())
            secured = await self._secure(transport, protocol, to.name, trust)
        except ssl.SSLCertVerificationError as error:
            raise await self._explain(to, error, now, again) from error
        except ssl.SSLError as error:
            raise Unreachable(Reason.TLS, f"no TLS with {to}: {_tls_fault(error)}", *_mode(error)) from error
        except (OSError, EOFError) as error:
            # Not the server's certificate or settings: it, or something in between, hung up.
            said = f"no TLS with {to}: the connection was closed in the handshake"
            raise Unreachable(Reason.CONNECT, said) from error
        finally:
            if secured is None:
                transport.abort()
        return secured

    async def _connect(self, to: Place, protocol: asyncio.Protocol, trace: Phases) -> asyncio.Transport:
        addresses = await self._addresses(to, trace)
        trace.enter(Phase.CONNECT)
        loop = asyncio.get_running_loop()
        try:
            if len(addresses) == 1:
                transport, _ = await loop.create_connection(lambda: protocol, addresses[0][1], to.port)
                return transport
            infos = [
                (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, to.port))
                for family, address in addresses
            ]
            sock = await start_connection(infos, happy_eyeballs_delay=HEAD_START, interleave=1)
            transport, _ = await loop.create_connection(lambda: protocol, sock=sock)
        except OSError as error:
            reason = Reason.INTERNAL if error.errno in OUR_OWN else Reason.CONNECT
            signs = (Sign.CONNECTION_REFUSED,) if isinstance(error, ConnectionRefusedError) else ()
            raise Unreachable(reason, f"cannot connect to {to}: {_connect_fault(error)}", *signs) from error
        return transport

    async def _addresses(self, to: Place, trace: Phases) -> Sequence[Address]:
        if to.literal is not None:
            return (to.literal,)
        trace.enter(Phase.RESOLVE)
        try:
            found = await self.resolve(to.host)
        except (socket.gaierror, UnicodeError) as error:
            said = f"{to.host} cannot be looked up: {_dns_fault(error)}"
            raise Unreachable(Reason.DNS, said, *((Sign.NAME_UNKNOWN,) if _is_none(error) else ())) from error
        if not found:
            raise Unreachable(Reason.DNS, f"{to.host} has no address", Sign.NAME_UNKNOWN)
        return found[:MOST_ADDRESSES]

    async def _secure(
        self, transport: asyncio.Transport, protocol: asyncio.Protocol, name: str, context: ssl.SSLContext
    ) -> asyncio.Transport:
        loop = asyncio.get_running_loop()
        # The run's own deadline ends a handshake that hangs; asyncio's would be told as a fault of TLS.
        secured = await loop.start_tls(
            transport, protocol, context, server_hostname=name, ssl_handshake_timeout=LONGEST_HANDSHAKE
        )
        if secured is None:
            raise EOFError("the connection was closed in the handshake")
        return secured

    async def _explain(
        self, to: Place, error: ssl.SSLCertVerificationError, now: datetime, again: Again | None
    ) -> Unreachable:
        """Return everything that is wrong with the certificate: verifying stops at the first fault."""
        found = None
        with suppress(TimeoutError):
            async with asyncio.timeout(PEEK):
                found = await self.peek(to, again)
        faults = found.faults(to.name, now) if found else []
        if not faults or error.verify_code in CHAIN_FAULTS:
            words = CHAIN_FAULTS.get(error.verify_code, f"is not accepted: {error.verify_message}")
            sign = VERIFY_SIGNS.get(error.verify_code, Sign.CERTIFICATE_UNTRUSTED)
            faults.append(certificate.Fault(sign, words))
        said = " and ".join(dict.fromkeys(fault.words for fault in faults))
        signs = dict.fromkeys(fault.sign for fault in faults)
        return Unreachable(Reason.TLS, f"the certificate of {to}: it {said}", *signs)

    async def peek(self, to: Place, again: Again | None = None) -> certificate.Certificate | None:
        """Return the certificate a place shows, without believing it; None when it cannot be had."""
        try:
            transport, protocol = await (again() if again else self._direct(to))
        except Unreachable:
            return None
        try:
            secured = await self._secure(transport, protocol, to.name, self.trust.blind())
            return peer_certificate(secured)
        except (ssl.SSLError, OSError, EOFError):
            return None
        finally:
            transport.abort()

    async def _direct(self, to: Place) -> tuple[asyncio.Transport, asyncio.Protocol]:
        protocol = asyncio.Protocol()
        return await self._connect(to, protocol, _NoTrace()), protocol


@dataclass(slots=True)
class _NoTrace:
    current: Phase | None = None

    def enter(self, phase: Phase) -> None:
        self.current = phase


CHAIN_FAULTS = {
    18: "is self-signed",
    19: "comes from an authority that is not trusted here",
    20: "comes without its intermediate certificate, or from an authority that is not trusted here",
    21: "comes without its intermediate certificate, or from an authority that is not trusted here",
    23: "was revoked",
}
"""OpenSSL's verify codes that reading the certificate alone does not show."""

VERIFY_SIGNS = {
    9: Sign.CERTIFICATE_NOT_YET_VALID,
    10: Sign.CERTIFICATE_EXPIRED,
    23: Sign.CERTIFICATE_REVOKED,
    62: Sign.CERTIFICATE_WRONG_NAME,
    64: Sign.CERTIFICATE_WRONG_NAME,
}
"""What OpenSSL's verify codes are signs of; all others say that the certificate is not trusted."""


def peer_certificate(transport: asyncio.BaseTransport) -> certificate.Certificate | None:
    """Return the certificate the other side of a TLS transport showed."""
    tls = transport.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    return certificate.read(der) if der else None


def _tls_fault(error: BaseException) -> str:
    reason = getattr(error, "reason", None) or ""
    if reason in NOT_TLS:
        return "what answers there does not speak TLS"
    return reason.replace("_", " ").lower() or str(error) or type(error).__name__


def _mode(error: BaseException) -> tuple[Sign, ...]:
    return (Sign.TLS_MODE,) if getattr(error, "reason", None) in NOT_TLS else ()


def _connect_fault(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, ConnectionResetError):
        return "connection reset"
    return error.strerror or str(error)


def _dns_fault(error: Exception) -> str:
    if isinstance(error, socket.gaierror):
        if error.errno in NO_SUCH_NAME:
            return "there is no such host name"
        if error.errno == socket.EAI_AGAIN:
            return "the name server does not answer"
        return error.strerror or "the name server failed"
    return "it is not a valid host name"


def _is_none(error: Exception) -> bool:
    """Say whether a name that cannot be looked up is none, and not only without an answer."""
    return not isinstance(error, socket.gaierror) or error.errno in NO_SUCH_NAME
