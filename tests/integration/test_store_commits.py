"""A change is written as a whole or not at all, whatever happens meanwhile."""

import asyncio
import gc
import sqlite3
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, text

from alerts.change import Change, Event
from alerts.incident import IncidentState
from alerts.notification import Kind
from daemon.store import StateError, Store
from daemon.store.sqlite_file import SqliteFile
from tests.support.clock import START
from tests.support.stored import incident, notification, opened, opening, standing

CLASH = r"contradicts what is stored .*(incidents\.key|one_unresolved_incident_a_key)"


@asynccontextmanager
async def held(directory: Path) -> AsyncIterator[sqlite3.Connection]:
    """Be the other program that has the database locked."""
    connection = sqlite3.connect(directory / "state.db", isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield connection
    finally:
        connection.close()


async def settle(store: Store) -> None:
    """Wait until whatever was being written is."""
    async with store._transactions._turn:
        return


async def test_a_second_unresolved_incident_of_a_key_is_refused_and_leaves_nothing(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident("a"),)))
        twin = Change(
            incidents=(incident("b", key="other"), incident("c")),
            notifications=(notification(of="b"),),
            events=(Event("a", START, "note", "x"),),
            standings=(standing(),),
        )
        with pytest.raises(StateError, match=CLASH):
            await store.commit(twin)
        assert await store.open_incidents() == [incident("a")]
        assert await store.standings() == []
        assert (await store.pending())[:2] == (0, None)
        record = await store.incident("a")
        assert record is not None
        assert record.events == ()


async def test_an_incident_may_end_and_the_next_of_its_key_begin_in_one_change(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident("a"),)))
        ended = replace(incident("a"), state=IncidentState.RESOLVED, resolved_at=START)
        await store.commit(Change(incidents=(incident("b"), ended)))
        assert await store.open_incidents() == [incident("b")]
        assert await store.recent(START) == [ended]


async def test_a_notification_whose_key_exists_is_left_as_it_is(address: str) -> None:
    first = notification("first")
    again = replace(notification("again"), key=first.key, kind=Kind.REMINDER)
    async with opened(address) as store:
        await store.commit(opening(first))
        await store.commit(opening(again, notification("more", recipient="lead@hotel.example")))
        told = await store.notifications_of("a", 1)
    assert [(one.id, one.kind) for one in told] == [("first", Kind.PROBLEM), ("more", Kind.PROBLEM)]


async def test_a_notification_about_an_unknown_incident_is_refused(address: str) -> None:
    async with opened(address) as store:
        with pytest.raises(StateError, match=r"(?i)foreign key"):
            await store.commit(Change(notifications=(notification(of="unheard-of"),)))
        assert (await store.pending())[:2] == (0, None)


async def test_an_error_shows_no_message_and_no_recipient(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification()))
        secret = replace(notification(), key="another", message=b"s3cret", recipient="s3cret")
        half: Any = None
        for wrong in (secret, replace(secret, id="other", channel=half)):
            with pytest.raises(StateError, match="contradicts what is stored") as caught:
                await store.commit(Change(notifications=(wrong,)))
            assert "s3cret" not in "".join(traceback.format_exception(caught.value))


async def test_many_incidents_cost_as_many_statements_as_one(tmp_path: Path) -> None:
    def change(epoch: int, names: range) -> Change:
        people = ("a@hotel.example", "b@hotel.example")
        return Change(
            incidents=tuple(incident(str(name), key=f"{epoch}/{name}") for name in names),
            notifications=tuple(
                notification(f"{epoch}-{name}-{one}", of=str(name), recipient=one, epoch=epoch)
                for name in names
                for one in people
            ),
            cancelled=tuple(f"{epoch}-{name}-{one}" for name in names for one in people),
            events=tuple(Event(str(name), START, "note", "x") for name in names),
        )

    seen: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        seen.append(statement)

    async with opened(tmp_path) as store:
        place = store._transactions.place
        assert isinstance(place, SqliteFile)
        event.listen(place.writer.engine, "before_cursor_execute", count)
        await store.commit(change(1, range(1)))
        single = list(seen)
        await store.commit(change(2, range(200)))
    assert seen == single * 2
    assert single.count("BEGIN IMMEDIATE") == 1


