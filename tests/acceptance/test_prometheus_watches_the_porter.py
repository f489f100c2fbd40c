"""What is shipped for Prometheus, Alertmanager and Grafana, at work: real programs around a real porter.

A hotel with all kinds of integrations has two faults, and no relay takes the porter's mail: there are
failures, incidents, and messages and updates that wait. Grafana itself is not run; its queries are.
"""

import re
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from daemon.demo.faults import FAULTS
from daemon.demo.hotel import Hotel
from daemon.demo.porter import Porter, porter
from daemon.demo.postgres import Postgres
from tests.support.alertmanager import Alertmanager, alertmanager
from tests.support.dashboards import BOARDS, label_queries, panels, queries
from tests.support.hook import hook
from tests.support.polling import look_until
from tests.support.process import free_port
from tests.support.prometheus import Prometheus, QueryError, prometheus
from tests.support.promtool import DEPLOY

SELDOM = {
    "nightporter_quota_exhaustion_timestamp_seconds": "only while mails go out at a pace that uses it up",
}
"""What rules are about and a healthy quota does not show, and why; docs/metrics.md tells of it."""
CHOSEN = {
    "hotel": "grand-harbour",
    "check": ".+",
    "instance": ".+",
    "__rate_interval": "20s",
    "__range": "20s",
    "porter": "http://127.0.0.1:9187",
}
SHOWING = {
    "Response times": "payment",
    "Certificate": "payment",
    "Queue A": "channel_manager",
    "Queue B": "channel_manager",
    "Queue C": "channel_manager",
    "Delay A": "channel_manager",
    "Delay B": "booking_engine",
    "Quota": "email",
}
"""Which integration a panel of the integrations' dashboard has something to show of; else the failing one."""

FAILING = "payment"
MAY_BE_EMPTY = {
    "Attempts B": "of failures within the last seconds: the porter waits longer between two attempts",
}
"""Queries that need not give anything at a given moment, and why."""


@dataclass(frozen=True, slots=True)
class House:
    """All that runs."""

    porter: Porter
    prometheus: Prometheus
    alertmanager: Alertmanager


def for_the_test() -> str:
    """Return the shipped configuration of Alertmanager with people of our own, who are told at once."""
    whole = yaml.safe_load((DEPLOY / "alertmanager" / "alertmanager.yml").read_text())
    whole["global"] = {"resolve_timeout": whole["global"]["resolve_timeout"]}
    for one in whole["receivers"]:
        del one["email_configs"]
        one["webhook_configs"] = [{"url": "URL", "send_resolved": True}]
    text = re.sub(r"group_(wait|interval): \w+", r"group_\1: 1s", yaml.safe_dump(whole))
    return text.replace("{", "{{").replace("}", "}}").replace("URL", "{url}")


@asynccontextmanager
async def house(directory: Path, pg: Postgres) -> AsyncIterator[House]:
    """Open everything, with a payment gateway that is down and a queue that is not worked off."""
    async with AsyncExitStack() as stack:
        people = await stack.enter_async_context(hook())
        told = await stack.enter_async_context(alertmanager(directory, people, for_the_test()))
        (directory / "hotel").mkdir()
        hotel = await stack.enter_async_context(Hotel.open(directory / "hotel", pg))
        hotel.relay, port = free_port(), free_port()
        path = directory / "hotel" / "nightporter.yml"
        channels = {"prom": {"type": "alertmanager", "url": told.url}}
        path.write_text(hotel.configuration(listen=f"127.0.0.1:{port}", channels=channels))
        on_duty = await stack.enter_async_context(porter(path, port))
        asks = prometheus(directory / "prometheus", port, told.url.removeprefix("http://"))
        seen = await stack.enter_async_context(asks)
        await seen.gives("sum by (integration) (increase(nightporter_check_runs_total[20s])) > 0")
        for fault in ("vendor-outage", "processing-bottleneck"):
            await FAULTS[fault].on(hotel)
        yield House(on_duty, seen, told)


def names(expr: str) -> set[str]:
    """Return the metrics that an expression is about."""
    bare = re.sub(r'"[^"]*"|\[[^]]*\]|\b(by|on|group_left|without|ignoring) \([^)]*\)', "", expr)
    bare = re.sub(r"\{[^}]*\}", "", bare)
    return set(re.findall(r"[a-z]+:nightporter_[\w:]+|\b(?:nightporter|process|scrape)_\w+|\bup\b", bare))


def labels(expr: str) -> set[str]:
    """Return the labels that an expression is about."""
    lists = re.findall(r"\b(?:by|on|group_left) \(([^)]*)\)", expr)
    matched = re.findall(r'(\w+)(?:=~|!=|!~|=)"', expr)
    return {one.strip() for each in lists for one in each.split(",")} | set(matched)


