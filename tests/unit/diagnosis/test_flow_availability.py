"""What the diagnosis makes of availability that is not sent, not refreshed or not bought."""

from dataclasses import replace

import pytest

from alerts.diagnosis.flow_availability import RULES
from alerts.facts import Fact
from checks.result import Reason, Sign, State
from tests.support.facts import a_hotel, causes, clearing, failing, fine, groups

STALE_SYNC = failing("booking_engine/sync_log", Reason.STALE, type_="log", last_timestamp_seconds=1000.0)
STALE_CACHE = failing("booking_engine/cache", Reason.STALE, type_="cache")
SILENT = failing("booking_engine/reservations", Reason.STALE, type_="reservations", state=State.WARNING)
ONLINE = fine("booking_engine/sync_process", "process")
CHANGED = fine("booking_engine/availability", "availability", updated_timestamp_seconds=2000.0)
LOGS = fine("pms/logs", "log_dirs")


def _stopped(integration: str = "booking_engine", *more: Sign) -> Fact:
    return failing(f"{integration}/sync_process", Reason.PROCESS, Sign.NOT_RUNNING, *more, type_="process")


def _confidence(*facts: Fact) -> str:
    return groups(a_hotel(*facts), RULES)[0].diagnosis.confidence


def test_a_service_that_does_not_run_explains_the_syncs_and_the_cache_it_leaves_old() -> None:
    found = causes(a_hotel(_stopped(), STALE_SYNC, STALE_CACHE), RULES)
    assert found == {
        "sync-service-down": [
            "booking_engine/cache",
            "booking_engine/sync_log",
            "booking_engine/sync_process",
        ]
    }


def test_a_channel_managers_service_that_does_not_run_explains_its_queue() -> None:
    queue = failing("channel_manager/queue", Reason.THRESHOLD, Sign.QUEUE_LONG, type_="queue")
    found = causes(a_hotel(_stopped("channel_manager"), queue), RULES)
    assert found == {"sync-service-down": ["channel_manager/queue", "channel_manager/sync_process"]}


def test_a_service_that_does_not_run_explains_nothing_of_another_integration() -> None:
    found = causes(a_hotel(_stopped("channel_manager"), STALE_SYNC, ONLINE, CHANGED, LOGS), RULES)
    assert found == {
        "sync-service-down": ["channel_manager/sync_process"],
        "producer-stopped": ["booking_engine/sync_log"],
    }


def test_a_service_that_does_not_run_explains_no_failures_in_the_log() -> None:
    failures = failing("booking_engine/sync_log", Reason.THRESHOLD, Sign.LOG_FAILURES, type_="log")
    found = causes(a_hotel(_stopped(), failures), RULES)
    assert found == {
        "sync-service-down": ["booking_engine/sync_process"],
        "unknown": ["booking_engine/sync_log"],
    }


def test_what_a_service_left_behind_keeps_its_cause_while_the_service_comes_back() -> None:
    assert causes(a_hotel(clearing(_stopped()), STALE_SYNC, CHANGED, LOGS), RULES) == {
        "sync-service-down": ["booking_engine/sync_log"]
    }


def test_a_service_that_is_seen_to_be_down_once_already_explains_the_old_sync() -> None:
    down = replace(_stopped(), breach=None)
    assert causes(a_hotel(down, STALE_SYNC), RULES) == {"sync-service-down": ["booking_engine/sync_log"]}


def test_a_service_that_starts_again_and_again_crashes() -> None:
    restarting = failing("booking_engine/sync_process", Reason.PROCESS, Sign.RESTARTING, type_="process")
    assert causes(a_hotel(restarting, STALE_SYNC), RULES) == {
        "sync-service-crash-loop": ["booking_engine/sync_log", "booking_engine/sync_process"]
    }


def test_a_service_that_was_restarted_often_and_is_down_now_is_down_and_may_crash() -> None:
    (found,) = groups(a_hotel(_stopped("booking_engine", Sign.RESTARTING)), RULES)
    assert (found.cause, found.diagnosis.runner_up) == ("sync-service-down", "sync-service-crash-loop")


def test_a_service_that_pm2_says_nothing_of_is_not_down() -> None:
    unasked = failing("booking_engine/sync_process", Reason.PERMISSION, type_="process")
    assert "sync-service-down" not in causes(a_hotel(unasked, STALE_SYNC), RULES)


def test_the_steps_name_the_process_and_protect_guests_first() -> None:
    down = replace(_stopped(), values={"process": "booking-engine-sync"})
    (found,) = groups(a_hotel(down), RULES)
    first, second, _ = found.diagnosis.steps
    assert "stop selling" in first
    assert "`pm2 restart booking-engine-sync`" in second
    assert found.diagnosis.fault == "us"


