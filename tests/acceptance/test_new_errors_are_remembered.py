"""A kind of error that was never seen before is written down once, masked, and outlives the porter."""

import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path

from checks.log_dirs import FOLDERS
from daemon.demo.ports import free_port
from tests.acceptance.bodies import payment_only
from tests.support.polling import until
from tests.support.process import porter

LOGS = """
pms: {{log_dir: {path}}}
"""
TUNED = """
  pms: {checks: {logs: {interval: 1s}}}
"""


def seen(directory: Path) -> list[str]:
    """Return the kinds of error that are written down."""
    with closing(sqlite3.connect(f"file:{directory}/state.db?mode=ro", uri=True)) as state:
        rows = state.execute("SELECT value FROM sightings WHERE name LIKE 'error.%' ORDER BY at").fetchall()
    return [row[0] for row in rows]


def are_seen(directory: Path, count: int) -> bool:
    return len(seen(directory)) == count


def learnt(directory: Path) -> bool:
    """Say whether the logs were looked at, and that is written down."""
    with closing(sqlite3.connect(f"file:{directory}/state.db?mode=ro", uri=True)) as state:
        query = "SELECT count(*) FROM memories WHERE \"check\" = 'logs' AND value LIKE '%looked%'"
        return bool(state.execute(query).fetchone()[0])


async def test_a_new_kind_of_error_is_written_down_once(tmp_path: Path) -> None:
    pms, home = tmp_path / "pms", tmp_path / "home"
    home.mkdir()
    for name in FOLDERS:
        (pms / name).mkdir(parents=True)
    log = pms / "errors" / "app.log"
    log.write_text("ERROR an old one of 17\n")
    body = payment_only(f"http://127.0.0.1:{free_port()}", free_port())
    body = body.replace("integrations:\n", f"integrations:{TUNED}", 1) + LOGS.format(path=pms)
    for number, new in ((1, "mail to guest@private.example failed: 550"), (2, "the pool is exhausted")):
        async with porter(home, body):
            await until(lambda: learnt(home), 15.0)
            with log.open("a") as file:
                file.write(f"ERROR an old one of {number}\nERROR {new}\n")
                file.write("ERROR mail to guest@private.example failed: 551\n")
            await until(partial(are_seen, home, number), 15.0)
    assert seen(home) == ["ERROR mail to g***@… failed: #", "ERROR the pool is exhausted"]
