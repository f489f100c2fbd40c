"""The mailbox that is read back: a real one is looked into and left as it is, an odd one not trusted."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.drill_options import Mailbox
from checks.connection import Connector
from daemon.imap_dialogue import LONGEST_LINE, ImapError
from daemon.readback import ReadBack
from tests.support.clock import START
from tests.support.dovecot import PASSWORD, Dovecot, dovecot
from tests.support.smtp import HOST

ID = "<drill.k3x9d2m7qa.abc@hotel.example>"
MAIL = f"From: a@h.example\r\nMessage-ID: {ID}\r\nSubject: [DRILL]\r\n\r\nThis is a test.\r\n".encode()


def reading(visit: float = 5.0) -> ReadBack:
    return ReadBack(Connector(), lambda: START, visit=visit, again=0.05)


def reading_now(visit: float = 5.0) -> ReadBack:
    """Return what looks by the clock by which a real server dates its mails."""
    return ReadBack(Connector(), lambda: datetime.now(UTC), visit=visit, again=0.05)


async def test_a_real_mailbox_is_read_and_left_as_it_is() -> None:
    async with dovecot() as server:
        look = reading_now()
        server.deliver(MAIL.replace(b"k3x9d2m7qa", b"another"))
        assert not await reading_now(0.5)(server.mailbox(), ID)
        waiting = asyncio.create_task(look(server.mailbox(), ID))
        server.deliver(MAIL)
        assert await waiting, "what comes while the porter looks is seen"
        starttls = server.mailbox(port=server.plain, security="starttls")
        assert await look(starttls, ID)
        (flags,) = {path.name.partition(":2,")[2] for path in mails(server)}
        assert flags == "", "nobody who reads the mailbox misses a mail"
        server.deliver(MAIL.replace(b"abc", b"spam"), ".Junk")
        junk = server.mailbox(folder="Junk")
        assert await look(junk, ID.replace("abc", "spam"))


async def test_of_a_mailbox_only_the_mails_of_these_days_are_searched() -> None:
    async with dovecot() as server:
        file, days = server.deliver(MAIL), timedelta(days=1).total_seconds()
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - 9 * days))
        assert not await reading_now(0.5)(server.mailbox(), ID), "it is of another drill, long ago"
        file = server.deliver(MAIL)
        os.utime(file, (file.stat().st_atime, file.stat().st_mtime - days))
        assert await reading_now()(server.mailbox(), ID), "a server may be behind with its clock"


def mails(server: Dovecot) -> list[Path]:
    return [path for part in ("new", "cur") for path in (server._place / "mail" / part).iterdir()]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password": "wrong"}, "the server refuses LOGIN"),
        ({"folder": "Nowhere"}, "the server refuses EXAMINE: .*[Mm]ailbox doesn't exist"),
        ({"host": "127.0.0.1"}, "the certificate of 127.0.0.1"),
        ({"ca_file": None}, "the certificate of localhost"),
        ({"username": "gäste"}, "must be of ASCII"),
    ],
)
async def test_what_a_real_server_refuses_is_said(changes: dict[str, object], said: str) -> None:
    async with dovecot() as server:
        with pytest.raises(ImapError, match=said) as error:
            await reading_now()(server.mailbox(**changes), ID)
        assert PASSWORD not in str(error.value)


async def test_a_password_goes_over_no_plain_connection_unless_that_is_asked_for() -> None:
    async with dovecot() as server:
        server.deliver(MAIL)
        plain = server.mailbox(port=server.plain, security="none", allow_plaintext_auth=True)
        assert await reading_now()(plain, ID)
        with pytest.raises(ValueError, match="would send the password unencrypted"):
            server.mailbox(port=server.plain, security="none")


class Odd:
    """A server that says what it is told to, command by command, whatever is asked."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.heard: list[bytes] = []
        self.port = 0
        self._over = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            for answer in self.answers:
                writer.write(answer)
                await writer.drain()
                self.heard.append(await reader.readline())
            await self._over.wait()
        except ConnectionError:
            pass
        finally:
            writer.close()

    def mailbox(self) -> Mailbox:
        """Return it as a mailbox that is told everything in the clear."""
        return Mailbox(
            address="drills@hotel.example",
            host=HOST,
            port=self.port,
            security="none",
            username="u",
            password="hunter2",
            allow_plaintext_auth=True,
        )

    def end(self) -> None:
        self._over.set()


@asynccontextmanager
async def odd(*answers: bytes) -> AsyncIterator[Odd]:
    found = Odd(*answers)
    server = await asyncio.start_server(found.serve, HOST, 0)
    found.port = server.sockets[0].getsockname()[1]
    try:
        yield found
    finally:
        found.end()
        server.close()
        await server.wait_closed()


