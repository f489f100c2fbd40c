"""The house rules that a machine can hold."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from checks.registry import CHECKS

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for room in ("daemon", "checks", "alerts") for path in (ROOT / room).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

GUARDS = {
    "alerts/outbox.py": "deliver one message",
    "daemon/cli/command.py": "the command line",
    "daemon/runner.py": "run one check",
    "daemon/ticks.py": "one engine tick",
    "daemon/web/guard.py": "the web error middleware",
}
"""Where everything is caught, and what for: the only five places."""

CARRIES = {"checks/off_loop.py"}
"""Where it is caught in a thread only to be raised again where the work was asked for."""

FUNCTION, FILE = 40, 300
POLLS = {
    "tests/support/polling.py",
    "tests/support/process.py",
    "tests/support/prometheus.py",
    "tests/support/nginx.py",
    "tests/support/pgbouncer.py",
    "tests/support/pm2_stand_in.py",
    "tests/support/receiver.py",
    "tests/support/serving.py",
    "tests/integration/test_sql_probe.py",
}
"""Test support that may sleep between two looks, and what stands for something slow."""


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def catches_all(path: Path) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type is not None else "BaseException"
            if re.fullmatch(r"(Base)?Exception", caught):
                reraises = isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None
                if not reraises:
                    yield node


def test_everything_is_caught_in_five_places_only() -> None:
    found = {name_of(path): len(list(catches_all(path))) for path in SOURCES}
    assert {name: count for name, count in found.items() if count} == dict.fromkeys({*GUARDS, *CARRIES}, 1)


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_files_and_functions_are_short_enough_to_be_read(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and path in SOURCES:
            assert (node.end_lineno or 0) - node.lineno + 1 <= FUNCTION, f"{name_of(path)}: {node.name}"


def test_no_mocks_and_no_patching_in_tests() -> None:
    banned = re.compile(r"unittest" + r"\.mock|from unittest import " + "mock|monkeypatch" + r"\.setattr")
    assert [name_of(path) for path in TESTS if banned.search(path.read_text())] == []


def test_no_sleeping_in_tests() -> None:
    sleep = re.compile(r"\bsleep\((?!0\))")
    guilty = [
        name_of(path) for path in TESTS if sleep.search(path.read_text()) and path.name != Path(__file__).name
    ]
    allowed = POLLS | {"tests/acceptance/test_hanging_targets_delay_nobody.py"}
    assert set(guilty) <= allowed


def test_nothing_is_left_unfinished() -> None:
    marks = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    assert [name_of(path) for path in SOURCES + TESTS if marks.search(path.read_text())] == []


def test_no_file_is_a_drawer_for_everything() -> None:
    drawers = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py"}
    assert [name_of(path) for path in SOURCES + TESTS if path.name in drawers] == []


@pytest.mark.parametrize("name", ["daemon", "checks", "alerts"])
def test_the_import_names_are_ours(name: str) -> None:
    module = import_module(name)
    assert module.__file__ is not None
    assert Path(module.__file__).parent == ROOT / name


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_type_of_check_stands_in_the_example(name: str) -> None:
    example = (ROOT / "deploy" / "nightporter.example.yml").read_text()
    assert re.search(rf"\btype: {name}\b", example), f"no stanza of type {name}"


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_probe_has_a_test(name: str) -> None:
    assert list((ROOT / "tests" / "integration").glob(f"test_{name}_*.py"))


def test_every_ignored_finding_says_why() -> None:
    bare = re.compile(r"#\s*(noqa(:\s*[A-Z0-9, ]+)?|type: ignore(\[[\w, -]+\])?)\s*$", re.MULTILINE)
    guilty = [name_of(path) for path in SOURCES + TESTS if bare.search(path.read_text())]
    assert guilty == []
