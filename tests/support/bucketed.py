"""A history of what a test puts there."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from checks.result import CheckId
from daemon.buckets import Bucket
from daemon.store import StateError


@dataclass
class Past:
    """A history of what a test puts there: buckets by check, and by integration."""

    checks: dict[CheckId, list[Bucket]] = field(default_factory=dict)
    whole: dict[str, list[Bucket]] = field(default_factory=dict)
    widest: timedelta = timedelta(0)
    away: bool = False
    opens: asyncio.Event | None = None
    asked: int = 0

    async def buckets(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> dict[CheckId, list[Bucket]]:
        assert since < until
        assert width
        self.asked += 1
        if self.opens is not None:
            await self.opens.wait()
        return {
            one: row
            for one, row in self.checks.items()
            if one.hotel == hotel and integration in {None, one.integration} and check in {None, one.check}
        }

    async def between(
        self,
        hotel: str,
        integration: str | None = None,
        check: str | None = None,
        *,
        edges: Sequence[datetime],
    ) -> dict[CheckId, list[Bucket]]:
        if self.away:
            raise StateError("the shelf is away")
        since, until, width = edges[0], edges[-1], edges[1] - edges[0]
        return await self.buckets(hotel, integration, check, since=since, until=until, width=width)

    async def integrations(
        self,
        hotel: str,
        integration: str | None = None,
        *,
        since: datetime,
        until: datetime,
        width: timedelta,
    ) -> dict[str, list[Bucket]]:
        assert hotel
        assert since < until
        assert width
        return {name: row for name, row in self.whole.items() if integration in {None, name}}

    def width_for(self, _since: datetime, width: timedelta) -> timedelta:
        return max(width, self.widest)
