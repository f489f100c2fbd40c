"""The two queues in the PMS."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.built_in import Look
from checks.integrations.looks_tables import modification_queue, queue
from checks.result import (
    LAST,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SYNC_DELAY,
    Reason,
    Sign,
    State,
)
from daemon.demo.postgres import Postgres
from tests.support.pms import QUEUES, RESERVATIONS, TODAY, Hotel, a_hotel

CHANNEL = "INSERT INTO channel_manager_queue (status, created_at, started_at, processed_at, error) "
CHANGES = "INSERT INTO ota_modification_queue (ota_reservation_id, status, created_at, processed_at, error) "


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RESERVATIONS, QUEUES) as one:
        yield one


async def test_a_queue_is_measured(hotel: Hotel) -> None:
    await hotel.run(CHANNEL + "SELECT 'failed', now(), now(), now(), 'no' FROM generate_series(1, 3)")
    await hotel.run(CHANNEL + "SELECT 'processing', now(), now(), NULL, NULL FROM generate_series(1, 2)")
    result = await hotel.look(queue)
    numbers = result.measurements
    assert result.state is State.OK
    assert (numbers[QUEUE_PENDING], numbers[QUEUE_PROCESSING], numbers[QUEUE_FAILED]) == (5, 2, 3)
    assert 5 <= numbers[SYNC_DELAY] < 60
    assert numbers[LAST] - numbers[QUEUE_OLDEST] == pytest.approx(-5, abs=2)
    assert numbers["processing_stuck"] == 0
    assert "3 updates failed in the last 24 h" in result.message


async def test_an_empty_queue_is_not_late(pg: Postgres) -> None:
    async with a_hotel(pg) as hotel:
        result = await hotel.look(queue)
    assert (result.state, result.message) == (State.OK, "no updates wait")
    assert result.measurements[SYNC_DELAY] == 0
    assert not {QUEUE_OLDEST, LAST} & set(result.measurements)


async def test_the_limit_itself_is_borne_and_one_more_is_not(hotel: Hotel) -> None:
    await hotel.run(CHANNEL + "SELECT 'pending', now(), NULL, NULL, NULL FROM generate_series(1, 995)")
    assert (await hotel.look(queue)).state is State.OK
    await hotel.run(CHANNEL + "VALUES ('pending', now(), NULL, NULL, NULL)")
    result = await hotel.look(queue)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert (result.observed, result.limit, result.unit) == (1001, 1000, "updates")
    assert result.message.startswith("at least 1,001 updates wait, the oldest for")


async def test_a_longer_queue_is_not_counted_to_its_end(hotel: Hotel) -> None:
    await hotel.run(CHANNEL + "SELECT 'pending', now(), NULL, NULL, NULL FROM generate_series(1, 20000)")
    assert (await hotel.look(queue)).measurements[QUEUE_PENDING] == 1001


async def test_one_old_row_is_worse_than_many_young_ones(hotel: Hotel) -> None:
    await hotel.run(CHANNEL + "VALUES ('pending', now() - interval '31 minutes', NULL, NULL, NULL)")
    result = await hotel.look(queue)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert result.observed == pytest.approx(1860, abs=5)
    assert "31 min; at most 30 min is expected" in result.message


async def test_a_row_in_work_for_too_long_is_stuck_however_old(hotel: Hotel) -> None:
    await hotel.run(CHANNEL + "VALUES ('processing', now() - interval '3 days', now(), NULL, NULL)")
    assert (await hotel.look(queue)).state is State.OK
    await hotel.run("UPDATE channel_manager_queue SET started_at = created_at WHERE status = 'processing'")
    result = await hotel.look(queue)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert "1 update stuck" in result.message
    assert result.measurements["processing_stuck"] == 1
    await hotel.run(CHANNEL + "VALUES ('pending', now() - interval '31 minutes', NULL, NULL, NULL)")
    assert "30 min is expected; 1 stuck in work (in 5 min " in (await hotel.look(queue)).message


async def test_a_queue_tells_when_it_will_be_drained(hotel: Hotel) -> None:
    await hotel.run(
        "TRUNCATE channel_manager_queue",
        CHANNEL + "SELECT 'done', now() - interval '1 hour', now(), now(), NULL FROM generate_series(1, 600)",
        CHANNEL + "SELECT 'pending', now() - interval '9 min', NULL, NULL, NULL FROM generate_series(1, 240)",
    )
    numbers = (await hotel.look(queue)).measurements
    assert (numbers["arrivals_per_minute"], numbers["drained_per_minute"]) == (0, 120)
    assert numbers["drain_seconds"] == pytest.approx(120)
    await hotel.run("UPDATE channel_manager_queue SET processed_at = created_at WHERE status = 'done'")
    assert "drain_seconds" not in (await hotel.look(queue)).measurements


async def test_a_queue_moves_while_rows_are_done_since_the_last_look_or_fewer_wait(hotel: Hotel) -> None:
    await hotel.run(
        "TRUNCATE channel_manager_queue",
        CHANNEL + "SELECT 'pending', now() - interval '9 min', NULL, NULL, NULL FROM generate_series(1, 240)",
        CHANNEL + "VALUES ('done', now() - interval '9 min', now(), now() - interval '8 min', NULL)",
    )
    still = await hotel.look(queue)
    assert (still.signs, still.measurements["moving"]) == (frozenset(), 0)
    await hotel.run(
        "DELETE FROM channel_manager_queue WHERE id = (SELECT min(id) FROM channel_manager_queue)"
    )
    fewer = await hotel.look(queue)
    assert fewer.signs == {Sign.QUEUE_MOVING}
    assert fewer.measurements["moving"] == 1
    assert (await hotel.look(queue)).signs == frozenset()
    await hotel.run(CHANNEL + "VALUES ('done', now(), now(), now(), NULL)")
    assert (await hotel.look(queue)).signs == {Sign.QUEUE_MOVING}


async def test_a_queue_of_which_nothing_but_failures_comes_out_does_not_move(hotel: Hotel) -> None:
    await hotel.run(
        "TRUNCATE channel_manager_queue",
        CHANNEL + "SELECT 'pending', now() - interval '9 min', NULL, NULL, NULL FROM generate_series(1, 240)",
    )
    await hotel.look(queue)
    await hotel.run(
        "UPDATE channel_manager_queue SET status = 'failed', processed_at = now() WHERE id % 8 = 0"
    )
    assert (await hotel.look(queue)).signs == {Sign.QUEUE_FAILED}


async def test_what_is_wrong_with_a_queue_is_a_sign_each(hotel: Hotel) -> None:
    await hotel.run(
        "TRUNCATE channel_manager_queue",
        CHANNEL
        + "SELECT 'pending', now() - interval '1 day', NULL, NULL, NULL FROM generate_series(1, 2000)",
        CHANNEL + "VALUES ('processing', now() - interval '1 day', now() - interval '1 day', NULL, NULL)",
    )
    signs = (await hotel.look(queue)).signs
    assert signs == {Sign.QUEUE_LONG, Sign.QUEUE_OLD, Sign.QUEUE_STUCK}


@pytest.mark.parametrize(
    ("error", "sign"),
    [
        ("original reservation not found", Sign.ORIGINAL_MISSING),
        ("validation: check-out before check-in", Sign.CHANGES_REJECTED),
        ("TypeError: room is undefined", Sign.CHANGES_REJECTED),
    ],
)
async def test_a_failed_change_is_a_sign_of_what_its_error_says(hotel: Hotel, error: str, sign: Sign) -> None:
    await hotel.run(CHANGES + f"VALUES ('OTA-1', 'failed', now(), now(), '{error}')")
    assert (await hotel.look(modification_queue)).signs - {Sign.QUEUE_MOVING} == {Sign.QUEUE_FAILED, sign}


async def test_a_queue_that_was_not_counted_to_its_end_promises_no_end(hotel: Hotel) -> None:
    await hotel.run(
        "TRUNCATE channel_manager_queue",
        CHANNEL + "SELECT 'done', now() - interval '1 hour', now(), now(), NULL FROM generate_series(1, 600)",
        CHANNEL
        + "SELECT 'pending', now() - interval '9 min', NULL, NULL, NULL FROM generate_series(1, 9000)",
    )
    result = await hotel.look(queue)
    assert result.state is State.CRITICAL
    assert "drain_seconds" not in result.measurements
    assert result.message.endswith("(in 5 min 0 a minute arrived, 120 were done: drained in at least 8 min)")


@pytest.mark.parametrize(
    ("failed", "minutes", "done", "state"),
    [
        (20, 50, 0, State.WARNING),
        (19, 50, 0, State.OK),
        (20, 70, 0, State.OK),
        (20, 50, 1, State.OK),
    ],
)
async def test_a_queue_that_gives_nothing_but_failures_is_a_warning(
    pg: Postgres, failed: int, minutes: int, done: int, state: State
) -> None:
    at = f"now() - interval '{minutes} minutes'"
    async with a_hotel(pg) as hotel:
        await hotel.run(
            CHANNEL + f"SELECT 'failed', {at}, {at}, {at}, 'no' FROM generate_series(1, {failed})"
        )
        await hotel.run(CHANNEL + f"SELECT 'done', now(), now(), now(), NULL FROM generate_series(1, {done})")
        result = await hotel.look(queue)
    assert result.state is state
    if state is State.WARNING:
        assert (result.reason, result.decisive) == (Reason.CONTENT, True)
        assert result.message == "20 updates failed within the hour, and none was done; no updates wait"


@pytest.mark.parametrize(("look", "table"), [(queue, "channel_manager_queue"),
                                             (modification_queue, "ota_modification_queue")])  # fmt: skip
async def test_rows_of_which_no_status_is_known_are_not_read_as_none(
    hotel: Hotel, look: Look, table: str
) -> None:
    await hotel.run(f"UPDATE {table} SET status = upper(status)")
    result = await hotel.look(look)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message.startswith("no row has a status we know (")
    assert "PENDING" in result.message


@pytest.mark.parametrize(
    ("hours", "arrival", "state"),
    [
        (25, "NULL", State.WARNING),
        (25, f"{TODAY}", State.WARNING),
        (25, f"{TODAY} - 1", State.OK),
        (24 * 7 + 1, "NULL", State.OK),
    ],
)
async def test_a_failed_modification_is_not_settled_by_waiting_a_day(
    hotel: Hotel, hours: int, arrival: str, state: State
) -> None:
    await hotel.run(
        "INSERT INTO ota_modification_queue (ota_reservation_id, status, new_check_in, created_at) "
        f"VALUES ('E-1', 'failed', {arrival}, now() - interval '{hours} hours')"
    )
    result = await hotel.look(modification_queue)
    assert result.state is state
    if state is State.WARNING:
        assert (result.reason, result.decisive) == (Reason.CONTENT, True)
        assert result.message.startswith("no failure in 24 h, but 1 older failed modification of stays")


async def test_nothing_tells_when_a_modification_was_taken_up(hotel: Hotel) -> None:
    await hotel.run(CHANGES + "VALUES ('EXP-1', 'processing', now() - interval '3 hours', NULL, NULL)")
    result = await hotel.look(modification_queue)
    assert (result.state, result.measurements["processing_stuck"]) == (State.OK, 0)


async def test_the_last_update_is_known_after_days_of_silence(hotel: Hotel) -> None:
    await hotel.run("UPDATE channel_manager_queue SET processed_at = processed_at - interval '5 days'")
    then = await hotel.db.value(
        "SELECT extract(epoch FROM max(processed_at))::float8 FROM channel_manager_queue"
    )
    assert (await hotel.look(queue)).measurements[LAST] == pytest.approx(then, abs=5)


async def test_failures_of_yesterday_are_over(hotel: Hotel) -> None:
    old = "now() - interval '25 hours', NULL, now() - interval '25 hours', 'no'"
    await hotel.run(CHANNEL + f"VALUES ('failed', {old})")
    assert (await hotel.look(queue)).measurements[QUEUE_FAILED] == 0


@pytest.mark.parametrize(
    ("error", "word"),
    [
        ("Validation failed: adults of Mr. Smith", "validation"),
        ("No availability for DLX", "inventory conflict"),
        ("Original reservation not found", "original not found"),
        ("TypeError: Smith is undefined", "processing error"),
        ("Service temporarily unavailable", "processing error"),
        ("PMS API not available (503)", "processing error"),
        ("Availability service not available", "processing error"),
        ("Room type not found: DLX", "processing error"),
        ("Unknown reservation X-1", "original not found"),
        ("Room type DLX is sold out", "inventory conflict"),
        (None, "no reason given"),
    ],
)
async def test_a_rejected_modification_is_a_loss_and_names_no_guest(
    hotel: Hotel, error: str | None, word: str
) -> None:
    text = f"'{error}'" if error else "NULL"
    await hotel.run(
        CHANGES + "VALUES ('E-1', 'failed', now() - interval '2 hours', NULL, 'anything else')",
        CHANGES + f"VALUES ('E-2', 'failed', now() - interval '3 days', now(), {text})",
    )
    result = await hotel.look(modification_queue)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    assert result.message == f"2 modifications failed in the last 24 h, the newest: {word}"
    assert result.measurements["unsettled"] == 0


async def test_modifications_that_wait_too_long_are_stale(hotel: Hotel) -> None:
    await hotel.run(CHANGES + "VALUES ('EXP-1', 'pending', now() - interval '40 minutes', NULL, NULL)")
    result = await hotel.look(modification_queue)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.STALE)
    assert result.message.startswith("2 modifications wait, the oldest for 40 min")
