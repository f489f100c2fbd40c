"""What the diagnosis makes of rates, messages and changes that do not get through to or from travel sites."""

import pytest

from alerts.diagnosis.flow_ota import RULES
from alerts.facts import Fact
from checks.result import Reason, Sign
from tests.support.facts import a_hotel, causes, failing, fine, groups

AUTH, MESSAGES, RATE_LOG = "expedia/auth", "expedia/messages", "expedia/rate_log"
QUEUE, ORPHANS, LOG = (
    "expedia/modification_queue",
    "expedia/modification_orphans",
    "expedia/modification_log",
)
FAILURES = failing(RATE_LOG, Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log")
STALE_RATES = failing(RATE_LOG, Reason.STALE, type_="log", last_timestamp_seconds=1000.0)
CHANGED = fine("expedia/rates", "rates", updated_timestamp_seconds=2000.0)
LOGS = fine("pms/logs", "log_dirs")


def _confidence(*facts: Fact) -> str:
    return groups(a_hotel(*facts), RULES)[0].diagnosis.confidence


def test_a_plan_without_a_code_explains_the_updates_that_fail() -> None:
    unmapped = failing("expedia/rate_mapping", Reason.MISSING, Sign.RATE_NOT_MAPPED)
    assert causes(a_hotel(unmapped, FAILURES), RULES) == {
        "rate-plan-not-mapped": ["expedia/rate_log", "expedia/rate_mapping"]
    }


def test_a_code_that_the_site_does_not_know_is_not_mapped() -> None:
    unknown = failing(AUTH, Reason.CONTENT, Sign.NOT_PROCESSED, Sign.CODE_NOT_MAPPED)
    assert causes(a_hotel(unknown), RULES) == {"rate-plan-not-mapped": [AUTH]}


def test_a_plan_mapped_twice_has_words_of_its_own() -> None:
    (found,) = groups(a_hotel(failing("expedia/rate_mapping", Reason.MISMATCH, Sign.MAPPED_TWICE)), RULES)
    assert found.cause == "rate-plan-not-mapped"
    assert found.diagnosis.title.endswith("a rate plan is mapped twice")


def test_missing_rates_are_no_missing_mapping() -> None:
    missing = failing("expedia/rates", Reason.MISSING)
    assert causes(a_hotel(missing), RULES) == {"unknown": ["expedia/rates"]}


def test_a_message_that_breaks_the_rules_explains_the_updates_that_fail() -> None:
    invalid = failing(MESSAGES, Reason.CONTENT, Sign.MESSAGE_INVALID, type_="xml")
    assert causes(a_hotel(invalid, FAILURES), RULES) == {"message-invalid": [MESSAGES, RATE_LOG]}


def test_a_folder_of_messages_that_is_gone_says_nothing_of_them() -> None:
    gone = failing(MESSAGES, Reason.MISSING, type_="xml")
    assert causes(a_hotel(gone), RULES) == {"unknown": [MESSAGES]}


def test_an_answer_that_rejects_without_saying_why_is_a_silent_rejection() -> None:
    rejected = failing(AUTH, Reason.CONTENT, Sign.NOT_PROCESSED)
    assert causes(a_hotel(rejected), RULES) == {"silent-rejection": [AUTH]}
    assert _confidence(rejected) == "likely"


def test_a_rejection_that_the_log_shows_is_less_surely_silent() -> None:
    rejected = failing(AUTH, Reason.CONTENT, Sign.NOT_PROCESSED)
    assert causes(a_hotel(rejected, FAILURES), RULES) == {"silent-rejection": [AUTH, RATE_LOG]}
    assert _confidence(rejected, FAILURES) == "possible"


@pytest.mark.parametrize("reason", [Reason.CREDENTIALS, Reason.FORBIDDEN, Reason.SERVER_ERROR])
def test_an_answer_that_says_why_it_rejects_is_no_silent_rejection(reason: Reason) -> None:
    refused = failing(AUTH, reason, Sign.NOT_PROCESSED)
    assert causes(a_hotel(refused), RULES) == {"unknown": [AUTH]}


@pytest.mark.parametrize(
    ("sign", "cause"),
    [(Sign.MESSAGE_INVALID, "message-invalid"), (Sign.CODE_NOT_MAPPED, "rate-plan-not-mapped")],
)
def test_an_answer_with_a_telling_code_is_no_silent_rejection(sign: Sign, cause: str) -> None:
    (found,) = groups(a_hotel(failing(AUTH, Reason.CONTENT, Sign.NOT_PROCESSED, sign)), RULES)
    assert (found.cause, found.diagnosis.runner_up) == (cause, None)


def test_no_rate_update_though_rates_have_changed_means_that_nothing_is_sent() -> None:
    assert causes(a_hotel(STALE_RATES, CHANGED, LOGS), RULES) == {"producer-stopped": [RATE_LOG]}
    assert _confidence(STALE_RATES, CHANGED, LOGS) == "likely"


def test_no_rate_update_of_which_nothing_else_is_known_is_possibly_a_stopped_producer() -> None:
    (found,) = groups(a_hotel(STALE_RATES), RULES)
    assert found.diagnosis.confidence == "possible"
    assert found.diagnosis.missing == ("rates", "the PMS's logs")


def test_no_rate_update_to_a_site_that_refuses_us_is_no_stopped_producer() -> None:
    refused = failing(AUTH, Reason.CREDENTIALS, breached=False)
    assert causes(a_hotel(STALE_RATES, CHANGED, refused), RULES) == {"unknown": [RATE_LOG]}


def test_failures_in_the_log_alone_prove_nothing() -> None:
    assert causes(a_hotel(FAILURES), RULES) == {"unknown": [RATE_LOG]}


def test_a_change_of_a_booking_we_do_not_have_explains_the_queue_that_ages() -> None:
    orphans = failing(ORPHANS, Reason.MISSING, Sign.ORIGINAL_MISSING)
    old = failing(QUEUE, Reason.STALE, Sign.QUEUE_OLD)
    assert causes(a_hotel(orphans, old), RULES) == {"original-reservation-missing": [ORPHANS, QUEUE]}


def test_a_lost_booking_is_never_fetched_by_hand() -> None:
    (found,) = groups(a_hotel(failing(ORPHANS, Reason.MISSING, Sign.ORIGINAL_MISSING)), RULES)
    assert "Do not fetch them over its interface" in found.diagnosis.steps[1]


def test_a_booking_that_stands_twice_is_not_missing() -> None:
    twice = failing(ORPHANS, Reason.MISMATCH)
    assert causes(a_hotel(twice), RULES) == {"unknown": [ORPHANS]}


def test_changes_that_fail_explain_the_failures_in_their_log() -> None:
    failed = failing(QUEUE, Reason.CONTENT, Sign.QUEUE_FAILED, Sign.CHANGES_REJECTED)
    log = failing(LOG, Reason.THRESHOLD, Sign.LOG_FAILURES, Sign.CHANGES_REJECTED)
    assert causes(a_hotel(failed, log), RULES) == {"modification-rejected": [LOG, QUEUE]}


def test_changes_that_fail_do_not_explain_those_without_a_booking() -> None:
    orphans = failing(ORPHANS, Reason.MISSING, Sign.ORIGINAL_MISSING)
    log = failing(LOG, Reason.THRESHOLD, Sign.LOG_FAILURES, Sign.CHANGES_REJECTED)
    assert causes(a_hotel(orphans, log), RULES) == {
        "original-reservation-missing": [ORPHANS],
        "modification-rejected": [LOG],
    }


def test_a_queue_that_cannot_be_read_proves_no_rejection() -> None:
    assert causes(a_hotel(failing(QUEUE, Reason.QUERY)), RULES) == {}
