"""The exposition: every family of the contract, in both formats, in slices."""

import asyncio
import re
import shutil
import subprocess

import pytest
from prometheus_client import CollectorRegistry
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus

from alerts.notification import DeliveryReason
from checks.result import CheckId, Reason, Result, State
from daemon.board import Board
from daemon.metrics import Metrics
from tests.support.boards import answered, check, ordinary, put, shown, timed_out
from tests.support.clock import START, FakeClock
from tests.support.letters import incident


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def metrics(clock: FakeClock) -> Metrics:
    return Metrics(CollectorRegistry(), "1.2.3", clock.now)


async def expose(metrics: Metrics, board: Board, clock: FakeClock, *, openmetrics: bool = False) -> str:
    pieces = metrics.expose(board, clock.monotonic(), openmetrics=openmetrics)
    return "".join([piece async for piece in pieces])


async def test_a_check_shows_its_last_run_and_its_state(metrics: Metrics, clock: FakeClock) -> None:
    text = await expose(metrics, ordinary(clock), clock)
    ok = 'hotel="grand-harbour",integration="payment",check="health"'
    bad = 'hotel="grand-harbour",integration="expedia",check="health"'
    for line in (
        f"nightporter_check_success{{{ok}}} 1",
        f"nightporter_check_success{{{bad}}} 0",
        f'nightporter_check_state{{{ok},state="ok"}} 1',
        f'nightporter_check_state{{{bad},state="ok"}} 0',
        f'nightporter_check_state{{{bad},state="critical"}} 1',
        f"nightporter_check_duration_seconds{{{ok}}} 0.12",
        f'nightporter_check_phase_duration_seconds{{{ok},phase="tls"}} 0.003',
        f"nightporter_check_runs_total{{{ok}}} 1",
        f'nightporter_check_failures_total{{{bad},reason="timeout"}} 1',
        f"nightporter_check_last_run_timestamp_seconds{{{ok}}} {START.timestamp():.3f}",
        f"nightporter_tls_certificate_expiry_timestamp_seconds{{{ok}}} 1800000000.0",
        f'nightporter_measurement{{{ok},name="response_time_ms"}} 120.0',
    ):
        assert line in text.splitlines()


async def test_an_integration_shows_whether_it_is_up_and_how_fast(metrics: Metrics, clock: FakeClock) -> None:
    lines = (await expose(metrics, ordinary(clock), clock)).splitlines()
    pay, ota = ('hotel="grand-harbour",integration="payment"', 'hotel="grand-harbour",integration="expedia"')
    for line in (
        f"nightporter_integration_up{{{pay}}} 1",
        f"nightporter_integration_up{{{ota}}} 0",
        f'nightporter_integration_response_seconds_bucket{{{pay},le="0.1"}} 1',
        f'nightporter_integration_response_seconds_bucket{{{pay},le="0.25"}} 2',
        f'nightporter_integration_response_seconds_bucket{{{pay},le="+Inf"}} 2',
        f"nightporter_integration_response_seconds_count{{{pay}}} 2",
        f"nightporter_integration_success_ratio{{{pay}}} 1.0",
        f"nightporter_integration_success_ratio{{{ota}}} 0.0",
        f"nightporter_integration_last_success_timestamp_seconds{{{pay}}} {START.timestamp():.3f}",
    ):
        assert line in lines
    assert not [line for line in lines if "last_success" in line and "expedia" in line]


async def test_a_check_that_has_not_run_is_unknown_and_no_success(metrics: Metrics, clock: FakeClock) -> None:
    lines = (await expose(metrics, ordinary(clock), clock)).splitlines()
    silent = [line for line in lines if 'check="gateway"' in line]
    assert any(
        line.startswith("nightporter_check_state") and line.endswith('state="unknown"} 1') for line in silent
    )
    assert not [
        line for line in silent if line.startswith(("nightporter_check_success", "nightporter_check_dur"))
    ]
    assert 'nightporter_integration_up{hotel="grand-harbour",integration="door_locks"} 1' in lines


