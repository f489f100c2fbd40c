"""Processes under pm2: a stand-in with every whim, and the real one."""

import asyncio
import json
import os
import shlex
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvloop

from checks.context import Tools
from checks.memory import Memories
from checks.pm2 import Process, Processes
from checks.pm2_command import Unanswered
from checks.result import CheckId, Reason, Result, State
from daemon.clock import SystemClock
from tests.support import pm2_stand_in
from tests.support.polling import until
from tests.support.probing import look

LONG = 10.0


def entry(name: str = "sync", status: str = "online", restarts: int = 0) -> dict[str, Any]:
    state = {"status": status, "restart_time": restarts, "pm_uptime": 1, "env": {"KEY": "hunter2"}}
    return {"name": name, "pid": 1, "monit": {"memory": 1024, "cpu": 0}, "pm2_env": state}


class StandIn:
    """A pm2 that says what it is told to."""

    def __init__(self, directory: Path) -> None:
        self.file, self.log = directory / "list of processes.json", directory / "log"
        self.say()

    def say(self, *entries: object) -> None:
        self.file.write_text(json.dumps(entries or [entry()]))

    def command(self, *options: str) -> str:
        words = [
            sys.executable,
            "-S",
            pm2_stand_in.__file__,
            str(self.file),
            "--log",
            str(self.log),
            *options,
        ]
        return shlex.join(words)

    def lines(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def alive(self) -> list[str]:
        return [line for line in self.lines() if _runs(line.split(" ")[0])]


def _runs(pid: str) -> bool:
    try:
        state = Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.fixture
def pm2(tmp_path: Path) -> StandIn:
    return StandIn(tmp_path)


async def test_a_process_that_is_online_is_ok(pm2: StandIn) -> None:
    result = await look("process", name="sync", pm2=pm2.command("--banner"))
    assert (result.state, result.message) == (State.OK, "1 of 1 workers are online")
    assert result.measurements["online"] == 1
    assert [line.split(" ", 1)[1] for line in pm2.lines()] == ["jlist --silent"]


async def test_too_few_workers_are_process(pm2: StandIn) -> None:
    pm2.say(entry(), entry(status="errored"), entry("other"))
    result = await look("process", name="sync", workers=2, pm2=pm2.command())
    assert (result.state, result.reason) == (State.CRITICAL, Reason.PROCESS)
    assert result.measurements["online"] == 1


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (["a", "b", "a"], "pm2 knows no sync; it knows: a, b"),
        ([f"p{number}" for number in range(9)], "it knows: p0, p1, p2, p3, p4 and 4 more"),
        (None, "it knows: none at all"),
    ],
)
async def test_a_process_that_pm2_does_not_know_is_process(
    names: list[str] | None, says: str, pm2: StandIn
) -> None:
    pm2.file.write_text(json.dumps([entry(name) for name in names or ()]))
    result = await look("process", name="sync", pm2=pm2.command())
    assert (result.state, result.reason) == (State.CRITICAL, Reason.PROCESS)
    assert says in result.message


async def test_restarts_again_and_again_are_process_even_over_a_restart(pm2: StandIn) -> None:
    memories, results = Memories(), list[Result]()
    for run in range(4):
        pm2.say(entry(restarts=10 + run))
        later = timedelta(minutes=run)
        results.append(await look("process", name="sync", pm2=pm2.command(), memories=memories, later=later))
        stored = memories.take()
        memories = Memories()
        memories.restore(stored)
        assert CheckId("h", "i", "c") in stored
    assert [one.reason for one in results] == [None, None, None, Reason.PROCESS]
    assert "restarts again and again: 3 times within 15 minutes" in results[-1].message
    assert results[-1].measurements["restarts_recent"] == 3


