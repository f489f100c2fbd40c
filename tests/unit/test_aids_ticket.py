"""The letter to a vendor: what their support asks first, and nothing that is nobody's business."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.aids.sight import Sight
from alerts.aids.ticket import MOST_RUNS, ticket
from alerts.correspondence import HotelDesk
from alerts.facts import Fact, Failure
from alerts.message_mail import Vendor
from alerts.policy import LevelPolicy, Policy
from checks.result import Reason
from tests.support.clock import START
from tests.support.facts import KINDS, a_hotel, failing, fine
from tests.support.letters import HOSTILE, incident

LISBON = ZoneInfo("Europe/Lisbon")
GOLDEN = Path(__file__).parent / "golden" / "ticket.txt"
VENDOR = Vendor("support@gateway.example", None, "H-1234", None)
LEVEL = LevelPolicy("1", "Integration Support", ("it@hotel.example",), "+351 21 555 0100")
RUNS = tuple(
    Failure(
        START - timedelta(minutes=9 - n),
        Reason.SERVER_ERROR,
        "answered 503, an error of the server",
        f"x-request-id: r{n}",
    )
    for n in range(9)
)
DOWN = replace(
    failing(
        "payment/health",
        Reason.SERVER_ERROR,
        message="answered 503, an error of the server",
        minutes=7,
        type_="health",
    ),
    values={"url": "https://api.gateway.example/v1/status", "method": "GET", "host": "api.gateway.example"},
    failures=RUNS,
)
CONTROL = fine("network/control", "control")


def sight(
    *facts: Fact, fault: str = "vendor", healthy: tuple[str, ...] = (), vendor: Any = VENDOR, **changes: Any
) -> Sight:
    hotel = a_hotel(*facts)
    about = incident(*hotel.breaches(), hotel=hotel.hotel)
    diagnosis = replace(about.diagnosis, fault=fault, sentence="answers with errors", **changes)
    name = hotel.breaches()[0].check.integration
    desk = HotelDesk("h", "Grand Harbour Hotel", LISBON, Policy(levels=(LEVEL,)), KINDS, {name: vendor}, {})
    return Sight(replace(about, diagnosis=diagnosis), hotel, desk, healthy)


def body(seen: Sight) -> str:
    found = ticket(seen)
    assert found is not None
    assert found.ticket is not None
    return found.ticket.body


def test_the_letter_reads_as_it_was_approved() -> None:
    seen = sight(DOWN, CONTROL, fine("payment/certificate", "tls"), healthy=("expedia", "email", "pms"))
    found = ticket(seen)
    assert found is not None
    assert found.ticket is not None
    said = f"To: {found.ticket.to}\nSubject: {found.ticket.subject}\n\n{found.ticket.body}\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(said)
    assert said == GOLDEN.read_text()


def test_the_last_failing_runs_of_this_outage_are_told() -> None:
    said = body(sight(DOWN))
    assert said.count("x-request-id: ") == MOST_RUNS
    assert "r8]" in said
    recent = replace(DOWN, failures=RUNS[:3])
    assert body(sight(recent)).count("x-request-id: ") == 1, "only one of them belongs to this outage"


@pytest.mark.parametrize("fault", ["us", "network", "guest"])
def test_nobody_writes_to_a_vendor_about_the_fault_of_another(fault: str) -> None:
    assert ticket(sight(DOWN, fault=fault)) is None


def test_what_is_not_known_is_theirs_only_where_it_is_remote() -> None:
    assert ticket(sight(DOWN, fault="unknown")) is not None
    log = failing("payment/log", Reason.CONTENT, type_="log")
    assert ticket(sight(log, fault="unknown")) is None
    database = failing("pms/database", Reason.CONNECT, type_="tcp")
    assert ticket(sight(database, fault="unknown")) is None


def test_trouble_of_several_is_no_single_vendors() -> None:
    assert ticket(sight(DOWN, failing("expedia/health", Reason.TIMEOUT, type_="health"))) is None
    assert ticket(sight(DOWN, whole=True)) is None


@pytest.mark.parametrize(
    "support", [None, "+49 30 5550 100", "https://help.example", "a@b c.example", "x?cc=a@b.example"]
)
def test_only_an_address_is_written_to(support: str | None) -> None:
    found = ticket(sight(DOWN, vendor=Vendor(support)))
    assert found is not None
    assert found.ticket is not None
    assert found.ticket.to == ""


def test_without_anything_that_works_the_letter_claims_nothing() -> None:
    cut_off = failing("network/control", Reason.CONNECT, type_="control", breached=False)
    assert "We have nothing to compare it with" in body(sight(DOWN, cut_off))


def test_nobody_is_blamed_for_what_may_be_the_hotels_own_network() -> None:
    cut_off = failing("network/control", Reason.CONNECT, type_="control", breached=False)
    assert ticket(sight(DOWN, cut_off, fault="unknown")) is None
    assert ticket(sight(DOWN, CONTROL, fault="unknown")) is not None


def test_messages_in_a_directory_of_ours_are_none_of_the_vendors() -> None:
    ours = {"path": "/var/spool/pms/ota", "url": "https://ota.example"}
    well = replace(fine("payment/messages", "xml"), values=ours)
    page = fine("payment/vendor_status", "status_page")
    assert "these still answer" not in body(sight(DOWN, well, page))
    assert "these still answer as they should: feed" in body(sight(DOWN, fine("payment/feed", "xml")))
    wrong = replace(failing("payment/messages", Reason.CONTENT, type_="xml"), values=ours)
    assert ticket(sight(wrong, fault="unknown")) is None


def test_runs_that_failed_by_ourselves_are_no_failed_requests() -> None:
    own = Failure(START, Reason.INTERNAL, "the check itself failed: KeyError")
    said = body(sight(replace(DOWN, failures=(*RUNS[-2:], own))))
    assert "The last 2 failed requests" in said
    assert "the check itself" not in said


def test_what_a_vendor_answers_does_no_harm() -> None:
    run = Failure(START, Reason.CONTENT, HOSTILE, HOSTILE)
    breach = replace(DOWN.breach, message=HOSTILE) if DOWN.breach else None
    seen = sight(replace(DOWN, breach=breach, failures=(run,)), vendor=Vendor("a@b.example", None, HOSTILE))
    found = ticket(seen)
    assert found is not None
    assert found.ticket is not None
    assert found.ticket.subject.isprintable()
    lines = found.ticket.body.split("\n")
    assert all(line.isprintable() and len(line) < 500 for line in lines)
    assert not any(line.startswith("Bcc") for line in lines)


def test_what_was_asked_is_left_out_where_it_is_not_known() -> None:
    assert "Asked:" in body(sight(DOWN))
    assert "Asked:" not in body(sight(replace(DOWN, values={})))
