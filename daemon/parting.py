"""The end of a duty: what is kept and owed is written down, and the outboxes are tried once."""

from collections.abc import Awaitable, Callable, Iterable
from functools import partial

from daemon.clock import Clock
from daemon.engine import Engine
from daemon.keeper import Keeper
from daemon.mailroom import Mailroom
from daemon.ticks import Loop

GRACE = 3.0
"""Seconds that runs in flight, and then the mails being sent, are given at the end."""


async def put_down(
    engine: Engine,
    thinker: Loop,
    keeper: Keeper,
    last: Iterable[Callable[[], Awaitable[None]]],
    *,
    mailroom: Mailroom,
    clock: Clock,
) -> None:
    """Write down what is kept and owed, and try the outboxes once; say what is lost.

    `last` is what else is to be written down.
    """
    books, grace = engine.beliefs.books, GRACE
    if books.away is None and thinker.error is None:
        await Loop("note", keeper.note, clock, deadline=1.0).once()
        await Loop("memories", keeper.remember, clock, deadline=1.0).once()
        for finish in last:
            await Loop("last", finish, clock, deadline=1.0).once()
    else:
        grace /= 2
    drain = partial(mailroom.drain, grace)
    await Loop("outbox", drain, clock, deadline=grace + 0.5).once()
    if books.backlog.owed():
        await Loop("books", engine.catch_up, clock, deadline=1.0).once()
        books.confess(books.backlog.owed(), "the porter ends, and cannot use its state")
