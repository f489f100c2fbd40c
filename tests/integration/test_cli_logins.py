"""Commands by hand know what the daemon does: they log in only if it has not done so within the hour."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from alerts.change import Change
from checks.memory import LOGINS, Memories
from checks.result import CheckId
from checks.smtp_restraint import secondhand
from daemon.cli.logins import learn
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from daemon.store.store import Store
from tests.support.postgres import state_database
from tests.support.process import command
from tests.support.smtp_account import Account
from tests.support.smtp_host import MailHost, mail_host
from tests.support.stored import opened

REFUSED = b"535 5.7.8 Username and Password not accepted\r\n"
CONFIGURATION = """\
hotel: {{id: h, name: H, timezone: UTC}}
state: {state}
integrations:
  email:
    smtp: {{host: 127.0.0.1, port: {port}, security: none, allow_plaintext_auth: true,
            username: porter, password: hunter2}}
"""


def url_of(directory: Path) -> str:
    return f"sqlite:///{directory / 'state.db'}"


async def store(directory: Path, value: dict[str, Any]) -> Store:
    """Return the open state of a daemon that remembers this."""
    found = await Store.open(url_of(directory), SystemClock())
    await found.commit(Change(memories={LOGINS: value}))
    return found


async def checked(directory: Path, host: MailHost) -> dict[str, Any]:
    """Return what the command says of the login."""
    path = directory / "c.yml"
    path.write_text(CONFIGURATION.format(state=url_of(directory), port=host.port))
    outcome = await command("--config", str(path), "check", "h/email/smtp_login", "--json")
    return dict(json.loads(outcome.out)["email"]["checks"]["smtp_login"])


async def test_a_login_of_the_running_daemon_is_not_repeated(tmp_path: Path) -> None:
    async with mail_host() as host:
        account = Account(host)
        await account.look()
        state = await store(tmp_path, account.stored)
        answer = await checked(tmp_path, host)
        await state.close()
        assert (answer["state"], host.count("AUTH")) == ("ok", 1)
        assert "; it let us log in at" in answer["message"]


async def test_a_refusal_is_repeated_in_words_only(tmp_path: Path) -> None:
    async with mail_host({"AUTH": REFUSED}) as host:
        account = Account(host)
        await account.look()
        await (await store(tmp_path, account.stored)).close()
        answer = await checked(tmp_path, host)
        assert (answer["state"], answer["reason"], host.count("AUTH")) == ("critical", "credentials", 1)
        assert "it is not tried again before" in answer["message"]
        assert not list(tmp_path.glob("state.db-*")), "nothing is left beside the state"


async def test_without_a_state_the_login_is_tried(tmp_path: Path) -> None:
    async with mail_host() as host:
        assert (await checked(tmp_path, host))["message"].endswith("lets us log in")
        assert host.count("AUTH") == 1


@pytest.mark.parametrize("content", [b"", b"junk" * 1000, b"SQLite format 3\0" + b"\xff" * 5000, None])
async def test_a_state_that_cannot_be_read_is_ignored(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    path.mkdir() if content is None else path.write_bytes(content)
    memories = Memories()
    await learn(memories, url_of(tmp_path))
    assert memories.of(LOGINS).value == {}


@pytest.mark.parametrize("value", ["", "[]", "null", "{", "[" * 100_000, b"\xff", 7, None])
async def test_a_memory_that_is_none_is_ignored(value: object, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "state.db")) as state, state:
        state.execute('CREATE TABLE memories (hotel, integration, "check", value)')
        state.execute("INSERT INTO memories VALUES (?, ?, ?, ?)", (*LOGINS, value))
    memories = Memories()
    await learn(memories, url_of(tmp_path))
    assert memories.of(LOGINS).value == {}


@pytest.mark.parametrize(
    "url",
    ["postgresql://u@127.0.0.1:1/d", "postgresql://u@h:x/d", "sqlite:///relative", "sqlite:////nowhere/x.db"],
)
async def test_a_state_elsewhere_is_ignored(url: str) -> None:
    await learn(Memories(), url)


async def test_logins_are_known_from_a_database_too(pg: Postgres) -> None:
    async with state_database(pg) as one, opened(one.dsn) as state:
        await state.commit(Change(memories={LOGINS: {"accounts": {}}, CheckId("h", "a", "b"): {"n": 1}}))
        memories = Memories()
        await learn(memories, one.dsn, [CheckId("h", "a", "b"), CheckId("h", "pms", "logs")])
    assert memories.of(LOGINS).value == secondhand({"accounts": {}})
    assert memories.of(CheckId("h", "a", "b")).value == {"n": 1}
    assert memories.of(CheckId("h", "pms", "logs")).value == {}


async def test_restarts_that_the_daemon_has_seen_count(tmp_path: Path) -> None:
    sync = CheckId("h", "booking_engine", "sync_process")
    seen = {"samples": [[1.0, [3]]]}
    state = await Store.open(url_of(tmp_path), SystemClock())
    await state.commit(Change(memories={sync: seen}))
    memories = Memories()
    await learn(memories, url_of(tmp_path), [sync, CheckId("h", "pms", "logs")])
    await state.close()
    assert memories.of(sync).value == seen
    assert memories.of(CheckId("h", "pms", "logs")).value == {}
