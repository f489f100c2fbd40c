"""Five hundred checks breach within seconds: every incident is told of, and nobody gets five hundred mails.

`make torture` does the same with ten thousand, and says how long it took.
"""

from pathlib import Path

from tests.support.torture_clock import wall
from tests.support.torture_storm import Chain, storm

CHAIN = Chain(hotels=25, integrations=4, checks=5, interval=2)


async def test_a_storm_is_told_of_in_bounded_mails_and_the_rest_in_a_digest(tmp_path: Path) -> None:
    clock, timings = wall(tmp_path), tmp_path / "timings.jsonl"
    async with storm(tmp_path, CHAIN, timings) as one:
        await one.begin(within=60)
        await one.rage(within=60)
        await one.pass_over(within=60)
        weather = one.measure(timings)
        assert weather.breaches >= CHAIN.breaches == 500
        assert weather.incidents >= CHAIN.incidents == 100
        mails = weather.mails.total() - weather.mails["digest"]
        assert 0 < mails <= CHAIN.max_per_hour
        assert weather.mails["digest"] <= 1
        assert len(weather.to_enqueue) >= 2 * CHAIN.incidents, "each opening and each end was written"

        await one.settle(clock, within=60)
        assert weather.wrong == []
        assert weather.later["lost"] == weather.later["repeats"] == 0
        assert weather.later["bundled"] > 0
