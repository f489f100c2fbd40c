"""What an Alertmanager hears every minute, over a real socket and with a clock moved by hand."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from alerts.alert_series import Labels
from alerts.channel_options import AlertmanagerChannel
from alerts.incident import Incident, IncidentState
from alerts.incident_document import instant
from alerts.notifiers.alertmanager import Alertmanager
from alerts.policy import LevelPolicy, Policy
from checks.lookup import Lookups
from daemon.beacon import HOLDS, REPEATS, Beacon
from daemon.board import Board
from daemon.settings import Settings, load
from tests.support.clock import FakeClock
from tests.support.hook import Hook, hook
from tests.support.letters import incident
from tests.support.servers import nothing, server

ANNOUNCED = ("problem-channels", "announced-critical-1-api-credentials-invalid")
EVERYWHERE = Policy(channels=("prom", "other"))
HOUSE = """\
hotel: {id: grand-harbour, name: Grand Harbour Hotel, timezone: UTC}
web: {public_url: "https://porter.hotel.test"}
channels:
  prom: {type: alertmanager, url: "http://prometheus.hotel.test:9093"}
  other: {type: alertmanager, url: "http://other.hotel.test:9093"}
"""
LEAD = "escalation: {levels: [{level: 2, role: Lead, channels: [prom]}]}\n"


def house(more: str = "") -> Settings:
    """Return settings with two Alertmanagers."""
    with TemporaryDirectory() as directory:
        path = Path(directory, "nightporter.yml")
        path.write_text(HOUSE + more)
        return load(path, {})


def channel(url: str, deadline: float = 10.0) -> Alertmanager:
    """Return a way to an Alertmanager."""
    options = AlertmanagerChannel.model_validate({"type": "alertmanager", "url": url})
    return Alertmanager(options, Lookups(), "nightporter/1.2", deadline)


@dataclass
class Hill:
    """A beacon, and who sees it."""

    clock: FakeClock
    board: Board
    beacon: Beacon
    seen: Hook

    def shows(self, *incidents: Incident) -> None:
        """Let these be open."""
        self.board.incidents = {one.id: one for one in incidents}

    async def round(self, seconds: float = 60) -> list[tuple[Labels, str]]:
        """Let time pass, make a round, and return labels and ends of what was said."""
        self.clock.advance(seconds)
        before = len(self.seen.posts)
        await self.beacon.tick()
        said: list[dict[str, Any]] = [one for post in self.seen.posts[before:] for one in post.document]
        return [(one["labels"], one["endsAt"]) for one in said]

    def at(self, later: timedelta = timedelta(0)) -> str:
        """Return a moment so much later, as it is written."""
        return str(instant(self.clock.now() + later))


@pytest.fixture
async def hill() -> AsyncIterator[Hill]:
    clock, board = FakeClock(), Board()
    board.hotels = {"grand-harbour": "Grand Harbour Hotel"}
    async with hook() as seen:
        beacon = Beacon(board, clock)
        beacon.configure({"prom": channel(f"http://127.0.0.1:{seen.port}/am/")}, house())
        yield Hill(clock, board, beacon, seen)


def told(*steps: str, **changes: Any) -> Incident:
    """Return an open incident of which that was told."""
    return incident(steps=(*ANNOUNCED, *steps), policy=EVERYWHERE, **changes)


async def test_what_fires_is_said_again_every_minute_with_an_end_ahead(hill: Hill) -> None:
    hill.shows(told())
    for _ in range(3):
        ((labels, ends),) = await hill.round()
        assert (labels["incident"], ends) == ("inc-7f3a9c", hill.at(HOLDS))
    post = hill.seen.posts[0]
    assert post.path == "/am/api/v2/alerts"
    assert post.document[0]["annotations"]["summary"].startswith("Grand Harbour Hotel: payment:")
    assert post.document[0]["generatorURL"] == "https://porter.hotel.test/incidents/inc-7f3a9c"


async def test_where_nothing_is_wrong_nothing_is_said(hill: Hill) -> None:
    assert await hill.round() == []
    assert hill.seen.posts == []


async def test_all_that_is_open_goes_in_one_post(hill: Hill) -> None:
    hill.shows(*(told(id=f"inc-{number}") for number in range(50)))
    assert len(await hill.round()) == 50
    assert len(hill.seen.posts) == 1


async def test_what_is_over_is_said_to_have_ended_for_a_quarter_of_an_hour(hill: Hill) -> None:
    hill.shows(told())
    await hill.round()
    hill.shows()
    ended = await hill.round()
    assert [ends for _, ends in ended] == [hill.at()]
    for _ in range(int(REPEATS / timedelta(seconds=60))):
        assert await hill.round() == ended
    assert await hill.round() == []


async def test_another_cause_is_another_alert_and_the_one_before_has_ended(hill: Hill) -> None:
    hill.shows(told())
    await hill.round()
    hill.shows(told("update-critical-1-gateway-degraded"))
    found = {labels["alertname"]: ends for labels, ends in await hill.round()}
    assert found == {"api-credentials-invalid": hill.at(), "gateway-degraded": hill.at(HOLDS)}


async def test_what_another_replica_looks_after_now_has_not_ended(hill: Hill) -> None:
    hill.shows(told())
    await hill.round()
    hill.shows()
    hill.board.hotels = {}
    assert await hill.round() == []


async def test_what_comes_back_fires_again_and_has_not_ended(hill: Hill) -> None:
    hill.shows(told())
    await hill.round()
    hill.shows()
    await hill.round()
    hill.shows(told(epoch=2))
    ((_, ends),) = await hill.round()
    assert ends == hill.at(HOLDS)


async def test_what_was_not_told_yet_does_not_fire(hill: Hill) -> None:
    """It opened in a silence, or is told under its root."""
    hill.shows(incident(policy=EVERYWHERE))
    assert await hill.round() == []


async def test_what_was_told_fires_on_when_it_turns_out_to_be_explained(hill: Hill) -> None:
    """Those who were told of it are told of its end, not of anything before."""
    hill.shows(told(parent="root"))
    assert len(await hill.round()) == 1


async def test_a_channel_of_levels_hears_of_what_they_are_told(hill: Hill) -> None:
    hill.beacon.configure({"prom": channel(hill.seen.url)}, house(LEAD))
    elsewhere = told(id="elsewhere")
    lead = LevelPolicy("2", "Lead", (), channels=("prom",))
    waits = replace(told(id="waits"), policy=Policy((lead,)))
    escalated = replace(waits, id="escalated", steps=(*waits.steps, "escalation-2"))
    hill.shows(elsewhere, waits, escalated)
    assert [labels["incident"] for labels, _ in await hill.round()] == ["escalated"]


async def test_what_is_acknowledged_fires_on(hill: Hill) -> None:
    hill.shows(told(state=IncidentState.ACKNOWLEDGED))
    assert len(await hill.round()) == 1


async def test_one_that_is_away_hears_it_all_when_it_is_back(hill: Hill) -> None:
    hill.shows(told())
    await hill.round()
    hill.seen.statuses = [503]
    hill.shows(told("update-critical-1-gateway-degraded"))
    await hill.round()
    assert len(await hill.round()) == 2


async def test_one_that_does_not_hear_holds_up_no_other(hill: Hill) -> None:
    hill.shows(told())
    async with server(nothing) as deaf:
        ways = {"prom": channel(hill.seen.url), "other": channel(deaf.url(""), deadline=0.2)}
        hill.beacon.configure(ways, house())
        assert len(await hill.round()) == 1
        await deaf.all_closed()


async def test_a_channel_that_is_gone_is_not_spoken_to(hill: Hill) -> None:
    hill.shows(told())
    hill.beacon.configure({}, house())
    assert await hill.round() == []


async def test_the_same_is_said_after_a_restart(hill: Hill) -> None:
    hill.shows(told())
    before = await hill.round()
    again = Beacon(hill.board, hill.clock)
    again.configure({"prom": channel(f"http://127.0.0.1:{hill.seen.port}")}, house())
    after = await replace(hill, beacon=again).round(0)
    assert after == before
