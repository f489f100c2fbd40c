"""What is shipped for Prometheus, Alertmanager and Grafana, read by the programs it is for."""

import re
from pathlib import Path

import pytest
import trustme
import yaml

from alerts.incident import Cause
from tests.support.promtool import DEPLOY, told

PROMETHEUS = DEPLOY / "prometheus" / "prometheus.yml"
ALERTMANAGER = DEPLOY / "alertmanager" / "alertmanager.yml"


async def test_prometheus_takes_its_configuration() -> None:
    code, said = await told("promtool", "check", "config", "--lint-fatal", str(PROMETHEUS))
    assert code == 0, said


async def test_alertmanager_takes_its_configuration() -> None:
    code, said = await told("amtool", "check-config", str(ALERTMANAGER))
    assert code == 0, said


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (("alertname=vendor-outage", "hotel=h", "integration=i", "severity=critical", "incident=x"), "hotel"),
        (("alertname=NightPorterGone", "about=porter", "severity=critical"), "operations"),
        (("alertname=NightPorterSchedulerLate", "about=porter", "severity=warning"), "operations"),
        (("alertname=NightPorterIntegrationDown", "about=integration", "hotel=h"), "hotel"),
        (("alertname=SomethingElse",), "operations"),
    ],
)
async def test_alerts_reach_those_whom_they_concern(labels: tuple[str, ...], receiver: str) -> None:
    code, said = await told("amtool", "config", "routes", "test", f"--config.file={ALERTMANAGER}", *labels)
    assert (code, said.splitlines()[-1]) == (0, receiver)


def test_what_keeps_others_back_is_a_cause_or_an_alert_that_there_is() -> None:
    rules = [path.read_text() for path in (DEPLOY / "prometheus" / "rules").glob("*.yml")]
    alerts = {name for text in rules for name in re.findall(r"- alert: (\w+)", text)}
    known = alerts | {str(cause) for cause in Cause}
    inhibitions = yaml.safe_load(ALERTMANAGER.read_text())["inhibit_rules"]
    sources = [matcher for rule in inhibitions for matcher in rule["source_matchers"]]
    named = re.findall(r'alertname=~?"([^"]+)"', " ".join(sources))
    assert {name for one in named for name in one.split("|")} <= known
    for rule in inhibitions:
        for matcher in rule["target_matchers"]:
            pattern = re.fullmatch(r'alertname=~?"([^"]+)"', matcher)
            assert pattern is None or any(re.fullmatch(pattern[1], name) for name in alerts), matcher


async def test_the_commented_variants_of_the_scrape_are_taken_too(tmp_path: Path) -> None:
    """Each comment that is a key, with what is indented below it, in a scrape of its own."""
    text = PROMETHEUS.read_text()
    variants = re.findall(r"^    # ([a-z_]+:.*(?:\n    #   .*)*)", text, re.MULTILINE)
    assert len(variants) == 7
    scrapes = []
    for number, variant in enumerate(variants):
        one = yaml.safe_load(variant.replace("\n    # ", "\n"))
        # Debian builds Prometheus without Kubernetes: that one is only read as YAML here.
        if one.pop("kubernetes_sd_configs", None) or "static_configs" not in one:
            one["static_configs"] = [{"targets": ["127.0.0.1:9187"]}]
        scrapes.append({"job_name": f"variant-{number}", **one})
    whole = yaml.safe_dump({"scrape_configs": scrapes})
    for kept in re.findall(r"/etc/prometheus/([a-z.]+)", whole):
        (tmp_path / kept).write_bytes(trustme.CA().cert_pem.bytes())
    (tmp_path / "prometheus.yml").write_text(whole.replace("/etc/prometheus", str(tmp_path)))
    code, said = await told("promtool", "check", "config", str(tmp_path / "prometheus.yml"))
    assert code == 0, said


def test_grafana_finds_the_dashboards_and_their_source() -> None:
    folder = DEPLOY / "grafana" / "provisioning"
    sources = yaml.safe_load((folder / "datasources" / "prometheus.yml").read_text())
    boards = yaml.safe_load((folder / "dashboards" / "nightporter.yml").read_text())
    assert [sources["apiVersion"], boards["apiVersion"]] == [1, 1]
    assert [one["uid"] for one in sources["datasources"]] == ["prometheus"]
    assert [one["type"] for one in boards["providers"]] == ["file"]
