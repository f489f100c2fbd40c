"""The occasions a mail is written on, and the readers it is written for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.incident import Acknowledgement, Cause, Severity
from alerts.message import Mail, NextStep, subject
from alerts.message_headline import headline
from alerts.message_letter import letter
from alerts.notification import Kind
from alerts.outlook import news
from tests.support.letters import (
    CREDENTIALS,
    NETWORK,
    NEXT,
    NOW,
    REFUSED,
    SINCE,
    cut_off,
    escalated,
    incident,
    problem,
    resolved,
    said,
    section,
    waiting,
)


def update(*steps: str, cause: Cause | None = None, **changes: Any) -> Mail:
    diagnosis = replace(CREDENTIALS, cause=cause or CREDENTIALS.cause)
    return problem(incident(steps=steps, diagnosis=diagnosis, **changes), kind=Kind.UPDATE)


@pytest.mark.parametrize(
    ("mail", "start"),
    [
        (problem(kind=Kind.ESCALATION), "The payment gateway"),
        (problem(kind=Kind.REMINDER), "Still so: the payment gateway"),
        (problem(kind=Kind.UPDATE), "Now critical: the payment gateway"),
        (problem(kind=Kind.DRILL), "This is a drill, nothing is broken: "),
        (problem(incident(epoch=2)), "It is back: the payment gateway refuses"),
        (problem(incident(epoch=3)), "It is back, for the 2nd time: "),
        (problem(incident(epoch=12)), "It is back, for the 11th time: "),
        (problem(incident(epoch=24)), "It is back, for the 23rd time: "),
    ],
)
def test_the_first_line_says_what_kind_of_mail_it_is(mail: Mail, start: str) -> None:
    assert headline(mail).startswith(start)


@pytest.mark.parametrize(
    ("reason", "new"),
    [
        ("it is an emergency now", " (now emergency)"),
        ("it is critical now", " (now critical)"),
        ("another cause is probable now", " (another cause)"),
        ("one more reason to escalate", " (one more reason to escalate)"),
        ("level 2 (Technical Lead) is outside its hours, and is told at 09:00", " (level 2 waits)"),
        ("something else", ""),
    ],
)
def test_the_subject_of_an_update_ends_with_what_is_new(reason: str, new: str) -> None:
    first = subject(problem())
    assert subject(problem(kind=Kind.UPDATE, reason=reason)) == first + new
    assert subject(problem(kind=Kind.ESCALATION, reason=reason)) == first
    long = subject(problem(incident(title="x" * 500), kind=Kind.UPDATE, reason=reason))
    assert long.endswith(new)
    assert len(long) == 250


@pytest.mark.parametrize(
    ("risen", "cause", "new"),
    [
        (Severity.EMERGENCY, CREDENTIALS.cause, " (now emergency)"),
        (Severity.CRITICAL, CREDENTIALS.cause, " (now critical)"),
        (Severity.WARNING, Cause.VENDOR_OUTAGE, " (another cause)"),
        (Severity.WARNING, CREDENTIALS.cause, " (one more reason to escalate)"),
    ],
)
def test_every_reason_for_an_update_is_known_to_the_subject(risen: Severity, cause: Cause, new: str) -> None:
    last = f"warning-0-{CREDENTIALS.cause}"
    about = incident(severity=risen, diagnosis=replace(CREDENTIALS, cause=cause))
    assert subject(problem(about, kind=Kind.UPDATE, reason=news(last, about))).endswith(new)


def test_one_check_more_is_one_check() -> None:
    assert "and 1 more check" in said(problem(incident(*(REFUSED,) * 7)), "Evidence").splitlines()


def test_the_next_best_cause_is_said_in_words() -> None:
    doubted = replace(CREDENTIALS, runner_up=Cause.FALLBACK_LOST)
    shown = said(problem(incident(diagnosis=doubted)), "Evidence")
    assert 'Next best cause: fallback lost ("travel site and e-mail fail together").' in shown


ANNOUNCED = "announced-critical-1-api-credentials-invalid"


@pytest.mark.parametrize(
    ("mail", "start"),
    [
        (
            update(
                ANNOUNCED,
                "update-emergency-2-api-credentials-invalid",
                "problem-1",
                severity=Severity.EMERGENCY,
            ),
            "Now emergency: the payment",
        ),
        (
            update(ANNOUNCED, "update-critical-1-vendor-outage", cause=Cause.VENDOR_OUTAGE),
            "The cause is probably another: the payment",
        ),
        (
            update(
                ANNOUNCED,
                "update-emergency-2-vendor-outage",
                cause=Cause.VENDOR_OUTAGE,
                severity=Severity.EMERGENCY,
            ),
            "Now emergency, and the cause is probably another: the",
        ),
        (
            update(ANNOUNCED, "update-critical-2-api-credentials-invalid"),
            "It has become worse: the payment",
        ),
    ],
)
def test_an_update_says_what_is_new(mail: Mail, start: str) -> None:
    assert headline(mail).startswith(start)


def test_word_that_level_2_waits_comes_after_what_is_wrong() -> None:
    line = headline(waiting())
    assert line.startswith("The payment gateway refuses our user name, password or key. Level 2 (Technical")
    assert line.endswith("09:00 on Monday.")
    assert "Next: Technical Lead on Monday 09:00 hotel time" in said(waiting(), "Who was told")


def test_an_escalation_says_why_it_comes_to_its_reader() -> None:
    assert letter(escalated()).reason == ("Why it comes to you: nobody has acknowledged it within 15 min.")


def test_the_next_step_is_told_with_its_hotel_time_and_reason() -> None:
    told = said(problem(next_step=NEXT), "Who was told")
    assert "Next: Technical Lead at 08:27 hotel time (if nobody has acknowledged it within 15 min)." in told


def test_where_nobody_is_next_the_reason_is_told() -> None:
    mail = problem(standstill="level 3 is told of emergencies only")
    assert "Next: nobody else. Level 3 is told of emergencies only." in said(mail, "Who was told")


def test_who_looks_after_it_is_told_until_when() -> None:
    promise = Acknowledgement("Ana Silva", NOW, NOW + timedelta(hours=1), "calling the gateway")
    told = said(problem(incident(acknowledgement=promise)), "Who was told")
    assert "Ana Silva looks after it since 08:12, until 09:12: calling the gateway" in told


def test_acknowledging_is_said_to_stop_further_steps_only_where_there_are_any() -> None:
    assert section(problem(next_step=NEXT), "Acknowledge").heading.endswith("for 1 h unless it becomes worse")
    assert section(problem(), "Acknowledge").heading == "Acknowledge"


def test_evidence_says_what_speaks_for_the_cause_and_for_the_next_best() -> None:
    told = said(problem(), "Evidence")
    assert "What shows the cause: the gateway answers, and refuses the login; the control" in told
    assert "Not checked: webhook." in told
    assert (
        'Next best cause: property not authorised ("refuses us access"). What tells them apart: curl with'
        in told
    )
    assert "To be sure: Open any web page" in said(cut_off(), "Evidence")


def test_what_keeps_changing_is_said_to_come_and_go() -> None:
    told = said(problem(incident(replace(REFUSED, flapping=True))), "Evidence")
    assert "Since 08:00:00, on and off" in told


@pytest.mark.parametrize(
    ("mail", "first", "check"),
    [
        (resolved(), "The payment gateway works again.", "look in the gateway whether"),
        (
            resolved(cut_off().incident),
            f'booking_engine, payment, expedia and email work again. This is over: "{NETWORK.title}".',
            "bookings and payments of this time",
        ),
    ],
)
def test_the_end_says_what_works_again_and_what_to_check(mail: Mail, first: str, check: str) -> None:
    assert headline(mail) == first
    assert check in said(mail, "What to check now")


@pytest.mark.parametrize(
    ("outcome", "first"),
    [
        (
            "is no longer watched: the configuration changed",
            "The payment gateway is no longer watched: the configuration changed.",
        ),
        (
            "resolved by Ana: new key",
            "The incident about the payment gateway is closed: resolved by Ana: new key.",
        ),
    ],
)
def test_an_end_of_another_kind_is_said_to_be_one(outcome: str, first: str) -> None:
    mail = resolved()
    other = replace(mail, incident=replace(mail.incident, outcome=outcome))
    assert headline(other) == first
    assert "ok again" not in said(other, "What ended it")


def test_nothing_is_left_to_check_where_only_the_porter_was_blind() -> None:
    blind = incident(diagnosis=replace(CREDENTIALS, cause=Cause.MONITOR_MISCONFIGURED))
    unreached = replace(blind, integrations=("network",))
    for ended in (resolved(blind), resolved(unreached, kinds={"network": "network"})):
        assert "What to check now" not in [one.heading for one in letter(ended).sections]


def test_a_step_without_a_time_is_told_without_one() -> None:
    mail = problem(next_step=NextStep("Technical Lead", None, ""))
    assert "Next: Technical Lead." in said(mail, "Who was told")


def test_times_of_other_days_have_their_day() -> None:
    old = replace(REFUSED, since=SINCE - timedelta(days=2), last_ok=None)
    assert "Since 23 Nov 08:00:00, not seen ok yet" in said(problem(incident(old)), "Evidence")
