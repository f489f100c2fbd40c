"""`docs/coverage.md` says what is so: every row there is, every check and test it names exists."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from checks.integrations import KINDS, OWN_SIDE
from checks.registry import CHECKS

ROOT = Path(__file__).parents[2]
ROWS = 182
STATES = {"watched", "shown to a person", "later"}
BUILT_IN = {f"{kind}/{one.name}" for kind, listed in {**KINDS, **OWN_SIDE}.items() for one in listed}
KNOWN = BUILT_IN | set(CHECKS)
SHARED = {one.name for listed in KINDS.values() for one in listed}


@dataclass(frozen=True)
class Row:
    """A row of the page."""

    number: int
    state: str
    checks: tuple[str, ...]
    tests: tuple[str, ...]
    note: str
    every: bool


def rows() -> list[Row]:
    found = []
    for line in (ROOT / "docs" / "coverage.md").read_text().splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)][1:-1]
        if len(cells) == 6 and cells[0].isdigit():
            checks, tests = (tuple(re.findall(r"`([^`]+)`", cell)) for cell in cells[3:5])
            found.append(
                Row(int(cells[0]), cells[2], checks, tests, cells[5], every=cells[3] == "every check")
            )
    return found


def test_every_row_stands_there_once() -> None:
    assert Counter(row.number for row in rows()) == Counter(range(1, ROWS + 1))


@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row.number))
def test_a_row_names_what_there_is(row: Row) -> None:
    assert row.state in STATES
    if row.state == "watched":
        assert row.every or row.checks
        assert row.tests
    else:
        assert row.note, "a row that nothing watches says why"
    for check in row.checks:
        assert check in KNOWN or (check.startswith("*/") and check[2:] in SHARED), check
    for test in row.tests:
        assert "def test_" in (ROOT / "tests" / test).read_text(), test


def test_every_test_and_check_that_the_page_names_is_there() -> None:
    page = (ROOT / "docs" / "coverage.md").read_text()
    apart = page.partition("## What no other monitor has")[2]
    names = re.findall(r"`((?:unit|integration|acceptance)/\w+\.py)`", apart)
    assert len(names) > 10
    for name in names:
        assert "def test_" in (ROOT / "tests" / name).read_text(), name
    checks = set(re.findall(r"`(\w+/\w+)`", apart))
    assert checks
    assert checks <= BUILT_IN
