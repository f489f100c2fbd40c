"""The relay is away for an hour, by a clock moved by hand: all arrives after it, in order, and once."""

from pathlib import Path

from tests.support.process import free_port
from tests.support.smtp import Authority
from tests.support.torture_audit import Evidence, audit
from tests.support.torture_hour import STAFF, desk
from tests.support.torture_relay import relay
from tests.support.torture_state import picture, unfinished

HOUR, MINUTES = 3600, 600


async def test_all_that_was_written_within_the_hour_arrives_in_order_once_the_relay_is_back(
    tmp_path: Path,
) -> None:
    port, authority, state = free_port(), Authority(), f"sqlite:///{tmp_path}/state.db"
    async with desk(tmp_path, port, authority, seed=1) as one:
        await one.work(HOUR, turning=True)
        waiting, _ = await unfinished(state)
        async with relay(None, authority.server(), ports=[port]) as post:
            one.heal()
            await one.work(MINUTES, turning=False)
            left = await unfinished(state)
    verdict = audit(Evidence(await picture(state), post.kept, (), {"h": STAFF.first}))
    assert verdict.wrong == []
    assert left == (0, 0)
    assert verdict.figures["sent"] == verdict.figures["kept by the relays"] >= waiting > 20
    assert verdict.figures["dead"] == verdict.figures["repeats"] == 0
    assert verdict.figures["superseded"] > 0, "what is over is told of once"
