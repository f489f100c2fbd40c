"""One hotel's facts -> decisions, plans and letters; what the engine does not need a ledger for."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog

from alerts import wording
from alerts.aids.sight import Sight
from alerts.aids.table import PRODUCERS, Producer, aids
from alerts.briefing import brief
from alerts.change import Change, merged
from alerts.correspondence import Correspondent, HotelDesk, Surroundings
from alerts.decision import Decision, Plan, Step
from alerts.diagnosis.decision_table import RULES
from alerts.diagnosis.grouping import group
from alerts.diagnosis.rule import Rule
from alerts.dismissal import UNREACHED
from alerts.doubt import Doubts
from alerts.escalation import lapse, plan
from alerts.facts import Facts
from alerts.handover import ESCALATED, handover
from alerts.impact import deadline
from alerts.incident import Incident, IncidentState
from alerts.incidents import Scene, decide
from alerts.message_mail import Mail
from alerts.notification import Notification
from alerts.policy import Policy
from alerts.stranded import NO_STATE, under_policy, untold
from daemon.board import Board
from daemon.casebook import Casebook
from daemon.facts import facts_of
from daemon.names import Names
from daemon.quiet import Quiet

log = structlog.get_logger()

MOST_MISTAKES = 200
"""Mistakes of rules that are remembered, so that each is logged once."""

Told = Mapping[tuple[str, int], Sequence[Notification]]


BEGUN = frozenset({Step.OPENED, Step.REOPENED})
"""Steps that begin an epoch, of which nobody can have been told yet."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen and decided about one hotel, before it is planned who is told.

    When it is only a part of that, `more` says that it is not the last one.
    """

    hotel: str
    facts: Facts
    decisions: tuple[Decision, ...]
    doubts: Doubts
    to_plan: tuple[Incident, ...]
    steps: Mapping[str, Step]
    open: tuple[Incident, ...] = ()
    ended: tuple[Incident, ...] = ()
    more: bool = False

    def asks(self) -> list[Incident]:
        """Return the incidents of which it matters who has been told."""
        return [one for one in self.to_plan if self.steps.get(one.id) not in BEGUN]

    def parts(self, size: int) -> Iterator["Look"]:
        """Yield it, in parts when it has more incidents than `size`.

        What ends comes first, then together what gets another key: they make room for what begins.
        """
        if len(self.to_plan) <= size:
            yield self
            return
        chunks = [chunk for chunk in self._chunks(size) if chunk]
        for number, chunk in enumerate(chunks, 1):
            ids = {one.id for one in chunk}
            decisions = tuple(one for one in self.decisions if one.incident.id in ids)
            yield replace(self, to_plan=tuple(chunk), decisions=decisions, more=number < len(chunks))

    def _chunks(self, size: int) -> list[list[Incident]]:
        before = {one.id: one.key for one in self.open}
        ended: list[Incident] = []
        moved: list[Incident] = []
        rest: list[Incident] = []
        for one in self.to_plan:
            if one.state is IncidentState.RESOLVED:
                ended.append(one)
            else:
                (rest if before.get(one.id, one.key) == one.key else moved).append(one)
        return [*_chunks(ended, size), moved, *_chunks(rest, size)]


@dataclass(frozen=True, slots=True)
class Occasion:
    """When a plan is made: what was seen, who has been told, and how the hotel's integrations are."""

    look: Look
    rows: Sequence[Notification]
    statuses: Mapping[str, str]
    now: datetime