@pytest.mark.parametrize(
    ("command", "reason", "says"),
    [
        ("/nowhere/pm2", Reason.PERMISSION, "there is no command /nowhere/pm2"),
        ("/etc/passwd", Reason.PERMISSION, "cannot be run: Permission denied"),
        ("/etc", Reason.PERMISSION, "cannot be run"),
        ("pm2 'unfinished", Reason.PERMISSION, "is not one"),
        ("  ", Reason.PERMISSION, "is empty"),
        ("/usr/bin/env no-such-interpreter", Reason.PERMISSION, "exit code 127"),
        ("true; touch pwned", Reason.PERMISSION, "there is no command true;"),
        ("false", Reason.QUERY, "exit code 1"),
        ("true", Reason.QUERY, "0 bytes that are no list"),
        ("echo hunter2", Reason.QUERY, "no list of processes"),
    ],
)
async def test_a_command_that_is_no_pm2_is_unknown(command: str, reason: Reason, says: str) -> None:
    result = await look("process", name="sync", pm2=command)
    assert (result.state, result.reason) == (State.UNKNOWN, reason)
    assert says in result.message
    assert "hunter2" not in result.message


async def test_a_list_with_a_bad_end_is_unknown_and_tells_no_secrets(pm2: StandIn) -> None:
    result = await look("process", name="sync", pm2=pm2.command("--code", "3"))
    assert (result.reason, "exit code 3" in result.message) == (Reason.QUERY, True)
    pm2.file.write_text(json.dumps([entry()])[:-2])
    result = await look("process", name="sync", pm2=pm2.command())
    assert (result.reason, "hunter2" in result.message) == (Reason.QUERY, False)


async def test_a_pm2_that_never_stops_talking_is_unknown_and_ended(pm2: StandIn) -> None:
    result = await look("process", name="sync", pm2=pm2.command("--flood"))
    assert (result.reason, "more than 8 MiB" in result.message) == (Reason.QUERY, True)
    await until(lambda: not pm2.alive(), 5, "pm2 to end")


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_a_pm2_that_hangs_ends_by_the_deadline_with_its_children(
    factory: Callable[[], asyncio.AbstractEventLoop], pm2: StandIn
) -> None:
    async def hang() -> Result:
        result = await look("process", name="sync", pm2=pm2.command("--hang"), deadline=1.5)
        await until(lambda: not pm2.alive(), 5, "pm2 and its child to end")
        return result

    with asyncio.Runner(loop_factory=factory) as runner:
        result = runner.run(hang())
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert "no answer within 1.35 s" in result.message
    assert len(pm2.lines()) == 2


@pytest.mark.parametrize(
    "factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"]
)
def test_a_daemon_left_behind_does_not_delay_the_answer(
    factory: Callable[[], asyncio.AbstractEventLoop], pm2: StandIn
) -> None:
    with asyncio.Runner(loop_factory=factory) as runner:
        result = runner.run(look("process", name="sync", pm2=pm2.command("--leave")))
    assert result.state is State.OK, result
    (child,) = pm2.alive()
    os.kill(int(child.split(" ")[0]), 9)


async def test_who_asks_at_the_same_time_shares_one_answer(pm2: StandIn) -> None:
    processes = Processes()
    command = pm2.command("--wait", "0.1")
    answers = await asyncio.gather(*(processes.listed(command, LONG) for _ in range(20)))
    assert len(set(answers)) == len(pm2.lines()) == 1
    assert await processes.listed(command, LONG) == answers[0]
    assert len(pm2.lines()) == 1


async def test_an_answer_is_shared_for_five_seconds_a_refusal_too(pm2: StandIn) -> None:
    now = 0.0
    processes = Processes(clock=lambda: now)
    for now, calls in ((0.0, 1), (4.9, 1), (5.0, 2), (9.9, 2)):  # noqa: B007 - the clock reads it
        assert await processes.listed(pm2.command(), LONG)
        assert len(pm2.lines()) == calls
    for _ in range(3):
        with pytest.raises(Unanswered):
            await processes.listed(pm2.command("--code", "1"), LONG)
    assert len(pm2.lines()) == 3


