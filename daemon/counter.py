"""The counter: what people ask, done here or handed to the replica that looks after the hotel."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from alerts.act import Act, ActRefusedError, Refusal, act_of
from alerts.change import Change
from alerts.diagnosis.table import MISTAKES
from alerts.incident import Incident
from checks.result import CheckId
from daemon.clock import Clock
from daemon.engine import Engine
from daemon.quiet import Quiet
from daemon.store import StateError, Store
from daemon.store.errors import ContradictionError
from daemon.store.wishes import Wish

log = structlog.get_logger()

ASK_EVERY = 0.2
"""Seconds between two looks for the answer of another replica."""

PATIENCE = 5.0
"""Seconds that somebody who asks is kept waiting for another replica."""

ACT, PING = "act", "ping"
"""The kinds of wishes: something about an incident, a job's heartbeat."""

DONE, OVER, REFUSED, UNKNOWN = "done", "over", "refused", "unknown"

Remember = Callable[[CheckId, Mapping[str, Any]], Awaitable[None]]


class Counter:
    """Takes what people ask. `holds` says whether a hotel is looked after here."""

    def __init__(
        self,
        engine: Engine,
        store: Store,
        clock: Clock,
        new_id: Callable[[], str],
        *,
        holds: Callable[[str], bool],
        remember: Remember,
    ) -> None:
        self._engine = engine
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._holds = holds
        self._remember = remember

    @property
    def quiet(self) -> Quiet:
        """The silences there are."""
        return self._engine.quiet

    async def silence(self, change: Change) -> None:
        """Write down what people ask of silences, and act upon it."""
        await self._engine.silence(change)

    async def act(self, incident: Incident, act: Act) -> Incident | None:
        """Do what a person asks of an incident; return it, or None when it is not open any more.

        Raise ActRefusedError when it cannot be done, StateError when it cannot be written down.
        """
        if self._holds(incident.hotel):
            return await self._engine.act(act.incident, act.decide)
        answer = await self._asked(incident.hotel, ACT, act.as_json(), act.incident)
        if answer["outcome"] == REFUSED:
            raise ActRefusedError(Refusal(answer["refusal"]), answer["words"])
        if answer["outcome"] != DONE:
            return None
        record = await self._store.incident(act.incident)
        return record.incident if record else None

    async def remember(self, check: CheckId, what: Mapping[str, Any]) -> None:
        """Write down what a check shall remember, and have it looked at; raise StateError if that fails."""
        if self._holds(check.hotel):
            await self._remember(check, what)
        else:
            await self._asked(check.hotel, PING, {"check": list(check), "what": dict(what)})

    async def _asked(
        self, hotel: str, kind: str, body: Mapping[str, Any], incident: str | None = None
    ) -> Mapping[str, Any]:
        """Return what the replica answers that looks after a hotel."""
        wish = Wish(self._new_id(), hotel, kind, body, self._clock.now(), incident)
        await self._store.wishes.ask(wish)
        try:
            async with asyncio.timeout(PATIENCE):
                while True:
                    answer = await self._store.wishes.answer_of(wish.id)
                    if answer is not None:
                        return answer
                    await asyncio.sleep(ASK_EVERY)
        except TimeoutError:
            raise StateError(
                f"the replica that looks after {hotel} has not answered yet; it will still be done"
            ) from None

    async def serve(self, hotels: frozenset[str]) -> None:
        """Do what was asked of other replicas about hotels that are looked after here."""
        for wish in await self._store.wishes.open(hotels):
            if self._holds(wish.hotel):
                await self._store.wishes.answer(wish.id, await self._carried_out(wish))

    async def _carried_out(self, wish: Wish) -> Mapping[str, Any]:
        try:
            if wish.kind == PING:
                await self._remember(CheckId(*wish.body["check"]), wish.body["what"])
                return {"outcome": DONE}
            act = act_of(wish.body)
            done = await self._engine.act(act.incident, act.decide)
        except ActRefusedError as refused:
            return {"outcome": REFUSED, "refusal": str(refused.refusal), "words": str(refused)}
        except (*MISTAKES, ContradictionError) as error:
            # What cannot be done must not stand before all others for ever.
            log.exception("wish.failed", hotel=wish.hotel, kind=wish.kind, error=str(error))
            return {"outcome": UNKNOWN}
        return {"outcome": OVER if done is None else DONE}
