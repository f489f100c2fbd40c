"""Incidents in a real Alertmanager: they fire until they end, however soon it forgets."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alerts.attempt import Claim
from alerts.channel_options import AlertmanagerChannel
from alerts.incident import Incident, IncidentState
from alerts.notification import Kind
from alerts.notifiers.alertmanager import Alertmanager, render
from alerts.policy import Policy
from checks.lookup import Lookups
from daemon.beacon import HOLDS, Beacon
from daemon.board import Board
from daemon.clock import SystemClock
from daemon.settings import Settings, load
from tests.support.alertmanager import alertmanager
from tests.support.hook import hook
from tests.support.letters import incident, problem
from tests.support.sending import Noted
from tests.support.stored import notification

REFUSED, DEGRADED = "api-credentials-invalid", "gateway-degraded"
ANNOUNCED = f"announced-critical-1-{REFUSED}"
HOUSE = """\
hotel: {{id: grand-harbour, name: Grand Harbour Hotel, timezone: UTC}}
web: {{public_url: "https://porter.hotel.example"}}
channels: {{prom: {{type: alertmanager, url: "{url}/"}}}}
"""
CHANGED = f"update-critical-1-{DEGRADED}"


def an_incident(name: str, *steps: str) -> Incident:
    """Return an incident that opened a minute ago, and of which that was told."""
    opened = SystemClock().now() - timedelta(minutes=1)
    about = incident(id=name, opened_at=opened, policy=Policy(channels=("prom",)))
    return replace(about, steps=("problem-channels", ANNOUNCED, *steps))


async def tell(route: Alertmanager, about: Incident, kind: Kind = Kind.PROBLEM) -> None:
    """Deliver what the channel is told of an incident now."""
    mail = replace(problem(about, date=SystemClock().now()), kind=kind)
    row = replace(notification(channel="prom"), message=render(mail, ()))
    await route(Claim(row, "token"), Noted())


async def test_an_incident_fires_until_its_end_however_soon_it_is_forgotten(tmp_path: Path) -> None:
    board = Board()
    beacon = Beacon(board, SystemClock())
    async with hook() as people, alertmanager(tmp_path, people) as prometheus:
        (tmp_path / "nightporter.yml").write_text(HOUSE.format(url=prometheus.url))
        settings = load(tmp_path / "nightporter.yml", {})
        route = Alertmanager(_of_it(settings), Lookups(), "nightporter/1.2")
        beacon.configure({"prom": route}, settings)

        held, left = an_incident("held"), an_incident("left")
        await tell(route, held)
        await tell(route, left)
        board.incidents = {"held": held}
        await beacon.tick()
        await prometheus.tells(("held", REFUSED, "firing"), ("left", REFUSED, "firing"))
        # It forgets what it is told of once, after a second.
        await prometheus.tells(("left", REFUSED, "resolved"))
        fires = (await prometheus.alerts())["held", REFUSED]
        assert fires["status"]["state"] == "active"
        assert _instant(fires["endsAt"]) > SystemClock().now() + HOLDS - timedelta(minutes=2)
        assert abs(_instant(fires["startsAt"]) - held.opened_at) < timedelta(seconds=1)
        assert fires["generatorURL"] == "https://porter.hotel.example/incidents/held"
        assert fires["labels"]["severity"] == "critical"

        changed = an_incident("held", CHANGED)
        await tell(route, changed, Kind.UPDATE)
        board.incidents = {"held": changed}
        await beacon.tick()
        await prometheus.tells(("held", REFUSED, "resolved"), ("held", DEGRADED, "firing"))
        assert set(await prometheus.alerts()) == {("held", DEGRADED)}

        over = replace(changed, state=IncidentState.RESOLVED, resolved_at=SystemClock().now())
        await tell(route, over, Kind.RESOLVED)
        board.incidents = {}
        await beacon.tick()
        await prometheus.tells(("held", DEGRADED, "resolved"))
        assert await prometheus.alerts() == {}


def _of_it(settings: Settings) -> AlertmanagerChannel:
    found = settings.channels["prom"]
    assert isinstance(found, AlertmanagerChannel)
    return found


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
