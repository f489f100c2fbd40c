"""The storm alone: `python -m tests.torture.storm` measures it."""

import sys
from collections.abc import Sequence
from pathlib import Path

from tests.support.torture_clock import wall
from tests.support.torture_storm import Chain, Weather, lag_quantile, quantile, storm
from tests.torture.outcome import Outcome, Say

CHAIN = Chain(hotels=500, integrations=4, checks=5, interval=60)
WITHIN = 600.0
MEGABYTE = 1_000_000
SHARES = {"p50": 0.5, "p99": 0.99, "most": 1.0}

TOLD = """\
{breaches:,} breaches within {seconds} s opened {incidents:,} incidents; {letters:,} letters were committed.
{mails} mails and {digests} digests went to the one recipient meanwhile; {bundled:,} letters were bundled.
{ms_to_enqueue_p50} ms from a decision to the commit of its letters in the middle, {ms_to_enqueue_p99} ms at \
the 99th percentile, {ms_to_enqueue_most} ms at most.
{ms_of_lag_p99} ms or less, 99 times of 100, was the event loop late.
{MB_before} MB of memory before, {MB_then} MB at most. Lost: {lost}.
"""


async def rage(directory: Path, seed: int, say: Say) -> Outcome:
    """Let ten thousand checks breach in a minute; nothing in it is drawn from the seed."""
    del seed
    clock, timings = wall(directory), directory / "timings.jsonl"
    async with storm(directory, CHAIN, timings) as one:
        await one.begin(WITHIN)
        say(f"{CHAIN.breaches:,} checks of {CHAIN.hotels} hotels are ok; now all of them fail")
        await one.rage(WITHIN)
        say(f"{one.weather.breaches:,} breaches after {one.weather.lasted:.0f} s; now all are well again")
        await one.pass_over(WITHIN)
        say(f"{one.weather.mails.total()} mails have gone out; now comes the time of the digest")
        weather = one.measure(timings)
        await one.settle(clock, WITHIN)
    return _told(weather)


def _told(weather: Weather) -> Outcome:
    plain = weather.mails.total() - weather.mails["digest"]
    wrong = list(weather.wrong)
    if plain > CHAIN.max_per_hour:
        wrong.append(f"{plain} mails to one recipient within the hour; the most is {CHAIN.max_per_hour}")
    figures = {
        "breaches": weather.breaches,
        "seconds": round(weather.lasted, 1),
        "incidents": weather.incidents,
        "mails": plain,
        "digests": weather.mails["digest"],
        "letters": len(weather.to_enqueue),
        **{f"ms to enqueue, {name}": _ms(weather.to_enqueue, share) for name, share in SHARES.items()},
        "ms of lag, p99": round(lag_quantile(weather.lag, 0.99) * 1000),
        "MB before": round(weather.memory_before / MEGABYTE),
        "MB then": round(weather.memory_most / MEGABYTE),
        "lost": weather.later["lost"],
        "bundled": weather.later["bundled"],
    }
    told = TOLD.format(**{name.replace(" ", "_").replace(",", ""): value for name, value in figures.items()})
    return Outcome(figures, told.splitlines(), wrong)


def _ms(values: Sequence[float], share: float) -> int:
    return round(quantile(values, share) * 1000)


if __name__ == "__main__":
    from tests.torture.run import main  # run knows this module, too

    sys.exit(main(["--only", "storm"]))