class Bench:
    """Where a hotel is judged. `replan` are ids of incidents that are to be planned again."""

    def __init__(
        self,
        board: Board,
        quiet: Quiet,
        new_id: Callable[[], str],
        rules: Sequence[Rule] = RULES,
        producers: Sequence[Producer] = PRODUCERS,
    ) -> None:
        self._board = board
        self._quiet = quiet
        self._new_id = new_id
        self._rules = rules
        self._producers = producers
        self._mistakes: set[str] = set()
        self._correspondent: Correspondent | None = None
        self._desks: dict[str, HotelDesk] = {}
        self._names: Names = {}
        self.replan: set[str] = set()

    def configure(
        self, correspondent: Correspondent | None, desks: Mapping[str, HotelDesk], names: Names
    ) -> None:
        """Judge and write by these from now on."""
        self._correspondent = correspondent
        self._desks.update(desks)
        self._names = names

    def look(self, hotel: str, book: Casebook, held: frozenset[str], now: datetime) -> Look:
        """Return what becomes of a hotel's incidents by what is known now."""
        recent = book.recent(hotel, now)
        facts = facts_of(self._board, hotel, self._names, recent.values(), now)
        current = book.current(hotel)
        groups = group(facts, self._rules, wording.unexplained, self._mistaken)
        scene = Scene(facts, groups, current, recent, self._desk(hotel).policy, held)
        outcome = decide(scene, book.doubts.get(hotel, {}), self._new_id, now)
        decided = {one.incident.id: one for one in outcome.decisions}
        lapsed = [
            lapse(one, now)
            for one in (decided[each.id].incident if each.id in decided else each for each in current)
            if one.state is not IncidentState.RESOLVED
        ]
        decisions = (*outcome.decisions, *(one for one in lapsed if one is not None))
        look = self._planned(hotel, facts, decisions, outcome.doubts, current)
        return replace(look, open=current, ended=tuple(recent.values()))

    def _mistaken(self, rule: Rule, error: Exception) -> None:
        """Say once that a rule has a mistake in it; what it would have explained has no known cause."""
        self._say_once("diagnosis.failed", str(rule.cause), error)

    def _unhelpful(self, producer: str, error: Exception) -> None:
        """Say once that what would help with incidents has a mistake in it; they are told without it."""
        self._say_once("aid.failed", producer, error)

    def _say_once(self, event: str, of: str, error: Exception) -> None:
        said = f"{of}: {type(error).__name__}: {error}"
        if said not in self._mistakes:
            self._mistakes = {*list(self._mistakes)[-MOST_MISTAKES:], said}
            log.error(event, of=of, error=said, exc_info=error)

    def single(self, decision: Decision, book: Casebook, now: datetime) -> Look:
        """Return a look at nothing but what a person has decided."""
        hotel = decision.incident.hotel
        facts = facts_of(self._board, hotel, self._names, (), now)
        found = {one.check: one for one in facts.breaches()}
        incident = decision.incident
        latest = tuple(found.get(one.check, one) for one in incident.breaches)
        decided = replace(decision, incident=replace(incident, breaches=latest))
        return self._planned(hotel, facts, (decided,), {}, ())

    def _planned(
        self,
        hotel: str,
        facts: Facts,
        decisions: tuple[Decision, ...],
        doubts: Doubts,
        current: Iterable[Incident],
    ) -> Look:
        latest = {one.id: one for one in current if one.id in self.replan}
        self.replan.difference_update(latest)
        latest |= {one.incident.id: one.incident for one in decisions}
        steps = {one.incident.id: one.step for one in decisions}
        return Look(hotel, facts, decisions, doubts, tuple(latest.values()), steps)

    def plan(
        self, look: Look, told: Told, now: datetime, mute: Callable[[Incident], bool]
    ) -> Iterator[Change]:
        """Yield the changes that a look amounts to, incident by incident, with timelines and letters.

        No letters are written about an open incident that is to be `mute`: its steps are not taken yet.
        """
        desk = self._desk(look.hotel)
        statuses = self._board.statuses(look.hotel)
        begun = False
        for incident in look.to_plan:
            rows = [] if look.steps.get(incident.id) in BEGUN else told[incident.id, incident.epoch]
            limit = deadline(look.facts, incident.diagnosis.cause, incident.breaches)
            concerned, moved = under_policy(incident, desk.policy, now)
            made = plan(
                concerned,
                look.steps.get(incident.id),
                rows,
                silenced=self._quiet.until(incident, now),
                staff=_staff(desk.policy) if look.hotel in self._desks else None,
                now=now,
                graver_at=limit.graver_at if limit else None,
                unreached=_unreached(incident, look.facts),
            )
            events = (*(one.event for one in look.decisions if one.incident.id == incident.id), *moved)
            written = self._written(
                made, incident.steps, Occasion(look, rows, statuses, now), muted=mute(incident)
            )
            yield merged((Change(events=events), written))
            if not begun and any(order.step == ESCALATED for order in made.orders):
                begun = True
                yield self._handed_over(look, desk, now)

    def _handed_over(self, look: Look, desk: HotelDesk, now: datetime) -> Change:
        """Return the digest for a level whose hours may just have begun."""
        loud = [one for one in look.open if self._quiet.until(one, now) is None]
        found = handover(loud, look.ended, desk.policy, now)
        if found is None or self._correspondent is None:
            return Change()
        return self._correspondent.hand_over(found, desk, now)

    def _written(self, made: Plan, steps: tuple[str, ...], occasion: Occasion, *, muted: bool) -> Change:
        """Return the change that a plan amounts to; `steps` are those that were taken before it."""
        if self._correspondent is None:
            return untold(made, steps)
        if muted and made.incident.state is not IncidentState.RESOLVED:
            return untold(made, steps, NO_STATE)
        return self._correspondent.write(
            made,
            self._desk(occasion.look.hotel),
            told=occasion.rows,
            surroundings=self._surroundings(made.incident, occasion.look.facts, occasion.statuses),
            now=occasion.now,
        )

    def brief(
        self,
        incident: Incident,
        rows: Sequence[Notification],
        statuses: Mapping[str, str],
        now: datetime,
    ) -> Mail:
        """Return what a letter about an incident would say now; `statuses` are those of its hotel."""
        facts = facts_of(self._board, incident.hotel, self._names, (), now)
        around = self._surroundings(incident, facts, statuses)
        return brief(incident, self._desk(incident.hotel), rows, around, now)

    def _surroundings(self, incident: Incident, facts: Facts, statuses: Mapping[str, str]) -> Surroundings:
        others = [(name, status) for name, status in statuses.items() if name not in incident.integrations]
        healthy = tuple(name for name, status in others if status == "healthy")
        sight = Sight(incident, facts, self._desk(incident.hotel), healthy)
        return Surroundings(
            healthy=healthy,
            affected=tuple(name for name, status in others if status in {"unhealthy", "degraded"}),
            deadline=deadline(facts, incident.diagnosis.cause, incident.breaches),
            aids=aids(sight, self._unhelpful, self._producers),
        )

    def _desk(self, hotel: str) -> HotelDesk:
        """Return a hotel's desk; one that is no longer configured may still owe letters."""
        return self._desks.get(hotel) or HotelDesk(hotel, hotel, ZoneInfo("UTC"), Policy(), {}, {}, {})


def _staff(policy: Policy) -> frozenset[str]:
    """Return all whom a policy names: addresses and channels, whose names are no addresses."""
    levels = ((*level.addresses, *level.channels) for level in policy.levels)
    return frozenset((*policy.front_desk, *policy.channels, *(one for names in levels for one in names)))


def _unreached(incident: Incident, facts: Facts) -> frozenset[str]:
    """Return those whom an incident is about, where it is about people whom no message reaches."""
    fact = facts.get(*UNREACHED)
    if fact is None or all(breach.check != fact.check for breach in incident.breaches):
        return frozenset()
    return frozenset(fact.values.get("recipients", "").splitlines())


def _chunks(incidents: Sequence[Incident], size: int) -> Iterator[list[Incident]]:
    return (list(incidents[start : start + size]) for start in range(0, len(incidents), size))
