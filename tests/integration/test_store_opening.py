"""One process has the state; a new one is private, and any name will do."""

import asyncio
import socket
import sys
from pathlib import Path

import pytest
from sqlalchemy import Connection

from daemon.store import StateError, Store
from tests.support.clock import FakeClock
from tests.support.stored import alter, fingerprint, incident, opened, state, url_of

HOLD = """
import asyncio, sys
from daemon.clock import SystemClock
from daemon.store import Store

async def main():
    await Store.open(sys.argv[1], SystemClock())
    print("held", flush=True)
    await asyncio.to_thread(sys.stdin.read)

asyncio.run(main())
"""


async def test_a_second_process_is_told_who_holds_the_state(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        HOLD,
        url_of(tmp_path),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await asyncio.wait_for(process.stdout.readline(), 30) == b"held\n"
    with pytest.raises(StateError, match=rf"in use by process {process.pid} on {socket.gethostname()}; stop"):
        await Store.open(url_of(tmp_path), FakeClock())
    process.kill()
    await process.communicate()
    async with opened(tmp_path) as store:
        await store.writable()


async def test_a_second_name_for_the_same_state_is_no_way_around_the_lock(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    async with opened(tmp_path):
        (tmp_path / "elsewhere" / "state.db").symlink_to(tmp_path / "state.db")
        with pytest.raises(StateError, match="is in use by process"):
            await Store.open(url_of(tmp_path / "elsewhere"), FakeClock())


async def test_an_empty_file_counts_as_new_and_a_new_one_is_private(tmp_path: Path) -> None:
    (tmp_path / "state.db").touch(0o644)
    (tmp_path / "fresh").mkdir()
    for place in (tmp_path, tmp_path / "fresh"):
        async with opened(place) as store:
            await store.writable()
            modes = {file.name: file.stat().st_mode & 0o777 for file in place.glob("state.db*")}
            assert set(modes.values()) == {0o600}
            assert set(modes) == {"state.db", "state.db-wal", "state.db-shm", "state.db.lock"}


async def test_a_database_that_was_only_just_begun_counts_as_new(tmp_path: Path) -> None:
    alter(tmp_path / "state.db", "PRAGMA journal_mode=WAL")
    async with opened(tmp_path) as store:
        assert (await store.pending())[:2] == (0, None)


async def test_a_directory_name_may_hold_what_addresses_and_patterns_use(tmp_path: Path) -> None:
    place = tmp_path / "a b%20c?mode=ro#d&e'f%s"
    place.mkdir()
    await state(place)
    async with opened(place) as store:
        assert await store.open_incidents() == [incident()]
    assert set(fingerprint(place)) == {"state.db"}


async def test_what_is_committed_is_on_the_disk(tmp_path: Path) -> None:
    def pragmas(connection: Connection) -> list[object]:
        names = ("synchronous", "journal_mode")
        return [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]

    async with opened(tmp_path) as store:
        full, journal = await store._transactions.write(pragmas)
    assert (full, journal) == (2, "wal")
