"""What the porter knows, asked over its own API as any other program asks it."""

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp

from daemon.demo.switchboard import Episode

PATIENCE = aiohttp.ClientTimeout(total=3)
FRESH = 0.5
"""Seconds for which an answer is as good as a new one."""

LATE = timedelta(seconds=20)
"""What opens later than that after a fault has gone did not come of it."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An incident as the porter tells of it; `checks` as `integration/check`."""

    id: str
    title: str
    state: str
    severity: str
    cause: str
    checks: frozenset[str]
    opened_at: datetime
    resolved_at: datetime | None

    def came_of(self, episode: Episode) -> bool:
        """Say whether it is about what a fault turns, and of its time."""
        in_time = episode.until is None or self.opened_at <= episode.until + LATE
        lived = self.resolved_at is None or self.resolved_at >= episode.since
        return in_time and lived and bool(self.checks & episode.fault.checks)


class Witness:
    """Asks the porter at an address. Where it does not answer, what it last said still holds."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.answers = True
        self._session = session
        self._seen: Sequence[Seen] = ()
        self._asked = -FRESH

    async def incidents(self) -> Sequence[Seen]:
        """Return the newest incidents, the newest first."""
        if time.monotonic() - self._asked >= FRESH:
            said = await self._ask("/api/v1/incidents?limit=50")
            self._asked = time.monotonic()
            if said is not None:
                self._seen = tuple(_seen(one) for one in said["incidents"])
        return self._seen

    async def story(self, incident: str) -> Mapping[str, Any]:
        """Return all of an incident; nothing when the porter does not answer."""
        return await self._ask(f"/api/v1/incidents/{incident}") or {}

    async def states(self) -> Mapping[str, tuple[str, str]]:
        """Return state and message of every check, by `integration/check`."""
        said = await self._ask("/api/v1/status") or {"hotels": {}}
        return {
            f"{integration}/{check}": (str(one["state"]), str(one.get("message") or ""))
            for hotel in said["hotels"].values()
            for integration, about in hotel["integrations"].items()
            for check, one in about["checks"].items()
        }

    async def order(self, path: str, said: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """Ask the porter to do something; return the status of its answer, 0 of none, and what it says."""
        try:
            async with self._session.post(self.url + path, json=dict(said), timeout=PATIENCE) as answer:
                found = await answer.json()
                return answer.status, found if isinstance(found, dict) else {}
        except (TimeoutError, aiohttp.ClientError, ValueError):
            return 0, {}

    async def _ask(self, path: str) -> Any:
        try:
            async with self._session.get(self.url + path, timeout=PATIENCE) as answer:
                self.answers = answer.status == 200
                return await answer.json() if self.answers else None
        except (TimeoutError, aiohttp.ClientError, ValueError):
            self.answers = False
            return None


@asynccontextmanager
async def witness(url: str) -> AsyncIterator[Witness]:
    """Have somebody to ask while the context lasts."""
    async with aiohttp.ClientSession() as session:
        yield Witness(url, session)


def _seen(one: Mapping[str, Any]) -> Seen:
    return Seen(
        id=one["id"],
        title=one["title"],
        state=one["state"],
        severity=one["severity"],
        cause=one["cause"],
        # As `hotel/integration/check`: there is one hotel.
        checks=frozenset(check.partition("/")[2] for check in one["checks"]),
        opened_at=datetime.fromisoformat(one["opened_at"]),
        resolved_at=datetime.fromisoformat(one["resolved_at"]) if one["resolved_at"] else None,
    )
