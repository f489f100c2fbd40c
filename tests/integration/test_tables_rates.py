"""Rates for every night, and the mapping of rate plans to an OTA's."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.looks_tables import rate_mapping, rates
from checks.result import Reason, State
from daemon.demo.postgres import Postgres
from tests.support.pms import RATES, TODAY, Hotel, a_hotel


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
    assert (result.measurements["jumps"], result.measurements["missing_later"]) == (0, 6)


@pytest.mark.parametrize(
    ("day", "state", "reason"),
    [
        (0, State.CRITICAL, Reason.MISSING),
        (29, State.CRITICAL, Reason.MISSING),
        (30, State.WARNING, Reason.MISMATCH),
        (364, State.WARNING, Reason.MISMATCH),
        (365, State.OK, None),
    ],
)
async def test_a_night_without_a_rate_is_found(
    hotel: Hotel, day: int, state: State, reason: Reason | None
) -> None:
    await hotel.run(
        f"DELETE FROM rates WHERE room_type = 'SGL' AND rate_plan = 'NRF' AND date = {TODAY} + {day}"
    )
    result = await hotel.look(rates)
    assert (result.state, result.reason) == (state, reason), result
    if state is not State.OK:
        first = await hotel.db.value(f"SELECT ({TODAY} + {day})::text || ' SGL NRF'")
        assert result.message.startswith("1 night of the next 365 days without a rate")
        assert result.message.endswith(f"the first {first}")


async def test_a_gap_of_many_nights_is_counted_on_both_sides_of_the_month(hotel: Hotel) -> None:
    await hotel.run(
        f"DELETE FROM rates WHERE rate_plan = 'BAR' AND date BETWEEN {TODAY} + 28 AND {TODAY} + 32"
    )
    result = await hotel.look(rates)
    assert (result.measurements["missing_soon"], result.measurements["missing_later"]) == (6, 9)
    assert result.message.startswith(
        "15 nights of the next 365 days without a rate, 6 of them within 30 days"
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


async def test_a_plan_without_a_mapping_is_found_on_its_own_platform(hotel: Hotel) -> None:
    await hotel.run(
        "DELETE FROM rate_plan_mappings WHERE ota_platform = 'expedia' AND pms_rate_plan_code = 'NRF'"
    )
    hotel.system = {"platform": "booking"}
    assert (await hotel.look(rate_mapping)).message == "2 mappings for booking, none missing"
    hotel.system = {"platform": "Expedia"}
    result = await hotel.look(rate_mapping)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.MISSING, True)
    assert result.message == "1 rate plan without a mapping for Expedia: NRF"
    hotel.system = {}
    assert (await hotel.look(rate_mapping)).state is State.OK


async def test_a_plan_whose_rates_are_past_needs_no_mapping(hotel: Hotel) -> None:
    await hotel.run(f"INSERT INTO rates VALUES ('SGL', 'OLD', {TODAY} - 1, 90)")
    assert (await hotel.look(rate_mapping)).state is State.OK


@pytest.mark.parametrize("code", ["NULL", "' '"])
async def test_a_mapping_without_a_code_is_missing(hotel: Hotel, code: str) -> None:
    await hotel.run(
        f"UPDATE rate_plan_mappings SET ota_rate_plan_code = {code} WHERE ota_rate_plan_code = 'b-2'"
    )
    hotel.system = {"platform": "booking"}
    result = await hotel.look(rate_mapping)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert result.message == "1 mapping without an OTA code for booking: NRF"


@pytest.mark.parametrize("mapping", ["('BAR', 'b-9', 'booking')", "('PKG', 'b-1', 'BOOKING')"])
async def test_a_code_that_is_mapped_twice_is_a_warning(hotel: Hotel, mapping: str) -> None:
    await hotel.run(f"INSERT INTO rate_plan_mappings VALUES {mapping}")
    result = await hotel.look(rate_mapping)
    assert (result.state, result.reason, result.decisive) == (State.WARNING, Reason.MISMATCH, True)
    assert "1 rate plan mapped more than once" in result.message
    hotel.system = {"platform": "expedia"}
    assert (await hotel.look(rate_mapping)).state is State.OK


async def test_a_platform_without_mappings_is_missing_and_may_be_called_anything(hotel: Hotel) -> None:
    hotel.system = {"platform": "o'tel'; DROP TABLE rates; --"}
    result = await hotel.look(rate_mapping)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert await hotel.db.value("SELECT count(*) FROM rates") == 2346
