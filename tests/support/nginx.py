"""A real nginx with HTTPS, on loopback and in a directory of its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme

from tests.support.process import free_port

CONFIGURATION = """\
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate {directory}/chain.pem;
        ssl_certificate_key {directory}/key.pem;
        ssl_protocols TLSv1.2 TLSv1.3;
        {location}
    }}
}}
"""

HEALTHY = """location / { default_type application/json; return 200 '{"status": "ok"}'; }"""


def needed(name: str) -> str:
    """Return the path of a program; without it skip, and fail in CI."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if found is None:
        message = f"{name} is not installed: .ci/run names the Debian packages that tests need"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return found


class Nginx:
    """A server at `https://localhost:PORT`, trusted through `ca_file`."""

    def __init__(self, directory: Path, location: str = HEALTHY) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.ca_file = directory / "ca.pem"
        self._program = needed("nginx")
        self._directory = directory
        self._process: asyncio.subprocess.Process | None = None
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate = authority.issue_cert("localhost", "127.0.0.1")
        certificate.private_key_pem.write_to_path(str(directory / "key.pem"))
        chain = b"".join(blob.bytes() for blob in certificate.cert_chain_pems)
        (directory / "chain.pem").write_bytes(chain)
        text = CONFIGURATION.format(directory=directory, port=self.port, location=location)
        (directory / "nginx.conf").write_text(text)

    async def start(self) -> None:
        """Start, and wait until it accepts."""
        self._process = await asyncio.create_subprocess_exec(
            self._program,
            "-p",
            str(self._directory),
            "-c",
            str(self._directory / "nginx.conf"),
            "-e",
            "stderr",
        )
        deadline = asyncio.get_running_loop().time() + 10
        while not await self._accepts():
            assert asyncio.get_running_loop().time() < deadline, "nginx does not accept"
            await asyncio.sleep(0.02)  # the poll's own pause

    async def _accepts(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self) -> None:
        """Stop."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()


@asynccontextmanager
async def nginx(directory: Path, location: str = HEALTHY) -> AsyncIterator[Nginx]:
    """Serve while the context lasts; `location` says what."""
    one = Nginx(directory, location)
    await one.start()
    try:
        yield one
    finally:
        await one.stop()
