"""The mailbox that is read back: looked into for two minutes, and left where it cannot be read."""

from pathlib import Path

from alerts.drill import Outcome, ReadBack
from tests.integration.test_drillmaster import BOX, HOTEL, place
from tests.support.drills import WRITER, desk


async def test_a_mail_is_looked_for_for_two_minutes_in_a_mailbox_that_can_be_read(tmp_path: Path) -> None:
    async with place(tmp_path, BOX) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        await one.later(119)
        assert (await one.now()).outcome is Outcome.RUNNING
        await one.later(1)
        found = await one.now()
        assert (found.outcome, found.read_back) == (Outcome.DELIVERED, ReadBack.ABSENT)


async def test_a_mailbox_that_cannot_be_read_is_left_after_three_tries(tmp_path: Path) -> None:
    async with place(tmp_path, BOX) as one:
        one.trouble = "connection refused"
        await one.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        for _ in range(10):
            await one.later(1)
        assert (one.looks, (await one.now()).outcome) == (2, Outcome.RUNNING)
        await one.later(1)
        found = await one.now()
        assert (one.looks, found.outcome, found.read_back) == (3, Outcome.DELIVERED, ReadBack.UNREADABLE)
        assert found.unseen == "connection refused"


async def test_a_mailbox_that_can_be_read_again_is_read_on(tmp_path: Path) -> None:
    async with place(tmp_path, BOX) as one:
        one.trouble = "connection refused"
        await one.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        for trouble in ("connection refused", "connection refused", "", "connection refused"):
            one.trouble = trouble
            await one.later(5)
        assert (one.looks, (await one.now()).outcome) == (4, Outcome.RUNNING)


async def test_a_mailbox_that_is_taken_away_meanwhile_is_said(tmp_path: Path) -> None:
    async with place(tmp_path, BOX) as one:
        await one.master.hold(HOTEL, "1", "Ada")
        await one.deliver()
        one.master.configure(WRITER, {HOTEL: desk()}, None, one._look)
        await one.later(1)
        assert (await one.now()).unseen == "it is not configured any more"
