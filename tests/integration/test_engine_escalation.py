"""Who is told when, over a real store: levels, hours, acknowledgements, silences and the hand-over."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts.calendar import OfficeHours
from alerts.change import Change
from alerts.escalation import acknowledge
from alerts.incident import Incident
from alerts.notification import Kind, Notification
from alerts.policy import LevelPolicy, Policy
from alerts.silence import Silence, Source, Span
from checks.result import Reason, Sign, failed, ok
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, CTO, DESK, TECH_LEAD, WHOLE, Night, a_check, a_store

HEALTH = a_check()
LOCKS = a_check("health", "locks", "generic")
LOG = a_check("log", "payment", "payment", "log")
DOWN = failed(Reason.SERVER_ERROR, "answered 500")
CARD = replace(
    failed(Reason.SECURITY, "a card number stands in p.log", signs=(Sign.CARD_NUMBER,)), decisive=True
)
ROME = ZoneInfo("Europe/Rome")
OFFICE = OfficeHours(frozenset(range(5)), time(9), time(18), None, ROME)
IN_HOURS = Policy(
    levels=(WHOLE.levels[0], LevelPolicy("2", "Lead", (TECH_LEAD,), hours=OFFICE), WHOLE.levels[2]),
    front_desk=(DESK,),
)
SATURDAY_NIGHT = datetime(2026, 11, 28, 22, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


def at(clock: FakeClock, moment: datetime) -> None:
    """Let it be that moment."""
    clock.advance((moment - clock.now()).total_seconds())


async def everything(night: Night) -> list[tuple[Kind, str]]:
    """Return all letters of the night, delivered by a perfect relay: kind and recipient."""
    while claims := await night.store.claim(50):
        for claim in claims:
            assert await night.store.sent(claim)
    found: list[Notification] = []
    for record in await night.store.list_incidents():
        for epoch in range(1, record.incident.epoch + 1):
            found += await night.store.notifications_of(record.incident.id, epoch)
    return [(one.kind, one.recipient) for one in sorted(found, key=lambda one: one.created_at)]


PROBLEM = [(Kind.PROBLEM, to) for to in (*ADDRESSES, DESK)]


async def test_level_2_is_told_after_a_quarter_of_an_hour_and_level_3_never(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    assert await everything(night) == PROBLEM
    await night.wait(14 * 60)
    assert await everything(night) == PROBLEM
    await night.wait(60)
    assert await everything(night) == [*PROBLEM, (Kind.ESCALATION, TECH_LEAD)]
    await night.wait(30 * 60)
    assert CTO not in {to for _, to in await everything(night)}


async def test_a_security_incident_tells_all_levels_at_once(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [LOG], policy=IN_HOURS, zone="Europe/Rome")
    at(clock, SATURDAY_NIGHT)
    await night.see(LOG, CARD)
    told = await everything(night)
    assert set(told) == {*PROBLEM, (Kind.ESCALATION, TECH_LEAD), (Kind.ESCALATION, CTO)}


async def test_who_acknowledges_stops_the_next_level_until_the_promised_time(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    await night.wait(60)
    await night.engine.act("id1", lambda one, now: acknowledge(one, "Ana", "on it", None, now))
    for _ in range(59):
        await night.see(HEALTH, DOWN)
    assert TECH_LEAD not in {to for _, to in await everything(night)}
    for _ in range(2):
        await night.see(HEALTH, DOWN)
    assert (Kind.ESCALATION, TECH_LEAD) in await everything(night)
    (incident,) = await night.open()
    assert incident.acknowledgement is None


async def test_outside_its_hours_level_2_waits_and_level_1_is_told_so(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=IN_HOURS, zone="Europe/Rome")
    at(clock, SATURDAY_NIGHT)
    await night.see(HEALTH, DOWN, DOWN)
    await night.wait(15 * 60)
    assert await everything(night) == [*PROBLEM, *((Kind.UPDATE, to) for to in ADDRESSES)]
    (incident,) = await night.open()
    assert incident.next_step is not None
    assert incident.next_step.at == datetime(2026, 11, 30, 8, tzinfo=UTC)
    at(clock, incident.next_step.at)
    await night.engine.tick()
    assert (Kind.ESCALATION, TECH_LEAD) in await everything(night)


async def test_what_comes_and_goes_outside_the_hours_is_never_told_to_level_2(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=IN_HOURS, zone="Europe/Rome")
    at(clock, SATURDAY_NIGHT)
    await night.see(HEALTH, DOWN, DOWN)
    await night.wait(15 * 60)
    await night.see(HEALTH, ok(), ok())
    at(clock, datetime(2026, 11, 30, 9, tzinfo=UTC))
    await night.engine.tick()
    assert TECH_LEAD not in {to for _, to in await everything(night)}
    assert await store.pending() == (0, None, "", 0)


async def test_level_2_finds_a_digest_at_opening_when_there_was_more_than_one(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH, LOCKS], policy=IN_HOURS, zone="Europe/Rome")
    at(clock, SATURDAY_NIGHT + timedelta(hours=26))
    await night.see(HEALTH, DOWN, DOWN)
    await night.wait(5)
    await night.see(LOCKS, DOWN, DOWN)
    await night.wait(15 * 60)
    await night.see(LOCKS, ok(), ok())
    at(clock, datetime(2026, 11, 30, 8, tzinfo=UTC))
    await night.engine.tick()
    digests = [one for one in await waiting(store) if one.kind is Kind.DIGEST]
    assert [one.recipient for one in digests] == [TECH_LEAD]
    assert all(name.encode() in digests[0].message for name in ("id1", "id2"))
    await night.wait(3600)
    assert len([one for one in await waiting(store) if one.kind is Kind.DIGEST]) == 0


async def waiting(store: Store) -> list[Notification]:
    """Deliver what waits, and return it."""
    found: list[Notification] = []
    while claims := await store.claim(50):
        for claim in claims:
            assert await store.sent(claim)
        found += [one.notification for one in claims]
    return found


async def silenced(night: Night, clock: FakeClock, minutes: float) -> None:
    now = clock.now()
    span = Span(now, now + timedelta(minutes=minutes))
    one = Silence("s1", {"integration": "payment"}, span, "work on the line", "Ana", Source.PERSON)
    await night.engine.silence(Change(silences=(one,)))


async def test_a_silenced_incident_is_recorded_and_told_when_the_silence_ends(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await silenced(night, clock, 30)
    await night.see(HEALTH, DOWN, DOWN)
    (incident,) = await night.open()
    assert incident.next_step is not None
    assert await everything(night) == []
    await night.wait(29 * 60)
    assert set(await everything(night)) == {*PROBLEM, (Kind.ESCALATION, TECH_LEAD)}


async def test_what_resolves_within_a_silence_is_told_only_to_those_told_before_it(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH, LOCKS], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    await everything(night)
    await silenced(night, clock, 60)
    await night.see(HEALTH, ok(), ok())
    assert await everything(night) == [*PROBLEM, *((Kind.RESOLVED, to) for to in (*ADDRESSES, DESK))]


async def test_a_policy_is_that_of_the_opening_and_whoever_was_removed_is_skipped(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    night.employ(replace(WHOLE, levels=WHOLE.levels[:1]))
    await night.wait(20 * 60)
    assert TECH_LEAD not in {to for _, to in await everything(night)}
    record = await store.incident("id1")
    assert record is not None
    assert any(TECH_LEAD in event.text for event in record.events)


async def test_every_open_incident_says_what_comes_next_or_why_nothing_does(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH, LOCKS, LOG], policy=WHOLE)
    for _ in range(40):
        for check, result in ((HEALTH, DOWN), (LOCKS, DOWN), (LOG, CARD)):
            await night.see(check, result)
        await everything(night)
    found: list[Incident] = await night.open()
    assert len(found) == 3
    assert all(one.next_step or one.standstill for one in found)


async def test_what_opens_without_mail_is_told_once_there_is_some(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    night.employ(WHOLE, mail=False)
    await night.see(HEALTH, DOWN, DOWN)
    await night.wait(60)
    (incident,) = await night.open()
    assert (incident.next_step, incident.steps) == (None, ())
    assert incident.standstill == "no mail is configured: nobody can be told"
    night.employ(WHOLE)
    await night.wait(60)
    assert await everything(night) == PROBLEM


async def test_a_team_that_got_new_addresses_hears_of_what_was_open_before(
    store: Store, clock: FakeClock
) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    assert await everything(night) == PROBLEM
    levels = (
        LevelPolicy("1", "Support", ("new@hotel.example",)),
        LevelPolicy("2", "Lead", ("chief@hotel.example",)),
    )
    night.employ(replace(WHOLE, levels=levels))
    await night.wait(60)
    assert await everything(night) == [*PROBLEM, (Kind.PROBLEM, "new@hotel.example")]
    await night.wait(15 * 60)
    assert (Kind.ESCALATION, "chief@hotel.example") in await everything(night)
    await night.see(HEALTH, ok(), ok())
    ends = {to for kind, to in await everything(night) if kind is Kind.RESOLVED}
    assert ends == {"new@hotel.example", "chief@hotel.example", DESK}


async def test_a_mail_says_when_each_was_told_first(store: Store, clock: FakeClock) -> None:
    night = Night(store, clock, [HEALTH], policy=WHOLE)
    await night.see(HEALTH, DOWN, DOWN)
    first = f"{clock.now():%H:%M}"
    await everything(night)
    await night.wait(5 * 3600)
    await everything(night)
    last = max(await night.letters(), key=lambda one: one.created_at)
    assert f"{last.created_at:%H:%M}" != first
    text = message_from_bytes(last.message, policy=default).get_body(("plain",))
    assert text is not None
    assert f"Support: told at {first}" in text.get_content()
