"""A state that cannot be used says why and what to do, and is left exactly as it was."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from daemon.store import StateError, Store
from tests.support.clock import FakeClock
from tests.support.stored import alter, fingerprint, incident, notification, opened, opening, state, url_of

NOBODY = 65534

FILL_AND_OPEN = """
import asyncio, hashlib, os, pathlib, sys
from daemon.clock import SystemClock
from daemon.store import Store, StateError

directory = pathlib.Path("/mnt")
if sys.argv[1]:
    (directory / "state.db").write_bytes(pathlib.Path(sys.argv[1]).read_bytes())
before = {file.name: file.read_bytes() for file in directory.iterdir()}
(directory / "state.db.lock").touch()
with open(directory / "filler", "wb", buffering=0) as filler:
    try:
        while filler.write(bytes(4096)):
            pass
    except OSError:
        pass

async def main():
    try:
        await Store.open("sqlite:////mnt/state.db", SystemClock())
    except StateError as error:
        print(error)

asyncio.run(main())
left = {file.name: file.read_bytes() for file in directory.iterdir()}
for name in ("filler", "state.db.lock"):
    del left[name]
print("untouched" if left == before else f"touched: {before.keys()} {left.keys()}")
"""


async def refused(directory: Path) -> str:
    """Return why the state of a directory is refused, having looked that nothing was touched."""
    before = fingerprint(directory)
    with pytest.raises(StateError) as caught:
        await Store.open(url_of(directory), FakeClock())
    assert fingerprint(directory) == before
    return str(caught.value)


def protect(directory: Path) -> None:
    directory.chmod(0o500)


def small_disk(*command: str) -> str:
    """Return what a command prints that has a disk of 256 KiB at /mnt, or skip the test."""
    inside = 'mount -t tmpfs -o size=256k none /mnt || exit 77; exec "$@"'
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    done = subprocess.run(  # noqa: S603 - our own words
        ["unshare", "-rm", "sh", "-c", inside, "sh", *command],  # noqa: S607 - wherever the host has it
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode == 77 or "unshare failed" in done.stderr:
        pytest.skip("this host lets nobody mount a small disk")
    assert not done.returncode, done.stderr
    return done.stdout


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """Give a directory of an ordinary user, and be that user: root may do everything."""
    # Imported by the first thread that is needed, and an interpreter in root's home is closed to nobody.
    import_module("concurrent.futures.thread")
    place = Path(tempfile.mkdtemp(prefix="state-"))
    if root := os.geteuid() == 0:
        os.chown(place, NOBODY, NOBODY)
        os.seteuid(NOBODY)
    try:
        yield place
    finally:
        if root:
            os.seteuid(0)
        place.chmod(0o700)
        shutil.rmtree(place)


@pytest.mark.parametrize(
    "url",
    [
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///state.db",
        "sqlite+aiosqlite:////tmp/state.db",
        "mysql://root:s3cret@host/db",
        "/var/lib/nightporter/state.db",
        "sqlite:////tmp/a\x00b",
        "",
    ],
)
async def test_an_address_that_is_no_file_to_keep_is_refused(url: str) -> None:
    with pytest.raises(StateError, match="sqlite:////absolute/path/state") as caught:
        await Store.open(url, FakeClock())
    assert "s3cret" not in str(caught.value)


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_text("state: precious notes\n" * 500)
    message = await refused(tmp_path)
    assert str(tmp_path / "state.db") in message
    assert "is not a database; restore a backup" in message


@pytest.mark.parametrize("size", [1, 16, 100, 4096])
async def test_a_file_cut_short_is_refused(tmp_path: Path, size: int) -> None:
    file = await state(tmp_path)
    os.truncate(file, size)
    message = await refused(tmp_path)
    assert "restore a backup, " in message


async def test_a_damaged_page_is_noticed(tmp_path: Path) -> None:
    file = await state(tmp_path)
    content = bytearray(file.read_bytes())
    content[4096 * 3 : 4096 * 4] = os.urandom(4096)
    file.write_bytes(content)
    assert "is damaged" in await refused(tmp_path)


async def test_a_damaged_header_is_noticed(tmp_path: Path) -> None:
    file = await state(tmp_path)
    content = bytearray(file.read_bytes())
    content[16:64] = bytes(48)
    file.write_bytes(content)
    assert "restore a backup" in await refused(tmp_path)


async def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    file = await state(tmp_path)
    alter(file, "UPDATE alembic_version SET version_num = '0099_later'")
    message = await refused(tmp_path)
    assert "newer Night Porter (schema 0099_later); install that version again" in message


@pytest.mark.parametrize("mode", ["delete", "wal"])
@pytest.mark.parametrize("application", [0, 7])
async def test_a_database_of_another_program_is_refused(tmp_path: Path, application: int, mode: str) -> None:
    alter(
        tmp_path / "state.db",
        f"PRAGMA journal_mode={mode}",
        f"PRAGMA application_id={application}",
        "CREATE TABLE incidents (id)",
    )
    assert "is a database of another program; name another file" in await refused(tmp_path)


async def test_a_state_without_its_revision_is_refused(tmp_path: Path) -> None:
    file = await state(tmp_path)
    alter(file, "DELETE FROM alembic_version")
    assert "has lost its schema's version" in await refused(tmp_path)
    alter(file, "DROP TABLE alembic_version")
    assert "no such table: alembic_version" in await refused(tmp_path)


async def test_a_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.db").mkdir()
    assert "is a directory; name a file in it" in await refused(tmp_path)


async def test_a_device_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "state.db")
    with pytest.raises(StateError, match="is not a regular file"):
        await Store.open(url_of(tmp_path), FakeClock())


async def test_a_missing_directory_is_named(tmp_path: Path) -> None:
    with pytest.raises(StateError, match=rf"the directory {tmp_path}/lib does not exist; create it"):
        await Store.open(url_of(tmp_path / "lib"), FakeClock())
    assert fingerprint(tmp_path) == {}


async def test_a_file_in_the_place_of_the_directory_is_named(tmp_path: Path) -> None:
    (tmp_path / "lib").write_text("")
    with pytest.raises(StateError, match="give the porter's user the right"):
        await Store.open(url_of(tmp_path / "lib"), FakeClock())


@pytest.mark.parametrize("mode", [0o000, 0o400, 0o200])
async def test_a_file_that_may_not_be_read_and_written_is_refused(as_nobody: Path, mode: int) -> None:
    file = await state(as_nobody)
    before = fingerprint(as_nobody)
    file.chmod(mode)
    with pytest.raises(StateError, match=r"cannot be read and written \(Permission denied\); give"):
        await Store.open(url_of(as_nobody), FakeClock())
    file.chmod(0o600)
    assert fingerprint(as_nobody) == before


async def test_a_directory_that_may_not_be_written_is_refused(as_nobody: Path) -> None:
    protect(as_nobody)
    assert "the right to write the directory" in await refused(as_nobody)


async def test_a_directory_that_became_read_only_is_refused(as_nobody: Path) -> None:
    await state(as_nobody)
    protect(as_nobody)
    assert "the right to write the file and its directory" in await refused(as_nobody)


@pytest.mark.parametrize("existing", [True, False])
async def test_a_full_disk_is_refused_at_the_start(tmp_path: Path, *, existing: bool) -> None:
    copy = str(await state(tmp_path)) if existing else ""
    shown = await asyncio.to_thread(small_disk, sys.executable, "-c", FILL_AND_OPEN, copy)
    message, verdict = shown.splitlines()
    assert "state /mnt/state.db: the disk" in message
    assert "full" in message
    assert verdict == "untouched"


async def test_what_a_crash_left_beside_a_refused_state_stays_too(tmp_path: Path) -> None:
    lived = tmp_path / "lived"
    lived.mkdir()
    async with opened(lived) as store:
        await store.commit(opening(notification()))
        alter(lived / "state.db", "UPDATE alembic_version SET version_num = '0099_later'")
        for name in ("state.db", "state.db-wal"):
            shutil.copy(lived / name, tmp_path / name)
    before = fingerprint(tmp_path)
    with pytest.raises(StateError, match="schema 0099_later"):
        await Store.open(url_of(tmp_path), FakeClock())
    after = fingerprint(tmp_path)
    after.pop("state.db-shm", None)
    assert after == before


async def test_a_refused_state_can_be_had_as_soon_as_it_is_mended(tmp_path: Path) -> None:
    file = await state(tmp_path)
    good = file.read_bytes()
    file.write_bytes(good[:5000])
    await refused(tmp_path)
    file.write_bytes(good)
    async with opened(tmp_path) as store:
        assert await store.open_incidents() == [incident()]