async def test_success_is_of_the_last_run_and_state_of_what_was_decided(
    metrics: Metrics, clock: FakeClock
) -> None:
    board = ordinary(clock)
    tile = board.tiles[CheckId("grand-harbour", "payment", "health")]
    tile.result = timed_out()
    tile.silenced = True
    text = await expose(metrics, board, clock)
    assert 'nightporter_check_success{hotel="grand-harbour",integration="payment",check="health"} 0' in text
    states = re.findall(r'check_state\{[^}]*"payment",check="health",state="(\w+)"\} 1', text)
    assert states == ["silenced"]


async def test_the_series_of_a_removed_check_vanish(metrics: Metrics, clock: FakeClock) -> None:
    board = ordinary(clock)
    assert "door_locks" in await expose(metrics, board, clock)
    board.watch([check("payment", "health", "payment")], {"grand-harbour": "Grand Harbour Hotel"})
    text = await expose(metrics, board, clock)
    assert "door_locks" not in text
    assert 'runs_total{hotel="grand-harbour",integration="payment",check="health"} 1' in text


async def test_open_incidents_are_counted_from_zero_and_described(metrics: Metrics, clock: FakeClock) -> None:
    board = ordinary(clock)
    assert 'incidents_open{hotel="grand-harbour",severity="emergency"} 0' in await expose(
        metrics, board, clock
    )
    shown(incident(), board)
    text = await expose(metrics, board, clock)
    assert 'nightporter_incidents_open{hotel="grand-harbour",severity="critical"} 1' in text
    assert (
        'nightporter_incident_info{hotel="grand-harbour",integration="payment",id="inc-7f3a9c",'
        'severity="critical",cause="api-credentials-invalid",state="open"} 1'
    ) in text


async def test_the_process_counts_its_deliveries_from_zero(metrics: Metrics, clock: FakeClock) -> None:
    metrics.channels(("bridge",))
    metrics.attempted("email", "1")
    metrics.failed("email", "1", DeliveryReason.CONNECT)
    metrics.waiting(2, START)
    lines = (await expose(metrics, Board(), clock)).splitlines()
    for line in (
        'nightporter_notification_attempts_total{channel="email",level="1"} 1.0',
        'nightporter_notification_attempts_total{channel="bridge",level="front-desk"} 0.0',
        'nightporter_notification_failures_total{channel="email",level="1",reason="connect"} 1.0',
        'nightporter_notification_failures_total{channel="bridge",level="3",reason="content_refused"} 0.0',
        "nightporter_notification_pending 2.0",
        f"nightporter_notification_oldest_timestamp_seconds {START.timestamp()!r}",
        'nightporter_build_info{version="1.2.3"} 1.0',
    ):
        assert line in lines


async def test_nothing_waiting_has_no_oldest(metrics: Metrics, clock: FakeClock) -> None:
    metrics.waiting(1, START)
    metrics.waiting(0, None)
    assert "notification_oldest" not in await expose(metrics, Board(), clock)


async def test_the_scheduler_the_loop_and_the_reload_are_measured(metrics: Metrics, clock: FakeClock) -> None:
    metrics.late(0.02)
    metrics.lagged(0.002)
    metrics.skipped()
    metrics.scheduled(7)
    metrics.reloaded(ok=True, at=START)
    metrics.reloaded(ok=False, at=clock.advance(60))
    lines = (await expose(metrics, Board(), clock)).splitlines()
    for line in (
        'nightporter_scheduler_lateness_seconds_bucket{le="0.025"} 1.0',
        'nightporter_event_loop_lag_seconds_bucket{le="0.005"} 1.0',
        "nightporter_runs_skipped_total 1.0",
        "nightporter_checks_scheduled 7.0",
        "nightporter_config_last_reload_successful 0.0",
        f"nightporter_config_last_reload_success_timestamp_seconds {START.timestamp()!r}",
    ):
        assert line in lines


async def test_the_porters_clock_can_be_compared(metrics: Metrics, clock: FakeClock) -> None:
    now = clock.advance(60).timestamp()
    assert f"nightporter_clock_timestamp_seconds {now!r}\n" in await expose(metrics, Board(), clock)


