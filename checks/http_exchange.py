"""One HTTP exchange on a connection of its own: a request out, a bounded answer in.

An `asyncio.Protocol` over httptools rather than an HTTP client library: exact phases, caps and deadlines in
one place, at a quarter of the cost. Nothing that arrives is trusted: not its length, not its encoding.
"""

import asyncio
import zlib
from dataclasses import dataclass, field

import httptools

from checks.connection import Phases, Unreachable
from checks.result import Phase, Reason

MAX_HEAD = 65536
"""Bytes of status line and header fields at the most."""

PACKING = 8
"""Bytes on the wire per byte of body at the most: chunks of one byte take six."""

MAX_INTERIM = 5
"""Interim answers (1xx) at the most."""

AUTO_ZLIB, RAW_DEFLATE = 47, -15
GZIP = b"\x1f\x8b"


@dataclass(slots=True)
class Response:
    """An answer as it came: header names in lower case, the body decoded and whole."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    _first: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, value: str) -> None:
        """Add a header field, its name in lower case."""
        self.headers.append((name, value))
        self._first.setdefault(name, value)

    def header(self, name: str) -> str | None:
        """Return the first header field of this name (in lower case)."""
        return self._first.get(name)


class Exchange(asyncio.Protocol):
    """Collects one answer. Await `answer` for it; it raises `Unreachable`."""

    def __init__(self, trace: Phases, max_body: int, *, head_only: bool) -> None:
        self.answer: asyncio.Future[Response] = asyncio.get_running_loop().create_future()
        self._trace = trace
        self._max_body = max_body
        self._head_only = head_only
        self._parser = httptools.HttpResponseParser(self)
        self._response = Response(0)
        self._chunks: list[bytes] = []
        self._size = 0
        self._head_size = 0
        self._wire_size = 0
        self._interim = 0
        self._in_body = False
        self._until_close = False

    def ask(self, transport: asyncio.Transport, request: bytes) -> None:
        """Send the request; from now on an answer is awaited."""
        self._trace.enter(Phase.PROCESSING)
        transport.write(request)

    def discard(self) -> None:
        """Want no answer any more; nothing of this is used again."""
        # The parser holds our methods: left to the search for garbage, thousands of both would wait for it.
        del self._parser
        if self.answer.done() and not self.answer.cancelled():
            self.answer.exception()
        else:
            self.answer.cancel()

    # asyncio's side

    def data_received(self, data: bytes) -> None:
        """Feed the parser."""
        if self.answer.done():
            return
        if self._trace.current is Phase.PROCESSING:
            self._trace.enter(Phase.TRANSFER)
        elif self._trace.current is not Phase.TRANSFER:
            self._fail(Reason.PROTOCOL, "it answers before it was asked")
            return
        if self._in_body:
            self._wire_size += len(data)
        else:
            self._head_size += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(Reason.PROTOCOL, "the answer switches to another protocol")
        except httptools.HttpParserError as error:
            self._malformed(error)
        if not self._in_body and self._head_size > MAX_HEAD:
            self._fail(Reason.TOO_LARGE, f"the header of the answer is larger than {MAX_HEAD} bytes")
        if self._wire_size > PACKING * self._max_body + MAX_HEAD:
            self._fail(Reason.TOO_LARGE, "the answer is mostly packing: extensions of chunks, or trailers")

    def eof_received(self) -> None:
        """Take the end of the stream as the end of an answer that has no other."""
        self._ended()

    def connection_lost(self, error: Exception | None) -> None:
        """Finish, or fail if the answer is not whole."""
        if error is None or isinstance(error, ConnectionError | OSError):
            self._ended(reset=error is not None)

    def _ended(self, *, reset: bool = False) -> None:
        if self.answer.done():
            return
        if self._in_body and self._until_close and not reset:
            self._finish()
        elif self._head_size == 0:
            how = "reset" if reset else "closed"
            self._fail(Reason.PROTOCOL, f"the connection was {how} before any answer")
        else:
            self._fail(Reason.PROTOCOL, "the connection ended in the middle of the answer")

    # httptools' side; an exception here stops the parser and reaches `_malformed` as its context

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header field; what follows the body or a whole answer is nobody's business."""
        if not self.answer.done() and not self._in_body:
            self._response.add(name.decode("latin-1").lower(), value.decode("latin-1"))

    def on_headers_complete(self) -> None:
        """Learn how the body ends, or that there is none."""
        status = self._parser.get_status_code()
        if self.answer.done() or 100 <= status < 200:
            return
        response = self._response
        response.status = status
        self._in_body = True
        if self._head_only or status in {204, 304}:
            self._finish()
            return
        coding = (response.header("transfer-encoding") or "").lower()
        self._until_close = "chunked" not in coding and response.header("content-length") is None

    def on_body(self, data: bytes) -> None:
        """Keep a piece of the body, up to the cap."""
        self._size += len(data)
        if self._size > self._max_body:
            self._fail(Reason.TOO_LARGE, f"the answer is larger than {self._max_body} bytes")
            return
        self._chunks.append(data)

    def on_message_complete(self) -> None:
        """Finish; an interim answer (1xx) only makes room for the next."""
        if not self._in_body:
            self._interim += 1
            self._response = Response(0)
            if self._interim > MAX_INTERIM:
                self._fail(Reason.PROTOCOL, "nothing but interim answers")
            return
        self._finish()

    def _malformed(self, error: Exception) -> None:
        if self._head_size and not self._in_body:
            self._fail(Reason.PROTOCOL, f"what answers is not proper HTTP: {error}")
        else:
            self._fail(Reason.PROTOCOL, f"the answer breaks HTTP's rules: {error}")

    def _finish(self) -> None:
        if self.answer.done():
            return
        try:
            self._response.body = decoded(
                b"".join(self._chunks), self._response.header("content-encoding"), self._max_body
            )
        except Unreachable as error:
            self.answer.set_exception(error)
            return
        self.answer.set_result(self._response)

    def _fail(self, reason: Reason, message: str) -> None:
        if not self.answer.done():
            self.answer.set_exception(Unreachable(reason, message))


def decoded(body: bytes, coding: str | None, limit: int) -> bytes:
    """Return the body without its content coding, never more than `limit` bytes of it."""
    if coding is None or not body:
        return body
    coding = coding.strip().lower()
    if coding not in {"gzip", "x-gzip", "deflate"}:
        return body
    try:
        return _inflated(body, AUTO_ZLIB, limit)
    except zlib.error as error:
        if coding == "deflate":
            try:
                return _inflated(body, RAW_DEFLATE, limit)
            except zlib.error:
                pass
        raise Unreachable(Reason.PROTOCOL, f"the body is not the {coding} it claims to be") from error


def _inflated(body: bytes, window: int, limit: int) -> bytes:
    whole = b""
    while body:
        stream = zlib.decompressobj(window)
        whole += stream.decompress(body, limit + 1 - len(whole))
        if len(whole) > limit:
            raise Unreachable(Reason.TOO_LARGE, f"the answer is larger than {limit} bytes once unpacked")
        if not stream.eof:
            raise Unreachable(Reason.PROTOCOL, "the compressed body ends too early")
        # A second member (RFC 1952) may follow; what is none is left alone, as everybody does.
        body = stream.unused_data if stream.unused_data.startswith(GZIP) else b""
    return whole
