"""The mail records as a real name server (NSD) gives them."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from checks import blocklist, dkim, dmarc, dns, spf
from checks.check import CheckType
from checks.context import Tools
from checks.result import Reason, Result, State
from daemon.clock import SystemClock
from tests.support.probing import look
from tests.support.servers import free_port

CONFIGURATION = """\
server:
  ip-address: 127.0.0.1
  port: {port}
  username: ""
  chroot: ""
  zonesdir: "{directory}"
  database: ""
  pidfile: "{directory}/nsd.pid"
  zonelistfile: "{directory}/zone.list"
  xfrdfile: ""
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: hotel.example
  zonefile: hotel.zone
zone:
  name: bl.example
  zonefile: bl.zone
"""
SOA = "@ 60 IN SOA ns hostmaster 1 60 60 60 60\n@ 60 IN NS ns\nns 60 IN A 127.0.0.1\n"
LONG = " ".join(f'"ip4:192.0.2.{at} "' for at in range(100))
HOTEL = f"""\
@ 60 IN MX 10 mail
mail 60 IN A 198.51.100.1
@ 60 IN TXT "v=spf1 mx include:_spf." "hotel.example -all"
_spf 60 IN TXT "v=spf1 " {LONG}
_dmarc 60 IN TXT "v=DMARC1; p=reject; rua=mailto:dmarc@hotel.example"
google._domainkey 60 IN CNAME key
key 60 IN TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
elsewhere 60 IN NS ns.other.example.
"""
BLOCKLIST = '2.0.0.127 60 IN A 127.0.0.2\n9.2.0.192 60 IN A 127.0.0.4\n9.2.0.192 60 IN TXT "spam"\n'


@asynccontextmanager
async def nsd(directory: Path) -> AsyncIterator[Tools]:
    """Serve the zones while the context lasts; skips where NSD is not installed."""
    program = shutil.which("nsd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if program is None:
        pytest.skip("nsd is not installed (Debian: nsd); the in-process server tests the same")
    port = free_port()
    (directory / "nsd.conf").write_text(CONFIGURATION.format(directory=directory, port=port))
    (directory / "hotel.zone").write_text(SOA + HOTEL)
    (directory / "bl.zone").write_text(SOA + BLOCKLIST)
    with (directory / "nsd.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "-d", "-c", str(directory / "nsd.conf"), stdout=log, stderr=log
        )
    clock = SystemClock()
    tools = Tools.new(clock.now)
    tools.resolver.configure(["127.0.0.1"], port)
    try:
        await _answers(tools, process, directory / "nsd.log")
        yield tools
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _answers(tools: Tools, process: asyncio.subprocess.Process, log: Path) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while (
        await see(tools, dns.CHECK, deadline=0.5, name="hotel.example", record="NS")
    ).state is not State.OK:
        running = process.returncode is None and asyncio.get_running_loop().time() < deadline
        assert running, log.read_text()


async def see(tools: Tools, check: CheckType, deadline: float = 5.0, **options: Any) -> Result:
    return await look(check, tools=tools, deadline=deadline, **options)


async def test_a_real_name_server_is_understood(tmp_path: Path) -> None:
    async with nsd(tmp_path) as tools:
        domain: dict[str, Any] = {"domain": "hotel.example"}
        senders = ["198.51.100.1", "192.0.2.77"]
        result = await see(tools, spf.CHECK, **domain, senders=senders)
        assert (result.state, result.measurements[spf.LOOKUPS]) == (State.OK, 2), result
        assert (await see(tools, spf.CHECK, **domain, senders=["192.0.2.200"])).reason is Reason.CONTENT
        assert (await see(tools, dkim.CHECK, **domain, selectors=["google"])).state is State.OK
        assert (await see(tools, dkim.CHECK, **domain, selectors=["other"])).reason is Reason.CONTENT
        assert (await see(tools, dmarc.CHECK, **domain)).state is State.OK
        lists = ["bl.example"]
        assert (await see(tools, blocklist.CHECK, addresses=["192.0.2.8"], lists=lists)).state is State.OK
        listed = await see(tools, blocklist.CHECK, addresses=["192.0.2.9"], lists=lists)
        assert (listed.reason, "spam" in listed.message) == (Reason.CONTENT, True)


async def test_what_a_server_is_not_responsible_for_is_not_missing(tmp_path: Path) -> None:
    async with nsd(tmp_path) as tools:
        assert (await see(tools, dns.CHECK, name="x.elsewhere.hotel.example")).reason is Reason.DNS
        assert (await see(tools, dns.CHECK, name="other.example")).reason is Reason.DNS
        assert (await see(tools, dns.CHECK, name="x.hotel.example")).reason is Reason.MISSING
        result = await see(tools, spf.CHECK, domain="other.example")
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
