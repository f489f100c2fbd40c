"""The state is locked, full, away or damaged: emergencies are mailed all the same, and nothing is lost."""

import signal
from pathlib import Path

import pytest

from daemon.demo.postgres import Postgres
from tests.acceptance.bodies import payment_only
from tests.support.line import line
from tests.support.postgres import state_database
from tests.support.process import command, porter
from tests.support.state_trouble import LEAD, A, full, locked, scene, small_disk
from tests.support.vendor import vendor


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
        await at.is_told_of_the_end()


async def test_a_disk_that_is_full_keeps_no_emergency_back(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    async with scene(tmp_path, f"sqlite:///{disk}/state.db", small_disk(disk)) as at:
        async with at.leaking():
            assert at.porter.process is not None
            with full(at.porter.process.pid, disk):
                assert "full" in await at.unready()
                mailed = await at.is_told()
            await at.ready()
            await at.is_written_down(mailed)
        await at.is_told_of_the_end()


@pytest.mark.parametrize("how", ["cut", "silent"])
async def test_a_database_that_is_away_keeps_no_emergency_back(
    tmp_path: Path, pg: Postgres, how: str
) -> None:
    async with state_database(pg) as base, line(pg.port) as wire:
        state = base.dsn.replace(f":{pg.port}/", f":{wire.port}/")
        async with scene(tmp_path, state) as at:
            async with at.leaking():
                await (wire.cut() if how == "cut" else wire.hold_up())
                await at.unready()
                at.gateway.status = 503
                await at.decided("payment")
                mailed = await at.is_told()
                assert at.mails.subjects() == [], "what is no emergency waits"
                await wire.mend()
                await at.ready()
                await at.mails.expect("problem", to=A)
                await at.is_written_down(mailed)
                at.gateway.status = 200
                await at.mails.expect("resolved", to=A)
            await at.is_told_of_the_end()


async def test_a_porter_that_ends_without_its_state_says_what_is_lost(tmp_path: Path) -> None:
    async with scene(tmp_path) as at, at.leaking():
        with locked(tmp_path / "state.db"):
            await at.is_told()
            at.porter.send(signal.SIGTERM)
            assert await at.porter.ended(within=10) == 0
        (lost,) = [one for one in at.porter.logged("state.lost") if one["incident"] == at.incident]
        assert lost["letters"] == [f"problem to {A}: sent", f"escalation to {LEAD}: sent"]


@pytest.mark.parametrize("when", ["known to be away", "not known yet"])
async def test_a_porter_ends_in_time_whose_database_does_not_answer(
    tmp_path: Path, pg: Postgres, when: str
) -> None:
    async with state_database(pg) as base, line(pg.port) as wire:
        state = base.dsn.replace(f":{pg.port}/", f":{wire.port}/")
        async with scene(tmp_path, state) as at:
            await wire.hold_up()
            if when == "known to be away":
                async with at.leaking():
                    await at.is_told()
            at.porter.send(signal.SIGTERM)
            assert await at.porter.ended(within=10) == 0


async def test_a_damaged_state_is_refused_and_moved_aside_when_that_is_asked_for(tmp_path: Path) -> None:
    state = tmp_path / "state.db"
    async with vendor() as gateway, porter(tmp_path, payment_only(gateway.url, 25), start=False) as one:
        state.write_bytes(damaged := b"this was once a database" * 100)
        refused = await command("--config", str(one.config), "run")
        assert refused.code == 1
        assert f"{state}: is not a database; restore a backup" in refused.err
        assert "nightporter run --new-state" in refused.err
        assert state.read_bytes() == damaged
        one.options = ("--new-state",)
        await one.start()
        second = await command("--config", str(one.config), "run", "--new-state")
        assert second.code == 1
        assert "is in use by process" in second.err
        (moved,) = tmp_path.glob("state.db.broken-*")
        assert moved.read_bytes() == damaged
        assert [line["to"] for line in one.logged("state.moved_aside")] == [str(moved)]


async def test_a_database_is_not_moved_aside(tmp_path: Path) -> None:
    async with porter(tmp_path, payment_only("http://127.0.0.1:9", 25), start=False) as one:
        text = one.config.read_text().replace(
            f"sqlite:///{tmp_path}/state.db", "postgresql://np:s3cret@db/np"
        )
        one.config.write_text(text)
        refused = await command("--config", str(one.config), "run", "--new-state")
        assert refused.code == 1
        assert "is a PostgreSQL database: name an empty one in `state`" in refused.err
        assert "s3cret" not in refused.err
