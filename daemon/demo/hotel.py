"""The simulated hotel: its vendors and everything on its own side, real and on loopback, and living on."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from daemon.demo import configuration
from daemon.demo.authority import Authority
from daemon.demo.log_writer import LogWriter, log_writer
from daemon.demo.mail_host import PASSWORD, MailHost, mail_host
from daemon.demo.message_box import MessageBox
from daemon.demo.name_server import NameServer, name_server
from daemon.demo.pms_database import PmsDatabase, pms_database
from daemon.demo.postgres import Postgres, PostgresError, binaries, postgres
from daemon.demo.processes import Processes
from daemon.demo.vendors import Vendors, vendors
from daemon.demo.webhooks import Pms, pms_host

PAUSE = 1.0
"""Seconds between two ticks of the hotel's life."""

RELAY = 2525
"""A port for the porter's own mail where nobody says where it is: nothing need listen there."""

Say = Callable[[str], None]


def _nothing(_text: str) -> None:
    """Tell nobody."""


@dataclass(eq=False)
class Hotel:
    """A hotel that is open. `database` is None where no PostgreSQL is installed.

    `urls` (by kind of vendor, or `control`) and `mail_password` are what the configuration says where it is
    wrong; `relay` is the port that takes the porter's mail.
    """

    directory: Path
    authority: Authority
    vendors: Vendors
    pms: Pms
    database: PmsDatabase | None
    mail: MailHost
    names: NameServer
    logs: LogWriter
    processes: Processes
    messages: MessageBox
    backup: Path
    relay: int = RELAY
    urls: dict[str, str] = field(default_factory=dict)
    mail_password: str = PASSWORD
    _running: dict[str, asyncio.Task[None]] = field(default_factory=dict)

    def begin(self, name: str, doing: Coroutine[Any, Any, None]) -> None:
        """Let something go on beside everything else, until it is ended or the hotel closes."""
        self._running[name] = asyncio.create_task(doing)

    async def end(self, name: str) -> None:
        """End what was begun."""
        task = self._running.pop(name)
        task.cancel()
        await asyncio.wait([task])

    def back_up(self) -> None:
        """Write a backup of the PMS."""
        self.backup.parent.mkdir(exist_ok=True)
        self.backup.write_bytes(b"PGDMP" + bytes(65_536))

    def configuration(self, **overrides: Any) -> str:
        """Return the porter's configuration for this hotel, as YAML."""
        return configuration.configuration(self, overrides)

    @classmethod
    @asynccontextmanager
    async def open(
        cls, directory: Path, server: Postgres | None = None, *, say: Say = _nothing, pause: float = PAUSE
    ) -> AsyncIterator["Hotel"]:
        """Open a hotel in an empty directory; its database is made on `server`, or on one of its own.

        Where a server of its own does not start, the hotel goes without a database.
        """
        async with AsyncExitStack() as stack:
            hotel = await _build(cls, directory, server, stack, say)
            hotel.begin("logs", hotel.logs.live(pause))
            if hotel.database is not None:
                hotel.begin("business", hotel.database.live(pause))
            try:
                yield hotel
            finally:
                for name in list(hotel._running):
                    await hotel.end(name)


async def _build(
    cls: type[Hotel], directory: Path, server: Postgres | None, stack: AsyncExitStack, say: Say
) -> Hotel:
    authority = Authority(directory)
    logs = await stack.enter_async_context(log_writer(directory / "logs"))
    say("Five vendors open over HTTPS ...")
    shops = await stack.enter_async_context(vendors(authority))
    pms = await stack.enter_async_context(
        pms_host(authority, lambda source, level, text: logs.write(f"webhooks/{source}", level, text))
    )
    say("A mail server and a name server start ...")
    hotel = cls(
        directory=directory,
        authority=authority,
        vendors=shops,
        pms=pms,
        database=await _database(directory, server, stack, say),
        mail=await stack.enter_async_context(mail_host(authority)),
        names=await stack.enter_async_context(name_server()),
        logs=logs,
        processes=Processes(directory),
        messages=MessageBox(directory),
        backup=directory / "backups" / "pms-full.dump",
    )
    hotel.back_up()
    return hotel


async def _database(
    directory: Path, server: Postgres | None, stack: AsyncExitStack, say: Say
) -> PmsDatabase | None:
    if server is None and binaries() is None:
        say("The hotel goes without its database: no PostgreSQL is installed (nightporter[demo] brings it).")
        return None
    if server is None:
        say("PostgreSQL starts, and is filled with a month of the hotel's business ...")
        try:
            server = await stack.enter_async_context(postgres(directory))
        except PostgresError as error:
            say(f"The hotel goes without its database: {error}")
            return None
    return await stack.enter_async_context(pms_database(server))