def rules() -> Iterable[dict[str, Any]]:
    """Return all rules that are shipped."""
    for path in (DEPLOY / "prometheus" / "rules").glob("*.yml"):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


async def test_every_query_is_understood_and_gives_what_there_is(tmp_path: Path, pg: Postgres) -> None:
    async with house(tmp_path, pg) as found:
        one = found.prometheus
        await one.gives('nightporter_incident_info{integration="payment"}')
        await one.gives('increase(nightporter_check_failures_total{integration="payment"}[20s]) > 0')
        await one.gives("nightporter_notification_oldest_timestamp_seconds")
        await one.gives("nightporter_queue_oldest_timestamp_seconds")
        await one.gives("nightporter_quota_used")
        await one.gives("integration:nightporter_up:avg_30d")
        assert await trouble_with_rules(one) == []
        for name, board in BOARDS.items():
            assert await trouble_with(one, name, board) == [], name
        await one.gives('ALERTS{alertname="NightPorterIntegrationDown",alertstate="firing"}')
        await said_once(found)
        found.porter.process.kill()
        await found.porter.process.wait()
        gone = await eventually(found, "NightPorterGone")
        assert (gone["labels"]["severity"], gone["labels"]["about"]) == ("critical", "porter")
        await one.gives('ALERTS{alertname="NightPorterGone",alertstate="firing"}')


async def trouble_with_rules(one: Prometheus) -> list[str]:
    """Return rules that do not work, are about what there is not, or record nothing."""
    groups = (await one.ask("rules"))["groups"]
    found = [
        f"{rule['name']}: {rule['lastError']}"
        for each in groups
        for rule in each["rules"]
        if rule["health"] != "ok"
    ]
    known = set(await one.ask("label/__name__/values")) | SELDOM.keys()
    known_labels = set(await one.ask("labels"))
    for rule in rules():
        name = rule.get("record") or rule["alert"]
        found += [f"{name}: no metric {missing}" for missing in names(rule["expr"]) - known]
        found += [f"{name}: no label {missing}" for missing in labels(rule["expr"]) - known_labels]
        if "record" in rule and not await one.series(rule["record"]):
            found.append(f"{name}: nothing is recorded")
    return found


async def trouble_with(one: Prometheus, name: str, board: dict[str, Any]) -> list[str]:
    """Return queries of a dashboard that are not understood, are about what there is not, or give nothing."""
    found = []
    known = set(await one.ask("label/__name__/values"))
    known_labels = set(await one.ask("labels"))
    for where, _ in queries(board, CHOSEN | {"integration": FAILING}):
        shown = next(
            (whose for part, whose in SHOWING.items() if name == "integration" and where.startswith(part)),
            FAILING,
        )
        expr = dict(queries(board, CHOSEN | {"integration": shown}))[where]
        found += [f"{where}: no metric {missing}" for missing in names(expr) - known]
        found += [f"{where}: no label {missing}" for missing in labels(expr) - known_labels]
        try:
            if not await one.series(expr) and where not in MAY_BE_EMPTY:
                found.append(f"{where}: nothing from {expr}")
        except QueryError as error:
            found.append(f"{where}: {error}")
    for variable, series, label in label_queries(board, CHOSEN | {"integration": FAILING}):
        if not await one.ask(f"label/{label}/values", **{"match[]": series}):
            found.append(f"${variable} has no values")
    said = [target["legendFormat"] for panel in panels(board) for target in panel["targets"]]
    found += [
        f"no label {missing}" for missing in set(re.findall(r"\{\{(\w+)\}\}", " ".join(said))) - known_labels
    ]
    return found


async def eventually(found: House, name: str) -> dict[str, Any]:
    """Return an alert of Alertmanager, once it is there."""

    def named(alerts: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [one for one in alerts if one["labels"]["alertname"] == name]

    return named(await look_until(lambda: every(found), named, within=60))[0]


async def every(found: House) -> list[dict[str, Any]]:
    """Return all alerts that Alertmanager knows."""
    one = found.prometheus
    async with one.session.get(f"{found.alertmanager.url}/api/v2/alerts") as answer:
        alerts: list[dict[str, Any]] = await answer.json()
    return alerts


async def said_once(found: House) -> None:
    """Wait until what Prometheus says of the failing integration is kept back by the porter's incident."""

    def kept_back(alerts: list[dict[str, Any]]) -> bool:
        incidents = {one["fingerprint"] for one in alerts if "incident" in one["labels"]}
        down = [one for one in alerts if one["labels"]["alertname"] == "NightPorterIntegrationDown"]
        return bool(down) and all(incidents & set(one["status"]["inhibitedBy"]) for one in down)

    await look_until(lambda: every(found), kept_back, within=60)
