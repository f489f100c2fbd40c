"""What a mail says that an incident means, for engineers and for the desk."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.diagnosis.security import CARD_IN_LOG, GAP, LOGINS
from alerts.impact import Deadline
from alerts.incident import Acknowledgement, Cause, Criterion, Incident, Severity
from alerts.message import subject
from alerts.message_headline import headline
from alerts.message_letter import letter
from alerts.message_mail import FRONT_DESK, Told
from alerts.wording_means import means
from checks.result import CheckId, Reason, State
from tests.support.letters import (
    CREDENTIALS,
    NETWORK,
    NEXT,
    NOW,
    REFUSED,
    at_the_desk,
    breach,
    cut_off,
    incident,
    problem,
    resolved,
    said,
    section,
)


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(minutes=18, seconds=20), "in by hand, from 08:30 hotel time (18 min left)."),
        (timedelta(hours=24), "in by hand, from Thursday 08:12 hotel time (1 d left)."),
        (timedelta(seconds=20), "from 08:12 hotel time (20 s left)."),
        (timedelta(minutes=-5), "in by hand, since 08:07 hotel time."),
    ],
)
def test_the_deadline_is_a_countdown_in_hotel_time(left: timedelta, expected: str) -> None:
    mail = problem(deadline=Deadline(NOW + left, "bookings come by e-mail, and must be keyed in by hand"))
    told = said(mail, "What this means")
    assert "\nBookings come by e-mail, and must be keyed in by hand" in told
    assert told.endswith(expected)


def test_one_cause_of_many_failures_stands_alone_on_a_phone() -> None:
    assert headline(cut_off()) == (
        "The hotel's internet connection is down: booking_engine, payment, expedia and email do not work."
    )


def test_integrations_that_are_only_touched_are_not_said_to_be_down() -> None:
    late = breach(Reason.STALE, "old", check=CheckId("h", "expedia", "rates"), state=State.WARNING)
    mail = problem(incident(REFUSED, late, integrations=("payment", "expedia"), diagnosis=NETWORK))
    assert headline(mail).endswith(": payment does not work, expedia is affected.")
    assert "expedia, as far as it is affected: new bookings" in said(mail, "What this means")


def test_e_mail_is_down_only_when_both_its_ways_are() -> None:
    one = breach(Reason.TIMEOUT, "silent", check=CheckId("h", "email", "smtp"))
    mail = problem(incident(one, integrations=("email", "network"), diagnosis=NETWORK))
    assert headline(mail).endswith(": email is affected.")


def test_a_security_finding_of_several_is_no_failure() -> None:
    found = breach(Reason.SECURITY, "a card number stands in a log")
    about = incident(found, integrations=("payment", "pms"), diagnosis=NETWORK)
    assert headline(problem(about)) == "The hotel's internet connection is down."
    assert headline(resolved(about)) == 'This is over: "the hotel\'s internet connection is down".'


def test_findings_on_what_works_blame_no_vendor() -> None:
    for rule in (CARD_IN_LOG, LOGINS, GAP):
        assert rule.words.whole
        found = replace(CREDENTIALS, sentence=rule.words.whole, whole=True, cause=rule.cause)
        mail = problem(incident(breach(Reason.SECURITY, "found"), diagnosis=found))
        assert "gateway" not in headline(mail)
        assert "Vendor" not in [one.heading for one in letter(mail).sections]


def test_a_database_that_is_back_is_said_to_work_again() -> None:
    down = replace(NETWORK, cause=Cause.DATABASE_DOWN, sentence="the PMS's database does not serve")
    found = breach(Reason.CONNECT, "refused", check=CheckId("h", "pms", "database"))
    mail = resolved(incident(found, integrations=("pms",), diagnosis=down))
    assert headline(mail).startswith("The hotel system (PMS) works again. This is over: ")


def test_what_is_over_names_no_promise_and_no_times_of_telling() -> None:
    promise = Acknowledgement("Ana", NOW, NOW + timedelta(hours=1), "")
    told = said(resolved(incident(acknowledgement=promise)), "Who is told")
    assert "Integration Support Team (+351 21 555 0100)" in told
    assert "Ana" not in told
    assert "told at" not in told


def test_a_long_list_in_the_first_line_is_cut() -> None:
    names = tuple(f"vendor{number}" for number in range(9))
    mail = problem(incident(integrations=names, diagnosis=NETWORK))
    assert "vendor0, vendor1, vendor2, vendor3 and 5 more are affected" in headline(mail)


def test_the_gravest_three_kinds_are_told_in_a_line_each() -> None:
    lines = section(cut_off(deadline=None), "What this means").lines
    assert [line.text.partition(":")[0] for line in lines] == ["payment", "booking_engine", "expedia"]


def test_a_common_cause_names_no_single_vendor() -> None:
    headings = [one.heading for one in letter(cut_off()).sections]
    assert "Vendor" not in headings
    assert "wiki" not in said(cut_off(), "More")


def test_evidence_of_several_is_grouped_and_limited() -> None:
    many = [
        breach(Reason.TIMEOUT, "silent", check=CheckId("h", f"vendor{number}", f"check{check}"))
        for number in range(8)
        for check in range(4)
    ]
    names = tuple(f"vendor{number}" for number in range(8))
    told = said(problem(incident(*many, integrations=names, diagnosis=NETWORK)), "Evidence")
    assert told.count("silent") == 10
    assert "and 2 more checks" in told
    assert "and 3 more integrations" in told


@pytest.mark.parametrize(
    ("cause", "means"),
    [
        (Cause.CUSTOMER_DECLINES, "Nothing is broken."),
        (Cause.WEBHOOK_BLOCKED, "Payments that guests have made online may show as unpaid"),
        (Cause.MONITOR_MISCONFIGURED, "Nothing fails for guests as far as this shows, but Night Porter"),
        (Cause.VENDOR_OUTAGE, "While this lasts, deposits and online payments cannot be taken."),
    ],
)
def test_a_cause_that_means_something_else_than_an_outage_says_so(cause: Cause, means: str) -> None:
    mail = problem(incident(diagnosis=replace(CREDENTIALS, cause=cause)))
    assert said(mail, "What this means").startswith(means)


def test_a_risk_of_losing_data_is_told() -> None:
    mail = problem(incident(criteria=(Criterion.CRITICAL_SYSTEM_DOWN, Criterion.DATA_LOSS_RISK)))
    assert "Bookings or payments can get lost" in said(mail, "What this means")


def test_the_front_desk_reads_no_codes_and_no_names_of_checks() -> None:
    mail = at_the_desk(problem(next_step=NEXT))
    text = "\n".join(
        (subject(mail), headline(mail), *(said(mail, one.heading) for one in letter(mail).sections))
    )
    assert not re.search(r"401|critical|credentials\)|health|@|booking_engine", text)
    assert "Working: the booking engine and the hotel's e-mail" in text
    assert "Integration Support Team: +351 21 555 0100" in text
    assert "told at" not in text
    assert "You are told again when it is over, or if it becomes an emergency." in text


def test_the_front_desk_is_not_promised_what_has_happened() -> None:
    mail = at_the_desk(problem(incident(severity=Severity.EMERGENCY)))
    assert "You are told again when it is over." in said(mail, "Whom to call")


def desk_of(cause: Cause) -> Incident:
    return incident(diagnosis=replace(CREDENTIALS, cause=cause))


@pytest.mark.parametrize(
    ("about", "first"),
    [
        (incident(), "Use the card terminal"),
        (cut_off().incident, "See whether the internet works at the desk, and call Integration Support"),
        (desk_of(Cause.WEBHOOK_BLOCKED), "Cancel no booking because it shows as unpaid"),
        (desk_of(Cause.MONITOR_OVERLOADED), "There is nothing to do at the desk."),
        (desk_of(Cause.OVERBOOKED), "Ask those named below which nights"),
        (incident(breach(Reason.SECURITY, "a card number")), "Delete and change nothing"),
    ],
)
def test_the_desk_is_told_what_fits_the_cause(about: Incident, first: str) -> None:
    steps = section(at_the_desk(problem(about)), "What to do at the desk").lines
    assert 1 <= len(steps) <= 3
    assert steps[0].text.startswith(first)


def test_without_internet_the_desk_is_sent_to_nothing_that_needs_it() -> None:
    mail = at_the_desk(cut_off())
    text = "\n".join(said(mail, one.heading) for one in letter(mail).sections)
    assert "Take bookings by phone and write them down." in text
    assert "by e-mail" not in text


def test_the_desk_calls_level_1_first_and_is_not_told_of_itself() -> None:
    desk = Told("Front desk", None, ("desk@hotel.example",), NOW, FRONT_DESK)
    lead = Told("Technical Lead", "+351 1", ("lead@hotel.example",), NOW, "2")
    first = Told("Support", "+351 2", ("support@hotel.example",), NOW, "1")
    lines = section(at_the_desk(problem(told=(desk, lead, first))), "Whom to call").lines
    assert [one.text for one in lines[:2]] == ["Support: +351 2", "Technical Lead: +351 1"]
    assert "Front desk" not in "".join(one.text for one in lines)


def test_a_desk_that_can_call_nobody_reads_who_was_told() -> None:
    mail = at_the_desk(problem(told=(Told("Support", None, ("support@hotel.example",), NOW, "1"),)))
    assert "Support: told at 08:12 by e-mail, no phone number" in said(mail, "Whom to call")


def test_the_desk_is_told_of_what_nobody_knows_the_use_of() -> None:
    locks = breach(Reason.TIMEOUT, "silent", check=CheckId("h", "door_locks", "gateway"))
    mail = at_the_desk(problem(incident(locks, kind="generic")))
    step = "Tell guests and colleagues that door_locks may not work, and call Integration Support Team"
    assert step in said(mail, "What to do at the desk")
    assert "The support of door_locks: +49 30 5550 100" in said(mail, "Whom to call")
    assert "wiki.hotel.example" in said(mail, "Whom to call")


def test_two_of_unknown_use_are_both_named() -> None:
    found = [
        breach(Reason.TIMEOUT, "silent", check=CheckId("h", name, "health")) for name in ("door_locks", "spa")
    ]
    about = incident(*found, integrations=("door_locks", "spa"), kind="generic")
    mail = at_the_desk(problem(about, kinds={"door_locks": "generic", "spa": "generic"}))
    assert "door_locks and spa may not work" in said(mail, "What to do at the desk")
    assert "what the hotel uses door_locks and spa for" in said(mail, "What this means")


def test_what_is_over_has_no_countdown() -> None:
    mail = resolved(cut_off().incident, told_before=False, deadline=Deadline(NOW, "bookings come by e-mail"))
    assert "come by e-mail" not in said(mail, "What it meant")


def test_a_pms_that_is_down_comes_before_what_it_takes_with_it() -> None:
    database = breach(Reason.CONNECT, "refused", check=CheckId("h", "pms", "database"))
    mail = problem(incident(database, integrations=("payment", "pms"), diagnosis=NETWORK))
    lines = section(mail, "What this means").lines
    assert [line.text.partition(":")[0] for line in lines] == ["pms", "payment, as far as it is affected"]
    alone = problem(incident(database, integrations=("pms",), diagnosis=NETWORK))
    assert said(alone, "What this means").startswith("While this lasts, check-in, bookings and invoices")


def test_a_changed_record_that_still_works_is_not_said_to_lose_mail() -> None:
    meaning = means(Cause.DNS_RECORD_CHANGED, "email")
    assert meaning.startswith("Mails still go out and arrive.")
    assert "spam" not in meaning
