"""Failures that belong together: a change on our side, a lost fallback, and what comes and goes."""

import pytest

from alerts.diagnosis.decision_table import RULES
from alerts.facts import Fact
from checks.result import Phase, Reason, Sign, State
from tests.support.facts import a_hotel, causes, failing, groups
from tests.support.shaped_facts import LOST, process, shaped

SYNC = "booking_engine/sync_process"
KEY = failing("booking_engine/health", Reason.CREDENTIALS, type_="health", minutes=5)
ROUTE = failing("payment/webhook", Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE, type_="webhook", minutes=4)
SITE = failing("expedia/health", Reason.SERVER_ERROR, type_="health")
SITE_LOGIN = failing("expedia/auth", Reason.SERVER_ERROR, type_="ota_auth")
MAIL = failing("email/smtp", Reason.CONNECT, type_="smtp", phase=Phase.CONNECT)
PROVIDER = failing("email/provider", Reason.SERVER_ERROR, type_="health")


def test_two_failures_of_different_kinds_right_after_a_restart_are_a_change_of_ours() -> None:
    (one,) = groups(a_hotel(KEY, ROUTE, process(SYNC, started=5.5)), RULES)
    assert (one.cause, one.diagnosis.fault, one.root) == ("local-change", "us", True)
    assert set(one.integrations) == {"booking_engine", "payment"}


def test_what_fails_in_the_same_way_a_little_later_belongs_to_the_change() -> None:
    later = failing("booking_engine/cache", Reason.CREDENTIALS, type_="cache", minutes=1)
    found = causes(a_hotel(KEY, later, ROUTE, process(SYNC, started=5)), RULES)
    assert found == {"local-change": ["booking_engine/cache", "booking_engine/health", "payment/webhook"]}


@pytest.mark.parametrize(
    "others",
    [
        (KEY, ROUTE),
        (KEY, ROUTE, process(SYNC, started=60)),
        (KEY, ROUTE, process(SYNC, started=0.5)),
        (KEY, process(SYNC, started=5)),
        (KEY, failing("payment/health", Reason.CREDENTIALS, minutes=5), process(SYNC, started=5)),
        (
            failing("booking_engine/health", Reason.CREDENTIALS, minutes=6.5),
            failing("payment/webhook", Reason.CLIENT_ERROR, type_="webhook", minutes=3.5),
            process(SYNC, started=5),
        ),
    ],
    ids=["no restart known", "long ago", "afterwards", "only one", "the same cause", "not at once"],
)
def test_without_two_causes_within_two_minutes_of_a_restart_no_change_is_blamed(
    others: tuple[Fact, ...],
) -> None:
    assert "local-change" not in causes(a_hotel(*others), RULES)


def test_a_process_that_restarts_again_and_again_is_no_deployment() -> None:
    loop = failing(SYNC, Reason.PROCESS, Sign.RESTARTING, type_="process", started_timestamp_seconds=0.0)
    assert "local-change" not in causes(a_hotel(KEY, ROUTE, loop), RULES)


@pytest.mark.parametrize("mail", [MAIL, PROVIDER])
def test_a_site_and_the_mail_that_fail_together_lose_the_way_round(mail: Fact) -> None:
    (one,) = groups(a_hotel(SITE, SITE_LOGIN, mail), RULES)
    assert (one.cause, one.integrations) == ("fallback-lost", ("email", "expedia"))


@pytest.mark.parametrize("facts", [(SITE, SITE_LOGIN), (MAIL,), (SITE_LOGIN, MAIL)])
def test_one_of_the_two_alone_still_has_the_other(facts: tuple[Fact, ...]) -> None:
    assert "fallback-lost" not in causes(a_hotel(*facts), RULES)


def test_a_lost_fallback_leaves_independent_findings_alone() -> None:
    spf = failing("email/spf", Reason.CONTENT, Sign.RECORD_MISSING, type_="spf")
    plan = failing("expedia/rate_mapping", Reason.MISSING, Sign.RATE_NOT_MAPPED, type_="rate_mapping")
    found = causes(a_hotel(SITE, MAIL, spf, plan), RULES)
    assert found["fallback-lost"] == ["email/smtp", "expedia/health"]
    assert found["rate-plan-not-mapped"] == ["expedia/rate_mapping"]


def test_what_keeps_changing_flaps_and_takes_nothing_else_along() -> None:
    flaps = shaped(failing("payment/health", Reason.SERVER_ERROR, type_="health"), flapping=True)
    other = failing("payment/webhook", Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE, type_="webhook")
    found = causes(a_hotel(flaps, other), RULES)
    assert found == {"flapping": ["payment/health"], "webhook-url-wrong": ["payment/webhook"]}


def test_two_that_flap_are_two_incidents() -> None:
    two = [
        shaped(failing(name, Reason.SERVER_ERROR, type_="health"), flapping=True)
        for name in ("payment/health", "expedia/health")
    ]
    assert len(groups(a_hotel(*two), RULES)) == 2


def test_what_flaps_behind_a_dead_connection_is_the_connection() -> None:
    flaps = shaped(failing("payment/health", Reason.CONNECT, type_="health"), flapping=True)
    other = failing("expedia/health", Reason.CONNECT, type_="health")
    assert list(causes(a_hotel(LOST, flaps, other), RULES)) == ["local-network-down"]


def test_a_security_finding_that_flaps_stays_one() -> None:
    forged = failing("payment/webhook", Reason.SECURITY, Sign.FORGERY_ACCEPTED, type_="webhook")
    found = causes(a_hotel(shaped(forged, flapping=True)), RULES)
    assert list(found) == ["webhook-signature-not-verified"]


def test_a_warning_is_no_site_that_is_down() -> None:
    late = failing("expedia/health", Reason.RATE_LIMITED, type_="health", state=State.WARNING)
    assert "fallback-lost" not in causes(a_hotel(late, MAIL), RULES)
