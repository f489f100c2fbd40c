"""The porter dies at every exact point, and at random, before a relay that misbehaves: nothing is lost.

`make torture` does the same for several minutes, over both kinds of state.
"""

from dataclasses import replace
from pathlib import Path

from daemon.demo.postgres import Postgres
from tests.support.postgres import database
from tests.support.torture_daemon import Point
from tests.support.torture_plan import Plan
from tests.support.torture_siege import siege

SIX = (Point.OPENING, Point.OPENED, Point.CLAIMED, Point.JOURNALED, Point.TAKEN, Point.SENT)
SHORT = Plan(
    seed=1,
    kills=8,
    points=SIX,
    openings=12,
    hotels=12,
    integrations=3,
    gone=(1,),
    patience=0.5,
    longest_life=3.0,
    most_passes=2,
    runs=1,
)


SHORTER = replace(SHORT, kills=3, points=(Point.OPENED, Point.JOURNALED, Point.TAKEN))


async def test_no_letter_is_lost_and_repeats_are_the_same_bytes_wherever_the_porter_dies(
    tmp_path: Path,
) -> None:
    await _endured(tmp_path, SHORT, None)


async def test_no_letter_is_lost_of_a_state_in_postgresql(tmp_path: Path, pg: Postgres) -> None:
    async with database(pg) as state:
        await _endured(tmp_path, SHORTER, state.dsn)


async def _endured(directory: Path, plan: Plan, state: str | None) -> None:
    """Live and die by a plan, and find the promise kept."""
    async with siege(directory, plan, state=state) as one:
        await one.hold()
        await one.heal()
        verdict = await one.end()
    assert verdict.wrong == []
    assert verdict.figures["lost"] == verdict.figures["repeats that differ"] == 0
    assert one.killed >= plan.kills
    assert set(one.died_at) == set(plan.points)
    assert verdict.figures["openings"] >= plan.openings
    assert verdict.figures["kept by the relays"] >= verdict.figures["sent"] > 0
