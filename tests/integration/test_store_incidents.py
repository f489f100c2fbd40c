"""Whatever an incident can be is what comes back of it."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, select

from alerts.aids.aid import Aid, AidKind, Due, Ticket
from alerts.calendar import OfficeHours, When
from alerts.incident import (
    Acknowledgement,
    Breach,
    Cause,
    Criterion,
    Diagnosis,
    Incident,
    IncidentState,
    NextStep,
    Severity,
)
from alerts.policy import LevelPolicy, Policy
from checks.result import CheckId, Reason, Sign, State
from daemon.store import schema
from daemon.store.incident_rows import incident_of, incident_row

T = TypeVar("T")


def whole(kind: Any, /, **values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Draw values of a dataclass; a field that was forgotten here is a mistake of the test."""
    missing = {field.name for field in fields(kind)} - values.keys()
    assert not missing, f"{kind.__name__}: {missing}"
    return st.builds(kind, **values)


def several(of: st.SearchStrategy[T]) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(of, max_size=3).map(tuple)


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
MOMENTS = st.datetimes(timezones=st.just(UTC))
SPANS = st.timedeltas()
NUMBERS = st.integers(0, 2**31 - 1)
FLOATS = st.floats(allow_nan=False)
ZONES = st.sampled_from([UTC, ZoneInfo("UTC"), ZoneInfo("Europe/Lisbon"), ZoneInfo("Asia/Kathmandu")])

HOURS = whole(
    OfficeHours,
    days=st.frozensets(st.integers(0, 6)),
    opens=st.times(),
    closes=st.times(),
    holidays=st.none() | st.just("PT"),
    zone=ZONES,
    when=st.sampled_from(When),
)
LEVELS = whole(
    LevelPolicy,
    level=WORDS,
    role=WORDS,
    addresses=several(WORDS),
    phone=st.none() | WORDS,
    hours=HOURS,
    channels=several(WORDS),
)
POLICIES = whole(
    Policy,
    levels=several(LEVELS),
    front_desk=several(WORDS),
    after_level_2=SPANS,
    after_level_3=SPANS,
    persistent_after=SPANS,
    reopened_times=NUMBERS,
    reopened_within=SPANS,
    multiple=NUMBERS,
    remind_every=SPANS,
    channels=several(WORDS),
)
BREACHES = whole(
    Breach,
    check=st.builds(CheckId, WORDS, WORDS, WORDS),
    state=st.sampled_from(State),
    reason=st.sampled_from(Reason),
    message=WORDS,
    since=MOMENTS,
    last_ok=st.none() | MOMENTS,
    observed=st.none() | FLOATS,
    limit=st.none() | FLOATS,
    unit=WORDS,
    signs=st.frozensets(st.sampled_from(Sign), max_size=3),
    flapping=st.booleans(),
)
DIAGNOSES = whole(
    Diagnosis,
    cause=st.sampled_from(Cause),
    confidence=WORDS,
    fault=WORDS,
    summary=WORDS,
    steps=several(WORDS),
    title=WORDS,
    sentence=WORDS,
    whole=st.booleans(),
    evidence=several(WORDS),
    missing=several(WORDS),
    runner_up=st.none() | st.sampled_from(Cause),
    next_test=WORDS,
)
AIDS = whole(
    Aid,
    kind=st.sampled_from(AidKind),
    heading=WORDS,
    lines=several(WORDS),
    desk=several(WORDS),
    due=several(whole(Due, who=WORDS, what=WORDS, at=MOMENTS)),
    ticket=st.none() | whole(Ticket, to=WORDS, subject=WORDS, body=WORDS),
)
INCIDENTS = whole(
    Incident,
    id=st.uuids().map(str),
    key=WORDS,
    hotel=WORDS,
    integrations=several(WORDS),
    breaches=several(BREACHES),
    diagnosis=DIAGNOSES,
    severity=st.sampled_from(Severity),
    criteria=several(st.sampled_from(Criterion)),
    title=WORDS,
    state=st.sampled_from(IncidentState),
    opened_at=MOMENTS,
    epoch=NUMBERS,
    resolved_at=st.none() | MOMENTS,
    thread_root=st.none() | WORDS,
    outcome=WORDS,
    reopened=several(MOMENTS),
    acknowledgement=st.none() | whole(Acknowledgement, by=WORDS, at=MOMENTS, until=MOMENTS, note=WORDS),
    parent=st.none() | WORDS,
    policy=st.none() | POLICIES,
    steps=several(WORDS),
    next_step=st.none() | whole(NextStep, level=WORDS, at=MOMENTS, reason=WORDS),
    standstill=WORDS,
    dismissed=st.booleans(),
    aids=several(AIDS),
)


@pytest.fixture(scope="module")
def database() -> Iterator[Engine]:
    engine = create_engine("sqlite://")
    schema.metadata.create_all(engine)
    yield engine
    engine.dispose()


@given(INCIDENTS)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_incident_comes_back_as_it_was(database: Engine, drawn: Incident) -> None:
    with database.connect() as connection:
        connection.execute(schema.incidents.insert(), incident_row(drawn))
        (row,) = connection.execute(select(schema.incidents)).mappings()
        assert incident_of(row) == drawn
        connection.rollback()
