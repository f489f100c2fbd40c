"""The rules about events of a vendor that do not get through its webhook."""

from dataclasses import replace

import pytest

from alerts.diagnosis.webhook import RULES
from alerts.facts import Fact
from alerts.incident import Diagnosis
from checks.result import LAST, Reason, Sign, State
from tests.support.clock import START
from tests.support.facts import a_hotel, causes, failing, fine, groups

NOW = START.timestamp()
WEBHOOK, LOG = "payment/webhook", "payment/webhook_log"
REFUSED = failing(WEBHOOK, Reason.CONTENT, Sign.SIGNED_REFUSED)
FAILED = failing(LOG, Reason.THRESHOLD, Sign.LOG_FAILURES, Sign.SIGNATURE_FAILURES)
ALIKE = failing(WEBHOOK, Reason.FORBIDDEN, Sign.SIGNED_REFUSED)
BLOCKED = failing(WEBHOOK, Reason.FORBIDDEN)
SILENT = failing(LOG, Reason.STALE)
DOUBT = failing("payment/transactions", Reason.THRESHOLD, Sign.PAYMENTS_UNCERTAIN, state=State.WARNING)
DOUBT = replace(DOUBT, measurements={LAST: NOW - 60})
SILENT_LONG = replace(SILENT, measurements={LAST: NOW - 7200})


def fresh(name: str, ago: float) -> Fact:
    return fine(name, "log", **{LAST: NOW - ago})


def told(*facts: Fact) -> Diagnosis:
    [found] = groups(a_hotel(*facts), RULES)
    return found.diagnosis


def test_an_address_without_a_webhook_is_a_wrong_url_and_explains_the_silence() -> None:
    nowhere = failing(WEBHOOK, Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE, message="answered 404: none here")
    assert causes(a_hotel(nowhere, SILENT, DOUBT), RULES) == {
        "webhook-url-wrong": ["payment/transactions", WEBHOOK, LOG]
    }
    assert told(nowhere).title == "payment: there is no webhook at its URL (404)"
    assert causes(a_hotel(failing(WEBHOOK, Reason.CLIENT_ERROR)), RULES) == {"unknown": [WEBHOOK]}


def test_a_command_in_a_step_sends_nothing_that_could_be_a_booking() -> None:
    values = {"webhook": "https://pms.example/hook"}
    nowhere = replace(failing(WEBHOOK, Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE), values=values)
    step = told(nowhere).steps[0]
    assert """-w '%{http_code} %{redirect_url}\\n'""" in step
    assert """-d '{"event":"monitor.ping"}' "https://pms.example/hook\"""" in step


def test_a_wrong_secret_explains_the_failures_in_the_log_too() -> None:
    assert causes(a_hotel(REFUSED, FAILED), RULES) == {"webhook-secret-wrong": [WEBHOOK, LOG]}
    diagnosis = told(REFUSED, FAILED)
    assert (diagnosis.confidence, diagnosis.fault) == ("likely", "us")
    assert len(diagnosis.evidence) == 2


def test_failed_signatures_show_a_wrong_secret_though_ours_is_taken() -> None:
    assert causes(a_hotel(fine(WEBHOOK), FAILED), RULES) == {"webhook-secret-wrong": [LOG]}


def test_other_failures_in_the_log_are_no_wrong_secret() -> None:
    crashes = failing(LOG, Reason.THRESHOLD, Sign.LOG_FAILURES)
    assert causes(a_hotel(fine(WEBHOOK), crashes), RULES) == {"unknown": [LOG]}


def test_failed_signatures_where_forgeries_are_accepted_are_not_blamed_on_the_secret() -> None:
    forged = failing(WEBHOOK, Reason.SECURITY, Sign.FORGERY_ACCEPTED)
    assert "webhook-secret-wrong" not in causes(a_hotel(forged, FAILED), RULES)


def test_where_events_still_arrive_it_is_the_porter_who_has_the_old_secret() -> None:
    assert "Night Porter" in told(REFUSED, fresh(LOG, 10)).sentence
    assert told(REFUSED, fresh(LOG, 10)).confidence == "possible"
    for other in (fresh(LOG, 600), fine(LOG)):
        assert "Night Porter" not in told(REFUSED, other).sentence


@pytest.mark.parametrize(
    ("facts", "confidence", "runner_up"),
    [
        ((ALIKE, FAILED), "likely", None),
        ((ALIKE,), "possible", "webhook-blocked"),
    ],
)
def test_events_refused_alike_are_a_wrong_secret_as_far_as_the_log_shows_it(
    facts: tuple[Fact, ...], confidence: str, runner_up: str | None
) -> None:
    diagnosis = told(*facts)
    assert (diagnosis.cause, diagnosis.confidence) == ("webhook-secret-wrong", confidence)
    assert diagnosis.runner_up == runner_up


