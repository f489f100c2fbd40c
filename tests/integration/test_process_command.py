"""The command that asks pm2 leaves nothing behind, learns little, and starts no pm2."""

import asyncio
import shlex
import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import uvloop

from checks.pm2 import Processes
from checks.pm2_command import end
from checks.result import Reason, State
from tests.support.polling import until
from tests.support.probing import look
from tests.support.process import processes_of

LONG = 10.0
LOOPS = pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)


def script(directory: Path, body: str) -> str:
    """Return a command for the shell; `SLEEP` in it is a program that can be found again."""
    sleep = directory / "sleep"
    if not sleep.exists():
        sleep.symlink_to("/bin/sleep")
    return shlex.join(["/bin/sh", "-c", body.replace("SLEEP", f"{shlex.quote(str(sleep))} 60")])


class Crowd:
    """The threads there were before: servers of other tests may have some of their own."""

    def __init__(self) -> None:
        self._before = set(threading.enumerate())

    async def gone(self, directory: Path) -> None:
        """Wait until all processes of the directory have ended and asyncio's threads have told so.

        A loop that is closed before would not take the news of an end.
        """
        await until(lambda: not processes_of(directory), 5, "all processes to end")
        await until(lambda: not self._bringing(), 5, "the news of their end")
        await asyncio.sleep(0)

    def _bringing(self) -> list[threading.Thread]:
        """Return the threads, come since, by which asyncio waits for the end of a process."""
        now = threading.enumerate()
        return [one for one in now if one.name.startswith("asyncio-waitpid") and one not in self._before]


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


@LOOPS
@pytest.mark.parametrize("body", ["SLEEP & echo '[]'", "SLEEP >/dev/null & echo '[]'", "SLEEP & exit 3"])
def test_children_of_a_command_that_has_ended_are_ended(
    factory: Callable[[], asyncio.AbstractEventLoop], body: str, tmp_path: Path, crowd: Crowd
) -> None:
    async def ask() -> None:
        await look("process", name="sync", pm2=script(tmp_path, body), deadline=LONG)
        await crowd.gone(tmp_path)

    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(ask())


@LOOPS
def test_who_gives_up_at_once_leaves_nothing_behind(
    factory: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path, crowd: Crowd
) -> None:
    async def give_up(delay: float) -> None:
        command = script(tmp_path, "SLEEP; SLEEP")
        processes = Processes()
        asking = [asyncio.ensure_future(processes.listed(command, LONG)) for _ in range(3)]
        await asyncio.wait(asking, timeout=delay)
        for one in asking:
            one.cancel()
        assert len((await asyncio.wait(asking, timeout=LONG))[0]) == 3
        await crowd.gone(tmp_path)

    with asyncio.Runner(loop_factory=factory) as runner:
        for delay in (0, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05):
            runner.run(give_up(delay))


class Foreign(asyncio.SubprocessTransport):
    """A process of another user that has no group here."""

    closed = 0

    def get_pid(self) -> int:
        return 2**22 + 1

    def close(self) -> None:
        self.closed += 1
        raise PermissionError


def test_what_must_not_be_ended_is_let_go() -> None:
    foreign = Foreign()
    end(foreign)
    assert foreign.closed == 1


async def test_the_command_gets_little_of_our_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SMTP_PASSWORD", "NODE_AUTH_TOKEN", "PM2_HOME", "LC_TIME", "HOME"):
        monkeypatch.setenv(name, "given")
    seen = tmp_path / "seen"
    await look("process", name="sync", pm2=script(tmp_path, f"env >{seen}; echo '[]'"))
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert {"PATH", "HOME", "PM2_HOME", "LC_TIME"} <= names
    assert not {"SMTP_PASSWORD", "NODE_AUTH_TOKEN"} & names


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the home of a user with a pm2 that has none running; it notes when it is started."""
    (tmp_path / "bin").mkdir()
    (tmp_path / ".pm2").mkdir()
    program = tmp_path / "bin" / "pm2"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/started\necho '[]'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:/usr/bin:/bin")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("PM2_HOME", raising=False)
    return tmp_path


@pytest.mark.parametrize("stale", [False, True])
async def test_no_pm2_is_started_for_a_user_that_has_none(home: Path, stale: bool) -> None:
    if stale:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(home / ".pm2" / "rpc.sock"))
    result = await look("process", name="sync")
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.PERMISSION)
    assert f"no pm2 runs for this user (nobody listens at {home}/.pm2/rpc.sock)" in result.message
    assert not (home / "started").exists()


async def test_a_pm2_that_runs_is_asked_wherever_its_home_is(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PM2_HOME", str(home / "elsewhere"))
    (home / "elsewhere").mkdir()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(home / "elsewhere" / "rpc.sock"))
        listener.listen()
        assert (await look("process", name="sync")).reason is Reason.PROCESS
    assert (home / "started").exists()


async def test_a_pm2_behind_another_command_is_asked_in_any_case(home: Path) -> None:
    assert (await look("process", name="sync", pm2="env pm2")).reason is Reason.PROCESS
