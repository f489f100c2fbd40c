"""A name server whose long answers are read in part: parsing a thousand records holds everybody up."""

import asyncio
import struct
from typing import Any

import dns.exception
import dns.message
import dns.nameserver
import dns.query

MOST_RECORDS = 100
"""Records of an answer that are looked at."""
MOST_PARSED = 120
"""Records of a message that are parsed: an answer too long is known by it, though it begins with aliases."""

_COUNTS = struct.Struct("!HHH")
_COUNTS_AT = 6


class Server(dns.nameserver.Do53Nameserver):
    """Asks over UDP as dnspython does, and over TCP, where long answers come, with a bound."""

    async def async_query(  # noqa: PLR0917 - the parameters are dnspython's
        self,
        request: dns.message.QueryMessage,
        timeout: float,  # noqa: ASYNC109 - as above
        source: str | None,
        source_port: int,
        max_size: bool,
        backend: Any,
        one_rr_per_rrset: bool = False,
        ignore_trailing: bool = False,
    ) -> dns.message.Message:
        """Return the answer; `max_size` means TCP."""
        if not max_size:
            return await super().async_query(
                request, timeout, source, source_port, max_size, backend, one_rr_per_rrset, ignore_trailing
            )
        try:
            async with asyncio.timeout(timeout):
                wire = await self._exchange(request.to_wire())
        except TimeoutError as error:
            raise dns.exception.Timeout from error
        response = dns.message.from_wire(begin(wire), ignore_trailing=True)
        if not request.is_response(response):
            raise dns.query.BadResponse
        return response

    async def _exchange(self, question: bytes) -> bytes:
        reader, writer = await asyncio.open_connection(self.address, self.port)
        try:
            writer.write(len(question).to_bytes(2, "big") + question)
            return await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
        finally:
            writer.close()


def begin(wire: bytes) -> bytes:
    """Return a message that ends after so many records as may be parsed; what follows is left trailing."""
    end = _COUNTS_AT + _COUNTS.size
    if len(wire) < end:
        return wire
    counts = _COUNTS.unpack_from(wire, _COUNTS_AT)
    if sum(counts) <= MOST_PARSED:
        return wire
    return wire[:_COUNTS_AT] + _COUNTS.pack(min(counts[0], MOST_PARSED), 0, 0) + wire[end:]
