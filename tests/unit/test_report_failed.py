"""Of more failed updates than are counted a report says so, and of none that anybody is named."""

from dataclasses import replace

from alerts.reports.consistency import failed_updates
from alerts.reports.evidence import evidence
from alerts.reports.facts import MOST_FAILED, Failed
from alerts.reports.report import Kind, Table
from alerts.reports.words import percent
from tests.unit.test_report_evidence import facts

FEW = Failed("q", "Channel updates", 3, {"no answer in time": 3}, recent=2, days=1, oldest=90_000.0)


def cells(one: Failed) -> list[list[str]]:
    blocks = failed_updates(replace(facts(Kind.WEEKLY), failed=(one,))).blocks
    return [[cell.text for cell in row] for block in blocks if isinstance(block, Table) for row in block.rows]


def test_a_number_that_is_capped_is_said_to_be_the_least() -> None:
    assert cells(FEW)[0][1:5] == ["3", "2", "1", "0"]
    many = replace(FEW, many=MOST_FAILED, recent=MOST_FAILED - 1, reasons={"no answer in time": MOST_FAILED})
    assert cells(many)[0][1:5] == ["1,001 or more", "1,000 or more", "1 or more", "0 or more"]
    assert cells(many)[1] == ["Channel updates", "no answer in time", "1,001 or more"]
    told = evidence(replace(facts(Kind.WEEKLY), failed=(many,)))["failed-updates"]
    assert told == "at least 1001 failed updates left"


def test_a_percentage_is_never_all_of_it_and_never_less_than_it_is() -> None:
    assert [percent(value) for value in (0.29, 57.29, 99.999, 100.0, 100 * 999_999 / 1_000_000)] == [
        "0.29 %",
        "57.29 %",
        "99.99 %",
        "100 %",
        "99.99 %",
    ]
