"""maintenance: what is due is listed and ticked from a terminal, and outlives the porter."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only
from tests.support.polling import until
from tests.support.process import Outcome, Porter, command, porter

OWN = """
maintenance:
  tasks:
    fire-panel: {title: Test the fire panel, every: yearly}
    review-logs: {enabled: false}
credentials:
  google: {title: App password of the mailbox, owner: Ada Pereira, created: 2020-01-01, rotate_every: 180d}
  ota: {title: Password at the OTA, owner: Revenue, expires: 2199-12-31, note: "in their extranet, Account"}
"""


async def said(one: Porter, *words: str) -> Outcome:
    """Return how a command ended."""
    return await command("--config", str(one.config), "maintenance", *words)


async def tasks(one: Porter) -> dict[str, Any]:
    """Return the hotel's tasks as the command prints them for scripts, by their ids."""
    outcome = await said(one, "--json")
    assert outcome.code == 0, outcome.err
    (hotel,) = json.loads(outcome.out)["hotels"].values()
    return {task["task"]: task for task in hotel["tasks"]}


def asked_for(directory: Path) -> int:
    """Return of how many tasks it is written since when they are asked for."""
    with closing(sqlite3.connect(f"file:{directory}/state.db?mode=ro", uri=True)) as state:
        found: int = state.execute("SELECT count(*) FROM maintenance_tasks").fetchone()[0]
    return found


async def test_a_task_is_listed_ticked_and_remembered(tmp_path: Path) -> None:
    body = payment_only(f"http://127.0.0.1:{free_port()}", free_port()) + OWN
    async with porter(tmp_path, body) as one:
        before = await tasks(one)
        await until(lambda: asked_for(tmp_path) == 12, 10.0)
        ticked = await said(one, "done", "test-backups", "--by", "Ada", "--note", "restored that of Monday")
        listed = await said(one)
        odd = await said(one, "done", "test-backup")
        nowhere = await said(one, "--hotel", "spa")
        elsewhere = await said(one, "done", "test-backups", "--hotel", "spa")
    async with porter(tmp_path, body) as one:
        after = await tasks(one)
    assert len(before) == 12
    assert {task["state"] for task in before.values()} == {"due"}
    assert before["fire-panel"]["own"]
    assert "review-logs" not in before
    assert ticked.code == 0, ticked.err
    assert "Test backup procedures: done by Ada. It is due again by the end of" in " ".join(
        ticked.out.split()
    )
    assert listed.code == 0
    assert "by Ada: restored that of Monday" in " ".join(listed.out.split())
    assert max(map(len, listed.out.splitlines())) <= 80
    keys = listed.out.partition("CREDENTIAL ")[2].splitlines()
    assert keys[1].split()[:7] == ["App", "password", "of", "the", "mailbox", "overdue", "2020-06-29"]
    assert any("fine" in line and "2199-12-31" in line for line in keys)
    assert odd.code == 1
    assert "has no task with this id; did you mean test-backups?" in " ".join(odd.err.split())
    assert (nowhere.code, elsewhere.code) == (1, 1)
    assert nowhere.err == elsewhere.err
    assert (after["test-backups"]["state"], after["test-backups"]["last"]["by"]) == ("done", "Ada")
