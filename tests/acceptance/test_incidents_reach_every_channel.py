"""A vendor fails and heals: it is told over mail, webhook, Alertmanager and SMS, and without mail, too."""

import hashlib
import hmac
from pathlib import Path
from typing import Any

from tests.support.hook import Hook, hook
from tests.support.inbox import inbox
from tests.support.process import A, Porter, porter, states
from tests.support.vendor import vendor

SECRET = "hook-s3cret-value"
TOKEN = "sms-t0ken-value"
CHANNELS = """\
integrations:
  payment: {{url: "{vendor}", checks: {{health: {{interval: 1s}}}}}}
channels:
  bridge: {{type: webhook, url: "{bridge}", secret: {secret}}}
  prom: {{type: alertmanager, url: "http://127.0.0.1:{prom}"}}
  sms: {{type: apprise, url: "json://porter:{token}@127.0.0.1:{sms}/"}}
"""
MAIL = """\
mail:
  from: "Night Porter <nightporter@hotel.example>"
  relays: [{{host: 127.0.0.1, port: {relay}, security: none}}]
escalation:
  levels: [{{level: 1, role: Support, email: [a@hotel.example], channels: [sms]}}]
"""
NO_MAIL = "escalation: {levels: [{level: 1, role: Support, channels: [sms]}]}\n"


def body(url: str, bridge: Hook, prom: Hook, sms: Hook) -> str:
    """Return a configuration that tells over all three channels."""
    return CHANNELS.format(
        vendor=url, bridge=bridge.url, prom=prom.port, sms=sms.port, secret=SECRET, token=TOKEN
    )


def rows(incident: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return kind, channel and state of an incident's notifications."""
    return sorted((one["kind"], one["channel"], one["state"]) for one in incident["notifications"])


async def ended(one: Porter, channels: set[str]) -> dict[str, Any]:
    """Return the incident once its end is told over all channels."""
    expected = sorted((kind, name, "sent") for kind in ("problem", "resolved") for name in channels)
    found = await one.poll(
        "/api/v1/incidents", lambda answer: answer["incidents"] and rows(answer["incidents"][0]) == expected
    )
    incident: dict[str, Any] = found["incidents"][0]
    return incident


async def test_every_channel_is_told_of_the_problem_and_of_its_end(tmp_path: Path) -> None:
    async with vendor() as gateway, inbox() as mails, hook() as bridge, hook() as prom, hook() as sms:
        text = body(gateway.url, bridge, prom, sms) + MAIL.format(relay=mails.port)
        async with porter(tmp_path, text) as one:
            await states(one, "payment", "health", "ok")
            gateway.status = 503
            await mails.expect("problem", to=A)
            await bridge.has(1)
            await sms.has(1)
            gateway.status = 200
            await mails.expect("resolved", to=A)
            incident = await ended(one, {"email", "bridge", "prom", "sms"})
            _, metrics = await one.get("/metrics")
            log = (one.directory / "porter.log").read_text()

    told = [post.document for post in bridge.posts]
    assert [(one["kind"], one["level"], one["state"]) for one in told] == [
        ("problem", "1", "open"),
        ("resolved", "1", "resolved"),
    ]
    assert {one["id"] for one in told} == {incident["id"]}
    assert told[0]["evidence"][0]["check"] == "grand-harbour/payment/health"
    for post in bridge.posts:
        expected = hmac.new(SECRET.encode(), post.body, hashlib.sha256).hexdigest()
        assert post.headers["X-Nightporter-Signature"] == f"sha256={expected}"
    assert len({post.headers["X-Nightporter-Delivery"] for post in bridge.posts}) == 2

    alerts = [alert for post in prom.posts for alert in post.document]
    assert {alert["labels"]["incident"] for alert in alerts} == {incident["id"]}
    assert {alert["labels"]["alertname"] for alert in alerts} == {incident["cause"]}
    assert incident["resolved_at"] in {alert.get("endsAt") for alert in alerts}

    assert [post.document["type"] for post in sms.posts] == ["failure", "success"]
    assert sms.posts[0].document["title"].startswith("[CRITICAL] Grand Harbour Hotel: payment: ")
    assert 'nightporter_notification_attempts_total{channel="bridge",level="1"} 2.0' in metrics
    assert SECRET not in log + metrics
    assert TOKEN not in log + metrics


async def test_without_mail_the_channels_are_told_all_the_same(tmp_path: Path) -> None:
    async with vendor() as gateway, hook() as bridge, hook() as prom, hook() as sms:
        async with porter(tmp_path, body(gateway.url, bridge, prom, sms) + NO_MAIL) as one:
            await states(one, "payment", "health", "ok")
            bridge.statuses = [503]
            gateway.status = 503
            await bridge.has(2)
            await sms.has(1)
            gateway.status = 200
            incident = await ended(one, {"bridge", "prom", "sms"})
        assert incident["standstill"] is None
        repeated = bridge.posts[:2]
        assert repeated[0].body == repeated[1].body
        assert len({post.headers["X-Nightporter-Delivery"] for post in repeated}) == 1
