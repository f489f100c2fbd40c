"""What a command loads before it does anything: whoever types it waits for that."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STAGES = {
    "grammar": [],
    "asking": ["status", "incidents", "silence", "maintenance", "validate", "schema", "bounce"],
    "looking": ["check", "diagnose"],
    "running": ["run"],
}
"""One interpreter loads them one after the other: what one stage does not load, none before it did."""
SCRIPT = """
import importlib, json, sys
importlib.import_module("daemon.cli")
found = {}
for stage, commands in json.loads(sys.argv[1]).items():
    for command in commands:
        importlib.import_module(f"daemon.cli.{command}")
    found[stage] = sorted({name.partition(".")[0] for name in sys.modules})
print(json.dumps(found))
"""
SLOW = {"aiohttp", "alembic", "apprise", "holidays", "jinja2", "sqlalchemy"}
"""Packages that take a tenth of a second and more."""


@pytest.fixture(scope="module")
def loaded() -> dict[str, set[str]]:
    """Return the packages that stand in memory after each stage."""
    command = [sys.executable, "-c", SCRIPT, json.dumps(STAGES)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603 - our own words
    return {stage: set(names) for stage, names in json.loads(done.stdout).items()}


def test_help_and_a_slip_of_the_finger_load_no_configuration(loaded: dict[str, set[str]]) -> None:
    assert "argparse" in loaded["grammar"]
    assert not loaded["grammar"] & (SLOW | {"pydantic", "yaml", "asyncio", "cryptography", "lxml"})


def test_a_command_that_asks_the_porter_loads_neither_state_nor_pages(loaded: dict[str, set[str]]) -> None:
    assert "pydantic" in loaded["asking"]
    assert not loaded["asking"] & SLOW


def test_a_command_that_looks_by_itself_loads_no_state(loaded: dict[str, set[str]]) -> None:
    assert "dns" in loaded["looking"]
    assert not loaded["looking"] & {"sqlalchemy", "alembic", "apprise", "holidays"}


def test_the_porter_loads_what_it_seldom_needs_only_then(loaded: dict[str, set[str]]) -> None:
    assert "sqlalchemy" in loaded["running"]
    assert not loaded["running"] & {"alembic", "apprise", "holidays"}