async def test_two_checks_of_one_porter_ask_once(pm2: StandIn) -> None:
    tools = Tools.new(SystemClock().now)
    pm2.say(entry("a"), entry("b"))
    for name in ("a", "b"):
        assert (await look("process", name=name, pm2=pm2.command(), tools=tools)).state is State.OK
    assert len(pm2.lines()) == 1


async def test_one_who_gives_up_takes_the_answer_from_nobody(pm2: StandIn) -> None:
    processes, command = Processes(), pm2.command("--wait", "0.3")
    patient = asyncio.ensure_future(processes.listed(command, LONG))
    with pytest.raises(Unanswered, match="no answer within"):
        await processes.listed(command, 0.01)
    hasty = asyncio.ensure_future(processes.listed(command, LONG))
    await until(lambda: len(pm2.lines()) == 1, 5, "the call")
    hasty.cancel()
    assert [one.name for one in await patient] == ["sync"]
    assert len(pm2.lines()) == 1


async def test_when_all_have_given_up_the_next_one_asks_again(pm2: StandIn) -> None:
    processes, command = Processes(), pm2.command("--wait", "0.2")
    asking = asyncio.ensure_future(processes.listed(command, LONG))
    await until(pm2.lines, 5, "the call")
    asking.cancel()
    await until(lambda: not pm2.alive(), 5, "pm2 to end")
    assert isinstance((await processes.listed(command, LONG))[0], Process)
    assert len(pm2.lines()) == 2


@pytest.fixture
async def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Give a real pm2 with a daemon of its own."""
    command = os.environ.get("TEST_PM2") or shutil.which("pm2")
    if command is None:
        pytest.skip("pm2 is not installed")
    monkeypatch.setenv("PM2_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DB_PASSWORD", "hunter2")
    yield command
    await run(command, "kill")


async def run(command: str, *words: str) -> None:
    process = await asyncio.create_subprocess_exec(
        command, *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    assert await process.wait() == 0, words


async def test_the_real_pm2_is_understood(real: str, tmp_path: Path) -> None:
    first = await look("process", name="sync", pm2=real, deadline=30.0)
    assert (first.state, first.reason) == (State.UNKNOWN, Reason.PERMISSION), first
    assert "no pm2 runs for this user" in first.message
    assert not (tmp_path / "home").exists(), "nor does one now"
    await run(real, "ping")
    second = await look("process", name="sync", pm2=real, deadline=30.0)
    assert (second.reason, "none at all" in second.message) == (Reason.PROCESS, True), second
    script = tmp_path / "sync.js"
    script.write_text("setInterval(() => {}, 1000)")
    await run(real, "start", str(script), "--name", "sync", "-i", "2")
    await run(real, "start", str(script), "--name", "other")
    (one, two, _) = found = await Processes().listed(real, 30.0)
    assert [(one.name, one.status) for one in found] == [("sync", "online")] * 2 + [("other", "online")]
    assert one.pid != two.pid
    assert one.started is not None
    assert abs(SystemClock().now().timestamp() - one.started) < 60
    assert "hunter2" not in repr(found)
    memories = Memories()
    options: dict[str, Any] = {"name": "sync", "workers": 2, "pm2": real, "deadline": 30.0}
    healthy = await look("process", memories=memories, **options)
    assert (healthy.state, healthy.measurements["memory_bytes"] > 0) == (State.OK, True), healthy
    for _ in range(3):
        await run(real, "restart", "sync")
    looping = await look("process", memories=memories, **options)
    assert (looping.reason, looping.measurements["restarts_recent"]) == (Reason.PROCESS, 3), looping
    await run(real, "stop", "sync")
    stopped = await look("process", memories=memories, **options)
    assert stopped.message == "0 of 2 workers of sync are online; the others: stopped"
