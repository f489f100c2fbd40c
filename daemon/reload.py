"""A reload: the configuration is read anew and applied; a bad one changes nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

import structlog

from daemon.settings import ConfigError, Settings
from daemon.web.app import ReloadOutcome

log = structlog.get_logger()

NEEDS_RESTART = ("state", "listen")


class Ledger(Protocol):
    """Who counts reloads."""

    def reloaded(self, *, ok: bool, at: datetime) -> None:
        """Note how a reload went."""
        ...


class Reload:
    """Reloads, one at a time.

    `load` reads the configuration, `prepare` builds what takes long to build; both run in a thread, and raise
    when there is something wrong. `apply` works by the settings from then on.
    """

    def __init__(
        self,
        running_with: Settings,
        load: Callable[[], Settings],
        prepare: Callable[[Settings], None],
        apply: Callable[[Settings], Awaitable[None]],
        metrics: Ledger,
        *,
        now: Callable[[], datetime],
    ) -> None:
        self._running_with = running_with
        self._load = load
        self._prepare = prepare
        self._apply = apply
        self._metrics = metrics
        self._now = now
        self._turn = asyncio.Lock()

    async def __call__(self) -> ReloadOutcome:
        """Read the configuration again and apply it; a bad one changes nothing."""
        async with self._turn:
            try:
                settings = await asyncio.to_thread(self._load)
                await asyncio.to_thread(self._prepare, settings)
            except (ConfigError, ValueError) as error:
                problems = str(error).splitlines()
                log.warning("config.refused", problems=problems)
                self._metrics.reloaded(ok=False, at=self._now())
                return ReloadOutcome(ok=False, lines=problems)
            await self._apply(settings)
            notes = self._notes(settings)
            log.info("config.reloaded", notes=notes)
            return ReloadOutcome(ok=True, lines=notes)

    def _notes(self, settings: Settings) -> list[str]:
        return [
            f"`{key}` was changed: that takes a restart; everything else is applied"
            for key in NEEDS_RESTART
            if getattr(settings, key) != getattr(self._running_with, key)
        ]