async def test_concurrent_commits_and_reads_all_see_whole_changes(address: str) -> None:
    async def add(store: Store, name: str) -> None:
        await store.commit(opening(notification(name, of=name), name=name, key=name))

    async def look(store: Store) -> None:
        for record in await store.list_incidents(limit=100):
            one = await store.incident(record.incident.id)
            assert one is not None
            assert len(one.events) == len(one.notifications) == len(record.notifications) == 1

    async with opened(address) as store:
        work = [add(store, str(number)) for number in range(50)]
        await asyncio.gather(*work, *(look(store) for _ in range(10)))
        assert (await store.pending())[0] == 50


async def test_a_write_that_has_begun_ends_though_its_caller_is_cancelled(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        async with held(tmp_path) as other:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await store.commit(opening(notification()))
            reading = asyncio.create_task(store.open_incidents())
            other.execute("ROLLBACK")
            assert await reading == [incident()]
        assert (await store.pending())[0] == 1


async def test_a_write_that_fails_when_nobody_waits_for_it_any_more_is_no_oversight(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, what: said.append(what))
    async with opened(tmp_path) as store:
        await store._transactions.write(_hurry)
        async with held(tmp_path):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0):
                    await store.commit(opening(notification()))
            await settle(store)
    del store
    gc.collect()
    assert said == []


def _hurry(connection: Connection) -> None:
    connection.execute(text("PRAGMA busy_timeout=10"))


async def test_a_write_that_waits_for_its_turn_can_be_given_up(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        async with held(tmp_path) as other:
            first = asyncio.create_task(store.commit(Change(standings=(standing(),))))
            await asyncio.sleep(0)  # lets the first one take its turn
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.05):
                    await store.commit(opening(notification()))
            other.execute("ROLLBACK")
            await first
        await settle(store)
        assert await store.open_incidents() == []


async def test_reads_that_are_cancelled_do_no_harm(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification()))
        for turns in range(12):
            reading = asyncio.create_task(store.list_incidents())
            for _ in range(turns):
                await asyncio.sleep(0)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        assert await store.open_incidents() == [incident()]


async def test_closing_waits_for_the_write_in_progress(address: str) -> None:
    async with opened(address) as store:
        writing = asyncio.create_task(store.commit(opening(notification())))
        await asyncio.sleep(0)  # lets it begin
        await store.close()
        await writing
        await store.close()
        with pytest.raises(StateError, match="is closed"):
            await store.open_incidents()
        with pytest.raises(StateError, match="is closed"):
            await store.writable()
    async with opened(address) as store:
        assert await store.open_incidents() == [incident()]


async def test_a_state_locked_by_another_program_says_so(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store._transactions.write(_hurry)
        async with held(tmp_path):
            with pytest.raises(StateError, match=r"state\.db: is locked by another program"):
                await store.writable()
        await store.writable()


async def test_a_full_disk_says_so_and_is_got_over(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:

        def shrink(connection: Connection) -> None:
            connection.execute(text("PRAGMA max_page_count=1"))

        def grow(connection: Connection) -> None:
            connection.execute(text("PRAGMA max_page_count=100000"))

        await store._transactions.write(shrink)
        large = replace(notification(), message=bytes(100_000))
        with pytest.raises(StateError, match=r"state\.db: the disk is full; free some space"):
            await store.commit(opening(large))
        assert await store.open_incidents() == []
        await store._transactions.write(grow)
        await store.commit(opening(large))
        assert await store.open_incidents() == [incident()]


async def test_a_state_whose_file_was_removed_or_replaced_is_not_writable(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    async with opened(tmp_path) as store:
        await store.writable()
        file.rename(tmp_path / "moved.db")
        with pytest.raises(StateError, match=r"is gone .*restart"):
            await store.writable()
        file.write_bytes(b"")
        with pytest.raises(StateError, match="was replaced while in use; restart"):
            await store.writable()


async def test_a_word_this_version_does_not_know_is_an_error_with_a_remedy(address: str) -> None:
    async with opened(address) as store:
        await store.commit(opening(notification()))

        def spoil(connection: Connection) -> None:
            connection.execute(text("UPDATE incidents SET severity = 'dreadful'"))

        await store._transactions.write(spoil)
        with pytest.raises(StateError, match=r"dreadful.*install the version that wrote it"):
            await store.open_incidents()
