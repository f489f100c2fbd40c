"""The simulated hotel in a test, and everything that the porter sees of it in one look."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.aids.aid import AidKind
from alerts.aids.sight import Sight
from alerts.aids.table import aids
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.grouping import group
from alerts.facts import Facts
from alerts.wording import unexplained
from checks.check import Check
from checks.connection import Connector
from checks.context import Tools
from checks.memory import Memories
from checks.result import Reason, Result, Sign, State
from daemon.cli.verdict import board_of
from daemon.clock import SystemClock
from daemon.demo.fault import Fault
from daemon.demo.hotel import Hotel
from daemon.demo.postgres import Postgres
from daemon.desks import desks
from daemon.facts import facts_of
from daemon.gate import Gate
from daemon.logs import Redactor
from daemon.names import names_of
from daemon.runner import Runner
from daemon.settings import Settings, checks_of, load
from tests.support.letters import incident

AT_ONCE = 50
PATIENCE = 4.0
"""Seconds that a check may take: more than in the demo, for the sake of slow machines."""


@asynccontextmanager
async def open_hotel(directory: Path, pg: Postgres | None = None) -> AsyncIterator[Hotel]:
    """Open a hotel in a directory; its database is made on `pg`, or on a server of its own."""
    async with Hotel.open(directory, pg) as hotel:
        yield hotel


class Visitor:
    """Looks at a hotel as the porter does, and remembers what the checks remember."""

    def __init__(self, hotel: Hotel) -> None:
        self._hotel = hotel
        self._connector = Connector()
        self._memories = Memories()
        self._loaded: tuple[str, Settings] | None = None

    def settings(self) -> Settings:
        """Return the settings that the hotel has now, read anew where they differ from the last."""
        text = self._hotel.configuration()
        if self._loaded is None or self._loaded[0] != text:
            path = self._hotel.directory / "nightporter.yml"
            path.write_text(text)
            self._loaded = text, load(path, {})
        return self._loaded[1]

    def checks(self) -> tuple[Check, ...]:
        """Return the checks of the hotel's configuration as it is now."""
        return tuple(replace(check, timeout=PATIENCE) for check in checks_of(self.settings()))

    def causes(self, seen: Mapping[str, Result], times: int = 1) -> dict[str, str]:
        """Return the cause of each check that failed `times` in a row, by `integration/check`."""
        facts = self._facts(self.settings(), seen, times)
        return {
            f"{breach.check.integration}/{breach.check.check}": str(one.cause)
            for one in group(facts, RULES, unexplained)
            for breach in one.breaches
        }

    def aids(self, seen: Mapping[str, Result], cause: str) -> set[AidKind]:
        """Return what the incident of a cause shows of aids."""
        assert self._loaded is not None, "it has looked"
        settings = self._loaded[1]
        facts = self._facts(settings, seen, 1)
        (found,) = (one for one in group(facts, RULES, unexplained) if str(one.cause) == cause)
        about = incident(
            *found.breaches,
            hotel=facts.hotel,
            integrations=found.integrations,
            diagnosis=found.diagnosis,
        )
        sight = Sight(about, facts, desks(settings)[facts.hotel])
        return {aid.kind for aid in aids(sight, lambda name, error: pytest.fail(f"{name}: {error}"))}

    def _facts(self, settings: Settings, seen: Mapping[str, Result], times: int) -> Facts:
        looks = [(check, seen["/".join(check.id[1:])]) for check in checks_of(settings)]
        board = board_of(settings.hotels[0], looks * times, now := SystemClock().now())
        return facts_of(board, settings.hotels[0].id, names_of(settings), (), now)

    async def look(self) -> dict[str, Result]:
        """Run every check once; return what they saw, by `integration/check`."""
        checks, clock = self.checks(), SystemClock()
        tools = Tools.new(clock.now, self._connector)
        tools.resolver.configure(["127.0.0.1"], self._hotel.names.port)
        runner = Runner(tools, self._memories, clock, Gate(per_target=AT_ONCE), Redactor(()))
        try:
            results = await asyncio.gather(*(runner.run(check) for check in checks))
        finally:
            await tools.close()
        seen = {}
        for check, result in zip(checks, results, strict=True):
            assert result is not None, check.id
            seen[f"{check.id.integration}/{check.id.check}"] = result
        return seen


def unwell(seen: Mapping[str, Result]) -> dict[str, tuple[State, Reason | None, str]]:
    """Return state, reason and message of what is not ok."""
    found = {name: (one.state, one.reason, one.message) for name, one in seen.items()}
    return {name: one for name, one in found.items() if one[0] is not State.OK}


def turned(seen: Mapping[str, Result]) -> dict[str, tuple[State, Reason | None, frozenset[Sign]]]:
    """Return state, reason and signs of what is not ok, or shows a sign; queues move as they like."""
    found = {name: (one.state, one.reason, one.signs - {Sign.QUEUE_MOVING}) for name, one in seen.items()}
    return {name: one for name, one in found.items() if one[0] is not State.OK or one[2]}


def expected(fault: Fault) -> dict[str, tuple[State, Reason | None, frozenset[Sign]]]:
    """Return what a fault is said to turn."""
    return {turn.check: (turn.state, turn.reason, turn.signs) for turn in fault.turns}
