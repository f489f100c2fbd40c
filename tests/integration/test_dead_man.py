"""The dead man's switch: pinged while all is well inside, and not otherwise."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from checks.lookup import Lookups
from daemon.board import Board
from daemon.clock import SystemClock
from daemon.dead_man import DeadMan
from daemon.readiness import Readiness
from daemon.scheduler import Scheduler
from daemon.self_audit import SelfAudit
from daemon.store import Store
from daemon.ticks import Loop
from tests.support.certificates import leaf
from tests.support.clock import FakeClock
from tests.support.polling import until
from tests.support.servers import free_port, http, nothing, server, server_context
from tests.support.stored import incident, notification, opened, opening

SECRET = "0f1e-uuid"


async def _well() -> bool:
    return True


async def ping(url: str, audit: Any = _well) -> list[dict[str, Any]]:
    """Tick once, and return what was logged."""
    one = DeadMan(audit, Lookups())
    one.url = url
    with capture_logs() as logs:
        await one.tick()
    return [dict(line) for line in logs]


async def test_it_is_fetched_while_all_is_well() -> None:
    async with server(http("200 OK", b"OK")) as one:
        assert await ping(one.url(f"/ping/{SECRET}", host="localhost")) == []
    (request,) = one.requests
    assert request.startswith(f"GET /ping/{SECRET} HTTP/1.1\r\n".encode())


async def test_it_is_not_fetched_while_something_is_wrong() -> None:
    async def ill() -> bool:
        return False

    async with server(http()) as one:
        assert await ping(one.url(), ill) == []
    assert one.connections == 0


async def test_a_redirect_is_not_followed() -> None:
    async with server(http("302 Found", b"", "Location: /elsewhere")) as one:
        (line,) = await ping(one.url(f"/{SECRET}"))
    assert (line["event"], line["reason"], len(one.requests)) == ("dead_man.failed", "answered 302", 1)


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("localhost", "it cannot be reached: ClientConnectorError"),
        ("no-such-name.invalid", "its host name cannot be looked up"),
    ],
)
async def test_what_cannot_be_reached_is_said_without_the_url(host: str, reason: str) -> None:
    (line,) = await ping(f"http://{host}:{free_port()}/{SECRET}")
    assert line["reason"] == reason
    assert SECRET not in str(line)


async def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    shown = leaf(None, ("localhost",), now - timedelta(days=1), now + timedelta(days=90))
    context = server_context(shown, tmp_path)
    async with server(http(), tls=context) as one:
        (line,) = await ping(one.url(f"/{SECRET}", host="localhost", scheme="https"))
    assert line["reason"] == "its certificate is not accepted"
    assert one.requests == []


async def test_a_failure_is_logged_once_and_its_end_too() -> None:
    async with server(http("503 Unavailable")) as one:
        switch = DeadMan(_well, Lookups())
        switch.url = one.url()
        with capture_logs() as logs:
            await switch.tick()
            await switch.tick()
            one.answer = http()
            await switch.tick()
            await switch.tick()
    assert [line["event"] for line in logs] == ["dead_man.failed", "dead_man.recovered"]


@asynccontextmanager
async def audited(directory: Path) -> AsyncIterator[tuple[SelfAudit, Store, Board, FakeClock, Loop]]:
    clock, board = FakeClock(), Board()

    async def nothing_to_do() -> None:
        return

    async with opened(directory, clock) as store:
        loop = Loop("engine", nothing_to_do, clock)
        scheduler = Scheduler(lambda _: nothing_to_do(), SystemClock(), lambda _: None)
        ready = Readiness([loop], scheduler, store, clock, lambda text: text)
        yield SelfAudit(ready, store, board, clock), store, board, clock, loop


async def test_an_audit_names_every_neglect_once_and_its_end(tmp_path: Path) -> None:
    async with audited(tmp_path) as (audit, store, board, clock, loop):
        assert await audit()
        await store.commit(opening(notification("a")))
        board.incidents["a"] = incident()
        clock.advance(301)
        await loop.once()
        with capture_logs() as logs:
            assert not await audit()
            assert not await audit()
            (claim,) = await store.claim(1)
            await store.sent(claim)
            board.incidents.clear()
            assert await audit()
    assert [line["event"] for line in logs] == ["self_audit.failed", "self_audit.passed"]
    assert logs[0]["reasons"] == [
        "1 notifications are due, and nobody sends them",
        "nothing is to come of incident a, and no reason is known",
    ]


async def test_of_a_state_that_does_not_answer_it_says_which_and_what_to_do(tmp_path: Path) -> None:
    async with audited(tmp_path) as (audit, _, _, clock, loop):
        path = tmp_path / "state.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for error in ("the state does not answer", f"state {path}: is locked (`fuser` names it)"):
                loop.error = error
                clock.advance(2)
                assert not await audit()
                (reason,) = audit.reasons
                assert reason.startswith(f"state {path}: ")
                assert "(`fuser` names it)" in reason
        assert "is locked" in audit.reasons[0]


async def test_an_audit_of_a_loop_that_hangs_says_so_once_however_long_it_lasts(tmp_path: Path) -> None:
    async with audited(tmp_path) as (audit, _, _, clock, _):
        with capture_logs() as logs:
            for _ in range(3):
                clock.advance(60)
                assert not await audit()
    (line,) = logs
    assert line["reasons"] == ["the engine has not finished a tick for 60 s"]


async def test_an_audit_of_a_state_that_is_gone_fails(tmp_path: Path) -> None:
    async with audited(tmp_path) as (audit, _, _, _, _):
        (tmp_path / "state.db").unlink()
        assert not await audit()
        assert "is gone" in audit.reasons[0]


async def test_a_ping_that_is_not_answered_is_given_up(tmp_path: Path) -> None:
    async with server(nothing) as one:
        switch = DeadMan(_well, Lookups(), deadline=0.2)
        switch.url = one.url()
        with capture_logs() as logs:
            await switch.tick()
        await until(lambda: not one.open, 5, "the connection to be closed")
    assert logs[0]["reason"] == "no answer within 0.2 s"
