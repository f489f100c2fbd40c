"""The rules for Prometheus: each alert is tested with promtool, says what to do, and is explained."""

import re
from typing import Any

import pytest
import yaml

from tests.support.promtool import DEPLOY, told

RULES = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
TESTS = sorted((DEPLOY.parent / "tests" / "prometheus").glob("*.yml"))
RUNBOOK = DEPLOY.parent / "docs" / "monitoring.md"


def rules(kind: str) -> list[dict[str, Any]]:
    """Return the rules that have a key: `alert` or `record`."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if kind in rule]


ALERTS = {rule["alert"]: rule for rule in rules("alert")}
LOOKS = [
    look
    for path in TESTS
    for test in yaml.safe_load(path.read_text())["tests"]
    for look in test["alert_rule_test"]
]


async def test_promtool_finds_nothing_wrong_with_the_rules() -> None:
    code, said = await told("promtool", "check", "rules", "--lint-fatal", *map(str, RULES))
    assert code == 0, said


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.stem))
async def test_alerts_fire_when_they_should_and_only_then(path: Any) -> None:
    code, said = await told("promtool", "test", "rules", str(path))
    assert code == 0, said


def test_no_two_rules_have_one_name() -> None:
    names = [rule.get("alert", rule.get("record")) for kind in ("alert", "record") for rule in rules(kind)]
    assert len(names) == len(set(names)) > 30


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_is_seen_to_fire_and_to_be_silent(name: str) -> None:
    looks = [look.get("exp_alerts", []) for look in LOOKS if look["alertname"] == name]
    assert any(looks), "no test sees it fire"
    assert [] in looks, "no test sees it silent"


def test_no_test_is_about_an_alert_that_there_is_not() -> None:
    assert {look["alertname"] for look in LOOKS} == set(ALERTS)


@pytest.mark.parametrize("name", ALERTS)
def test_every_alert_says_what_to_do_and_where_more_is_written(name: str) -> None:
    rule = ALERTS[name]
    assert rule["labels"].keys() == {"severity", "about"}
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert rule["annotations"].keys() == {"summary", "description", "runbook_url"}
    place, _, anchor = rule["annotations"]["runbook_url"].partition("#")
    assert (place, anchor) == ("docs/monitoring.md", name.lower())
    part = re.search(rf"^### {name}\n(.+?)(?=^##|\Z)", RUNBOOK.read_text(), re.MULTILINE | re.DOTALL)
    assert part is not None, "the runbook has no part of it"
    assert len(part[1].split()) > 25, "the runbook hardly says anything"


def test_the_runbook_explains_no_alert_that_there_is_not() -> None:
    assert set(re.findall(r"^### (NightPorter\w+)$", RUNBOOK.read_text(), re.MULTILINE)) == set(ALERTS)
