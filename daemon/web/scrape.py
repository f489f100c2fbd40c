"""`GET /metrics`: either format, compressed or not, as the scraper asks."""

import zlib
from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from daemon.metrics.text import OPENMETRICS, PROMETHEUS
from daemon.web.answer import stream
from daemon.web.deps import DEPS

_GZIP = 16 + zlib.MAX_WBITS


async def metrics(request: web.Request) -> web.StreamResponse:
    """Send all metrics, in pieces between which the event loop has its turn."""
    deps = request.app[DEPS]
    openmetrics = wants_openmetrics(request.headers.get(hdrs.ACCEPT, ""))
    headers: dict[str, str] = {
        hdrs.CONTENT_TYPE: OPENMETRICS if openmetrics else PROMETHEUS,
        hdrs.VARY: "Accept, Accept-Encoding",
    }
    compress = takes(request.headers.get(hdrs.ACCEPT_ENCODING, ""), "gzip")
    if compress:
        headers[hdrs.CONTENT_ENCODING] = "gzip"
    pieces = deps.metrics.expose(deps.board, deps.clock.monotonic(), openmetrics=openmetrics)
    return await stream(request, headers, _packed(pieces, compress=compress))


async def _packed(pieces: AsyncIterator[str], *, compress: bool) -> AsyncIterator[bytes]:
    # Level 1 costs a tenth of level 9 and saves nearly as much of so repetitive a text.
    packer = zlib.compressobj(1, zlib.DEFLATED, _GZIP)
    async for piece in pieces:
        data = piece.encode()
        if compress:
            data = packer.compress(data)
        if data:
            yield data
    if compress:
        yield packer.flush()


def wants_openmetrics(accept: str) -> bool:
    """Return whether OpenMetrics 1.0 is preferred to Prometheus text."""
    wanted = {"application/openmetrics-text": 0.0, "text/plain": 0.0}
    for part in accept.lower().split(","):
        kind, *parameters = (one.strip() for one in part.split(";"))
        version = next((one for one in parameters if one.startswith("version=")), "")
        if kind == "application/openmetrics-text" and version not in {"", "version=1.0.0"}:
            continue
        if kind in wanted:
            wanted[kind] = max(wanted[kind], _quality(parameters))
    best = wanted["application/openmetrics-text"]
    return best > 0 and best >= wanted["text/plain"]


def takes(accepted: str, coding: str) -> bool:
    """Return whether a coding is among those accepted."""
    for part in accepted.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        if name == coding:
            return _quality(parameters) > 0
    return False


def _quality(parameters: list[str]) -> float:
    for one in parameters:
        if one.startswith("q="):
            try:
                return float(one[2:])
            except ValueError:
                return 0.0
    return 1.0
