"""The mapping of rate plans to an OTA's."""

from collections.abc import AsyncIterator

import pytest

from checks.integrations.looks_tables import rate_mapping
from checks.result import Reason, State
from daemon.demo.postgres import Postgres
from tests.support.pms import RATES, TODAY, Hotel, a_hotel


@pytest.fixture
async def hotel(pg: Postgres) -> AsyncIterator[Hotel]:
    async with a_hotel(pg, RATES) as one:
        yield one


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
    result = await hotel.look(rate_mapping)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert result.message == "1 rate plan without a mapping: NRF (expedia)"


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
