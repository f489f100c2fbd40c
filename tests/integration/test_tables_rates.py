"""Rates for every night, and none that cannot be meant."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.looks_tables import rates
from checks.result import Reason, State
from daemon.demo.postgres import Postgres
from tests.support.pms import RATES, ROOMS, TODAY, Hotel, a_hotel


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RATES) as one:
        yield one


@pytest.mark.parametrize("amount", ["NULL", "0", "-80"])
async def test_a_rate_that_cannot_be_meant_is_found(hotel: Hotel, amount: str) -> None:
    await hotel.run(
        f"UPDATE rates SET rate_amount = {amount} WHERE room_type = 'DBL' AND date = {TODAY} + 200",
        f"UPDATE rates SET rate_amount = {amount} WHERE date < {TODAY}",
    )
    result = await hotel.look(rates)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    first = await hotel.db.value(f"SELECT ({TODAY} + 200)::text || ' DBL BAR'")
    assert result.message == f"2 rates without an amount above zero, the first {first}"
    assert result.measurements["impossible_rates"] == 2


@pytest.mark.parametrize(("factor", "jumps"), [("* 9", 0), ("/ 9", 0), ("* 25", 2), ("/ 25", 2)], ids=str)
async def test_a_jump_against_the_nights_beside_it_is_a_warning(
    hotel: Hotel, factor: str, jumps: int
) -> None:
    await hotel.run(
        "UPDATE rates SET rate_amount = 100",
        f"UPDATE rates SET rate_amount = rate_amount {factor} "
        f"WHERE room_type = 'STE' AND rate_plan = 'BAR' AND date = {TODAY} + 50",
    )
    result = await hotel.look(rates)
    assert result.measurements["jumps"] == jumps
    if jumps:
        assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
        first = await hotel.db.value(f"SELECT ({TODAY} + 50)::text || ' STE BAR'")
        assert result.message.endswith(f"the first {first}")
    else:
        assert result.state is State.OK


async def test_nights_over_a_gap_are_not_neighbours(hotel: Hotel) -> None:
    await hotel.run(
        f"DELETE FROM rates WHERE date = {TODAY} + 100",
        f"UPDATE rates SET rate_amount = 9000 WHERE date > {TODAY} + 100",
    )
    result = await hotel.look(rates)
    assert (result.measurements["jumps"], result.measurements["missing_later"]) == (0, 3)


@pytest.mark.parametrize(
    ("day", "state", "reason"),
    [
        (0, State.CRITICAL, Reason.MISSING),
        (29, State.CRITICAL, Reason.MISSING),
        (30, State.WARNING, Reason.MISMATCH),
        (362, State.WARNING, Reason.MISMATCH),
        (363, State.OK, None),
    ],
)
async def test_a_night_without_a_rate_is_found(
    hotel: Hotel, day: int, state: State, reason: Reason | None
) -> None:
    await hotel.run(f"DELETE FROM rates WHERE room_type = 'SGL' AND date = {TODAY} + {day}")
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (state, reason), result
    if state is not State.OK:
        first = await hotel.db.value(f"SELECT ({TODAY} + {day})::text || ' SGL'")
        assert result.message.startswith("1 room-night of the next 363 days without a rate of any plan")
        assert result.message.endswith(f"the first {first}")


async def test_a_gap_of_many_nights_is_counted_on_both_sides_of_the_month(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM rates WHERE date BETWEEN {TODAY} + 28 AND {TODAY} + 32")
    result = await hotel.look(rates)
    assert (result.measurements["missing_soon"], result.measurements["missing_later"]) == (6, 9)
    assert result.message.startswith(
        "15 room-nights of the next 363 days without a rate of any plan, 6 of them within 30 days"
    )


async def test_the_horizon_of_rates_is_the_hotels_own(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM rates WHERE date >= {TODAY} + 60")
    assert (await hotel.look(rates, horizon_days=60)).state is State.OK
    assert (await hotel.look(rates)).reason is Reason.MISMATCH


async def test_no_rate_at_all_is_missing(hotel: Hotel) -> None:
    await hotel.run("TRUNCATE rates")
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert "no rate from today on" in result.message


def plan(name: str, first: int, last: int, rate: str = "180", room: str = "DBL") -> str:
    return (
        f"INSERT INTO rates (room_type, rate_plan, date, rate_amount) "
        f"SELECT '{room}', '{name}', {TODAY} + day, {rate} FROM generate_series({first}, {last}) AS day"
    )


@pytest.mark.parametrize(("first", "last"), [(26, 35), (-60, 5), (200, 380)])
async def test_a_plan_of_a_season_has_no_rates_outside_of_it(hotel: Hotel, first: int, last: int) -> None:
    await hotel.run(plan("XMAS", first, last))
    assert (await hotel.look(rates)).state is State.OK


async def test_a_plan_that_is_there_again_after_weeks_of_the_past_has_no_gap(hotel: Hotel) -> None:
    await hotel.run(plan("XMAS", -50, -40), plan("XMAS", 20, 30))
    assert (await hotel.look(rates)).state is State.OK


async def test_a_plan_of_two_seasons_has_no_gap_between_them(hotel: Hotel) -> None:
    await hotel.run(plan("SUMMER", 20, 30), plan("SUMMER", 92, 99))
    assert (await hotel.look(rates)).state is State.OK
    await hotel.run(plan("SUMMER", 91, 91))
    assert (await hotel.look(rates)).measurements["plan_gaps"] == 60


async def test_nights_that_one_plan_skips_are_a_warning_as_others_are_sold(hotel: Hotel) -> None:
    await hotel.run(
        f"DELETE FROM rates WHERE room_type = 'SGL' AND rate_plan = 'NRF' "
        f"AND date BETWEEN {TODAY} + 3 AND {TODAY} + 5"
    )
    result = await hotel.look(rates)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    first = await hotel.db.value(f"SELECT ({TODAY} + 3)::text")
    assert result.message == (
        f"3 room-nights without a rate of a plan that has them before and after, the first {first} SGL NRF"
    )


async def test_a_plan_of_week_ends_skips_nights_by_design(hotel: Hotel) -> None:
    await hotel.run(plan("WEEKEND", 0, 364), "DELETE FROM rates WHERE rate_plan = 'WEEKEND' "
                    "AND extract(isodow FROM date) NOT IN (5, 6)")  # fmt: skip
    assert (await hotel.look(rates)).state is State.OK


async def test_a_room_type_that_is_sold_without_any_rate_is_missing(hotel: Hotel) -> None:
    await hotel.run(ROOMS, "DELETE FROM rates WHERE room_type = 'STE'")
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert (result.measurements["missing_soon"], result.measurements["missing_later"]) == (30, 333)
    await hotel.run(
        "UPDATE availability SET available_rooms = 0 WHERE room_type_id = 'STE'",
        f"DELETE FROM availability WHERE room_type_id = 'STE' AND date = {TODAY} + 3",
    )
    assert (await hotel.look(rates)).state is State.OK


async def test_nights_without_a_room_to_sell_need_no_rate(hotel: Hotel) -> None:
    closed = f"room_type_id = 'SGL' AND date BETWEEN {TODAY} + 8 AND {TODAY} + 9"
    await hotel.run(ROOMS, f"DELETE FROM rates WHERE room_type = 'SGL' AND date = {TODAY} + 8")
    assert (await hotel.look(rates)).state is State.CRITICAL
    await hotel.run(f"UPDATE availability SET available_rooms = 0 WHERE {closed}")
    assert (await hotel.look(rates)).measurements["missing_soon"] == 0


async def test_tables_that_name_room_types_differently_are_not_held_together(hotel: Hotel) -> None:
    await hotel.run(ROOMS, "UPDATE availability SET room_type_id = 'id-' || room_type_id")
    assert (await hotel.look(rates)).state is State.OK


async def test_a_mapped_plan_whose_rates_are_gone_is_a_finding_of_its_own(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM rates WHERE rate_plan = 'NRF' AND date >= {TODAY}")
    result = await hotel.look(rates)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert result.message == "1 mapped plan without any rate to come: NRF"


async def test_a_closed_season_needs_no_rates(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM rates WHERE date < {TODAY} + 20")
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
    opening = await hotel.db.value(f"SELECT ({TODAY} + 20)::text")
    assert result.message == f"no rate of any room type before {opening}: closed until then?"
    await hotel.run(ROOMS)
    result = await hotel.look(rates)
    assert (result.state, result.measurements["missing_soon"]) == (State.CRITICAL, 60)


@pytest.mark.parametrize("day", [0, 1, 20])
async def test_an_upload_off_by_a_factor_of_a_hundred_is_found(hotel: Hotel, day: int) -> None:
    await hotel.run(f"UPDATE rates SET rate_amount = rate_amount / 100 WHERE date >= {TODAY} + {day}")
    result = await hotel.look(rates)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert (result.measurements["shifted"], result.measurements["jumps"]) == (6, 6)


async def test_an_upload_of_last_week_is_not_forgotten(hotel: Hotel) -> None:
    await hotel.run("DELETE FROM rates", plan("BAR", -60, -8, "120"), plan("BAR", -7, 380, "1.2"))
    assert (await hotel.look(rates)).message == (
        "1 mapped plan without any rate to come: NRF; 1 rate plan of a room type more than ten times, or "
        "less than a tenth of, what it was in the last 60 days, the first DBL BAR"
    )


async def test_plans_of_one_room_and_night_are_held_against_each_other(hotel: Hotel) -> None:
    await hotel.run("UPDATE rates SET rate_amount = rate_amount / 100 WHERE rate_plan = 'NRF'")
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
    assert result.measurements["apart"] == 3 * 363
    assert result.message.startswith("1,089 room-nights with plans more than ten times")


async def test_the_last_two_nights_may_still_be_priced_tonight(hotel: Hotel) -> None:
    await hotel.run(f"DELETE FROM rates WHERE date >= {TODAY} + 363")
    assert (await hotel.look(rates)).state is State.OK
