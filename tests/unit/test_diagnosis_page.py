"""`docs/diagnosis.md` says what the rules say; `UPDATE_GOLDEN=1` writes its tables anew."""

import os
from pathlib import Path

from alerts.diagnosis.decision_table import RULES
from alerts.incident import Cause
from tests.support.diagnosis_page import renewed, tables

PAGE = Path(__file__).parents[2] / "docs" / "diagnosis.md"


def test_the_page_says_what_the_rules_say() -> None:
    page = PAGE.read_text()
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(renewed(page))
    assert renewed(page) == PAGE.read_text()


def test_every_rule_has_a_row_and_every_cause_is_named() -> None:
    found = tables()
    assert sum(line.startswith("| `") for line in found.splitlines()) == len(RULES)
    assert [cause for cause in Cause if f"`{cause}`" not in found] == [Cause.UNKNOWN]
