"""Payments: faults, declines, attacks and doubt, each told from the others."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from checks.integrations.looks_tables import transactions
from checks.result import LAST, ONE_IN, SILENT, SUCCESS_RATIO, Reason, State
from daemon.clock import SystemClock
from daemon.demo.postgres import Postgres
from tests.support.pms import PAYMENTS, Hotel, a_hotel


def failures(code: str | None, count: int, minutes: float = 0.0, amount: str = "100") -> str:
    text = "NULL" if code is None else f"'{code}'"
    return (
        f"INSERT INTO payment_failures (error_code, amount, created_at) SELECT {text}, {amount}, "
        f"now() - {minutes} * interval '1 minute' FROM generate_series(1, {count})"
    )


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    """A payment each minute for a week, and a decline each quarter of an hour."""
    async with a_hotel(pg, PAYMENTS) as one:
        yield one


async def test_an_ordinary_evening_of_declines_is_no_outage(hotel: Hotel) -> None:
    await hotel.run(failures("insufficient_funds", 10), failures("expired_card", 5))
    result = await hotel.look(transactions)
    assert result.state is State.OK
    assert result.message == "within 30 min: 30 payments, 0 faults, 17 declines"
    assert result.measurements[SUCCESS_RATIO] == 1
    assert result.measurements["declines"] == 17
    assert SystemClock().now().timestamp() - result.measurements[LAST] < 60


async def test_the_error_rate_is_of_faults_alone(hotel: Hotel) -> None:
    await hotel.run(failures("INTERNAL_SERVER_ERROR", 1), failures("expired_card", 15))
    assert (await hotel.look(transactions)).state is State.OK
    await hotel.run(failures("GATEWAY_TIMEOUT", 1), failures("EXPECTED_STRING", 1))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert result.observed == pytest.approx(100 * 3 / 33)
    assert (result.limit, result.unit) == (5, "%")
    assert result.message == (
        "3 of 33 payments failed by a fault within 30 min (9.09%, at most 5% are expected): "
        "1 gateway, 1 timeout, 1 request; 1 may have been charged all the same"
    )
    assert result.measurements[SUCCESS_RATIO] == pytest.approx(30 / 33)
    assert result.measurements["amount_at_risk"] == 300
    assert result.measurements["unknown_outcome"] == 1


async def test_a_rate_of_little_raises_nothing(hotel: Hotel) -> None:
    await hotel.run("DELETE FROM payments WHERE created_at > now() - interval '30 minutes'")
    await hotel.run(failures("SERVICE_UNAVAILABLE", 19))
    result = await hotel.look(transactions)
    assert result.state is State.OK
    assert result.measurements[SUCCESS_RATIO] == 0
    await hotel.run(failures("SERVICE_UNAVAILABLE", 1))
    assert (await hotel.look(transactions)).reason is Reason.THRESHOLD


async def test_faults_before_the_window_are_over(hotel: Hotel) -> None:
    await hotel.run(failures("BAD_GATEWAY", 50, minutes=31), failures("UNAUTHORIZED", 5, minutes=31))
    assert (await hotel.look(transactions)).state is State.OK
    hotel.bounds = replace(hotel.bounds, rate_window=3600.0)
    assert (await hotel.look(transactions)).reason is Reason.THRESHOLD


async def test_a_refused_key_is_told_at_the_first_payment(hotel: Hotel) -> None:
    await hotel.run(failures("ACCESS_TOKEN_REVOKED", 1))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CREDENTIALS, True)
    assert result.message.startswith("the gateway refused us in 1 payment of the last 30 min")


async def test_a_key_that_works_again_is_believed_after_a_while(hotel: Hotel) -> None:
    await hotel.run(failures("UNAUTHORIZED", 1, minutes=9))
    assert (await hotel.look(transactions)).reason is Reason.CREDENTIALS
    await hotel.run(
        "UPDATE payment_failures SET created_at = created_at - interval '2 minutes' "
        "WHERE error_code = 'UNAUTHORIZED'"
    )
    assert (await hotel.look(transactions)).state is State.OK
    await hotel.run("DELETE FROM payments WHERE created_at > now() - interval '12 minutes'")
    assert (await hotel.look(transactions)).reason is Reason.CREDENTIALS


async def test_many_more_declines_than_usual_are_a_warning(hotel: Hotel) -> None:
    await hotel.run(failures("card_declined", 17))
    assert (await hotel.look(transactions)).state is State.OK
    await hotel.run(failures("card_declined", 3))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.THRESHOLD, True)
    assert result.message == "22 declined cards within 30 min, usually 2.0; 0 faults: not an outage"


async def test_as_many_declines_as_usual_are_none(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO payment_failures (error_code, created_at) SELECT 'card_declined', now() - nr * interval "
        "'2 minutes' FROM generate_series(20, 5000) AS nr"
    )
    await hotel.run(failures("card_declined", 40))
    assert (await hotel.look(transactions)).state is State.OK


async def test_a_rise_needs_a_day_to_be_held_against(hotel: Hotel) -> None:
    old = "created_at < now() - interval '20 hours'"
    await hotel.run(f"DELETE FROM payments WHERE {old}", f"DELETE FROM payment_failures WHERE {old}")
    await hotel.run(failures("card_declined", 80))
    assert (await hotel.look(transactions)).state is State.OK


async def test_many_refused_cards_over_tiny_amounts_are_an_attack(hotel: Hotel) -> None:
    await hotel.run(failures("CVV_FAILURE", 6, 3, "1.00"), failures("GENERIC_DECLINE", 5, 2, "2.00"))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.SECURITY, True)
    assert result.message == (
        "11 cards refused within 10 minutes, over 1.45 on average: stolen cards are tried"
    )


@pytest.mark.parametrize(
    "statements",
    [
        [failures("CVV_FAILURE", 12, 3, "80")],
        [failures("CVV_FAILURE", 9, 3, "1")],
        [failures("CVV_FAILURE", 12, 11, "1")],
        [failures("CVV_FAILURE", 9, 3, "NULL")],
        [failures("card_declined", 7, 3, "80"), failures("card_declined", 9, 3, "1")],
        [failures("expired_card", 12, 3, "1")],
        [failures("CVV_FAILURE", 12, 3, "1"), failures("CVV_FAILURE", 5000, 5000, "1")],
    ],
    ids=["ordinary amounts", "few", "over", "few unknown", "few small", "another kind", "usual"],
)
async def test_what_an_attack_is_not(hotel: Hotel, statements: list[str]) -> None:
    await hotel.run(*statements)
    assert (await hotel.look(transactions)).state is State.OK


async def test_small_amounts_are_found_among_ordinary_ones(hotel: Hotel) -> None:
    await hotel.run(failures("card_declined", 12, 3, "1"), failures("do_not_honor", 8, 3, "120"))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.observed) == (State.CRITICAL, Reason.SECURITY, 12)


@pytest.mark.parametrize("known", [0, 1, 5])
async def test_an_attack_over_unknown_amounts_cannot_be_told(hotel: Hotel, known: int) -> None:
    await hotel.run(
        failures("CVV_FAILURE", 11 - known, 3, "NULL"), failures("CVV_FAILURE", known, 3, "30.00")
    )
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.THRESHOLD, True)
    assert result.message == (
        "11 cards refused within 10 minutes, over amounts that are not known: whether stolen cards are tried "
        "cannot be told"
    )


async def test_a_refused_key_heals_by_a_payment_and_not_by_waiting(hotel: Hotel) -> None:
    await hotel.run("DELETE FROM payments WHERE created_at > now() - interval '3 hours'")
    await hotel.run(failures("UNAUTHORIZED", 1, minutes=120))
    result = await hotel.look(transactions)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.CREDENTIALS)
    assert result.message.startswith(
        "the gateway refused us 2 h ago, and no payment has gone through since: key, account"
    )
    await hotel.run("INSERT INTO payments (status) VALUES ('succeeded')")
    assert (await hotel.look(transactions)).state is State.OK


@pytest.mark.parametrize("code", ["Refused", None])
async def test_nothing_but_codes_nobody_knows_is_a_warning(hotel: Hotel, code: str | None) -> None:
    await hotel.run("DELETE FROM payments WHERE created_at > now() - interval '30 minutes'")
    await hotel.run(failures(code, 4))
    assert (await hotel.look(transactions)).state is State.OK
    await hotel.run(failures(code, 1))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.CONTENT, True)
    assert result.message == (
        f"no payment within 30 min went through, and 5 failed with codes we do not know ({code or 'no code'})"
    )


async def test_codes_nobody_knows_are_shown_and_judged_as_nothing(hotel: Hotel) -> None:
    await hotel.run(
        failures("E-77", 40), failures("E-78", 1), failures(None, 2), failures("call Mr. Smith on 555", 1)
    )
    result = await hotel.look(transactions)
    assert result.state is State.OK
    assert result.measurements["unknown_codes"] == 44
    assert result.measurements["faults"] == 0
    assert result.message.endswith("44 with codes we do not know (E-77, E-78, no code)")


async def test_payments_that_stay_unconfirmed_are_counted(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO payments (status, amount, created_at) SELECT 'pending', 9, now() - minutes * interval "
        "'1 minute' FROM unnest(ARRAY[5, 29, 31, 600, 3000]) AS minutes"
    )
    result = await hotel.look(transactions)
    assert result.measurements["unconfirmed"] == 2
    assert result.message.endswith("2 still unconfirmed")


def pending(count: int, hours: int) -> str:
    return (
        "INSERT INTO payments (status, amount, created_at) SELECT 'pending', 9, "
        f"now() - interval '{hours} hours' FROM generate_series(1, {count})"
    )


async def test_more_unconfirmed_payments_than_usual_are_a_warning(hotel: Hotel) -> None:
    await hotel.run(pending(3, 5))
    result = await hotel.look(transactions)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.THRESHOLD, True)
    assert result.message == ("3 payments of the last 24 h still unconfirmed, usually 0: charged or not?")
    await hotel.run(pending(12, 50))
    assert (await hotel.look(transactions)).state is State.OK


async def test_payments_of_which_no_status_is_known_are_not_read_as_none(hotel: Hotel) -> None:
    await hotel.run("UPDATE payments SET status = 'COMPLETED'")
    result = await hotel.look(transactions)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message.startswith("no row has a status we know (COMPLETED), expected succeeded,")


async def test_the_last_payment_is_known_after_weeks(hotel: Hotel) -> None:
    await hotel.run("UPDATE payments SET created_at = created_at - interval '30 days'")
    result = await hotel.look(transactions)
    assert SystemClock().now().timestamp() - result.measurements[LAST] == pytest.approx(30 * 86_400, abs=60)
    assert SUCCESS_RATIO not in result.measurements


async def test_more_codes_than_can_be_meant_are_unknown(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO payment_failures (error_code) SELECT 'E' || nr FROM generate_series(1, 1500) nr"
    )
    result = await hotel.look(transactions)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.QUERY)
    assert result.message == "the query gave more than 1000 rows"


OWN = (
    "SELECT {outcome} AS outcome, NULL::text AS code, {recent} AS recent, 0 AS burst, "
    "0 AS burst_known, 0 AS burst_small, 9 AS week, "
    "NULL::numeric AS amount, NULL::numeric AS burst_amount, 5 AS newest, 9 AS oldest"
)


@pytest.mark.parametrize(
    ("outcome", "recent", "said"),
    [
        ("'succeeded'", "9", ""),
        ("'failed'", "9", "no row whose outcome is succeeded"),
        ("'refunded'", "9", "outcome is 'refunded'"),
        ("'unreadable'", "9", "no row has a status we know"),
        ("NULL::text", "9", "NULL"),
        ("'succeeded'", "NULL::int", "NULL"),
    ],
)
async def test_a_query_of_ones_own_is_read_with_care(
    hotel: Hotel, outcome: str, recent: str, said: str
) -> None:
    result = await hotel.look(transactions, query=OWN.format(outcome=outcome, recent=recent))
    assert result.state is (State.UNKNOWN if said else State.OK), result
    assert said in result.message


async def test_a_silence_of_payments_is_told_with_how_usual_it_is_and_alarms_nobody(hotel: Hotel) -> None:
    await hotel.run(
        "INSERT INTO payments (status, amount, created_at) SELECT 'succeeded', 120, "
        "now() - nr * interval '20 minutes' FROM generate_series(600, 4000) AS nr",
        "DELETE FROM payments WHERE created_at > now() - interval '26 hours'",
    )
    result = await hotel.look(transactions)
    assert result.state is State.OK
    assert "; none for 26 h, around " in result.message
    assert result.measurements[SILENT] == pytest.approx(26 * 3600, abs=120)
    assert result.measurements[ONE_IN] > 1000
    own = "SELECT 'succeeded' AS outcome, NULL AS code, 0 AS recent, 0 AS burst, 0 AS burst_known, "
    own += (
        "0 AS burst_small, 5 AS week, NULL AS amount, NULL AS burst_amount, 9000 AS newest, 500000 AS oldest"
    )
    assert ONE_IN not in (await hotel.look(transactions, query=own)).measurements
