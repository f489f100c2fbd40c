"""Tells what the porter sees while it sees it."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager

from alerts.message_text import clean
from daemon.demo.frame import say
from daemon.demo.witness import Witness

LOOK_EVERY = 0.5
SILENCE = 8
"""Looks without news after which it is said that the porter is still at it."""

ONE_BY_ONE = 3
"""Checks that turn at the same time and are told of one by one."""


@asynccontextmanager
async def told_by(witness: Witness, checks: Collection[str]) -> AsyncIterator[None]:
    """Tell of checks, by `integration/check`, when the porter sees them turn, while the context lasts."""
    watching = asyncio.create_task(_watch(witness, checks))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.wait([watching])


async def _watch(witness: Witness, checks: Collection[str]) -> None:
    known, quiet = dict.fromkeys(checks, "ok"), 0
    while True:
        await asyncio.sleep(LOOK_EVERY)
        states = {check: found for check, found in (await witness.states()).items() if check in known}
        turned = sorted(check for check, (state, _) in states.items() if state != known[check])
        known |= {check: state for check, (state, _) in states.items()}
        quiet = 0 if turned else quiet + 1
        for check in turned[:ONE_BY_ONE]:
            state, message = states[check]
            say(f"The porter sees {check} {state}{f': {clean(message)}' if message else ''}")
        if len(turned) > ONE_BY_ONE:
            say(f"... and so are {len(turned) - ONE_BY_ONE} more")
        if quiet and quiet % SILENCE == 0:
            say("The porter looks again, to be sure ...")
