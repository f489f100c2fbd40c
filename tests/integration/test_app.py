"""The porter as a whole, in process: what a reload replaces, and when it says that it is not ready."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from alerts.circuit import Circuit, failed
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute
from daemon.app import App
from daemon.logs import Redactor
from daemon.readiness import SILENT
from daemon.settings import load
from daemon.store import Store
from tests.support.clock import FakeClock

HEAD = "hotel: {id: h, name: H, timezone: UTC}\n"
MAILS = """\
mail: {{from: porter@h.example, relays: [{{host: {relay}}}]}}
escalation: {{levels: [{{level: 1, role: Team, email: [team@h.example]}}]}}
web: {{token: {token}}}
"""


@dataclass
class House:
    """A porter that is not on duty, its configuration, and its clock."""

    app: App
    config: Path
    redactor: Redactor
    clock: FakeClock

    def write(self, **values: str) -> None:
        self.config.write_text(HEAD + MAILS.format(**values))


@asynccontextmanager
async def house(directory: Path) -> AsyncIterator[House]:
    clock, redactor, config = FakeClock(), Redactor(), directory / "c.yml"
    config.write_text(HEAD + MAILS.format(relay="one.example", token="first-token"))
    store = await Store.open(f"sqlite:///{directory}/state.db", clock)
    try:
        settings = load(config, {})
        app = App(settings, store, clock, redactor, lambda: load(config, {}))
        app._apply(settings)
        yield House(app, config, redactor, clock)
    finally:
        await store.close()


@pytest.fixture
async def one(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as found:
        yield found


def relays(app: App) -> list[str]:
    route = app._mailroom.outbox.channels[MAIL]
    assert isinstance(route, MailRoute)
    return [way.relay.host for way in route._ways]


async def test_a_reload_replaces_relays_token_and_secrets(one: House) -> None:
    one.write(relay="two.example", token="second-token")
    assert (await one.app.reload()).ok
    assert relays(one.app) == ["two.example"]
    assert one.app._token() == "second-token"
    assert one.redactor("first-token second-token") == "first-token [hidden]"


async def test_a_reload_gives_a_relay_that_was_out_of_order_another_chance(one: House) -> None:
    def room() -> int:
        route = one.app._mailroom.outbox.channels[MAIL]
        assert isinstance(route, MailRoute)
        return route.room(4)

    route = one.app._mailroom.outbox.channels[MAIL]
    assert isinstance(route, MailRoute)
    route._ways[0].circuit = failed(Circuit(), one.clock.monotonic(), 0.5, trial=False)
    assert room() == 0
    assert (await one.app.reload()).ok
    assert room() == 4


async def test_a_reload_that_is_refused_replaces_nothing(one: House) -> None:
    one.write(relay="'not a host'", token="second-token")
    outcome = await one.app.reload()
    assert not outcome.ok
    assert "mail.relays[0].host" in outcome.lines[0]
    assert relays(one.app) == ["one.example"]
    assert one.app._token() == "first-token"


async def test_what_takes_a_restart_is_said_until_it_is_as_it_runs(one: House) -> None:
    before = one.config.read_text()
    one.config.write_text(before + "listen: 127.0.0.1:9999\n")
    for _ in range(2):
        assert (await one.app.reload()).lines == [
            "`listen` was changed: that takes a restart; everything else is applied"
        ]
    one.config.write_text(before)
    assert (await one.app.reload()).lines == []


async def test_a_porter_whose_parts_work_is_ready(one: House) -> None:
    assert await one.app.ready() is None


@pytest.mark.parametrize("name", ["_thinker", "_sender", "_keeper"])
async def test_a_loop_that_fails_or_hangs_makes_it_unready(one: House, name: str) -> None:
    loop = getattr(one.app, name)
    loop.error = "disk full"
    assert await one.app.ready() == f"the {loop.name} fails: disk full"
    loop.error = None
    assert await one.app.ready() is None
    loop.last_end -= 60
    assert await one.app.ready() == f"the {loop.name} has not finished a tick for 60 s"


async def test_a_schedule_that_stands_still_makes_it_unready(one: House) -> None:
    one.app.scheduler._last_slot -= SILENT + 1
    assert await one.app.ready() == "the scheduler has not ticked for 16 s"


async def test_a_state_that_is_gone_makes_it_unready(one: House) -> None:
    (one.config.parent / "state.db").unlink()
    reason = await one.app.ready()
    assert reason is not None
    assert "state.db: is gone" in reason