HELLO, IN, SELECTED, NOOP = b"* OK hi\r\n", b"n1 OK in\r\n", b"n2 OK selected\r\n", b"n3 OK\r\n"


async def test_the_answer_to_a_search_is_all_that_counts() -> None:
    async with odd(HELLO, IN, SELECTED, NOOP, b"* SEARCH 4 7\r\nn4 OK\r\n", b"* BYE\r\nn5 OK\r\n") as server:
        assert await reading()(server.mailbox(), ID)
        assert server.heard[3] == f'n4 SEARCH SINCE 23-Nov-2026 HEADER Message-ID "{ID}"\r\n'.encode()
    for nothing in (b"* SEARCH\r\n", b"* OK 7\r\n", b"* SEARCH x7\r\n", b"* 7 EXISTS\r\n", b""):
        async with odd(HELLO, IN, SELECTED, NOOP, nothing + b"n4 OK\r\n") as server:
            assert not await reading(0.3)(server.mailbox(), ID)


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ((b"220 mail.example ESMTP\r\n",), "does not greet as an IMAP server does: 220 mail.example ESMTP"),
        ((b"* BYE too many\r\n",), "does not greet"),
        ((HELLO, b"n1 NO hunter2 is wrong\r\n"), "the server refuses LOGIN$"),
        ((HELLO, IN, b"n2 NO \x1b[31mno such\x07 folder\r\n"), "refuses EXAMINE: no such folder"),
        ((HELLO, IN, SELECTED, NOOP, b"n4 BAD what\r\n"), "refuses SEARCH: what"),
        ((HELLO, IN, b"* 1 FETCH (BODY[] {99999999999}\r\n"), "announces data that nobody asked for"),
        ((HELLO, IN, b"x" * (LONGEST_LINE + 1)), "sends a line of more than"),
        ((HELLO, IN, b"* x\r\n" * 600), "says more than 500 lines"),
        ((b"",), "does not answer within"),
        ((HELLO, b""), "does not answer within"),
    ],
)
async def test_a_server_that_is_odd_or_hostile_is_told_of_and_left(
    answers: tuple[bytes, ...], said: str
) -> None:
    async with odd(*answers) as server:
        with pytest.raises(ImapError, match=said) as error:
            await reading(0.5)(server.mailbox(), ID)
        assert "hunter2" not in str(error.value)


async def test_a_server_that_drips_lines_for_ever_is_left_too() -> None:
    async with odd(HELLO, IN, SELECTED, *(b"* 1 EXISTS\r\n" for _ in range(3))) as server:
        with pytest.raises(ImapError, match="does not answer within"):
            await reading(0.5)(server.mailbox(), ID)


async def test_a_server_that_hangs_once_it_has_let_us_in_is_told_from_a_mail_that_is_not_there() -> None:
    async with odd(HELLO, IN, SELECTED) as server:
        with pytest.raises(ImapError, match="does not answer within"):
            await reading(0.3)(server.mailbox(), ID)
    async with odd(HELLO, IN, SELECTED, NOOP, b"* SEARCH\r\nn4 OK\r\n") as server:
        assert not await reading(0.3)(server.mailbox(), ID), "it has answered once: it was not there"


async def test_a_server_that_hangs_up_is_said() -> None:
    async with odd(HELLO) as server:
        server.end()
        with pytest.raises(ImapError, match="the connection was closed in answer to LOGIN"):
            await reading()(server.mailbox(), ID)


async def test_a_file_of_certificates_that_is_gone_is_said(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    file.write_text("")
    async with odd() as server:
        box = server.mailbox().model_copy(update={"security": "tls", "ca_file": file})
        file.unlink()
        with pytest.raises(ImapError, match=f"there is no file {file}"):
            await reading()(box, ID)


async def test_a_port_that_nobody_listens_on_is_said() -> None:
    async with odd() as server:
        box = server.mailbox()
    with pytest.raises(ImapError, match=f"cannot connect to 127.0.0.1:{box.port}: connection refused"):
        await reading()(box, ID)


async def test_an_answer_in_plain_text_after_starttls_is_not_taken_for_one_under_tls() -> None:
    async with odd(HELLO, b"n1 OK go\r\n* SEARCH 1\r\nn4 OK\r\n") as server:
        box = server.mailbox().model_copy(update={"security": "starttls"})
        with pytest.raises(ImapError, match="in plain text after STARTTLS"):
            await reading()(box, ID)
