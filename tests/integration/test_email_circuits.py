"""Relays that are out of order have a rest, others take over, and nothing that waits for them is touched."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from alerts.attempt import Claim
from alerts.change import Change
from alerts.notification import MAIL, DeliveryError
from alerts.notifiers.email import Limits, MailRoute, Tempo
from alerts.options import Relay
from alerts.outbox import Outbox
from checks.lookup import Lookups
from daemon.store import Store
from tests.integration.test_email_outbox import deliver, letter, states
from tests.support.clock import FakeClock
from tests.support.outbox import Counted
from tests.support.process import free_port
from tests.support.sending import HURRIED, PATIENT, SENDER, Noted, relay
from tests.support.smtp import Authority, Scripted, Trick, post, scripted
from tests.support.stored import opened, opening


@dataclass
class Way:
    """A route over relays and the clock it goes by."""

    relays: Sequence[Relay]
    limits: Limits = PATIENT
    jitter: float = 0.5
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        tempo = Tempo(self.clock.monotonic, lambda: self.jitter)
        self.route = MailRoute(self.relays, SENDER, Lookups(), tempo, self.limits)

    async def send(self, name: str = "one") -> str:
        """Send a letter; return by which relay it went, or why not."""
        noted = Noted()
        try:
            await self.route(Claim(letter(name), "token"), noted)
        except DeliveryError as error:
            return str(error.reason)
        return f"by {noted.by}"

    def outbox(self, store: Store) -> Outbox:
        """Return an outbox that sends over this route."""
        return Outbox(store, {MAIL: self.route}, self.clock.now, lambda: 0.5, Counted())


def greetings(server: Scripted) -> int:
    """Return how many conversations there were."""
    return sum(line.startswith("EHLO") for line in server.commands)


REFUSES_LOGIN: dict[str, str | Trick] = {
    "EHLO": "250-scripted.test\r\n250 AUTH PLAIN",
    "AUTH": "535 5.7.8 wrong",
}
OUT_OF_ORDER: dict[str, dict[str, str | Trick]] = {
    "login refused": REFUSES_LOGIN,
    "busy at the door": {"": "421 too many"},
    "no greeting": {"": Trick.HANG},
    "dropped": {"EHLO": Trick.DROP},
    "login wanted": {"MAIL": "530 5.7.0 authentication required"},
    "silent in the message": {".": Trick.HANG},
    "dropped after the message": {".": Trick.DROP},
}


@pytest.mark.parametrize("answers", OUT_OF_ORDER.values(), ids=OUT_OF_ORDER.keys())
async def test_a_relay_that_is_out_of_order_is_not_tried_again_at_once(
    answers: dict[str, str | Trick],
) -> None:
    async with scripted(answers) as broken, post() as willing:
        login: dict[str, Any] = {"username": "u", "password": "p", "allow_plaintext_auth": True}
        way = Way([relay(broken.port, **(login if "AUTH" in answers else {})), relay(willing.port)], HURRIED)
        with capture_logs() as logs:
            for _ in range(3):
                assert await way.send() == f"by 127.0.0.1:{willing.port}"
        tried = len(broken.commands)
        assert [line["event"] for line in logs] == ["relay.opened"]
        assert logs[0]["relay"] == f"127.0.0.1:{broken.port}"
        (trouble,) = way.route.troubles()
        assert trouble.startswith(f"relay 127.0.0.1:{broken.port} has a rest: ")
        way.clock.jump(7200)
        assert await way.send() == f"by 127.0.0.1:{willing.port}"
        assert len(broken.commands) == tried, "a clock that is set ends no rest"


async def test_tls_trouble_opens_a_relay_until_it_passes_its_trial(tmp_path: Path) -> None:
    authority = Authority()
    (tmp_path / "ca.pem").write_bytes(authority.pem)
    async with post(starttls=Authority().server()) as stranger, post() as willing:
        way = Way([relay(stranger.port, "starttls", ca_file=str(tmp_path / "ca.pem")), relay(willing.port)])
        assert await way.send() == f"by 127.0.0.1:{willing.port}"
        assert "certificate" in way.route.troubles()[0]
        assert way.route.room(4) == 4


async def test_a_relay_that_hangs_at_the_farewell_works() -> None:
    async with scripted({"QUIT": Trick.HANG}) as server:
        way = Way([relay(server.port)], HURRIED)
        assert await way.send() == f"by 127.0.0.1:{server.port}"
        assert (way.route.room(4), way.route.troubles()) == (4, [])


@pytest.mark.parametrize(
    "answers",
    [
        {"RCPT": "450 greylisted"},
        {"RCPT": "550 5.1.1 no such user"},
        {"RCPT": "554 5.7.1 Relay access denied"},
        {"DATA": "451 later"},
        {".": "554 5.7.1 looks like spam"},
        {".": "452 4.3.1 insufficient storage"},
    ],
    ids=str,
)
async def test_what_is_said_of_a_recipient_or_a_message_opens_nothing(
    answers: dict[str, str | Trick],
) -> None:
    async with scripted(answers) as server:
        way = Way([relay(server.port)])
        with capture_logs() as logs:
            await way.send()
            await way.send()
        assert greetings(server) == 2
        assert (way.route.room(4), way.route.troubles(), logs) == (4, [], [])


async def test_a_relay_is_tried_by_one_letter_after_5_15_30_60_120_seconds() -> None:
    async with scripted({"EHLO": "421 not now"}) as server:
        way = Way([relay(server.port)])
        await way.send()
        assert way.route.room(4) == 0
        for seconds in (5, 15, 30, 60, 120, 120):
            way.clock.advance(seconds - 0.01)
            assert way.route.room(4) == 0
            way.clock.advance(0.01)
            assert way.route.room(4) == 1
            assert await way.send() == "deferred"
        assert greetings(server) == 7


async def test_what_waits_for_the_only_relay_is_not_touched_and_leaves_when_it_works(tmp_path: Path) -> None:
    way = Way([relay(free_port())])
    letters = [letter(name, seconds=number) for number, name in enumerate(("first", "second", "third"))]
    async with opened(tmp_path, way.clock) as store, post() as server:
        await store.commit(opening(*letters))
        outbox = way.outbox(store)
        await deliver(outbox)
        assert await attempts(store) == {"first": 1, "second": 0, "third": 0}
        way.clock.advance(4.9)
        await deliver(outbox)
        assert await attempts(store) == {"first": 1, "second": 0, "third": 0}
        way.route._ways[0].relay = relay(server.port)
        way.clock.advance(0.1)
        await deliver(outbox)
        assert await states(store) == ["sent", "sent", "sent"]
    assert len(server.received) == 3


async def attempts(store: Store) -> dict[str, int]:
    return {one.id: one.attempts for one in await store.notifications_of("a", 1)}


async def test_a_letter_that_failed_often_leaves_as_soon_as_another_one_has_passed(tmp_path: Path) -> None:
    async with scripted({"": Trick.DROP}) as server:
        way = Way([relay(server.port)], jitter=0.0)
        async with opened(tmp_path, way.clock) as store:
            await store.commit(opening(letter("first")))
            outbox = way.outbox(store)
            for seconds in (0, 5, 15, 30, 60):
                way.clock.advance(seconds)
                await deliver(outbox)
            assert await attempts(store) == {"first": 5}
            other = replace(letter("other"), recipient="b@hotel.example", due_at=way.clock.now())
            await store.commit(Change(notifications=(other,)))
            server.answers[""] = "220 back again"
            way.clock.advance(96)
            with capture_logs() as logs:
                await deliver(outbox)
            assert await states(store) == ["sent", "sent"]
    told = [(line["event"], line.get("notification")) for line in logs]
    assert told == [
        ("notification.sent", "other"),
        ("relay.closed", None),
        ("notification.sent", "first"),
    ]


async def test_a_content_that_an_open_relay_could_take_is_not_given_up() -> None:
    async with scripted({"": "421 busy"}) as busy, scripted({".": "554 5.7.1 spam"}) as strict:
        way = Way([relay(busy.port), relay(strict.port)])
        await way.send()
        noted = Noted()
        with pytest.raises(DeliveryError) as caught:
            await way.route(Claim(letter("one"), "token"), noted)
        assert (str(caught.value.reason), caught.value.permanent) == ("content_refused", False)
