"""The hotel's name server: what DNS says of its mail, and a blocklist."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from daemon.demo.dns_transport import served

DOMAIN = "grand-harbour.demo"
SELECTOR = "google"
SENDER = "127.0.0.25"
LIST = "blocklist.demo"
OLD_LIMIT = 512

SPF = f"v=spf1 ip4:{SENDER} -all"
DMARC = f"v=DMARC1; p=quarantine; rua=mailto:dmarc@{DOMAIN}"
DKIM_NAME, DMARC_NAME = f"{SELECTOR}._domainkey.{DOMAIN}", f"_dmarc.{DOMAIN}"


def dkim_record() -> str:
    """Return the record of a fresh key of 2048 bits."""
    public = rsa.generate_private_key(65537, 2048).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}"


def listing(address: str) -> str:
    """Return the name an address is asked for by at the blocklist."""
    return ".".join([*reversed(address.split(".")), LIST])


class NameServer:
    """Answers from `records`, by name and type; a name that is in `failing` gets SERVFAIL."""

    def __init__(self, dkim: str) -> None:
        self.port = 0
        self.dkim = dkim
        self.failing: set[str] = set()
        self.records: dict[tuple[str, str], list[str]] = {}
        self.text(DOMAIN, SPF)
        self.text(DKIM_NAME, dkim)
        self.text(DMARC_NAME, DMARC)
        self.records[(listing("127.0.0.2"), "A")] = ["127.0.0.2"]

    def text(self, name: str, *texts: str) -> None:
        """Replace the TXT records of a name; none takes them away."""
        self.records[(name, "TXT")] = [_strings(text) for text in texts]

    def lists(self, address: str, *, listed: bool) -> None:
        """Put an address on the blocklist, or take it off."""
        self.records[(listing(address), "A")] = ["127.0.0.3"] if listed else []

    def answer(self, data: bytes, most: int | None = None) -> bytes | None:
        """Return the answer to a message, of so many bytes at the most, or None when it is no question."""
        try:
            query = dns.message.from_wire(data)
        except (dns.exception.DNSException, ValueError):
            return None
        if len(query.question) != 1:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.AA | dns.flags.RA
        name = query.question[0].name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(query.question[0].rdtype)
        self._fill(response, name, kind)
        wire = response.to_wire(max_size=65535)
        limit = most or max(query.payload, OLD_LIMIT)
        if len(wire) > limit:
            response.answer.clear()
            response.flags |= dns.flags.TC
            wire = response.to_wire()
        return wire

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        values = self.records.get((name, kind))
        if values:
            response.answer.append(dns.rrset.from_text(dns.name.from_text(name), 60, "IN", kind, *values))
        elif not any(found and known.endswith(name) for (known, _), found in self.records.items()):
            response.set_rcode(dns.rcode.NXDOMAIN)

    def over(self, data: bytes, transport: str) -> bytes | None:
        """Return the answer to a message that came over UDP or TCP."""
        return self.answer(data, 65535 if transport == "tcp" else None)


@asynccontextmanager
async def name_server() -> AsyncIterator[NameServer]:
    """Serve over UDP and TCP, on one free port, while the context lasts."""
    found = NameServer(await asyncio.to_thread(dkim_record))
    async with served(found.over) as port:
        found.port = port
        yield found


def _strings(text: str) -> str:
    pieces = [text[at : at + 255] for at in range(0, max(len(text), 1), 255)]
    return " ".join(f'"{piece}"' for piece in pieces)
