"""What the page about installing has one type, done on a machine of its own."""

import asyncio
import re
import ssl
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.support.booted import LENT, ROOT, Machine, booted
from tests.support.inbox import Inbox
from tests.support.vendor import Vendor

PAGE = ROOT / "deploy" / "install.md"
COMMANDS = 10
SUPPORT, PASSWORD = "support@hotel.example", "correct horse battery staple"
PACKAGES = f"/opt/nightporter/lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"

DROP_INS = "/run/systemd/system/nightporter.service.d"
LIBRARY = f"{LENT}/python/lib"
DROP_IN = f"[Service]\nEnvironment=LD_LIBRARY_PATH={LIBRARY}\nWatchdogSec=10\nTimeoutAbortSec=1\n"
"""What differs in tests: their interpreter may expect its library under /root, where the porter sees nothing,
and nobody has half a minute for one that stands still.
"""


@dataclass
class House:
    """A machine with a porter on it, the vendor it watches, the relay it mails over, and what was typed."""

    machine: Machine
    gateway: Vendor
    mails: Inbox
    typed: list[str]


def blocks(section: str) -> list[str]:
    """Return the commands in a section of the page."""
    _, _, text = PAGE.read_text().partition(f"## {section}\n")
    found: list[str] = re.findall(r"^```sh\n(.*?)^```$", text.partition("\n## ")[0], re.MULTILINE | re.DOTALL)
    assert found, section
    return found


def steps() -> list[str]:
    """Return the commands that install: the page's numbered ones, in their order."""
    text = PAGE.read_text()
    install = text[text.index("## Ten commands") : text.index("## What you have now")]
    found = re.findall(r"^\*\*(\d+)\.\*\*.*?^```sh\n(.*?)^```$", install, re.MULTILINE | re.DOTALL)
    assert [int(number) for number, _ in found] == list(range(1, COMMANDS + 1))
    return [command for _, command in found]


@asynccontextmanager
async def installed(directory: Path) -> AsyncIterator[House]:
    """Install as the page says, but for what comes over the network, the last step left out."""
    async with (
        booted(directory) as machine,
        _gateway(machine) as gateway,
        _relay(machine, directory) as mails,
    ):
        await machine.done("cat > /etc/relay.pem", stdin=(directory / "relay.pem").read_text())
        await machine.done(f"mkdir -p {DROP_INS} && cat > {DROP_INS}/of-the-tests.conf", stdin=DROP_IN)
        house = House(machine, gateway, mails, [])
        for command in steps()[:-1]:
            await _type(house, command)
        yield house
        await _remove(machine)
    assert not mails.mails, f"mail nobody expected: {mails.subjects()}"


async def _remove(machine: Machine) -> None:
    for command in blocks("Removing"):
        await machine.done(command)
    places = "/opt/nightporter /usr/local/bin/nightporter /var/lib/nightporter /etc/nightporter"
    assert (await machine.run(f"ls -d {places}; id nightporter")).out == ""
    assert await machine.unit("nightporter.service", "LoadState") == "not-found"


async def _type(house: House, command: str) -> None:
    house.typed.append(command)
    if "apt-get" in command:
        wanted = command.split("--yes ")[1].split()
        assert wanted == ["python3-venv", "prometheus"]
        return
    await house.machine.done(filled(house, command), stdin=PASSWORD if "relay-password" in command else "")
    if "venv" in command:
        # In place of what pip would fetch.
        await house.machine.done(f"echo {LENT}/packages > {PACKAGES}/of-the-tests.pth")


def filled(house: House, text: str) -> str:
    """Return what a reader makes of the page's placeholders."""
    relay = f"host: localhost, port: {house.mails.port}, ca_file: /etc/relay.pem"
    for placeholder, value in {
        "https://api.your-gateway.com": house.gateway.url,
        "host: smtp.your-hotel.com, port: 587": relay,
        "support@your-hotel.com": SUPPORT,
        "tcp://1.1.1.1:443": house.gateway.url.replace("http:", "tcp:"),
        "https://www.example.org/": house.gateway.url.replace("127.0.0.1", "localhost"),
    }.items():
        text = text.replace(placeholder, value)
    return text


@asynccontextmanager
async def _gateway(machine: Machine) -> AsyncIterator[Vendor]:
    found = Vendor()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        listening = machine.listening()
        found.port = listening.getsockname()[1]
        await web.SockSite(runner, listening).start()
        yield found
    finally:
        await runner.cleanup()


@asynccontextmanager
async def _relay(machine: Machine, directory: Path) -> AsyncIterator[Inbox]:
    """Take mail on the machine's loopback from whoever encrypts and knows the password."""
    found, authority = Inbox(), trustme.CA()
    authority.cert_pem.write_to_path(str(directory / "relay.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)

    def knows(_server: object, _session: object, _envelope: object, _way: str, given: object) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == PASSWORD.encode()
        return AuthResult(success=right, handled=right)

    def server() -> SMTP:
        return SMTP(
            found, hostname="localhost", tls_context=context, require_starttls=True, auth_required=True,
            authenticator=knows,
        )  # fmt: skip

    listening = machine.listening()
    found.port = listening.getsockname()[1]
    serving = await asyncio.get_running_loop().create_server(server, sock=listening)
    try:
        yield found
    finally:
        serving.close()
        await serving.wait_closed()
