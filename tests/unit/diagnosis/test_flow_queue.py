"""What the diagnosis makes of queues that do not empty."""

from dataclasses import replace

import pytest

from alerts.diagnosis.flow_queue import RULES
from alerts.facts import Fact
from checks.result import Reason, Sign
from tests.support.facts import a_hotel, causes, failing, fine, groups

ONLINE = fine("channel_manager/sync_process", "process")
QUEUE = {"channel_manager/queue"}


def _queue(*signs: Sign, arrivals: float = 300.0, drained: float = 60.0) -> Fact:
    reason = Reason.THRESHOLD if Sign.QUEUE_LONG in signs else Reason.STALE
    return failing(
        "channel_manager/queue",
        reason,
        *signs,
        type_="queue",
        arrivals_per_minute=arrivals,
        drained_per_minute=drained,
    )


LONG = _queue(Sign.QUEUE_LONG, Sign.QUEUE_MOVING)


def _cause(*facts: Fact) -> str:
    (found,) = groups(a_hotel(*facts), RULES)
    return f"{found.diagnosis.confidence} {found.cause}"


def test_a_long_queue_that_moves_is_high_volume() -> None:
    assert _cause(LONG, ONLINE) == "likely high-update-volume"


def test_an_old_queue_that_is_caught_up_with_is_high_volume() -> None:
    catching_up = _queue(Sign.QUEUE_LONG, Sign.QUEUE_OLD, Sign.QUEUE_MOVING, arrivals=10.0, drained=500.0)
    assert _cause(catching_up, ONLINE) == "likely high-update-volume"


def test_high_volume_has_the_workers_as_runner_up_and_a_test_that_tells_the_two_apart() -> None:
    (found,) = groups(a_hotel(LONG, ONLINE), RULES)
    assert found.diagnosis.runner_up == "processing-bottleneck"
    assert "pending twice" in found.diagnosis.next_test


def test_more_workers_are_advised_by_their_name_and_not_while_we_are_asked_to_slow_down() -> None:
    named = replace(LONG, values={"process": "channel-manager-sync"})
    (found,) = groups(a_hotel(named, ONLINE), RULES)
    assert "`pm2 scale channel-manager-sync +2`" in found.diagnosis.steps[2]
    assert "429" in found.diagnosis.steps[2]


def test_a_long_queue_that_does_not_move_is_a_bottleneck() -> None:
    assert _cause(_queue(Sign.QUEUE_LONG), ONLINE) == "likely processing-bottleneck"


def test_an_old_queue_that_does_not_move_explains_the_channels_that_are_not_told() -> None:
    late = failing("channel_manager/health", Reason.STALE, type_="channels")
    found = causes(a_hotel(_queue(Sign.QUEUE_OLD), late, ONLINE), RULES)
    assert found == {"processing-bottleneck": ["channel_manager/health", "channel_manager/queue"]}


def test_updates_stuck_in_work_are_a_bottleneck_however_much_moves() -> None:
    stuck = _queue(Sign.QUEUE_LONG, Sign.QUEUE_STUCK, Sign.QUEUE_MOVING)
    assert _cause(stuck, ONLINE) == "likely processing-bottleneck"


def test_an_old_queue_that_moves_and_still_falls_behind_is_a_bottleneck() -> None:
    behind = _queue(Sign.QUEUE_OLD, Sign.QUEUE_MOVING, arrivals=5.0, drained=4.0)
    assert _cause(behind, ONLINE) == "likely processing-bottleneck"


def test_a_queue_of_which_nothing_comes_out_but_failures_is_a_bottleneck() -> None:
    failed = failing("channel_manager/queue", Reason.CONTENT, Sign.QUEUE_FAILED, type_="queue")
    assert _cause(failed, ONLINE) == "likely processing-bottleneck"


def test_a_cause_is_only_possible_while_nobody_looks_at_the_workers_and_the_vendor() -> None:
    (found,) = groups(a_hotel(LONG, healthy=False), RULES)
    assert (found.cause, found.diagnosis.confidence) == ("high-update-volume", "possible")
    assert found.diagnosis.missing == ("health", "sync_process")


@pytest.mark.parametrize(
    "health",
    [
        failing("channel_manager/health", Reason.RATE_LIMITED, type_="channels", breached=False),
        failing("channel_manager/health", Reason.THRESHOLD, type_="channels", breached=False),
        failing("channel_manager/health", Reason.SERVER_ERROR, type_="channels", breached=False),
    ],
    ids=["limits us", "is slow", "is down"],
)
@pytest.mark.parametrize(
    "signs", [(Sign.QUEUE_LONG, Sign.QUEUE_MOVING), (Sign.QUEUE_OLD,), (Sign.QUEUE_STUCK,)]
)
def test_what_waits_for_a_vendor_that_hinders_us_is_no_fault_of_our_own(
    health: Fact, signs: tuple[Sign, ...]
) -> None:
    assert causes(a_hotel(_queue(*signs), ONLINE, health), RULES) == {"unknown": sorted(QUEUE)}


def test_a_vendor_that_asked_us_to_slow_down_is_believed_while_it_is_not_asked_again() -> None:
    limited = failing("channel_manager/health", Reason.RATE_LIMITED, type_="channels", breached=False)
    found = causes(a_hotel(LONG, ONLINE, replace(limited, stale=True)), RULES)
    assert found == {"unknown": sorted(QUEUE)}


def test_a_queue_that_cannot_be_read_proves_nothing() -> None:
    unread = failing("channel_manager/queue", Reason.PERMISSION, type_="queue")
    assert causes(a_hotel(unread, ONLINE), RULES) == {}


def test_modifications_that_wait_for_too_long_are_not_worked_off() -> None:
    old = failing("expedia/modification_queue", Reason.STALE, Sign.QUEUE_OLD, type_="queue")
    assert causes(a_hotel(old), RULES) == {"processing-bottleneck": ["expedia/modification_queue"]}


def test_modifications_that_failed_are_no_bottleneck() -> None:
    failed = failing("expedia/modification_queue", Reason.CONTENT, Sign.QUEUE_FAILED, Sign.CHANGES_REJECTED)
    assert causes(a_hotel(failed), RULES) == {"unknown": ["expedia/modification_queue"]}
