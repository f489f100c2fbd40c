"""A state that an earlier version has left is taken over without loss."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

import daemon.store.migrations
from alerts.change import Change
from alerts.incident import Diagnosis, Incident, Severity
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.standing import Standing
from checks.result import Reason, State
from daemon.store import StateError
from daemon.store.looking import APPLICATION
from daemon.store.schema import to_micros
from tests.support.clock import START, FakeClock
from tests.support.stored import CHECK, DIAGNOSIS, alter, breach, incident, notification, opened

KNOWN = replace(
    incident(),
    diagnosis=Diagnosis(DIAGNOSIS.cause, "high", "ours", DIAGNOSIS.summary, DIAGNOSIS.steps),
    breaches=(breach(),),
    epoch=2,
    thread_root="<first@hotel.example>",
)
LETTERS = (
    replace(notification("told", epoch=2), state=Delivery.SENT, attempts=2, sent_at=START),
    replace(notification("waits", epoch=2, recipient="b"), last_error="timeout", attempts=1),
    replace(notification("breaks off", epoch=2, recipient="c"), state=Delivery.SENDING, attempts=1),
)
STANDING = Standing(
    CHECK, State.CRITICAL, Reason.CREDENTIALS, "401", START, START, None, 3, 0, START, breached=True
)


def state_of(revision: str, directory: Path) -> Path:
    """Create a state without rows as an earlier version made it, up to a revision, and return its file."""
    file = directory / "state.db"
    engine = create_engine(f"sqlite:///{file}")
    config = Config()
    config.set_main_option("script_location", str(Path(daemon.store.migrations.__file__).parent))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        connection.execute(text(f"PRAGMA application_id={APPLICATION}"))
    engine.dispose()
    return file


def incident_of_version_1(one: Incident) -> dict[str, Any]:
    """Return the row that the first version wrote."""
    (found,) = one.breaches
    assert found.last_ok is not None
    body = {
        "version": 1,
        "integrations": one.integrations,
        "criteria": one.criteria,
        "breaches": [
            {
                "check": found.check,
                "state": found.state,
                "reason": found.reason,
                "message": found.message,
                "since": to_micros(found.since),
                "last_ok": to_micros(found.last_ok),
                "observed": found.observed,
                "limit": found.limit,
                "unit": found.unit,
            }
        ],
        "diagnosis": {
            "cause": one.diagnosis.cause,
            "confidence": one.diagnosis.confidence,
            "fault": one.diagnosis.fault,
            "summary": one.diagnosis.summary,
            "steps": one.diagnosis.steps,
        },
    }
    names = ("id", "key", "hotel", "state", "severity", "epoch", "title", "outcome", "thread_root")
    row = {name: getattr(one, name) for name in names}
    return {**row, "opened_at": to_micros(one.opened_at), "body": json.dumps(body)}


def notification_of_version_1(one: Notification) -> dict[str, Any]:
    names = ("id", "key", "incident", "epoch", "kind", "level", "channel", "recipient", "message")
    row = {name: getattr(one, name) for name in (*names, "message_id", "state", "attempts", "last_error")}
    row["incident"] = one.incident or None
    moments = {name: getattr(one, name) for name in ("created_at", "due_at", "sent_at")}
    return {**row, **{name: at and to_micros(at) for name, at in moments.items()}}


def standing_of_version_1(one: Standing) -> dict[str, Any]:
    names = ("state", "reason", "message", "bad_runs", "ok_runs", "breached", "slow")
    row = one.check._asdict() | {name: getattr(one, name) for name in names}
    moments = {name: getattr(one, name) for name in ("since", "last_run", "last_ok", "bad_since")}
    return {**row, **{name: at and to_micros(at) for name, at in moments.items()}}


def insert(connection: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    values = [str(value) if isinstance(value, str) else value for value in row.values()]
    connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)


@pytest.fixture
def earlier(tmp_path: Path) -> Path:
    """Return the directory of a state as the second schema held it, in the middle of an incident."""
    with closing(sqlite3.connect(state_of("0002_memories", tmp_path))) as connection, connection:
        insert(connection, "incidents", incident_of_version_1(KNOWN))
        for letter in LETTERS:
            insert(connection, "notifications", notification_of_version_1(letter))
        line = {"incident": "a", "at": to_micros(START), "kind": "opened", "text": "It began."}
        insert(connection, "events", line)
        insert(connection, "standings", standing_of_version_1(STANDING))
        insert(connection, "memories", {**CHECK._asdict(), "value": '{"offset": 7}'})
    return tmp_path


async def test_an_upgrade_in_the_middle_of_an_incident_loses_nothing(earlier: Path) -> None:
    async with opened(earlier) as store:
        assert await store.open_incidents() == [KNOWN]
        assert await store.notifications_of("a", 2) == list(LETTERS)
        assert await store.standings() == [STANDING]
        assert await store.memories() == {CHECK: {"offset": 7}}
        record = await store.incident("a")
        assert record is not None
        assert [event.text for event in record.events] == ["It began."]
        assert await store.silences(START) == []


async def test_letters_that_waited_are_sent_after_an_upgrade(earlier: Path) -> None:
    async with opened(earlier, FakeClock()) as store:
        assert await store.resume() == 1
        assert {claim.notification.id for claim in await store.claim(9)} == {"waits", "breaks off"}


async def test_what_is_urgent_or_about_no_single_incident_goes_out_after_an_upgrade(tmp_path: Path) -> None:
    grave = replace(incident("grave", key="another"), severity=Severity.EMERGENCY)
    letters = (
        replace(notification("digest", kind=Kind.DIGEST), incident=""),
        notification("of an emergency", of="grave"),
        replace(notification("to level 3"), level="3"),
        notification("beyond the limit", of="b"),
    )
    with closing(sqlite3.connect(state_of("0005_replicas", tmp_path))) as connection, connection:
        for one in (KNOWN, grave, incident("b", key="third")):
            insert(connection, "incidents", incident_of_version_1(one))
        for letter in letters:
            insert(connection, "notifications", notification_of_version_1(letter))
    async with opened(tmp_path, FakeClock()) as store:
        claims = await store.claim(9, only=MAIL, per_hour=0)
        assert {claim.notification.id for claim in claims} == {"digest", "of an emergency", "to level 3"}
        assert (await store.pending())[0] == len(letters)


async def test_an_incident_of_an_earlier_version_goes_on_in_this_one(earlier: Path) -> None:
    ahead = replace(KNOWN, key="another cause", steps=("level-2",), reopened=(START,))
    async with opened(earlier) as store:
        await store.commit(Change(incidents=(ahead,), standings=(replace(STANDING, bad_runs=4),)))
    async with opened(earlier) as store:
        assert await store.open_incidents() == [ahead]
        assert await store.standings() == [replace(STANDING, bad_runs=4)]


async def test_a_body_that_a_later_version_has_written_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.commit(Change(incidents=(incident(),)))
    alter(tmp_path / "state.db", "UPDATE incidents SET body = json_set(body, '$.version', 3)")
    async with opened(tmp_path) as store:
        with pytest.raises(StateError, match=r"version 3.*install the version that wrote it"):
            await store.open_incidents()


async def test_a_sign_of_a_later_version_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        await store.commit(Change(incidents=(incident(),)))
    alter(
        tmp_path / "state.db", "UPDATE incidents SET body = json_set(body, '$.breaches[0].signs[0]', 'odd')"
    )
    async with opened(tmp_path) as store:
        with pytest.raises(StateError, match=r"odd.*install the version that wrote it"):
            await store.open_incidents()
