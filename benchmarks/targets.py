"""The targets of the benchmarks: one nginx, plain and TLS, and the authority that signs it."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from socket import create_connection, socket
from urllib.request import urlopen

import trustme

CONFIGURATION = """\
daemon off;
pid {directory}/nginx.pid;
worker_processes 1;
events {{ worker_connections 2048; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    ssl_certificate {directory}/chain.pem;
    ssl_certificate_key {directory}/key.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    server {{
        {listen}
        location = /count {{ stub_status; }}
        location / {{ default_type application/json; return 200 '{{"status": "ok"}}'; }}
    }}
}}
"""

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
"""Where nginx is, None where it is not: in the places that not everybody's PATH has, too."""

ADDRESSES = [f"127.0.0.{number}" for number in range(1, 21)]
"""Where it listens: thousands of checks of one address are not what there is, and not let in together."""


@dataclass(frozen=True, slots=True)
class Targets:
    """Where to probe."""

    plain: str
    tls: str
    ca_file: Path

    def counted(self) -> int:
        """Return how many requests have been answered so far, this one among them."""
        with urlopen(f"{self.plain}count") as answer:
            numbers = str(answer.read().decode()).splitlines()[2].split()
        return int(numbers[2])


def free_port() -> int:
    """Return a port nobody listens on just now."""
    with socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(port: int, within: float = 10.0) -> None:
    """Wait until something accepts on a port."""
    deadline = time.monotonic() + within
    while True:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@contextmanager
def targets(directory: Path) -> Iterator[Targets]:
    """Serve while the context lasts."""
    authority = trustme.CA()
    certificate = authority.issue_cert(*ADDRESSES, "localhost")
    authority.cert_pem.write_to_path(str(directory / "ca.pem"))
    certificate.private_key_pem.write_to_path(str(directory / "key.pem"))
    (directory / "chain.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
    plain, tls = free_port(), free_port()
    listen = " ".join(f"listen {one}:{plain}; listen {one}:{tls} ssl;" for one in ADDRESSES)
    text = CONFIGURATION.format(directory=directory, listen=listen)
    (directory / "nginx.conf").write_text(text)
    command = [NGINX or "nginx", "-p", str(directory), "-c", str(directory / "nginx.conf"), "-e", "stderr"]
    server = subprocess.Popen(command)
    try:
        wait_for(tls)
        yield Targets(f"http://127.0.0.1:{plain}/", f"https://127.0.0.1:{tls}/", directory / "ca.pem")
    finally:
        server.terminate()
        server.wait()
