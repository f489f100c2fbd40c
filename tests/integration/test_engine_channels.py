"""Incidents told over channels: rows with their whole message, in the transaction that decides."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alerts.acknowledgement import acknowledge
from alerts.message_mail import FRONT_DESK
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.policy import LevelPolicy, Policy
from checks.result import Reason, failed, ok
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import FIRST_ONLY, SUPPORT, WHOLE, Night, a_check, a_store

DOWN = failed(Reason.SERVER_ERROR, "answered 500")
HEALTH = a_check()
WITH_BRIDGE = replace(WHOLE, channels=("bridge",))
CHANNELS_ONLY = Policy((LevelPolicy("1", "Support", (), channels=("sms",)),), channels=("bridge",))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


def of(letters: list[Notification], channel: str) -> list[Notification]:
    """Return what goes over one channel."""
    return [one for one in letters if one.channel == channel]


async def delivered(store: Store, *, but: str = "") -> None:
    """Deliver what is due, and give up what goes over one channel."""
    while claims := await store.claim(10):
        for claim in claims:
            dead = claim.notification.channel == but
            assert await (store.dead(claim, "410") if dead else store.sent(claim))


async def test_an_incident_is_written_for_its_channel_as_the_interface_shows_it(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WITH_BRIDGE)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    (row,) = of(await night.letters(), "bridge")
    assert (row.kind, row.level, row.recipient, row.state) == (
        Kind.PROBLEM,
        "1",
        "bridge",
        Delivery.PENDING,
    )
    document: dict[str, Any] = json.loads(row.message)
    assert (document["kind"], document["level"]) == ("problem", "1")
    assert (document["id"], document["hotel"], document["state"]) == ("id1", "h", "open")
    assert document["diagnosis"]["cause"] == document["cause"]
    assert [one["check"] for one in document["evidence"]] == ["h/payment/health"]
    shown = [(one["channel"], one["recipient"], one["state"]) for one in document["notifications"]]
    assert ("bridge", "bridge", "pending") in shown
    assert (MAIL, "a@hotel.example", "pending") in shown


async def test_mail_goes_out_as_if_there_were_no_channels(tmp_path: Path, clock: FakeClock) -> None:
    seen = []
    for name, policy in (("with", WITH_BRIDGE), ("without", WHOLE)):
        (tmp_path / name).mkdir()
        watch = FakeClock()
        async with a_store(tmp_path / name, watch) as store:
            night = Night(store, watch, [HEALTH], policy=policy)
            await night.see(HEALTH, ok(), DOWN, DOWN)
            await delivered(store)
            await night.wait(1000)
            await delivered(store)
            await night.see(HEALTH, ok(), ok())
            rows = of(await night.letters(), MAIL)
            seen.append([(one.kind, one.level, one.recipient, one.message) for one in rows])
    assert seen[0] == seen[1]
    assert FRONT_DESK in {level for _, level, _, _ in seen[0]}


async def test_the_end_is_told_to_the_channel_and_the_problem_that_waits_is_superseded(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WITH_BRIDGE)
    await night.see(HEALTH, ok(), DOWN, DOWN, ok(), ok())
    rows = of(await night.letters(), "bridge")
    assert [(one.kind, one.state) for one in rows] == [
        (Kind.PROBLEM, Delivery.SUPERSEDED),
        (Kind.RESOLVED, Delivery.PENDING),
    ]
    document = json.loads(rows[-1].message)
    states = {(one["channel"], one["kind"]): one["state"] for one in document["notifications"]}
    assert (document["state"], states["bridge", "problem"]) == ("resolved", "superseded")


async def test_a_channel_that_never_took_the_problem_hears_no_end(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=WITH_BRIDGE)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    await delivered(store, but="bridge")
    await night.see(HEALTH, ok(), ok())
    assert [one.kind for one in of(await night.letters(), "bridge")] == [Kind.PROBLEM]
    ended = [one.recipient for one in await night.letters() if one.kind is Kind.RESOLVED]
    assert set(ended) == {"a@hotel.example", "b@hotel.example", "desk@hotel.example"}


async def test_without_mail_channels_are_told_from_the_opening_to_the_end(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=CHANNELS_ONLY)
    night.employ(CHANNELS_ONLY, mail=False)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    (opened,) = await night.open()
    assert opened.thread_root is None
    await delivered(store)
    await night.see(HEALTH, ok(), ok())
    rows = await night.letters()
    assert {(one.channel, one.kind) for one in rows} == {
        ("sms", Kind.PROBLEM),
        ("bridge", Kind.PROBLEM),
        ("sms", Kind.RESOLVED),
        ("bridge", Kind.RESOLVED),
    }


async def test_who_gets_mail_later_is_told_and_the_channel_not_again(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=CHANNELS_ONLY)
    night.employ(CHANNELS_ONLY, mail=False)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    await delivered(store)
    night.employ(replace(FIRST_ONLY, levels=(replace(SUPPORT, channels=("sms",)),), channels=("bridge",)))
    await night.wait(1)
    rows = await night.letters()
    assert [one.recipient for one in of(rows, MAIL)] == ["a@hotel.example", "b@hotel.example"]
    assert (len(of(rows, "sms")), len(of(rows, "bridge"))) == (1, 1)
    (incident,) = await night.open()
    assert incident.thread_root == of(rows, MAIL)[0].message_id


async def test_a_channel_that_is_taken_away_is_not_written_to(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=WITH_BRIDGE)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    await delivered(store)
    night.employ(WHOLE)
    await night.see(HEALTH, ok(), ok())
    assert [one.kind for one in of(await night.letters(), "bridge")] == [Kind.PROBLEM]
    record = await store.incident("id1")
    assert record is not None
    assert any("bridge is not told" in event.text for event in record.events)


async def test_what_was_withdrawn_is_written_anew_for_people_and_channels(
    store: Store, clock: FakeClock
) -> None:
    lead = LevelPolicy("2", "Lead", ("lead@hotel.example",), channels=("sms",))
    night = Night(store, clock, [HEALTH], policy=replace(FIRST_ONLY, levels=(SUPPORT, lead)))
    await night.see(HEALTH, ok(), DOWN, DOWN)
    await delivered(store)
    await night.wait(900)
    await night.engine.act("id1", lambda one, now: acknowledge(one, "Ada", "", None, now))
    assert await told_of_escalation(night) == {MAIL: Delivery.CANCELLED, "sms": Delivery.CANCELLED}
    await night.wait(3600)
    assert await told_of_escalation(night) == {MAIL: Delivery.PENDING, "sms": Delivery.PENDING}


async def told_of_escalation(night: Night) -> dict[str, Delivery]:
    """Return how the messages to level 2 stand, by channel."""
    return {one.channel: one.state for one in await night.letters() if one.kind is Kind.ESCALATION}


async def test_channels_of_a_level_stand_beside_its_people_in_the_mail(
    store: Store, clock: FakeClock
) -> None:
    policy = replace(FIRST_ONLY, levels=(replace(SUPPORT, channels=("sms",)),), channels=("bridge",))
    night = Night(store, clock, [HEALTH], policy=policy)
    await night.see(HEALTH, ok(), DOWN, DOWN)
    mail = of(await night.letters(), MAIL)[0].message.decode()
    assert "a@hotel.example, b@hotel.example and sms" in mail
    assert "bridge" not in mail
