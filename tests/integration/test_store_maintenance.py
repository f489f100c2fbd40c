"""The ledger of recurring tasks keeps who did what when, over both databases."""

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from alerts.change import Change
from alerts.maintenance import Entry
from daemon.store.maintenance import Known, enter_all
from tests.support.clock import START, FakeClock
from tests.support.stored import opened

DAY = timedelta(days=1)
LOGS, BACKUPS = ("h", "review-logs"), ("h", "test-backups")
DONE = Entry("e1", *LOGS, START, "Ana 🛎️", "two new errors \ud800, both known")


async def test_a_task_is_asked_for_since_it_was_first_seen(address: str) -> None:
    clock = FakeClock()
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(opened(address, clock))
        await store.maintenance.ask_for([LOGS])
        clock.advance(DAY.total_seconds())
        other = await stack.enter_async_context(opened(address, clock)) if store.shared else store
        await other.maintenance.ask_for([LOGS, BACKUPS])
        assert await store.maintenance.known(["h"]) == {
            LOGS: Known(START, None),
            BACKUPS: Known(START + DAY, None),
        }


async def test_a_task_asked_for_by_a_clock_that_was_ahead_is_asked_for_from_now_on(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        clock.advance(3650 * DAY.total_seconds())
        await store.maintenance.ask_for([LOGS])
        clock.jump(-3650 * DAY.total_seconds())
        await store.maintenance.ask_for([LOGS])
        assert await store.maintenance.known(["h"]) == {LOGS: Known(START, None)}


async def test_the_latest_entry_counts_and_all_are_kept(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.maintenance.ask_for([LOGS, BACKUPS, ("other", "review-logs")])
        later = replace(DONE, id="e0", at=START + DAY, note="")
        for entry in (later, DONE, replace(DONE, id="e2"), replace(DONE, id="x", hotel="other")):
            await store.maintenance.enter(entry)
        clock.advance(2 * DAY.total_seconds())
        await store.tidy()
        known = await store.maintenance.known(["h"])
        assert known == {LOGS: Known(START, later), BACKUPS: Known(START, None)}
        kept = replace(DONE, note="two new errors \ufffd, both known")
        everything = [later, replace(kept, id="e2"), kept]
        assert await store.maintenance.entries(*LOGS) == everything
        assert await store.maintenance.entries(*LOGS, limit=1) == everything[:1]
        assert await store.maintenance.entries(*LOGS, before="e0") == everything[1:]
        assert await store.maintenance.entries(*LOGS, before="e2") == everything[2:]
        assert await store.maintenance.entries(*LOGS, before="x") == []


async def test_what_a_clock_far_ahead_has_entered_counts_only_when_it_comes(address: str) -> None:
    clock = FakeClock()
    async with opened(address, clock) as store:
        await store.maintenance.enter(DONE)
        await store.maintenance.enter(replace(DONE, id="ahead", at=START + 365 * DAY))
        assert (await store.maintenance.known(["h"]))[LOGS].last == replace(
            DONE, note="two new errors \ufffd, both known"
        )
        assert len(await store.maintenance.entries(*LOGS)) == 2
        clock.advance(365 * DAY.total_seconds())
        last = (await store.maintenance.known(["h"]))[LOGS].last
        assert last is not None
        assert last.id == "ahead"


async def test_an_entry_stands_though_nobody_asked_for_its_task(address: str) -> None:
    async with opened(address) as store:
        await store.maintenance.enter(replace(DONE, note=""))
        assert await store.maintenance.known(["h"]) == {LOGS: Known(START, replace(DONE, note=""))}


async def test_what_is_entered_with_a_report_is_entered_once(address: str) -> None:
    ticked = replace(DONE, id="porter-1", note="", evidence="no new kind of error")
    async with opened(address) as store:
        for made in (ticked, replace(ticked, evidence="made twice")):
            await store.commit_with(Change(), partial(enter_all, found=[made]))
        await store.commit_with(Change(), partial(enter_all, found=[]))
        assert await store.maintenance.entries(*LOGS) == [ticked]
        assert await store.maintenance.known(["h"]) == {LOGS: Known(START, ticked)}
