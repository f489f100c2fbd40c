"""A letter to a vendor that is too long for a link, and one that is read when all is over."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from alerts.aids.aid import Ticket
from alerts.aids.table import aids
from alerts.aids.ticket import MOST_RUNS, ticket
from alerts.aids.ticket_over import over
from alerts.facts import Fact
from alerts.incident import IncidentState
from alerts.message_aids import LINK_LENGTH, mailto
from alerts.message_headline import WORKS_AGAIN
from tests.support.aiding import mistaken
from tests.support.clock import START
from tests.support.facts import fine
from tests.unit.test_aids_ticket import CONTROL, DOWN, RUNS, sight

ENDED = START + timedelta(minutes=3)
SIGNED = "\nThank you,\nGrand Harbour Hotel\nIntegration Support, +351 21 555 0100, it@hotel.example"
OTHERS = ("expedia", "email", "pms")


def written(*facts: Fact) -> Ticket:
    found = ticket(sight(*facts, CONTROL, fine("payment/certificate", "tls"), healthy=OTHERS))
    assert found is not None
    assert found.ticket is not None
    return found.ticket


def linked(one: Ticket) -> str:
    link = mailto(one)
    assert len(link) <= LINK_LENGTH
    return parse_qs(urlsplit(link).query)["body"][0].replace("\r\n", "\n")


def test_a_link_that_is_too_long_leaves_out_the_oldest_requests_and_nothing_else() -> None:
    one = written(DOWN)
    said = linked(one)
    assert "r8]" in said
    assert "r4]" not in said
    left = said.count("x-request-id")
    assert 0 < left < MOST_RUNS
    heading = f"- The last {left} failed requests:" if left > 1 else "- The last failed request:"
    assert heading in said
    runs = [line for line in one.body.split("\n") if "x-request-id" in line or "The last" in line]
    assert [line for line in said.split("\n") if line not in runs and line != heading] == [
        line for line in one.body.split("\n") if line not in runs
    ]


@pytest.mark.parametrize("length", [600, 20_000])
def test_the_ask_and_the_signature_are_never_cut(length: int) -> None:
    long = replace(DOWN, values={**DOWN.values, "url": f"https://api.gateway.example/{'ab/' * length}"})
    one = written(long)
    body = one.body.replace("\nWhat works", f"\n- Seen: {'é' * length}\n\nWhat works")
    said = linked(replace(one, body=body))
    assert said.startswith("Hello,\n\nsince ")
    assert "\n[…]\n\nWhat we ask for:\n- Please look into it" in said
    assert said.endswith(SIGNED)


def test_what_is_over_is_told_in_the_past_and_asks_for_the_reason() -> None:
    said = over(written(DOWN), ENDED)
    assert said.subject.endswith(", over: from 2026-11-25 07:53:00 UTC to 2026-11-25 08:03:00 UTC")
    assert said.body.startswith("Hello,\n\nfrom 2026-11-25 07:53:00 UTC to 2026-11-25 08:03:00 UTC our ")
    assert "tell us what the reason was" in said.body
    assert said.body.endswith(SIGNED)
    present = ("sees", "fails", "see it", "will ", "answer us", "still answer", "it works", "is not our own")
    assert [one for one in present if one in said.body] == []
    assert said.body.count("x-request-id") == MOST_RUNS
    assert over(said, ENDED + timedelta(hours=1)) == said, "it is turned once"


def test_what_the_vendor_said_is_left_as_it_was() -> None:
    run = RUNS[-1]._replace(message="What fails: since our monitoring sees failures of your service.")
    said = over(written(replace(DOWN, failures=(run,))), ENDED).body
    assert "UTC  What fails: since our monitoring sees failures of your service. (server error)" in said


@pytest.mark.parametrize(("outcome", "past"), [(WORKS_AGAIN, True), ("resolved by Ada", False)])
def test_only_what_works_again_is_said_to_be_over(outcome: str, past: bool) -> None:
    seen = sight(DOWN)
    first = ticket(seen)
    assert first is not None
    about = replace(
        seen.incident,
        state=IncidentState.RESOLVED,
        resolved_at=ENDED,
        outcome=outcome,
        aids=(first,),
    )
    (kept,) = aids(replace(seen, incident=about), mistaken)
    assert kept.ticket is not None
    assert ("it is over" in kept.ticket.body) is past