def test_a_cache_beyond_its_lifetime_at_an_engine_that_is_well_is_not_refreshed() -> None:
    assert causes(a_hotel(STALE_CACHE, ONLINE), RULES) == {"cache-not-refreshing": ["booking_engine/cache"]}
    assert _confidence(STALE_CACHE, ONLINE) == "likely"


def test_the_refresh_that_is_advised_is_a_whole_command() -> None:
    values = {"host": "engine.test", "port": "443", "account": "H-1234"}
    (found,) = groups(a_hotel(replace(STALE_CACHE, values=values), ONLINE), RULES)
    command = found.diagnosis.steps[1]
    assert "https://engine.test:443/api/cache/refresh-availability" in command
    assert r'-d "{\"hotel_id\":\"H-1234\",\"start_date\":\"$(date +%F)\"' in command


def test_a_cache_that_cannot_be_asked_is_not_said_to_be_old() -> None:
    refused = failing("booking_engine/cache", Reason.CREDENTIALS, type_="cache")
    assert causes(a_hotel(refused, ONLINE), RULES) == {"unknown": ["booking_engine/cache"]}


def test_no_sync_though_the_service_runs_and_much_has_changed_means_that_nothing_is_handed_over() -> None:
    assert causes(a_hotel(STALE_SYNC, ONLINE, CHANGED, LOGS), RULES) == {
        "producer-stopped": ["booking_engine/sync_log"]
    }
    assert _confidence(STALE_SYNC, ONLINE, CHANGED, LOGS) == "likely"


def test_no_sync_explains_the_cache_that_is_old_from_it() -> None:
    assert causes(a_hotel(STALE_SYNC, STALE_CACHE, ONLINE, CHANGED, LOGS), RULES) == {
        "producer-stopped": ["booking_engine/cache", "booking_engine/sync_log"]
    }


def test_no_sync_while_nothing_has_changed_is_a_stopped_producer_only_possibly() -> None:
    unchanged = fine("booking_engine/availability", "availability", updated_timestamp_seconds=500.0)
    broken = failing("pms/logs", Reason.MISSING, Sign.LOG_GONE, type_="log_dirs", breached=False)
    assert _confidence(STALE_SYNC, ONLINE, unchanged, broken) == "possible"


def test_no_sync_of_which_nothing_else_is_known_is_possible_and_says_what_was_not_looked_at() -> None:
    (found,) = groups(a_hotel(STALE_SYNC), RULES)
    assert (found.cause, found.diagnosis.confidence) == ("producer-stopped", "possible")
    assert found.diagnosis.missing == ("sync_process", "availability", "the PMS's logs")


@pytest.mark.parametrize("reason", [Reason.SERVER_ERROR, Reason.CONNECT, Reason.RATE_LIMITED])
def test_no_sync_to_a_vendor_that_hinders_us_is_no_stopped_producer(reason: Reason) -> None:
    health = failing("booking_engine/health", reason, type_="health", breached=False)
    assert causes(a_hotel(STALE_SYNC, ONLINE, CHANGED, LOGS, health), RULES) == {
        "unknown": ["booking_engine/sync_log"]
    }


def test_a_log_that_is_gone_tells_nothing_of_the_producer() -> None:
    gone = failing("booking_engine/sync_log", Reason.MISSING, Sign.LOG_GONE, type_="log")
    assert causes(a_hotel(gone, ONLINE, CHANGED), RULES) == {"unknown": ["booking_engine/sync_log"]}


def test_a_channel_manager_that_got_nothing_for_long_while_nothing_waits_is_handed_nothing() -> None:
    late = failing("channel_manager/health", Reason.STALE, type_="channels")
    ready = (fine("channel_manager/queue", "queue"), fine("channel_manager/sync_process", "process"))
    assert causes(a_hotel(late, *ready), RULES) == {"producer-stopped": ["channel_manager/health"]}


def test_a_channel_manager_that_got_nothing_while_updates_wait_is_no_stopped_producer() -> None:
    late = failing("channel_manager/health", Reason.STALE, type_="channels")
    queue = failing("channel_manager/queue", Reason.STALE, Sign.QUEUE_OLD, type_="queue")
    assert "producer-stopped" not in causes(a_hotel(late, queue), RULES)


def test_silence_while_all_else_is_well_is_lost_bookings_or_little_demand() -> None:
    well = (fine("booking_engine/webhook", "webhook"), fine("booking_engine/import_errors", "import_errors"))
    (found,) = groups(a_hotel(SILENT, *well), RULES)
    assert (found.cause, found.diagnosis.confidence) == ("reservation-silence", "likely")
    assert found.diagnosis.fault == "unknown"


def test_silence_is_less_sure_while_nobody_looks_at_webhook_and_imports() -> None:
    assert _confidence(SILENT) == "possible"


def test_reservations_that_could_not_be_counted_are_no_silence() -> None:
    unasked = failing("booking_engine/reservations", Reason.QUERY, type_="reservations")
    assert causes(a_hotel(unasked), RULES) == {}
