"""The demo: both mails are shown, and nothing of it remains however it ends."""

import asyncio
import os
import signal
from pathlib import Path

from daemon.demo.faults import FAULTS
from tests.support.demo_process import demo, ends, on_duty, porters, shows, without_postgresql
from tests.support.polling import until
from tests.support.process import command, processes_of
from tests.support.vendor import vendor


async def test_the_problem_and_its_end_are_shown_and_nothing_remains(tmp_path: Path) -> None:
    outcome = await command("demo", "--once", within=90, env={"TMPDIR": str(tmp_path)}, by_fork=False)
    assert outcome.code == 0, outcome.out + outcome.err
    problem, end = (outcome.out.index(f"Subject: [{word}]") for word in ("CRITICAL", "RESOLVED"))
    assert problem < end
    assert "What to do".upper() in outcome.out[problem:end]
    assert "/metrics" in outcome.out
    assert outcome.err == ""
    assert "\x1b" not in outcome.out, "colours are for terminals"
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == {}


async def test_a_terminal_that_closes_ends_it_and_nothing_remains(tmp_path: Path) -> None:
    """Other signals end the demos that are played with."""
    async with demo(tmp_path) as one:
        said = await shows(one, "All is well")
        on_duty(tmp_path, said)
        await ends(one, tmp_path, signal.SIGHUP)


async def test_a_porter_that_dies_is_told_and_ends_the_demo(tmp_path: Path) -> None:
    async with demo(tmp_path) as one:
        await shows(one, "All is well")
        (pid,) = porters(tmp_path)
        os.kill(pid, signal.SIGKILL)
        await shows(one, "The porter ended by itself, with exit code -9")
        assert await asyncio.wait_for(one.process.wait(), 10) == 1
    assert list(tmp_path.iterdir()) == []


async def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    async with vendor() as other:
        outcome = await command("demo", "--port", str(other.port), within=40, env={"TMPDIR": str(tmp_path)})
    assert outcome.code == 1
    # Its pages are on the port after it, which on a busy machine may be taken, too.
    taken = (f"cannot listen on 127.0.0.1:{port}" for port in (other.port, other.port + 1))
    assert any(one in outcome.out for one in taken)
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == {}


async def test_a_signal_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path) as one:
        await shows(one, "PostgreSQL starts")
        one.process.send_signal(signal.SIGTERM)
        await shows(one, "Good night")
        assert await asyncio.wait_for(one.process.wait(), 10) == 0
    assert list(tmp_path.iterdir()) == []
    assert processes_of(tmp_path) == {}


def databases(place: Path) -> list[int]:
    """Return the database servers that the demo has started."""
    return [pid for pid, words in processes_of(place).items() if "pgdata" in words]


async def test_its_database_ends_with_it(tmp_path: Path) -> None:
    async with demo(tmp_path) as one:
        await shows(one, "The porter is on duty", within=60)
        # A process that the server has just begun bears its words for a moment.
        await until(lambda: len(databases(tmp_path)) == 1, 10, "its one database")
        (pid,) = porters(tmp_path)
        one.process.kill()
        await one.process.wait()
        os.kill(pid, signal.SIGTERM)
    await until(lambda: not processes_of(tmp_path), 10, "what the demo started to end")


async def test_the_list_names_every_fault_with_its_sentence() -> None:
    outcome = await command("demo", "--list")
    assert outcome.code == 0
    lines = outcome.out.splitlines()
    assert [line.split()[0] for line in lines] == list(FAULTS)
    assert all(
        line.endswith(f"  {fault.sentence}.") for line, fault in zip(lines, FAULTS.values(), strict=True)
    )


async def test_a_fault_that_is_none_is_answered_with_the_nearest(tmp_path: Path) -> None:
    outcome = await command("demo", "--fault", "card-testin", env={"TMPDIR": str(tmp_path)})
    assert outcome.code == 2
    assert outcome.err == "nightporter: there is no fault card-testin; did you mean card-testing?\n"
    assert list(tmp_path.iterdir()) == []


async def test_an_event_without_an_end_is_told_once(tmp_path: Path) -> None:
    told = ("demo", "--once", "--fault", "card-number-in-log")
    outcome = await command(*told, within=90, env=without_postgresql(tmp_path))
    assert outcome.code == 0, outcome.out + outcome.err
    assert "its incident stays open" in outcome.out
    assert "Subject: [RESOLVED]" not in outcome.out
    assert "4111" not in outcome.out


async def test_a_fault_of_the_configuration_is_played_with_reloads_and_without_postgresql(
    tmp_path: Path,
) -> None:
    told, nowhere = ("demo", "--once", "--fault"), without_postgresql(tmp_path)
    outcome = await command(*told, "smtp-credentials-invalid", within=90, env=nowhere)
    assert outcome.code == 0, outcome.out + outcome.err
    assert "goes without its database" in outcome.out
    assert "A new app password was mistyped" in outcome.out
    assert outcome.out.index("Subject: [CRITICAL]") < outcome.out.index("Subject: [RESOLVED]")
    assert list(tmp_path.iterdir()) == []


async def test_what_needs_a_database_is_not_shown_without_one(tmp_path: Path) -> None:
    told, nowhere = ("demo", "--once", "--fault", "overbooked"), without_postgresql(tmp_path)
    outcome = await command(*told, within=90, env=nowhere)
    assert outcome.code == 1
    assert "overbooked cannot be shown: this hotel has no database" in outcome.out
    assert list(tmp_path.iterdir()) == []
