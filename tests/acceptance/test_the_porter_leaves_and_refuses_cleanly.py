"""Ends: SIGTERM, SIGINT, a state in use, a corrupt one, a port in use."""

import hashlib
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.bodies import payment_only
from tests.support.inbox import inbox
from tests.support.process import command, port_is_free, porter, processes_of, states
from tests.support.vendor import vendor


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_with_zero_and_nothing_left(tmp_path: Path, number: signal.Signals) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port), by_fork=False) as one,
    ):
        await states(one, "payment", "health", "ok")
        assert one.process is not None
        assert one.process.pid in processes_of(tmp_path)
        one.send(number)
        assert await one.ended(within=10) == 0
        await port_is_free(one.port)
        assert one.logged("porter.stopped")
        assert not list(tmp_path.glob("*-wal"))
        assert processes_of(tmp_path) == {}


async def test_a_target_that_hangs_does_not_delay_the_end(tmp_path: Path) -> None:
    hanging = (
        "integrations: {slow: {kind: generic, checks: {a: {type: tcp, host: 127.0.0.1, port: %d, %s}}}}\n"
    )
    async with inbox() as mails:
        options = "interval: 30s, timeout: 30s, expect: {matches: never}"
        async with porter(tmp_path, hanging % (mails.port, options)) as one:
            assert await one.stop() == 0


async def test_a_second_porter_on_the_same_state_says_who_holds_it(tmp_path: Path) -> None:
    async with (
        vendor() as gateway,
        inbox() as mails,
        porter(tmp_path, payment_only(gateway.url, mails.port)) as one,
    ):
        outcome = await command("--config", str(one.config), "run")
        assert one.process is not None
        assert outcome.code == 1
        assert str(one.process.pid) in outcome.err
        assert "state.db" in outcome.err
        assert "Traceback" not in outcome.err


async def test_a_corrupt_state_is_refused_and_not_touched(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        state = tmp_path / "state.db"
        state.write_bytes(b"this was once a database" * 100)
        before = hashlib.sha256(state.read_bytes()).hexdigest()
        outcome = await command("--config", str(one.config), "run")
        assert outcome.code == 1
        assert str(state) in outcome.err
        assert "Traceback" not in outcome.err
        assert hashlib.sha256(state.read_bytes()).hexdigest() == before
        assert not list(tmp_path.glob("state.db-*"))


async def test_a_state_that_goes_away_at_the_start_is_named_and_no_fault_of_the_porter(
    tmp_path: Path,
) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25)) as one:
        await one.stop()
        with closing(sqlite3.connect(tmp_path / "state.db")) as state:
            state.execute("DROP TABLE keys")
        outcome = await command("--config", str(one.config), "run")
        assert outcome.code == 1
        assert f"state {tmp_path / 'state.db'}" in outcome.err
        assert "a fault of its own" not in outcome.err


async def test_a_port_in_use_is_named_with_the_remedy(tmp_path: Path) -> None:
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        text = one.config.read_text().replace(f"127.0.0.1:{one.port}", f"127.0.0.1:{gateway.port}")
        one.config.write_text(text)
        outcome = await command("--config", str(one.config), "run")
        assert outcome.code == 1
        assert f"127.0.0.1:{gateway.port}" in outcome.err
        assert "listen" in outcome.err
        assert "Traceback" not in outcome.err


async def test_a_bad_configuration_ends_with_two(tmp_path: Path) -> None:
    config = tmp_path / "bad.yml"
    config.write_text("hotel: {id: x, name: X, timezone: Mars/Olympus}\n")
    outcome = await command("--config", str(config), "run")
    assert outcome.code == 2
    assert f"{config}:1: hotel.timezone: is not a time zone" in outcome.err
