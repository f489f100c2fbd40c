"""Letters that nobody takes: the next level is told at once, not when its time would have come."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.notification import MAIL, Delivery, Kind
from alerts.notifiers.email import MailRoute, Tempo
from alerts.outbox import Outbox
from checks.lookup import Lookups
from checks.result import Reason, failed
from daemon.store import Store
from tests.integration.test_email_outbox import deliver
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, DESK, TECH_LEAD, WHOLE, Night, a_check, a_store
from tests.support.inbox import Inbox, inbox
from tests.support.outbox import Counted
from tests.support.sending import PATIENT, SENDER, relay

DOWN = failed(Reason.SERVER_ERROR, "answered 500")
UNKNOWN = "550 5.1.1 no such user"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


def outbox(night: Night, mails: Inbox) -> Outbox:
    """Return the outbox of a night, that tells the engine of letters nobody takes."""
    tempo = Tempo(night.clock.monotonic, lambda: 0.5)
    route = MailRoute([relay(mails.port)], SENDER, Lookups(), tempo, PATIENT)
    return Outbox(
        night.store,
        {MAIL: route},
        night.clock.now,
        lambda: 0.5,
        Counted(),
        on_dead=lambda letter: night.engine.reconsider(letter.incident),
    )


async def test_a_level_that_refuses_all_mail_passes_to_the_next_at_once(
    clock: FakeClock, store: Store
) -> None:
    night = Night(store, clock, [a_check()], policy=WHOLE)
    async with inbox() as mails:
        mails.refused.update(dict.fromkeys(ADDRESSES, UNKNOWN))
        sender = outbox(night, mails)
        await night.see(a_check(), DOWN, DOWN)
        await deliver(sender)
        opened = clock.now()
        await night.engine.tick()
        await deliver(sender)
        (told,) = [one for one in await night.letters() if one.recipient == TECH_LEAD]
        assert (told.kind, told.state, told.created_at) == (Kind.ESCALATION, Delivery.SENT, opened)
        assert clock.now() == opened
        assert (await mails.expect("problem", to=DESK))["X-Nightporter-Level"] == "front-desk"
        assert (await mails.expect("escalation", to=TECH_LEAD))["X-Nightporter-Level"] == "2"


async def test_one_that_refuses_leaves_the_others_of_the_level_in_charge(
    clock: FakeClock, store: Store
) -> None:
    night = Night(store, clock, [a_check()], policy=WHOLE)
    async with inbox() as mails:
        mails.refused[ADDRESSES[0]] = UNKNOWN
        sender = outbox(night, mails)
        await night.see(a_check(), DOWN, DOWN)
        await deliver(sender)
        await night.engine.tick()
        await deliver(sender)
        assert {str(mail["To"]) for mail in mails.take()} == {ADDRESSES[1], DESK}
        (incident,) = await night.open()
        assert incident.next_step is not None
        assert incident.next_step.level == "2"
