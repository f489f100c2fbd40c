"""Aids as the state keeps them: without loss, and never in the way of their incident."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import RowMapping

from alerts.aids.aid import Aid, AidKind, Due, Ticket
from alerts.aids.aid_json import aid_json, aids_of
from daemon.store.incident_rows import incident_of, incident_row
from tests.support.clock import START
from tests.support.letters import incident

AID = Aid(
    AidKind.CLOCK,
    "Deadlines",
    ("one",),
    ("two",),
    (Due("Expedia", "sends bookings by e-mail", START + timedelta(minutes=30)),),
    Ticket("a@b.example", "it fails", "Hello,"),
)
KEPT = aid_json(AID)


def test_an_aid_is_read_as_it_was_written() -> None:
    assert aids_of([KEPT, KEPT]) == (AID, AID)


@pytest.mark.parametrize(
    "strange",
    [
        KEPT | {"kind": "of another version"},
        KEPT | {"due": [{"who": "Expedia"}]},
        KEPT | {"ticket": "a text"},
        KEPT | {"lines": None},
        {},
        None,
        "a text",
    ],
)
def test_an_aid_of_another_version_is_left_out_and_its_incident_read(strange: Any) -> None:
    assert aids_of([strange, KEPT]) == (AID,)
    row = incident_row(replace(incident(), aids=(AID,)))
    row["body"] = row["body"].replace('"clock"', '"of another version"')
    assert incident_of(cast("RowMapping", row)) == incident()
