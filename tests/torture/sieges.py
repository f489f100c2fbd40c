"""The sieges: how hard each is, and its figures as sentences."""

from pathlib import Path

from tests.support.torture_audit import Verdict
from tests.support.torture_clock import wall
from tests.support.torture_database import server
from tests.support.torture_plan import Plan
from tests.support.torture_relay import Mood
from tests.support.torture_siege import Siege, siege
from tests.torture.outcome import Outcome, Say

TOLD = """\
{blows}, of {processes} process(es). At exact points: {points}.
{conversations:,} conversations of the relays: {moods}. {refusals} recipients were refused for good.
{incidents} incidents opened {openings} times; all ended, but that letters do not reach those who are refused.
{letters:,} letters committed: {sent:,} sent, {superseded:,} superseded, {dead} dead.
{kept_by_the_relays:,} messages kept by the relays, {repeats} of them repeats: \
{repeats_after_a_lost_answer} after a lost answer, {after_crash} after a crash.
Repeats that differ: {repeats_that_differ}. Lost: {lost}.
"""


async def on_sqlite(directory: Path, seed: int, say: Say) -> Outcome:
    """Kill one process over a file, again and again."""
    async with siege(directory, Plan(seed), say=say) as one:
        return await _endured(one)


async def on_postgresql(directory: Path, seed: int, say: Say) -> Outcome:
    """Kill one process over a database, and restart the database."""
    plan = Plan(seed, kills=24, restarts=3, longest_life=10.0)
    async with (
        server(directory) as database,
        siege(directory, plan, state=database.dsn, restart=database.restart, say=say) as one,
    ):
        return await _endured(one)


async def with_replicas(directory: Path, seed: int, say: Say) -> Outcome:
    """Kill, stop and continue three processes that share a database, and restart it."""
    plan = Plan(seed, kills=36, freezes=9, restarts=3, longest_life=15.0)
    async with (
        server(directory) as database,
        siege(directory, plan, state=database.dsn, replicas=3, restart=database.restart, say=say) as one,
    ):
        return await _endured(one)


async def with_clock(directory: Path, seed: int, say: Say) -> Outcome:
    """Set the wall clock of a process by two hours, to and fro, and kill it now and then."""
    plan = Plan(seed, kills=12, freezes=6, longest_life=10.0)
    async with siege(directory, plan, clock=wall(directory), say=say) as one:
        return await _endured(one)


async def _endured(one: Siege) -> Outcome:
    await one.hold()
    one.say("all blows have fallen; now everything is healed")
    await one.heal()
    verdict = await one.end()
    missed = [str(point) for point in one.plan.points if not one.died_at[point]]
    wrong = [*verdict.wrong, *(f"no process died {point}" for point in missed)]
    return Outcome(_figures(one, verdict), _sentences(one, verdict), wrong)


def _figures(one: Siege, verdict: Verdict) -> dict[str, float]:
    return {
        "processes": len(one.replicas),
        "kills": one.killed,
        "kills at exact points": one.died_at.total(),
        "stopped and continued": len(one.freezes),
        "database restarts": one.restarted,
        "clock jumps": one.jumped,
        "conversations": one.relay.conversations,
        "bad conversations": one.relay.conversations - one.relay.moods[Mood.WILLING],
        **verdict.figures,
    }


def _sentences(one: Siege, verdict: Verdict) -> list[str]:
    found, moods = verdict.figures, one.relay.moods
    blows = [
        f"{one.killed} SIGKILLs, {one.died_at.total()} of them at exact points",
        *([f"{len(one.freezes)} times stopped and continued"] if one.freezes else []),
        *([f"{one.restarted} restarts of the database"] if one.restarted else []),
        *([f"{one.jumped} jumps of the clock"] if one.jumped else []),
    ]
    told = TOLD.format(
        processes=len(one.replicas),
        blows=", ".join(blows),
        points="; ".join(f"{point} ({count})" for point, count in sorted(one.died_at.items())),
        conversations=one.relay.conversations,
        moods="; ".join(f"{mood.value} ({moods[mood]})" for mood in Mood),
        refusals=one.relay.refusals,
        after_crash=found["repeats"] - found["repeats after a lost answer"],
        **{name.replace(" ", "_"): count for name, count in found.items()},
    )
    return told.splitlines()
