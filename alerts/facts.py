"""What is known of a hotel at one moment: the facts that a diagnosis reasons about."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from alerts.incident import Breach
from checks.findings import NO_FINDINGS, Findings
from checks.result import NO_PHASES, NO_SIGNS, NOTHING, CheckId, Phase, Reason, Sign, State

Truth = bool | None
"""True, false, or not known: a missing fact neither proves nor disproves."""

NO_VALUES: Mapping[str, str] = MappingProxyType({})


class Failure(NamedTuple):
    """One run that was not ok: when, why, what it saw, and what the target calls its answer."""

    at: datetime
    reason: Reason
    message: str
    request: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    """What the last run of a check saw; after a restart, what was decided before it.

    `type` is the check's type (`http`, `sql`, ...). `breach` is set while the check is breached. `values` are
    the names that steps and evidence may use (`host`, `port`, `url`, `process`, `path`, ...), without
    secrets. `stale` is set when the run is older than two intervals and decides nothing. `phases` holds
    seconds per phase gone through, `findings` what it found beside its verdict; `failures` are the last runs
    that were not ok, the oldest first, as far as they are remembered.
    """

    check: CheckId
    type: str
    state: State
    at: datetime
    reason: Reason | None = None
    message: str = ""
    signs: frozenset[Sign] = NO_SIGNS
    failed_phase: Phase | None = None
    measurements: Mapping[str, float] = field(default_factory=lambda: NOTHING)
    breach: Breach | None = None
    values: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    stale: bool = False
    phases: Mapping[Phase, float] = field(default_factory=lambda: NO_PHASES)
    findings: Findings = NO_FINDINGS
    failures: tuple[Failure, ...] = ()

    @property
    def clearing(self) -> bool:
        """Whether it is breached, but was well when last looked at."""
        return self.breach is not None and not self.breach.flapping and self.state is State.OK

    @property
    def lasting(self) -> bool:
        """Whether it is breached, and was not well when last looked at."""
        return self.breach is not None and (self.state is not State.OK or self.breach.flapping)

    @property
    def failing(self) -> bool:
        """Whether it was seen to fail when last looked at."""
        return self.state in {State.CRITICAL, State.WARNING}


class Facts:
    """All facts of one hotel, by integration and check. `kinds` maps integrations to kinds."""

    def __init__(self, hotel: str, now: datetime, kinds: Mapping[str, str], facts: Iterable[Fact]) -> None:
        self.hotel = hotel
        self.now = now
        self.kinds = kinds
        self._facts: dict[str, dict[str, Fact]] = {}
        self._lasting: dict[str, tuple[Fact, ...]] = {}
        for fact in facts:
            self._facts.setdefault(fact.check.integration, {})[fact.check.check] = fact

    def __iter__(self) -> Iterator[Fact]:
        return (fact for checks in self._facts.values() for fact in checks.values())

    @property
    def integrations(self) -> tuple[str, ...]:
        """The names of the integrations that have checks."""
        return tuple(self._facts)

    def of(self, integration: str) -> tuple[Fact, ...]:
        """Return the facts of an integration, stale ones too."""
        return tuple(self._facts.get(integration, {}).values())

    def lasting(self, integration: str) -> tuple[Fact, ...]:
        """Return the facts of an integration that are breached, and not just about to clear."""
        found = self._lasting.get(integration)
        if found is None:
            found = tuple(fact for fact in self.of(integration) if fact.lasting)
            self._lasting[integration] = found
        return found

    def get(self, integration: str, check: str) -> Fact | None:
        """Return a fact, or None when the check does not exist or was not looked at lately."""
        found = self._facts.get(integration, {}).get(check)
        return None if found is None or found.stale else found

    def exists(self, integration: str, check: str) -> bool:
        """Say whether there is such a check at all."""
        return check in self._facts.get(integration, {})

    def breaches(self) -> tuple[Breach, ...]:
        """Return all breaches, the worst and then the oldest first."""
        found = [fact.breach for fact in self if fact.breach is not None]
        return tuple(sorted(found, key=lambda one: (one.state is not State.CRITICAL, one.since, one.check)))
