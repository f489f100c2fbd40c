"""The state is locked, full, away or damaged: emergencies are mailed all the same, and nothing is lost."""

from pathlib import Path

from tests.support.state_trouble import LEAD, A, locked, scene


async def test_a_state_that_is_locked_keeps_no_emergency_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as at:
        async with at.leaking():
            with locked(tmp_path / "state.db"):
                await at.unready()
                at.gateway.status = 503
                await at.decided("payment")
                mailed = await at.is_told()
                assert at.mails.subjects() == [], "what is no emergency waits"
                asked = f"/api/v1/incidents/{at.incident}/ack"
                assert (await at.porter.post(asked, json={"by": "Ann"}))[0] == 503
                await at.says("state.db: is locked by another program; close what has it open")
            await at.ready()
            await at.mails.expect("problem", to=A)
            await at.is_written_down(mailed)
            at.gateway.status = 200
            await at.mails.expect("resolved", to=A)
        for who in (A, LEAD):
            await at.mails.expect("resolved", to=who)


async def test_a_porter_that_ends_without_its_state_says_what_is_lost(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, at.leaking():
        with locked(tmp_path / "state.db"):
            await at.is_told()
            assert await at.porter.stop() == 0
        (lost,) = [one for one in at.porter.logged("state.lost") if one["incident"] == at.incident]
        assert lost["letters"] == [f"problem to {A}: sent", f"escalation to {LEAD}: sent"]