async def test_the_series_of_a_removed_hotel_vanish(metrics: Metrics, clock: FakeClock) -> None:
    metrics.unreached({"h": 0, "i": 2})
    assert 'recipients_unreached{hotel="i"} 2.0' in await expose(metrics, Board(), clock)
    metrics.unreached({"h": 0})
    text = await expose(metrics, Board(), clock)
    assert 'recipients_unreached{hotel="h"} 0.0' in text
    assert 'hotel="i"' not in text


async def test_both_formats_are_read_by_their_parsers(metrics: Metrics, clock: FakeClock) -> None:
    board = ordinary(clock)
    shown(incident(), board)
    metrics.waiting(1, START)
    plain = {one.name: one for one in parse_prometheus(await expose(metrics, board, clock))}
    text = await expose(metrics, board, clock, openmetrics=True)
    modern = {one.name: one for one in parse_openmetrics(text)}  # type: ignore[no-untyped-call]  # as prometheus_client ships it
    assert set(plain) == set(modern)
    assert text.endswith("# EOF\n")
    assert "# TYPE nightporter_check_runs counter\n" in text
    assert "# UNIT nightporter_check_duration_seconds seconds\n" in text
    for name, family in plain.items():
        assert family.type == modern[name].type
        assert len(family.samples) == len(modern[name].samples)


async def test_no_family_appears_twice(metrics: Metrics, clock: FakeClock) -> None:
    board = Board()
    many = [check("payment", f"check{number}", "payment") for number in range(1500)]
    board.watch(many, {"grand-harbour": "Grand Harbour Hotel"})
    for one in many:
        put(board, one, answered(), clock)
    text = await expose(metrics, board, clock)
    types = re.findall(r"^# TYPE (\S+)", text, re.MULTILINE)
    assert len(types) == len(set(types))
    assert len(re.findall(r"^nightporter_check_success\{", text, re.MULTILINE)) == 1500


async def test_hostile_label_values_are_escaped_and_odd_numbers_written(
    metrics: Metrics, clock: FakeClock
) -> None:
    board = Board()
    odd = check("payment", 'a"b\\c\nd\ud800', hotel="grand-harbour")
    board.watch([odd], {"grand-harbour": "Grand Harbour Hotel"})
    put(board, odd, Result(State.OK, measurements={"response_time_ms": float("inf")}), clock)
    text = await expose(metrics, board, clock)
    text.encode()
    assert 'check="a\\"b\\\\c\\nd?"' in text
    assert 'name="response_time_ms"} +Inf' in text
    list(parse_prometheus(text))


async def test_failures_are_counted_by_reason(metrics: Metrics, clock: FakeClock) -> None:
    board = ordinary(clock)
    one = board.tiles[CheckId("grand-harbour", "expedia", "health")].check
    put(board, one, Result(State.CRITICAL, Reason.SERVER_ERROR, "503"), clock)
    put(board, one, timed_out(), clock)
    text = await expose(metrics, board, clock)
    named = 'hotel="grand-harbour",integration="expedia",check="health"'
    assert f'nightporter_check_failures_total{{{named},reason="timeout"}} 2\n' in text
    assert f'nightporter_check_failures_total{{{named},reason="server_error"}} 1\n' in text


async def test_the_event_loop_has_its_turn_between_slices(metrics: Metrics, clock: FakeClock) -> None:
    board = Board()
    many = [check(f"vendor{number % 50}", f"check{number}") for number in range(5000)]
    board.watch(many, {"grand-harbour": "Grand Harbour Hotel"})
    for one in many:
        put(board, one, answered(), clock)
    turns = 0
    done = False

    async def count() -> None:
        nonlocal turns
        while not done:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    await expose(metrics, board, clock)
    done = True
    await counting
    assert turns >= 100


async def test_promtool_finds_nothing_to_complain_about(metrics: Metrics, clock: FakeClock) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian package: prometheus)")
    board = ordinary(clock)
    shown(incident(), board)
    metrics.waiting(1, START)
    text = await expose(metrics, board, clock)
    done = await asyncio.to_thread(
        subprocess.run,
        [promtool, "check", "metrics"],
        input=text,
        text=True,
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
