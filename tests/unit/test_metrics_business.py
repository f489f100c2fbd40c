"""Queues, delays, quotas and mails in the exposition and in the status document."""

import asyncio
import shutil
import subprocess

import pytest
from prometheus_client import CollectorRegistry

from checks.result import (
    BOUNCED_RATIO,
    DELIVERED_RATIO,
    LAST,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SUCCESS_RATIO,
    SYNC_DELAY,
    Quota,
    Result,
    State,
)
from daemon.board import Board
from daemon.clock import SystemClock
from daemon.metrics import Metrics
from daemon.web.api.status import business
from tests.support.boards import HOTELS, check, put
from tests.support.clock import FakeClock

QUEUE = {QUEUE_PENDING: 3.0, QUEUE_PROCESSING: 1.0, QUEUE_FAILED: 0.0, QUEUE_OLDEST: 1_800_000_000.0}
MAILS = {DELIVERED_RATIO: 0.985, BOUNCED_RATIO: 0.015, LAST: 1_800_000_060.0}


@pytest.fixture
def board() -> Board:
    """Return a board on which business goes."""
    clock, board = FakeClock(), Board()
    queue = check("channel_manager", "queue", "channel_manager")
    log = check("channel_manager", "log", "channel_manager")
    delivery, takings = check("email", "delivery", "email"), check("payment", "transactions", "payment")
    board.watch([queue, log, delivery, takings], HOTELS)
    put(board, queue, Result(State.OK, measurements=QUEUE | {SYNC_DELAY: 12.0, LAST: 1_800_000_000.0}), clock)
    put(board, log, Result(State.OK, measurements={LAST: 1_800_000_030.0}), clock)
    quotas = {"messages": Quota(1900, 2000, 1_800_000_300.0), 'o"dd': Quota(1, 2)}
    put(board, delivery, Result(State.OK, measurements=MAILS, quotas=quotas), clock)
    put(board, takings, Result(State.OK, measurements={SUCCESS_RATIO: 0.972}), clock)
    return board


async def expose(board: Board) -> str:
    pieces = Metrics(CollectorRegistry(), "1", SystemClock().now).expose(board, 0.0, openmetrics=False)
    return "".join([piece async for piece in pieces])


async def test_business_is_exposed_under_its_names(board: Board) -> None:
    lines = (await expose(board)).splitlines()
    of = 'hotel="grand-harbour",integration="{}",check="{}"'.format
    queue, mail = of("channel_manager", "queue"), of("email", "delivery")
    for line in (
        f'nightporter_queue_pending{{{queue},queue="queue"}} 3.0',
        f'nightporter_queue_processing{{{queue},queue="queue"}} 1.0',
        f'nightporter_queue_failed{{{queue},queue="queue"}} 0.0',
        f'nightporter_queue_oldest_timestamp_seconds{{{queue},queue="queue"}} 1800000000.0',
        f"nightporter_sync_delay_seconds{{{queue}}} 12.0",
        f"nightporter_mail_delivered_ratio{{{mail}}} 0.985",
        f"nightporter_mail_bounced_ratio{{{mail}}} 0.015",
        f'nightporter_quota_used{{{mail},quota="messages"}} 1900',
        f'nightporter_quota_limit{{{mail},quota="messages"}} 2000',
        f'nightporter_quota_exhaustion_timestamp_seconds{{{mail},quota="messages"}} 1800000300.0',
        f'nightporter_quota_used{{{mail},quota="o\\"dd"}} 1',
    ):
        assert line in lines
    assert not [line for line in lines if "exhaustion" in line and "dd" in line]


async def test_promtool_finds_nothing_to_say(board: Board) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    text = await expose(board)
    done = await asyncio.to_thread(
        subprocess.run,
        [promtool, "check", "metrics"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_status_document_says_how_business_goes(board: Board) -> None:
    views = {view.name: view for view in board.hotel("grand-harbour")}
    manager = business(views["channel_manager"])
    assert manager["last_sync"] == "2027-01-15T08:00:30.000Z", "the newest of all checks"
    assert manager["queue"] == {
        "pending": 3.0,
        "processing": 1.0,
        "failed": 0.0,
        "oldest": "2027-01-15T08:00:00.000Z",
    }
    mail = business(views["email"])
    assert (mail["delivery_rate"], mail["bounce_rate"]) == (98.5, 1.5)
    assert mail["last_sent"] == "2027-01-15T08:01:00.000Z"
    assert mail["quota"]["messages"] == {
        "used": 1900,
        "limit": 2000,
        "remaining": 100,
        "exhausted_at": "2027-01-15T08:05:00.000Z",
    }
    assert business(views["payment"])["success_rate"] == 97.2
    assert business(views["payment"])["last_transaction"] is None
