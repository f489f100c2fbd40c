"""What a report says it has seen of a task: nothing that nobody looked at."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.maintenance import UNSEEN
from alerts.recurrence import Period
from alerts.reports.drift import Novelty
from alerts.reports.evidence import evidence
from alerts.reports.facts import Doing, Facts, IntegrationFacts, Stand
from alerts.reports.flows import ERRORS, EVENTS, PENDING, REFUSED, forged
from alerts.reports.periods import Spans
from alerts.reports.report import Kind
from checks.result import State

ENDS = datetime(2026, 11, 29, 6, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def facts(kind: Kind = Kind.DAILY, *stands: Stand, **peaks: float) -> Facts:
    return Facts(
        kind=kind,
        hotel="h",
        hotel_name="Grand Harbour Hotel",
        zone=ZoneInfo("Europe/Lisbon"),
        spans=Spans(Period(ENDS - DAY, ENDS), Period(ENDS - 8 * DAY, ENDS - 7 * DAY)),
        made_at=ENDS,
        known_from=ENDS - DAY,
        hours=24,
        integrations=(IntegrationFacts("payment", Doing(runs=10, peaks=peaks)),),
        standings=stands,
    )


def stand(check: str, state: State = State.OK, **numbers: Any) -> Stand:
    return replace(Stand("payment", check, state, ENDS - 9 * DAY, runs=100), **numbers)


REFUSES = {"event.forged": "refused (401)", "event.unsigned": "refused (401)"}
LOG = stand("webhook_log")


def test_new_errors_are_counted_where_a_log_was_read_and_nowhere_else() -> None:
    assert evidence(facts())["review-logs"] == f"{UNSEEN}no error log was read"
    read = facts(Kind.DAILY, stand("logs"), **{ERRORS: 4.0})
    assert evidence(read)["review-logs"] == "0 new kinds of error, 4 error lines in all"
    news = replace(facts(), news=(Novelty("pms", "logs", "a1", "no answer", ENDS - DAY),))
    assert evidence(news)["review-logs"] == "1 new kind of error"
    other = facts(Kind.DAILY, stand("sync_log"), **{ERRORS: 4.0})
    assert evidence(other)["review-logs"] == (
        f"{UNSEEN}no folder of logs was read for new kinds of error; 4 error lines in all"
    )


@pytest.mark.parametrize("numbers", [{"runs": 0}, {"unknowns": 100}, {"unknowns": 11}])
def test_a_check_that_could_not_look_leaves_the_task_to_a_person(numbers: dict[str, Any]) -> None:
    def seen(check: str, kind: Kind, **peaks: float) -> dict[str, str]:
        return evidence(facts(kind, stand(check, **numbers), **peaks))

    assert seen("log", Kind.DAILY, **{ERRORS: 4.0})["review-logs"].startswith(
        f"{UNSEEN}payment/log could not"
    )
    assert seen("queue", Kind.DAILY, **{PENDING: 4.0})["check-queues"].startswith(
        f"{UNSEEN}payment/queue could not"
    )
    consistency = seen("room_mapping", Kind.WEEKLY)["data-consistency"]
    assert consistency.startswith(f"{UNSEEN}payment/room_mapping could not")


def test_a_look_that_failed_now_and_then_is_none_that_was_not_made() -> None:
    found = facts(Kind.DAILY, stand("queue", unknowns=10), **{PENDING: 4.0})
    assert evidence(found)["check-queues"] == "at the most 4 waiting, - behind"


def test_webhooks_are_seen_where_events_were_counted_and_a_forged_one_refused() -> None:
    came = {EVENTS: 9.0, REFUSED: 1.0}
    probe = replace(stand("webhook"), forgeries=REFUSES)
    whole = evidence(facts(Kind.DAILY, LOG, probe, **came))["webhook-deliveries"]
    assert whole == "9 events came, 1 of them refused; forged ones are refused by payment"
    for other in ((), (replace(probe, runs=0),), (replace(probe, state=State.CRITICAL, failures=100),)):
        said = evidence(facts(Kind.DAILY, LOG, *other, **came))["webhook-deliveries"]
        assert said.startswith(f"{UNSEEN}that a forged event is refused: payment (not ")
    taken = replace(probe, forgeries={"event.forged": "taken (200)"}, state=State.CRITICAL, failures=100)
    said = evidence(facts(Kind.DAILY, LOG, taken, **came))["webhook-deliveries"]
    assert said.startswith(f"{UNSEEN}that a forged event is refused: payment (accepted)")
    assert "webhook-deliveries" not in evidence(facts(Kind.DAILY, LOG, probe))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({}, "refused"),
        ({"state": State.CRITICAL, "failures": 3}, "refused"),
        ({"state": State.CRITICAL, "failures": 100}, "not known"),
        ({"state": State.UNKNOWN, "unknowns": 100}, "not tried"),
        ({"state": State.OK, "runs": 0}, "not tried"),
    ],
)
def test_a_forged_event_is_said_to_be_refused_only_where_one_was_sent(
    numbers: dict[str, Any], said: str
) -> None:
    assert forged(replace(stand("webhook"), forgeries=REFUSES, **numbers))[0] == said


def test_changes_of_settings_are_counted_where_any_was_looked_at() -> None:
    assert evidence(facts(Kind.MONTHLY))["audit-configurations"] == f"{UNSEEN}no setting was looked at"
    found = replace(facts(Kind.MONTHLY), settings=7)
    assert evidence(found)["audit-configurations"] == "0 settings changed in the month"
