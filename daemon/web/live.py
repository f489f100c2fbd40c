"""`/events`: tells pages that are being looked at when something has changed, by server-sent events.

An event carries nothing but its name: the page asks for itself again, and sees what it may see.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing, suppress

from aiohttp import hdrs, web

from daemon.web.answer import RefusedError
from daemon.web.deps import Deps
from daemon.web.door import ENTRY

LOOK_EVERY = 1.0
"""Seconds between two looks at whether anything has changed, while anybody listens."""

BEAT_EVERY = 5
"""Looks after which pages are told to ask again anyway: figures and times go on."""

LASTS = 3600.0
"""Seconds that a stream goes on: a page that is still there asks again, one that hangs has had its time."""

MOST = 100
"""Pages that may listen at the same time; further ones ask every half minute by themselves."""

HEADERS = {hdrs.CONTENT_TYPE: "text/event-stream", "X-Accel-Buffering": "no"}
CHANGED, BEAT = b"event: changed\ndata: 1\n\n", b"event: beat\ndata: 1\n\n"
END = b""
"""What ends a stream."""

TAKEN_WITHIN = 10.0
"""Seconds in which a listener must take an event."""


class Pulse:
    """Looks for all listeners at once whether anything has changed: whether the stamp is another one."""

    def __init__(self, stamp: Callable[[], Awaitable[Hashable]], lasts: float = LASTS) -> None:
        self._stamp = stamp
        self._lasts = lasts
        self._listeners: set[asyncio.Queue[bytes]] = set()
        self._looking: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._listeners)

    async def events(self) -> AsyncGenerator[bytes]:
        """Yield events until whoever listens has enough, or has had it; one not taken is not sent twice."""
        queue: asyncio.Queue[bytes] = asyncio.Queue(1)
        self._listeners.add(queue)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())
        loop = asyncio.get_running_loop()
        until = loop.time() + self._lasts
        try:
            while (event := await queue.get()) and loop.time() < until:
                yield event
        finally:
            self._listeners.discard(queue)

    async def close(self) -> None:
        """Stop looking, and end what is listened to."""
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        self._tell(END)

    async def _look(self) -> None:
        try:
            await self._watch()
        finally:
            # Should a look have failed: who listens asks again, and is not left with an old page.
            self._tell(END)

    async def _watch(self) -> None:
        seen, looks = await self._stamp(), 0
        while self._listeners:
            await asyncio.sleep(LOOK_EVERY)
            stamp, looks = await self._stamp(), looks + 1
            if stamp != seen:
                self._tell(CHANGED)
            elif looks % BEAT_EVERY == 0:
                self._tell(BEAT)
            seen = stamp

    def _tell(self, event: bytes) -> None:
        for queue in self._listeners:
            with suppress(asyncio.QueueEmpty):
                queue.get_nowait()
            queue.put_nowait(event)


async def stamp(deps: Deps) -> Hashable:
    """Return what differs when a page would show something else that matters."""
    board = await deps.whole()
    return (
        tuple(view.status for view in board.integrations.values()),
        tuple(
            (one.id, one.epoch, one.state, one.severity, one.diagnosis.cause)
            for one in board.incidents.values()
        ),
        tuple(one.id for one in deps.desk.quiet.all()),
    )


PULSE = web.AppKey("pulse", Pulse)


async def events(request: web.Request) -> web.StreamResponse:
    """Send events for as long as they are listened to, by somebody who may still come in."""
    pulse, entry = request.app[PULSE], request.get(ENTRY)
    if len(pulse) >= MOST:
        raise RefusedError(503, "Too many pages are listening: ask again later.")
    response = web.StreamResponse(headers=HEADERS)
    await response.prepare(request)
    if request.method == hdrs.METH_HEAD:
        return response
    async with aclosing(pulse.events()) as told:
        async for event in told:
            if entry is not None and not entry.holds():
                break
            async with asyncio.timeout(TAKEN_WITHIN):
                await response.write(event)
    return response


async def hush(app: web.Application) -> None:
    """End all streams, lest they hold up the end of the porter."""
    await app[PULSE].close()
