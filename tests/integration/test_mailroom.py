"""The mailroom over a real store and relay: what is in the way of one letter is in the way of no other."""

from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.message import Renderer
from alerts.notification import MAIL
from alerts.notifiers.email import MailRoute, Tempo
from alerts.policy import Policy
from checks.lookup import Lookups
from daemon.backlog import Backlog
from daemon.mailroom import Mailroom
from daemon.store import StateError
from daemon.store.bundling import SETTLE
from tests.support.clock import FakeClock
from tests.support.outbox import Counted
from tests.support.polling import until
from tests.support.sending import PATIENT, SENDER, relay
from tests.support.smtp import post
from tests.support.stored import alter, incident, notification, opened

DESK = HotelDesk("grand-harbour", "Harbour", ZoneInfo("UTC"), Policy(), {}, {}, {})


async def test_a_digest_that_cannot_be_written_holds_up_no_letter(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        route = MailRoute(
            [relay(server.port)], SENDER, Lookups(), Tempo(clock.monotonic, lambda: 0.5), PATIENT
        )
        room = Mailroom(store, Backlog(), clock, lambda: 0.5, Counted(), on_dead=lambda _: None)
        room.configure({MAIL: route}, Correspondent(SENDER, Renderer()), {DESK.id: DESK}, 0)
        await store.commit(Change(incidents=(incident(),), notifications=(notification("held"),)))
        await room.send()
        assert await store.held() == [notification().recipient]
        alter(tmp_path / "state.db", "UPDATE incidents SET body = json_set(body, '$.version', 3)")
        clock.advance(SETTLE.total_seconds())
        urgent = replace(notification("urgent", recipient="cto@hotel.example"), urgent=True)
        await store.commit(Change(notifications=(urgent,)))
        with pytest.raises(StateError, match="version 3"):
            await room.send()
        await until(lambda: len(server.received) == 1, 10, "the letter that is not held")
        await room.drain(10)
        assert [one.recipient for one in server.received] == ["cto@hotel.example"]
