"""Several integrations, one cause or several: what becomes one incident, and what does not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.incident import Cause, Criterion, IncidentState, Severity
from alerts.incidents import resolved
from alerts.notification import Delivery, Kind
from checks.check import Check
from checks.result import Reason, Result, Sign, failed, ok
from daemon.agenda import SETTLE
from daemon.store import Store
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, Night, a_check, a_store

KINDS = {"booking_engine": "booking_engine", "expedia": "ota", "payment": "payment", "cm": "channel_manager"}
VENDORS = [a_check("health", name, kind) for name, kind in KINDS.items()]
BOOKING, EXPEDIA, PAYMENT, CHANNELS = VENDORS
CONTROL = a_check("control", "network", "network", "control")
CERTIFICATE = a_check("certificate", "payment", "payment", "tls")

UNREACHABLE = failed(Reason.CONNECT, "no connection to vendor.example:443")
CUT_OFF = failed(Reason.CONNECT, "none of 2 control targets answers", signs=(Sign.CONTROL_LOST,))
REFUSED = failed(Reason.CREDENTIALS, "our credentials are refused (401)")
ERROR = failed(Reason.SERVER_ERROR, "answered 500, an error of the server")
EXPIRED = failed(Reason.TLS, "the certificate expired", signs=(Sign.CERTIFICATE_EXPIRED,))
FINE = ok()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Store]:
    async with a_store(tmp_path, clock) as one:
        yield one


@pytest.fixture
def night(store: Store, clock: FakeClock) -> Night:
    return Night(store, clock, [*VENDORS, CERTIFICATE, CONTROL])


async def send_all(store: Store) -> None:
    """Deliver every letter that is due, as a perfect relay would."""
    while claims := await store.claim(50):
        for claim in claims:
            assert await store.sent(claim)


async def round_(night: Night, results: dict[Check, Result], seconds: float = 60.0) -> None:
    """Let every check be looked at once; what is not given is fine."""
    night.clock.advance(seconds)
    for check in (*VENDORS, CERTIFICATE, CONTROL):
        night.observer.observe(check, results.get(check, FINE))
    await night.engine.tick()
    night.clock.advance(SETTLE)
    await night.engine.tick()
    await send_all(night.store)


NETWORK_DOWN: dict[Check, Result] = dict.fromkeys((*VENDORS, CERTIFICATE), UNREACHABLE) | {CONTROL: CUT_OFF}


async def mails(night: Night) -> list[tuple[str, Kind, str]]:
    """Return what was written so far: incident, kind, recipient."""
    found = []
    for record in reversed(await night.store.list_incidents()):
        incident = record.incident
        for epoch in range(1, incident.epoch + 1):
            found += [
                (incident.id, one.kind, one.recipient) for one in await night.letters(incident.id, epoch)
            ]
    return found


async def test_a_dead_network_is_one_incident_and_one_mail_a_person(night: Night) -> None:
    await round_(night, {})
    for _ in range(4):
        await round_(night, NETWORK_DOWN)
    (incident,) = await night.open()
    assert incident.diagnosis.cause is Cause.LOCAL_NETWORK_DOWN
    assert set(incident.integrations) == {*KINDS, "network"}
    assert Criterion.MULTIPLE_INTEGRATIONS in incident.criteria
    assert await mails(night) == [("id1", Kind.PROBLEM, address) for address in ADDRESSES]


async def test_the_end_of_a_dead_network_opens_nothing_new(night: Night) -> None:
    for _ in range(4):
        await round_(night, NETWORK_DOWN)
    slow = dict.fromkeys((CHANNELS, CERTIFICATE), UNREACHABLE)
    await round_(night, slow, 5)
    await round_(night, slow, 5)
    for _ in range(3):
        await round_(night, {})
    assert await night.open() == []
    assert [kind for _, kind, _ in await mails(night)] == [Kind.PROBLEM] * 2 + [Kind.RESOLVED] * 2


async def test_what_stays_down_after_the_network_is_back_is_told_of_by_itself(night: Night) -> None:
    for _ in range(4):
        await round_(night, NETWORK_DOWN)
    for _ in range(5):
        await round_(night, {PAYMENT: ERROR})
    (left,) = await night.open()
    assert left.diagnosis.cause is Cause.VENDOR_OUTAGE
    assert left.integrations == ("payment",)


async def test_a_cause_that_was_told_changes_after_two_looks_and_opens_no_second_incident(
    night: Night,
) -> None:
    for _ in range(3):
        await round_(night, {PAYMENT: UNREACHABLE})
    (first,) = await night.open()
    assert first.diagnosis.cause is Cause.VENDOR_UNREACHABLE
    for _ in range(4):
        await round_(night, NETWORK_DOWN)
    (incident,) = await night.open()
    assert (incident.id, incident.diagnosis.cause) == (first.id, Cause.LOCAL_NETWORK_DOWN)
    kinds = [kind for _, kind, _ in await mails(night)]
    assert kinds == [Kind.PROBLEM] * 2 + [Kind.UPDATE] * 2


async def test_two_incidents_that_turn_out_to_share_a_cause_go_on_as_one(night: Night) -> None:
    for _ in range(3):
        await round_(night, {PAYMENT: UNREACHABLE, EXPEDIA: ERROR})
    assert len(await night.open()) == 2
    for _ in range(5):
        await round_(night, NETWORK_DOWN)
    root, child = await night.open()
    assert root.diagnosis.cause is Cause.LOCAL_NETWORK_DOWN
    assert child.parent == root.id
    assert root.id in child.standstill
    before = await mails(night)
    for _ in range(3):
        await round_(night, {})
    assert await night.open() == []
    after = [row for row in await mails(night) if row not in before]
    assert sorted(after) == sorted((one, Kind.RESOLVED, to) for one in ("id1", "id2") for to in ADDRESSES)


async def test_two_vendors_with_causes_of_their_own_are_two_incidents(night: Night) -> None:
    for _ in range(3):
        await round_(night, {PAYMENT: REFUSED, EXPEDIA: ERROR})
    found = {one.integrations: one.diagnosis.cause for one in await night.open()}
    assert found == {("payment",): Cause.API_CREDENTIALS_INVALID, ("expedia",): Cause.VENDOR_OUTAGE}


async def test_two_causes_in_one_integration_are_two_incidents(night: Night) -> None:
    for _ in range(3):
        await round_(night, {PAYMENT: REFUSED, CERTIFICATE: EXPIRED})
    causes = {one.diagnosis.cause for one in await night.open()}
    assert causes == {Cause.API_CREDENTIALS_INVALID, Cause.CERTIFICATE_EXPIRED}


async def test_a_breach_that_clears_is_not_taken_for_something_else(night: Night) -> None:
    for _ in range(3):
        await round_(night, {PAYMENT: UNREACHABLE})
    await round_(night, {PAYMENT: FINE, CONTROL: CUT_OFF})
    assert [one.diagnosis.cause for one in await night.open()] == [Cause.VENDOR_UNREACHABLE]


async def test_what_comes_back_within_a_day_is_the_same_incident_once_more(night: Night) -> None:
    for results in ({PAYMENT: ERROR}, {}, {PAYMENT: UNREACHABLE}):
        for _ in range(3):
            await round_(night, results)
    (incident,) = await night.open()
    assert (incident.id, incident.epoch) == ("id1", 2)
    assert incident.reopened == (incident.opened_at,)


async def test_coming_back_three_times_is_persistent(night: Night) -> None:
    for _ in range(3):
        for results in ({CERTIFICATE: EXPIRED}, {}):
            for _ in range(3):
                await round_(night, results, 600)
    await round_(night, {CERTIFICATE: EXPIRED})
    record = (await night.store.list_incidents())[0]
    assert Criterion.PERSISTENT_FAILURES in record.incident.criteria


async def test_a_warning_that_lasts_an_hour_is_persistent_and_so_critical(night: Night) -> None:
    await round_(night, {CERTIFICATE: EXPIRED})
    (incident,) = await night.open()
    assert incident.severity is Severity.WARNING
    for _ in range(12):
        await round_(night, {CERTIFICATE: EXPIRED}, 300)
    (incident,) = await night.open()
    assert (incident.severity, incident.criteria) == (
        Severity.CRITICAL,
        (Criterion.PERSISTENT_FAILURES,),
    )


async def test_what_a_person_resolves_stays_so_while_its_checks_have_nothing_new(night: Night) -> None:

    await round_(night, {CERTIFICATE: EXPIRED})
    done = await night.engine.act(
        "id1", lambda one, now: resolved(one, "was resolved by Ana", now, dismissed=True)
    )
    assert done is not None
    assert done.state is IncidentState.RESOLVED
    await round_(night, {CERTIFICATE: EXPIRED})
    await round_(night, {CERTIFICATE: EXPIRED})
    assert await night.open() == []
    await round_(night, {})
    await round_(night, {})
    await round_(night, {CERTIFICATE: EXPIRED})
    assert [one.epoch for one in await night.open()] == [2]


async def test_an_event_that_a_person_resolved_is_told_again_when_there_is_another(
    store: Store, clock: FakeClock
) -> None:
    log = a_check("log", "payment", "payment", "log")
    night = Night(store, clock, [log])

    def cards(count: int) -> Result:
        found = failed(Reason.SECURITY, f"{count} card numbers stand in p.log", signs=(Sign.CARD_NUMBER,))
        return replace(found, decisive=True)

    await night.see(log, cards(1), cards(2))
    await night.engine.act("id1", lambda one, now: resolved(one, "was resolved by Ana", now, dismissed=True))
    await night.see(log, cards(2), cards(2))
    assert await night.open() == []
    await night.see(log, cards(3))
    (incident,) = await night.open()
    assert (incident.diagnosis.cause, incident.epoch) == (Cause.CARD_NUMBER_IN_LOG, 2)


async def test_a_restart_keeps_incidents_and_repeats_no_mail(
    night: Night, store: Store, clock: FakeClock
) -> None:
    for _ in range(3):
        await round_(night, NETWORK_DOWN)
    before = await mails(night)
    again = Night(store, clock, [*VENDORS, CERTIFICATE, CONTROL])
    await again.restore()
    for _ in range(3):
        await round_(again, NETWORK_DOWN)
    assert await mails(again) == before
    assert all(one.state is Delivery.SENT for one in await again.letters())
    assert len(await again.open()) == 1
