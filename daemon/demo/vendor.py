"""The simulated vendors: HTTP endpoints as the owner's document names them, which can be made to fail."""

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trustme
from aiohttp import web

HEALTHY = ("/api/health", "/v1/status", "/api/sync/status")


class Vendors:
    """Answers for all vendors; an endpoint named in `broken` answers 503 instead."""

    def __init__(self) -> None:
        self.broken: set[str] = set()
        self.port = 0
        self.tls_port = 0

    @property
    def url(self) -> str:
        """Where they are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def tls_url(self) -> str:
        """Where they are over TLS, with a certificate of an authority of their own."""
        return f"https://localhost:{self.tls_port}"

    async def answer(self, request: web.Request) -> web.Response:
        """Answer as healthy vendors do, or as broken ones."""
        if request.path in self.broken:
            return web.json_response({"status": "down", "error": "the database is away"}, status=503)
        return web.json_response({"status": "ok"})


@asynccontextmanager
async def vendors(ca_file: Path) -> AsyncIterator[Vendors]:
    """Serve the vendors on free ports while the context lasts; write their authority to `ca_file`."""
    found = Vendors()
    app = web.Application()
    for path in HEALTHY:
        app.router.add_get(path, found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=_tls(ca_file)).start()
        found.port, found.tls_port = (address[1] for address in runner.addresses)
        yield found
    finally:
        await runner.cleanup()


def _tls(ca_file: Path) -> ssl.SSLContext:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost", "127.0.0.1").configure_cert(context)
    return context
