"""Which open incidents show that the porter has neglected them."""

from dataclasses import replace
from datetime import timedelta

from alerts.incident import Incident, NextStep
from daemon.self_audit import of_incidents
from tests.support.clock import START
from tests.support.stored import incident

LATER = timedelta(minutes=5)


def to_come(name: str, after: timedelta) -> Incident:
    return replace(incident(name), next_step=NextStep("2", START - after, "If nobody acknowledges."))


def test_a_step_that_is_to_come_or_a_reason_for_none_is_well() -> None:
    told = replace(incident("b"), standstill="all levels have been told")
    assert list(of_incidents([to_come("a", -LATER), to_come("c", LATER), told], START)) == []


def test_a_step_that_is_more_than_five_minutes_past_is_overdue() -> None:
    late = [to_come(name, LATER + timedelta(seconds=1)) for name in ("a", "b")]
    assert list(of_incidents(late, START)) == ["a step is overdue for incident a and 1 more"]


def test_an_open_incident_of_which_nothing_is_to_come_without_a_reason_is_lost() -> None:
    found = list(of_incidents([incident("a")], START))
    assert found == ["nothing is to come of incident a, and no reason is known"]
