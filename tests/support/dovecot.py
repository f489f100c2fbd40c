"""A real Dovecot with one mailbox, on loopback and in a directory of its own."""

import asyncio
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import trustme

from alerts.drill_options import Mailbox
from tests.support.nginx import needed
from tests.support.polling import until
from tests.support.process import free_port

USER, PASSWORD = "drills", 'pa"ss\\word'

CONFIGURATION = """\
base_dir = {place}/run
state_dir = {place}/state
log_path = {place}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
mail_location = maildir:{place}/mail
first_valid_uid = 1
auth_mechanisms = plain
disable_plaintext_auth = yes
ssl = yes
ssl_cert = <{place}/chain.pem
ssl_key = <{place}/key.pem
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {place}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={place}/home
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {secured}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


class Dovecot:
    """A server whose one mailbox, `MAILBOX@hotel.example`, takes mails as files."""

    def __init__(self, place: Path) -> None:
        self.plain, self.secured = free_port(), free_port()
        self.ca_file = place / "ca.pem"
        self._place = place
        self._names = count(1)
        # Dovecot reads no mail as root: there somebody without rights owns the mailbox.
        mine = pwd.getpwuid(os.geteuid())
        self._owner = pwd.getpwnam("nobody") if mine.pw_uid == 0 else mine
        self._mine = mine
        self._process: asyncio.subprocess.Process | None = None

    def mailbox(self, **changes: object) -> Mailbox:
        """Return how the porter finds the mailbox."""
        usual = {
            "address": "drills@hotel.example",
            "host": "localhost",
            "port": self.secured,
            "username": USER,
            "password": PASSWORD,
            "ca_file": self.ca_file,
        }
        return Mailbox.model_validate(usual | changes)

    def deliver(self, message: bytes, folder: str = "") -> Path:
        """Put a message into the mailbox, as a mail server would; return its file."""
        name = f"{next(self._names)}.{os.getpid()}.test"
        place = self._place / "mail" / folder
        for part in ("new", "cur", "tmp"):
            self._own(place / part)
        passing = place / "tmp" / name
        passing.write_bytes(message.replace(b"\r\n", b"\n"))
        os.chown(passing, self._owner.pw_uid, self._owner.pw_gid)
        return passing.rename(place / "new" / name)

    def unread(self) -> int:
        """Return how many mails nobody has seen yet, not even a program."""
        return len(list((self._place / "mail" / "new").iterdir()))

    async def start(self) -> None:
        """Start, and wait until it accepts."""
        for folder in ("run", "state"):
            (self._place / folder).mkdir()
        for folder in ("mail", "home"):
            self._own(self._place / folder)
        self._write()
        self._process = await asyncio.create_subprocess_exec(
            needed("dovecot"),
            "-F",
            "-c",
            str(self._place / "dovecot.conf"),
            stderr=asyncio.subprocess.DEVNULL,
        )

        def accepts() -> bool:
            with socket.socket() as one:
                return one.connect_ex(("127.0.0.1", self.secured)) == 0

        try:
            await until(accepts, 20.0)
        except BaseException as error:
            raise AssertionError((self._place / "log").read_text()) from error

    async def stop(self) -> None:
        """End it with all that it has begun."""
        if self._process is not None and self._process.returncode is None:
            self._process.terminate()
            await asyncio.wait_for(self._process.wait(), 10)

    def _own(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for one in (folder, folder.parent):
            if one != self._place:
                os.chown(one, self._owner.pw_uid, self._owner.pw_gid)

    def _write(self) -> None:
        authority = trustme.CA()
        authority.cert_pem.write_to_path(str(self.ca_file))
        certificate = authority.issue_cert("localhost")
        certificate.private_key_pem.write_to_path(str(self._place / "key.pem"))
        (self._place / "chain.pem").write_bytes(certificate.cert_chain_pems[0].bytes())
        (self._place / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
        root = self._mine.pw_uid == 0
        (self._place / "dovecot.conf").write_text(
            CONFIGURATION.format(
                place=self._place,
                internal="dovecot" if root else self._mine.pw_name,
                group="dovecot" if root else self._mine.pw_gid,
                login="dovenull" if root else self._mine.pw_name,
                uid=self._owner.pw_uid,
                gid=self._owner.pw_gid,
                plain=self.plain,
                secured=self.secured,
            )
        )


@asynccontextmanager
async def dovecot() -> AsyncIterator[Dovecot]:
    """Serve a mailbox while the context lasts; skip without Dovecot, and fail in CI."""
    needed("dovecot")
    # Not below pytest's directory, which nobody but its owner may enter; and a socket's path is short.
    place = Path(tempfile.mkdtemp(prefix="np-dovecot-"))
    place.chmod(0o755)
    found = Dovecot(place)
    try:
        await found.start()
        yield found
    finally:
        await found.stop()
        shutil.rmtree(place, ignore_errors=True)
