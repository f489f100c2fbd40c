"""What checks remember is kept over a restart, forgotten with them, and lost where it cannot be read."""

import sqlite3
from pathlib import Path

from alerts.change import Change
from checks.result import CheckId
from tests.support.stored import opened

A, B = CheckId("h", "i", "a"), CheckId("h", "i", "b")


async def test_memories_are_kept_over_a_restart_and_replaced_as_a_whole(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(memories={A: {"offset": 1, "words": ["\udc80"]}, B: {"x": None}}))
        await store.commit(Change(memories={A: {"offset": 2}}))
    async with opened(address) as store:
        assert await store.memories() == {A: {"offset": 2}, B: {"x": None}}


async def test_a_check_that_is_forgotten_leaves_no_memory(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(memories={A: {"x": 1}, B: {"x": 2}}))
        await store.commit(Change(forgotten=(A,)))
        assert await store.memories() == {B: {"x": 2}}


async def test_a_memory_that_cannot_be_read_is_lost_and_stops_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.commit(Change(memories={A: {"x": 1}, B: {"x": 2}}))
    with sqlite3.connect(tmp_path / "state.db") as connection:
        connection.execute("UPDATE memories SET value = ? WHERE \"check\" = 'a'", ("[1,",))
    connection.close()
    async with opened(tmp_path) as store:
        assert await store.memories() == {B: {"x": 2}}
