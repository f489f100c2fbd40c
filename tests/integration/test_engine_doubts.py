"""A cause that was announced is not given up for a probe that got lost."""

from dataclasses import replace
from pathlib import Path

from alerts.incident import Cause
from checks.check import CheckType
from checks.result import Phase, Reason, Sign, failed
from tests.support.clock import FakeClock
from tests.support.desk import Night, a_check, a_store


async def test_all_that_fails_in_an_integration_is_looked_at_again_before_its_cause_changes(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    plain = [a_check(name, "booking_engine", "booking_engine") for name in ("health", "cache")]
    health, cache = (
        replace(one, type=CheckType(one.id.check, one.type.options, "value", one.type.probe)) for one in plain
    )
    unknown = failed(Reason.DNS, "there is no such host name", signs={Sign.NAME_UNKNOWN})
    lost = replace(failed(Reason.TIMEOUT, "no answer within 10 s"), failed_phase=Phase.CONNECT)
    async with a_store(tmp_path, clock) as store:
        night = Night(store, clock, [health, cache])
        await night.see(health, unknown, unknown)
        await night.see(cache, unknown, unknown)
        assert [one.diagnosis.cause for one in await night.open()] == [Cause.WRONG_HOST_NAME]
        night.observer.observe(cache, lost)
        await night.wait(1)
        night.hastened.clear()
        await night.wait(25)
        assert cache.id in night.hastened
        night.observer.observe(cache, unknown)
        for _ in range(5):
            await night.wait(30)
            night.observer.observe(health, unknown)
        assert [one.diagnosis.cause for one in await night.open()] == [Cause.WRONG_HOST_NAME]
        assert {one.kind for one in await night.letters()} == {"problem"}
