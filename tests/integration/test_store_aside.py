"""A state is moved aside as a whole, knowingly, and never over anything or from under anybody."""

import os
import shutil
from pathlib import Path

import pytest

from alerts.change import Change
from daemon.store import StateError, Store
from daemon.store.aside import set_aside
from tests.support.clock import START, FakeClock
from tests.support.stored import fingerprint, incident, notification, opened, opening, state, url_of

NAME = "state.db.broken-20261125T080000Z"


async def test_a_state_is_moved_with_its_log_and_can_be_opened_there(tmp_path: Path) -> None:
    lived = tmp_path / "lived"
    lived.mkdir()
    async with opened(lived) as store:
        await store.commit(opening(notification()))
        for name in ("state.db", "state.db-wal", "state.db-shm"):
            shutil.copy(lived / name, tmp_path / name)
    assert set_aside(url_of(tmp_path), START) == tmp_path / NAME
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {"lived", "state.db.lock", NAME, f"{NAME}-wal", f"{NAME}-shm"}
    moved = await Store.open(f"sqlite:///{tmp_path / NAME}", FakeClock())
    assert await moved.open_incidents() == [incident()]
    await moved.close()


async def test_a_new_state_begins_where_the_old_one_was(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"once a database" * 100)
    before = fingerprint(tmp_path)["state.db"]
    set_aside(url_of(tmp_path), START)
    async with opened(tmp_path) as store:
        await store.commit(Change(incidents=(incident(),)))
    assert fingerprint(tmp_path)[NAME] == before


async def test_nothing_is_overwritten(tmp_path: Path) -> None:
    for content in ("first", "second", "third"):
        (tmp_path / "state.db").write_text(content)
        set_aside(url_of(tmp_path), START)
    (tmp_path / f"{NAME}-4-wal").write_text("somebody else's")
    (tmp_path / "state.db").write_text("fourth")
    assert set_aside(url_of(tmp_path), START) == tmp_path / f"{NAME}-5"
    kept = {file.name.removeprefix(NAME): file.read_text() for file in tmp_path.glob("*broken*")}
    assert kept == {
        "": "first",
        "-2": "second",
        "-3": "third",
        "-4-wal": "somebody else's",
        "-5": "fourth",
    }


async def test_a_link_stays_and_what_it_leads_to_is_moved(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    file = await state(tmp_path / "disk")
    (tmp_path / "state.db").symlink_to(file)
    assert set_aside(url_of(tmp_path), START) == tmp_path / "disk" / NAME
    assert (tmp_path / "state.db").is_symlink()


def test_where_there_is_none_there_is_nothing_to_move(tmp_path: Path) -> None:
    assert set_aside(url_of(tmp_path), START) is None
    assert list(tmp_path.iterdir()) == []


async def test_a_state_that_a_porter_has_stays_where_it_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        with pytest.raises(StateError, match=f"in use by process {os.getpid()}"):
            set_aside(url_of(tmp_path), START)
        await store.writable()


async def test_what_is_no_file_stays_where_it_is(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    with pytest.raises(StateError, match="is a directory"):
        set_aside(url_of(tmp_path), START)
    assert fingerprint(tmp_path) == {"state.db": "directory"}


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_is_not_moved_and_its_password_not_shown(scheme: str) -> None:
    with pytest.raises(StateError, match="is a PostgreSQL database: name an empty one") as caught:
        set_aside(f"{scheme}://porter:s3cret@db/nightporter", START)
    assert "s3cret" not in str(caught.value)
