"""A flood of incidents over a real relay: so many mails and no more, every incident named, nothing lost."""

import re
from collections import Counter as Tally
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

from alerts.change import Change
from alerts.correspondence import Correspondent, HotelDesk
from alerts.incident import IncidentState
from alerts.message import Renderer
from alerts.notification import MAIL, Kind, Notification
from alerts.notifiers.email import MailRoute, Tempo
from alerts.outbox import Outbox
from alerts.policy import Policy
from checks.lookup import Lookups
from daemon.bundler import Bundler
from daemon.store import Store
from daemon.store.bundling import APART, SETTLE
from tests.support.clock import FakeClock
from tests.support.outbox import Counted
from tests.support.sending import PATIENT, SENDER, relay
from tests.support.smtp import Post, post
from tests.support.stored import incident, notification, opened

TEAM, CTO = "team@hotel.example", "cto@hotel.example"
HOUSE = Correspondent(SENDER, Renderer())
DESKS = {"grand-harbour": HotelDesk("grand-harbour", "Harbour", ZoneInfo("UTC"), Policy(), {}, {}, {})}


class Porter:
    """What sends letters of a store, and bundles them, by a clock that is moved by hand."""

    def __init__(self, store: Store, clock: FakeClock, server: Post) -> None:
        self.clock = clock
        tempo = Tempo(clock.monotonic, lambda: 0.5)
        route = MailRoute([relay(server.port)], SENDER, Lookups(), tempo, PATIENT)
        self.outbox = Outbox(store, {MAIL: route}, clock.now, lambda: 0.5, Counted())
        self.outbox.per_hour = 60
        self.bundler = Bundler(store)
        self.bundler.configure(HOUSE, DESKS, 60)

    async def on_duty(self, seconds: float) -> None:
        """Let time pass, then bundle and send what is due."""
        self.clock.advance(seconds)
        await self.bundler.tick()
        await self.outbox.drain(120)


def letter(number: int, to: str, *, urgent: bool = False, kind: Kind = Kind.PROBLEM) -> Notification:
    """Return a letter that says which incident it is about."""
    name = f"i{number:03}"
    plain = notification(f"{kind}-{to[:4]}-{number}", of=name, recipient=to, kind=kind)
    return replace(plain, message=f"Subject: x\r\n\r\n{name} :\r\n".encode(), urgent=urgent)


def flood(count: int) -> Change:
    """Return so many incidents, each of which the team hears of, and the CTO of every tenth."""
    return Change(
        incidents=tuple(incident(f"i{number:03}", key=f"key {number}") for number in range(count)),
        notifications=(
            *(letter(number, TEAM) for number in range(count)),
            *(letter(number, CTO, urgent=True) for number in range(0, count, 10)),
        ),
    )


def named(server: Post, to: str) -> tuple[int, int, Tally[str]]:
    """Return how many mails and digests came, and how often each incident is named in them."""
    digests, names = 0, Tally[str]()
    got = [one for one in server.received if one.recipient == to]
    for one in got:
        message = message_from_bytes(one.content, policy=default)
        body = message.get_body(("plain",))
        assert body is not None
        digests += message["X-Nightporter-Kind"] == "digest"
        names.update(re.findall(r"\b(i\d{3}) [·:]", body.get_content()))
    return len(got) - digests, digests, names


async def test_two_hundred_incidents_are_sixty_mails_and_a_digest(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        porter = Porter(store, clock, server)
        await store.commit(flood(200))
        await porter.on_duty(1)
        await porter.on_duty(1)
        assert named(server, TEAM)[:2] == (60, 0)
        assert named(server, CTO)[:2] == (20, 0), "level 3 and emergencies are not bundled away"
        assert (await store.pending())[0] == 140
        await porter.on_duty(SETTLE.total_seconds())
        mails, digests, names = named(server, TEAM)
        assert (mails, digests) == (60, 1)
        assert names == Tally({f"i{number:03}": 1 for number in range(200)})
        assert (await store.pending())[0] == 0


async def test_a_flood_that_ends_is_told_in_digests_too(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        porter = Porter(store, clock, server)
        await store.commit(flood(100))
        await porter.on_duty(1)
        await porter.on_duty(SETTLE.total_seconds())
        await store.commit(
            Change(
                incidents=tuple(
                    replace(
                        incident(f"i{number:03}", key=f"key {number}"),
                        state=IncidentState.RESOLVED,
                        resolved_at=clock.now(),
                    )
                    for number in range(100)
                ),
                notifications=tuple(letter(number, TEAM, kind=Kind.RESOLVED) for number in range(100)),
            )
        )
        await porter.on_duty(1)
        assert named(server, TEAM)[:2] == (60, 1)
        await porter.on_duty(APART.total_seconds())
        mails, digests, names = named(server, TEAM)
        assert (mails, digests) == (60, 2)
        assert set(names.values()) == {2}
        assert b"100 incidents are over." in server.received[-1].content


async def test_nothing_of_a_flood_is_lost_while_the_relay_defers_and_drops(tmp_path: Path) -> None:
    clock = FakeClock()
    async with opened(tmp_path, clock) as store, post() as server:
        porter = Porter(store, clock, server)
        server.on_rcpt = ["451 4.7.1 greylisted"] * 50
        server.on_data = ["452 4.3.1 no space"] * 10
        await store.commit(flood(100))
        for _ in range(40):
            await porter.on_duty(20)
        mails, digests, names = named(server, TEAM)
        assert mails <= 60
        assert digests >= 1
        assert set(names) == {f"i{number:03}" for number in range(100)}
        assert set(names.values()) == {1}
        assert (await store.pending())[0] == 0
