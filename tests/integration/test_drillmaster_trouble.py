"""Several drills at once: trouble with one is told, and keeps no other from its end."""

import asyncio
from pathlib import Path

import pytest

from alerts.drill import Outcome
from alerts.drill_options import Mailbox
from tests.integration.test_drillmaster import BOX, HOTEL, place
from tests.support.drills import WRITER, desk


async def test_trouble_with_one_drill_keeps_no_other_from_its_end(tmp_path: Path) -> None:
    async with place(tmp_path, BOX) as one:
        held = [await one.master.hold(hotel, "1", "Ada") for hotel in (HOTEL, "h")]
        await one.deliver(20)
        hotels = {copy.message_id: drill.hotel for drill in held for copy in drill.copies}
        failed = asyncio.Event()

        async def look(_mailbox: Mailbox, message_id: str) -> bool:
            if hotels[message_id] == HOTEL:
                failed.set()
                raise AssertionError("a mistake of ours")
            return await failed.wait()

        one.master.configure(WRITER, {HOTEL: desk(), "h": desk("h")}, BOX, look)
        with pytest.raises(AssertionError, match="a mistake of ours"):
            await one.later(1)
        assert [(await one.now(drill.id)).outcome for drill in held] == [Outcome.RUNNING, Outcome.DELIVERED]
