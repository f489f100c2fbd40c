"""The image's recipe: what a linter and its own promises say of it, without building it."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = (ROOT / "Dockerfile").read_text()
LAST = RECIPE[RECIPE.rindex("\nFROM ") :]


def test_hadolint_finds_nothing() -> None:
    program = Path(sys.executable).with_name("hadolint")
    done = subprocess.run(  # noqa: S603 - a program of the development environment
        [program, ROOT / "Dockerfile"], check=False, capture_output=True, text=True, timeout=30
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_everything_that_is_downloaded_has_a_hash() -> None:
    statements = re.split(r";|\n(?=[A-Z])", RECIPE.replace("\\\n", " "))
    installs = [one for one in statements if re.search(r"/pip .*(install|wheel) ", one)]
    assert len(installs) == 4
    for one in installs:
        assert "--require-hashes" in one or {"--no-index", "--no-deps"} <= set(one.split()), one
    for lock in ("requirements.lock", "requirements-build.lock"):
        blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
        assert blocks
        assert all("--hash=sha256:" in block for block in blocks)


def test_what_the_wheel_is_built_with_is_what_the_project_asks_for() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    names = {re.split(r"[<>=!~\[ ]", one)[0] for one in asked}
    pinned = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-build.lock").read_text(), re.MULTILINE))
    assert names <= pinned


def test_only_what_the_build_needs_goes_into_it() -> None:
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    allowed = [rule.removeprefix("!") for rule in rules if rule.startswith("!")]
    assert [one for one in allowed if not (ROOT / one).exists()] == []
    assert {"tests/", "docs/", ".git/", ".venv/", "deploy/"}.isdisjoint(allowed)


def test_signals_reach_the_porter_and_it_is_nobody() -> None:
    assert '\nENTRYPOINT ["nightporter"]\nCMD ["run"]' in LAST
    assert "\nSTOPSIGNAL SIGTERM\n" in LAST
    assert "\nUSER 10001:10001\n" in LAST
    assert "PYTHONSAFEPATH=1" in LAST
    assert RECIPE.startswith("#")
    assert "\nARG BASE_IMAGE=python:3.12-slim-bookworm\n" in RECIPE