def test_something_in_front_that_refuses_everything_blocks_events() -> None:
    assert causes(a_hotel(BLOCKED, SILENT), RULES) == {"webhook-blocked": [WEBHOOK, LOG]}
    assert (told(BLOCKED, fine(LOG)).confidence, told(BLOCKED).missing) == ("likely", ("webhook_log",))
    assert told(BLOCKED).fault == "network"


def test_what_the_pms_itself_refuses_is_not_blocked() -> None:
    assert "webhook-blocked" not in causes(a_hotel(BLOCKED, FAILED), RULES)
    assert causes(a_hotel(failing(WEBHOOK, Reason.CREDENTIALS)), RULES) == {"unknown": [WEBHOOK]}


def test_a_verifier_that_crashes_accounts_for_itself_alone() -> None:
    crash = failing(WEBHOOK, Reason.SERVER_ERROR, Sign.VERIFIER_CRASHES)
    assert causes(a_hotel(crash, SILENT), RULES) == {"webhook-verifier-crashes": [WEBHOOK], "unknown": [LOG]}
    down = failing(WEBHOOK, Reason.SERVER_ERROR)
    assert causes(a_hotel(down), RULES) == {"unknown": [WEBHOOK]}
    both = failing(WEBHOOK, Reason.SERVER_ERROR, Sign.VERIFIER_CRASHES, Sign.SIGNED_REFUSED)
    assert told(both).cause == "webhook-secret-wrong"


def test_silence_while_payments_go_on_may_be_a_subscription_that_is_off() -> None:
    diagnosis = told(fine(WEBHOOK), SILENT_LONG, fresh("payment/transactions", 60))
    assert (diagnosis.cause, diagnosis.confidence) == ("webhook-subscription-disabled", "possible")
    assert diagnosis.runner_up == "webhook-blocked"


def test_payments_nobody_confirms_are_missed_events_where_the_log_has_stopped() -> None:
    facts = (fine(WEBHOOK), DOUBT)
    assert causes(a_hotel(*facts, fresh(LOG, 7200)), RULES) == {
        "webhook-subscription-disabled": ["payment/transactions"]
    }
    for log in (fresh(LOG, 600), fine(LOG)):
        assert causes(a_hotel(*facts, log), RULES) == {"unknown": ["payment/transactions"]}


def test_silence_while_nobody_pays_is_quiet_business() -> None:
    assert causes(a_hotel(fine(WEBHOOK), SILENT_LONG, fresh("payment/transactions", 9000)), RULES) == {
        "unknown": [LOG]
    }


def test_silence_with_unknown_business_may_be_a_block_that_cannot_be_seen_from_inside() -> None:
    silent = failing("booking_engine/webhook_log", Reason.STALE)
    quiet = failing("booking_engine/reservations", Reason.STALE, state=State.WARNING)
    hotel = a_hotel(fine("booking_engine/webhook"), silent, quiet)
    [found] = groups(hotel, RULES)
    assert (found.cause, found.diagnosis.confidence) == ("webhook-blocked", "possible")
    assert len(found.breaches) == 2


@pytest.mark.parametrize("webhook", [None, failing(WEBHOOK, Reason.TIMEOUT, breached=False)])
def test_silence_proves_nothing_where_the_webhook_is_not_known_to_work(webhook: Fact | None) -> None:
    assert causes(a_hotel(SILENT, *filter(None, [webhook])), RULES) == {"unknown": [LOG]}


@pytest.mark.parametrize(
    "facts",
    [
        (failing(WEBHOOK, Reason.CLIENT_ERROR, Sign.NO_WEBHOOK_HERE),),
        (REFUSED,),
        (REFUSED, fresh(LOG, 10)),
        (BLOCKED,),
        (failing(WEBHOOK, Reason.SERVER_ERROR, Sign.VERIFIER_CRASHES),),
        (fine(WEBHOOK), SILENT),
        (fine(WEBHOOK), SILENT_LONG, fresh("payment/transactions", 60)),
    ],
)
def test_an_outage_of_the_gateway_is_not_explained_by_its_webhook(facts: tuple[Fact, ...]) -> None:
    down = failing("payment/health", Reason.SERVER_ERROR)
    assert causes(a_hotel(*facts, down), RULES)["unknown"] == ["payment/health"]


def test_without_a_look_at_the_webhook_missing_events_show_no_subscription_that_is_off() -> None:
    assert causes(a_hotel(DOUBT, fresh(LOG, 7200)), RULES) == {"unknown": ["payment/transactions"]}


@pytest.mark.parametrize(("ago", "held"), [(60, True), (7200, False)])
def test_events_of_other_vendors_tell_a_subscription_from_a_block(ago: float, held: bool) -> None:
    others = (fresh("booking_engine/webhook_log", ago), fresh("booking_engine/transactions", 30))
    payments = fresh("payment/transactions", 60)
    evidence = told(fine(WEBHOOK), SILENT_LONG, payments, *others).evidence
    assert ("events of other vendors still come" in evidence) is held
    blocked = told(fine(WEBHOOK), SILENT, *others)
    assert blocked.cause == "webhook-blocked"
    assert ("events of other vendors have stopped too" in blocked.evidence) is not held
