"""What was stored is what comes back, after a restart too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from alerts.calendar import EMERGENCY
from alerts.change import Change, Event
from alerts.incident import (
    Acknowledgement,
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    IncidentState,
    NextStep,
    Severity,
)
from alerts.notification import Delivery, Kind
from alerts.policy import LevelPolicy, Policy
from checks.result import CheckId, Reason, State
from daemon.store import StateError
from tests.support.clock import START
from tests.support.stored import (
    CHECK,
    DIAGNOSIS,
    forsaken,
    incident,
    notification,
    opened,
    opening,
    standing,
)

ODD = "Größe \u202e'\"; DROP TABLE incidents;-- %s :name ?1 {} \\ \x01\x7f\r\n\t 🛎️"
LAST_MICROSECOND = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


async def test_every_field_of_an_incident_survives(address: str) -> None:
    breaches = (
        Breach(CheckId(ODD, ODD, ODD), State.UNKNOWN, Reason.QUERY, ODD, LAST_MICROSECOND),
        Breach(CHECK, State.WARNING, Reason.THRESHOLD, "", START, START, float("inf"), -0.5, "€"),
    )
    full = replace(
        incident("odd", key=ODD, hotel=ODD, state=IncidentState.ACKNOWLEDGED),
        integrations=(ODD, "", "payment"),
        breaches=breaches,
        diagnosis=Diagnosis(
            Cause.UNKNOWN, ODD, ODD, ODD, (ODD, ""), ODD, ODD, evidence=(ODD,), missing=(ODD,)
        ),
        severity=Severity.EMERGENCY,
        criteria=tuple(Criterion),
        title=ODD,
        opened_at=START + timedelta(microseconds=1),
        epoch=7,
        resolved_at=LAST_MICROSECOND,
        thread_root=ODD,
        outcome=ODD,
        reopened=(START, LAST_MICROSECOND),
        acknowledgement=Acknowledgement(ODD, START, LAST_MICROSECOND, ODD),
        parent=ODD,
        policy=Policy((LevelPolicy(ODD, ODD, (ODD,), ODD, EMERGENCY, (ODD,)),), (ODD,)),
        steps=(ODD, ""),
        next_step=NextStep(ODD, LAST_MICROSECOND, ODD),
        standstill=ODD,
    )
    async with opened(address, held=[ODD]) as store:
        await store.commit(Change(incidents=(full,)))
    async with opened(address) as store:
        assert await store.open_incidents() == [full]
        (listed,) = await store.list_incidents()
        record = await store.incident("odd")
        assert record is not None
        assert listed.incident == record.incident == full


async def test_every_field_of_a_notification_survives(address: str) -> None:
    full = replace(
        notification("odd"),
        key=ODD,
        kind=Kind.REMINDER,
        level="front-desk",
        channel="sms",
        recipient=ODD,
        message=bytes(range(256)),
        message_id=ODD,
        due_at=LAST_MICROSECOND,
        state=Delivery.DEAD,
        attempts=3,
        sent_at=START,
        last_error=ODD,
    )
    async with opened(address) as store:
        await store.commit(opening(full))
        assert await store.notifications_of("a", 1) == [full]


async def test_a_notification_may_be_about_no_incident(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change(notifications=(notification("report", of=""),)))
        (claim,) = await store.claim(1)
        assert claim.notification.incident == ""


async def test_every_field_of_a_standing_survives(address: str) -> None:
    full = replace(standing(), message=ODD)
    bare = replace(
        standing(CheckId("h", "i", "c"), State.OK),
        reason=None,
        last_ok=None,
        bad_since=None,
        breached=False,
        breached_at=None,
        slow=False,
    )
    async with opened(address) as store:
        await store.commit(Change(standings=(full, bare)))
    async with opened(address) as store:
        assert {one.check: one for one in await store.standings()} == {CHECK: full, bare.check: bare}


async def test_what_no_database_can_hold_becomes_a_replacement_character(address: str) -> None:
    odd = replace(incident(), title="half \ud83d a bell, \x00 and a whole \ud83d\udece")
    async with opened(address) as store:
        await store.commit(Change(incidents=(odd,)))
        (found,) = await store.open_incidents()
    assert found.title == "half \ufffd a bell, \ufffd and a whole 🛎"


async def test_a_moment_comes_back_in_utc(address: str) -> None:
    east = START.astimezone(timezone(timedelta(hours=5, minutes=45)))
    async with opened(address) as store:
        await store.commit(Change(incidents=(replace(incident(), opened_at=east),)))
        (found,) = await store.open_incidents()
    assert (found.opened_at, found.opened_at.tzinfo) == (START, UTC)


async def test_a_moment_without_a_time_zone_is_refused(address: str) -> None:
    naive = replace(incident(), opened_at=START.replace(tzinfo=None))
    async with opened(address) as store:
        with pytest.raises(StateError, match="offset-naive"):
            await store.commit(Change(incidents=(naive,)))
        assert await store.open_incidents() == []


async def test_a_restart_in_the_middle_of_an_incident_loses_nothing(address: str) -> None:
    letters = notification("first"), notification("second", recipient="lead@hotel.example")
    async with opened(address) as store:
        await store.commit(opening(*letters))
        (claim, _) = await store.claim(10)
        assert await store.sent(claim)
    async with opened(address) as store:
        await forsaken(store)
        assert await store.resume() == 1
        assert await store.open_incidents() == [incident()]
        assert await store.standings() == [standing()]
        told = await store.notifications_of("a", 1)
        assert [one.state for one in told] == [Delivery.SENT, Delivery.PENDING]
        resolved = replace(incident(), state=IncidentState.RESOLVED, resolved_at=START, outcome="renewed")
        await store.commit(
            Change(incidents=(resolved,), events=(Event("a", START, "resolved", "The key was renewed."),))
        )
    async with opened(address) as store:
        assert await store.open_incidents() == []
        assert await store.recent(START) == [resolved]
        record = await store.incident("a")
        assert record is not None
        assert [event.kind for event in record.events] == ["opened", "resolved"]


async def test_recent_incidents_are_those_that_ended_since_then(address: str) -> None:
    ended = [incident(name, state=IncidentState.RESOLVED, minutes=n) for n, name in enumerate("abc")]
    async with opened(address) as store:
        await store.commit(Change(incidents=(*reversed(ended), incident("d"))))
        assert await store.recent(START + timedelta(minutes=1)) == ended[1:]


async def test_what_ended_since_then_is_asked_for_by_hotel(address: str) -> None:
    ended = [incident(name, state=IncidentState.RESOLVED, minutes=n) for n, name in enumerate("abc")]
    other = incident("d", state=IncidentState.RESOLVED, minutes=9, hotel="other")
    async with opened(address) as store:
        await store.commit(Change(incidents=(*reversed(ended), other, incident("e"))))
        assert await store.ended_since("grand-harbour", START + timedelta(minutes=1)) == ended[1:]
        assert await store.ended_since("unheard-of", START) == []


async def test_who_was_told_of_many_incidents_is_asked_for_at_once(address: str) -> None:
    letters = [notification("a1"), notification("a2", epoch=2), notification("b1", of="b", epoch=3)]
    bare = [replace(letter, message=b"") for letter in (*letters, replace(letters[2], id="b2", key="b2"))]
    async with opened(address) as store:
        await store.commit(opening(letters[0], letters[1]))
        await store.commit(opening(letters[2], replace(letters[2], id="b2", key="b2"), name="b", key="b"))
        told = await store.notifications_of_many([("b", 3), ("a", 1), ("a", 3), ("unheard-of", 1)])
        assert await store.notifications_of_many([]) == {}
    assert told == {("b", 3): bare[2:], ("a", 1): bare[:1], ("a", 3): [], ("unheard-of", 1): []}


async def test_incidents_are_listed_newest_first_page_by_page(address: str) -> None:
    names = ["a", "b", "c", "d", "e"]
    ended = [incident(name, state=IncidentState.RESOLVED, minutes=n // 2) for n, name in enumerate(names)]
    async with opened(address) as store:
        await store.commit(Change(incidents=tuple(ended)))
        seen: list[str] = []
        before = None
        while page := await store.list_incidents(limit=2, before=before):
            seen += [record.incident.id for record in page]
            before = seen[-1]
        assert seen == names[::-1]
        assert await store.list_incidents(before="unheard-of") == []


async def test_incidents_are_listed_by_state_and_hotel(address: str) -> None:
    async with opened(address) as store:
        await store.commit(
            Change(
                incidents=(
                    incident("a"),
                    incident("b", key="other", hotel="other"),
                    incident("c", state=IncidentState.RESOLVED),
                )
            )
        )
        by_state = await store.list_incidents(state="open")
        by_hotel = await store.list_incidents(hotel="grand-harbour")
        by_both = await store.list_incidents(state="open", hotel="grand-harbour")
    assert [one.incident.id for one in by_state] == ["b", "a"]
    assert [one.incident.id for one in by_hotel] == ["c", "a"]
    assert [one.incident.id for one in by_both] == ["a"]


async def test_a_record_says_who_was_told_in_every_epoch_but_not_the_whole_message(address: str) -> None:
    first, second = notification("first"), notification("second", epoch=2, seconds=9)
    async with opened(address) as store:
        await store.commit(opening(first, second))
        (listed,) = await store.list_incidents()
        record = await store.incident("a")
        assert await store.incident("b") is None
        assert await store.notifications_of("a", 2) == [second]
    assert record is not None
    assert record.notifications == listed.notifications
    assert record.notifications == (replace(first, message=b""), replace(second, message=b""))
    assert listed.events == ()
    assert record.events == (Event("a", START, "opened", DIAGNOSIS.summary),)


async def test_a_timeline_is_in_order_of_time_and_then_of_writing(address: str) -> None:
    late = START + timedelta(seconds=1)
    lines = (Event("a", late, "x", "3"), Event("a", START, "x", "1"), Event("a", START, "x", "2"))
    async with opened(address) as store:
        await store.commit(Change(incidents=(incident(),), events=lines))
        record = await store.incident("a")
    assert record is not None
    assert [event.text for event in record.events] == ["1", "2", "3"]


async def test_a_forgotten_standing_is_gone_and_a_newer_one_replaces(address: str) -> None:
    other = CheckId("grand-harbour", "payment", "log")
    async with opened(address) as store:
        await store.commit(Change(standings=(standing(), standing(other))))
        newer = replace(standing(other), bad_runs=9)
        await store.commit(
            Change(standings=(newer,), forgotten=(CHECK, CheckId("other", "was never", "there")))
        )
        assert await store.standings() == [newer]


async def test_an_empty_change_is_no_mistake(address: str) -> None:
    async with opened(address) as store:
        await store.commit(Change())
        assert (await store.pending())[:2] == (0, None)
