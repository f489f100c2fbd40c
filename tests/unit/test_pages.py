"""Pages that are written from the code say what the code says; `make docs` writes them anew."""

import os
import re

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.incident import Cause
from checks.registry import CHECKS
from daemon.demo.faults import FAULTS
from tests.pages import causes, configuration, diagnosis, metrics
from tests.pages.markdown import DOCS, filled, table
from tests.pages.options import keys_of
from tests.pages.pages import PAGES, Page

HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_what_the_code_says(page: Page) -> None:
    if os.environ.get("UPDATE_GOLDEN"):
        page.write()
    assert page.renewed() == page.file.read_text(), "run `make docs`, and look at what has changed"


def test_a_page_without_its_slot_is_told_of() -> None:
    with pytest.raises(ValueError, match="has no slot"):
        filled("<!-- rules -->", "rules", "text")


def test_a_table_holds_what_would_break_it() -> None:
    assert table(("a",), [("x|y <b>\nz",), ("",)]).splitlines()[2:] == ["| x\\|y &lt;b> z |", "| - |"]


def test_every_rule_has_a_row_and_every_cause_is_named() -> None:
    found = diagnosis.tables()
    assert sum(line.startswith("| [`") for line in found.splitlines()) == len(RULES)
    assert [cause for cause in Cause if f"`{cause}`" not in found] == [Cause.UNKNOWN]


def test_queries_ask_for_metrics_that_there_are() -> None:
    text = (DOCS / "metrics.md").read_text()
    asked = {
        re.sub(r"_bucket$", "", name)
        for block in re.findall(r"```promql\n(.*?)```", text, re.DOTALL)
        for name in re.findall(r"\bnightporter_\w+", block)
    }
    assert asked
    assert asked <= {metrics.shown_name(one) for one in metrics.families()}


def test_every_cause_has_a_chapter_by_its_name() -> None:
    headings = HEADING.findall((DOCS / "causes.md").read_text())
    assert [cause for cause in Cause if headings.count(cause) != 1] == []
    assert causes.missing() == []


def test_every_fault_of_the_demo_is_shown_with_its_cause() -> None:
    text = (DOCS / "causes.md").read_text()
    chapters = dict(re.findall(r"^### ([\w-]+)$(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL))
    shown = {name: FAULTS[name].cause for name in re.findall(r"demo --fault (\S+)", text)}
    assert shown.keys() == FAULTS.keys()
    assert [name for name, cause in shown.items() if f"--fault {name} " not in chapters[cause]] == []


def test_every_key_says_what_it_means() -> None:
    keys = [*configuration.every(), *(key for kind in CHECKS.values() for key in keys_of(kind.options))]
    assert [key.path for key in keys if not key.meaning] == []
    assert [key.path for key in keys if "class" in key.type] == []
    assert [key.path for key in keys if key.secret and "_file" not in key.type] == []
