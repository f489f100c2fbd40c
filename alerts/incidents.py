"""Groups of breaches -> incidents: when one opens, changes, comes back and ends.

A breach stays with the incident that took it until it clears, or until two looks in a row have shown that it
has another cause. So an announced cause does not flicker, and what is about to clear opens nothing new.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts import passing
from alerts.change import Event
from alerts.criteria import RANK, Case, criteria, severity
from alerts.decision import Decision, Step
from alerts.diagnosis.grouping import Group
from alerts.difference import difference
from alerts.doubt import Doubt, Doubts, courted, weigh
from alerts.facts import Facts
from alerts.impact import deadline
from alerts.incident import Breach, Criterion, Incident, IncidentState
from alerts.policy import Policy
from checks.result import CheckId

REOPENS_WITHIN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Scene:
    """A hotel at one moment: what is broken, and the incidents there are.

    `current` are the open ones; `recent` those that ended within a day, by key. New breaches of the
    integrations in `held` wait for a look at their siblings.
    """

    facts: Facts
    groups: tuple[Group, ...]
    current: tuple[Incident, ...]
    recent: Mapping[str, Incident]
    policy: Policy
    held: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a look at the scene decides, and the doubts that remain."""

    decisions: tuple[Decision, ...] = ()
    doubts: Doubts = field(default_factory=dict)


@dataclass(slots=True)
class _Work:
    """Who has which breach, while it is being decided."""

    scene: Scene
    doubts: dict[CheckId, Doubt]
    now: datetime
    breached: dict[CheckId, Breach]
    groups: dict[str, Group]
    seats: dict[CheckId, Group]
    """The group that each failing check is in."""
    members: dict[str, list[CheckId]]
    """Breached checks by the incident that has them."""
    taken: dict[str, Incident] = field(default_factory=dict)
    """Incidents by the key of the group they are about."""
    drafts: dict[str, Incident] = field(default_factory=dict)
    """Incidents as they will be, by id."""
    explained: set[str] = field(default_factory=set)


def decide(scene: Scene, doubts: Doubts, new_id: Callable[[], str], now: datetime) -> Outcome:
    """Return what becomes of a hotel's incidents."""
    breached = {one.check: one for one in scene.facts.breaches()}
    seats = {one.check: group for group in scene.groups for one in group.breaches}
    current = sorted(scene.current, key=lambda one: (one.opened_at, one.id))
    work = _Work(
        scene,
        weigh(doubts, [one for one in current if not passing.passes(one)], seats, scene.facts),
        now,
        breached,
        {one.key: one for one in scene.groups},
        seats,
        {one.id: passing.members(one, breached, seats) for one in current},
    )
    for incident in current:
        _settle(work, incident)
    opened = _open_new(work, new_id)
    over = {one.id for one in current if not (work.members[one.id] or passing.stays(one, scene.facts, now))}
    made = [_ended(work, one) if one.id in over else _changed(work, one) for one in current]
    return Outcome((*(one for one in made if one is not None), *opened), work.doubts)


def _settle(work: _Work, incident: Incident) -> None:
    """Find the group that an open incident is about, and the breaches it keeps."""
    members = work.members[incident.id]
    failing = [check for check in members if check in work.seats]
    own = work.groups.get(incident.key)
    if own is not None and own.cause is incident.diagnosis.cause and own.key not in work.taken:
        _keep(work, incident, own)
    elif failing and all(_convinced(work, check) for check in failing):
        _follow(work, incident, failing)
    else:
        work.taken.setdefault(incident.key, incident)
        work.drafts[incident.id] = incident


def _convinced(work: _Work, check: CheckId) -> bool:
    doubt = work.doubts.get(check)
    return doubt is not None and doubt.convinced


def _keep(work: _Work, incident: Incident, own: Group) -> None:
    """Go on with the cause that was announced; what has certainly another cause goes its own way."""
    kept = [
        check
        for check in work.members[incident.id]
        if work.seats.get(check, own) is own or not _convinced(work, check)
    ]
    for check in set(work.members[incident.id]) - set(kept):
        work.doubts.pop(check, None)
    work.members[incident.id] = kept
    work.taken[own.key] = incident
    work.drafts[incident.id] = replace(
        incident,
        diagnosis=own.diagnosis,
        title=own.diagnosis.title or incident.title,
        integrations=tuple(dict.fromkeys((*incident.integrations, *own.integrations))),
        parent=None,
    )


def _follow(work: _Work, incident: Incident, failing: list[CheckId]) -> None:
    """Take another cause than the one announced; an incident that has it already takes this one's place."""
    target = work.groups[Counter(work.seats[check].key for check in failing).most_common(1)[0][0]]
    other = work.taken.get(target.key) or _holder(work, target.key, incident)
    if other is not None:
        work.drafts[incident.id] = replace(incident, parent=other.id)
        for check in failing:
            work.doubts.pop(check, None)
        return
    work.members[incident.id] = [
        check for check in work.members[incident.id] if work.seats.get(check, target) is target
    ]
    work.taken[target.key] = incident
    for check in failing:
        work.doubts.pop(check, None)
    if target.cause is not incident.diagnosis.cause or incident.parent is not None:
        work.explained.add(incident.id)
    work.drafts[incident.id] = replace(
        incident,
        key=target.key,
        diagnosis=target.diagnosis,
        title=target.diagnosis.title or incident.title,
        integrations=target.integrations,
        parent=None,
    )


def _holder(work: _Work, key: str, incident: Incident) -> Incident | None:
    return next((one for one in work.scene.current if one.key == key and one.id != incident.id), None)


def _open_new(work: _Work, new_id: Callable[[], str]) -> list[Decision]:
    """Give every breach that no incident has to the incident of its group, or open one."""
    owned = {check for checks in work.members.values() for check in checks}
    wooed = courted(work.doubts, work.now)
    opened: list[Decision] = []
    for group in work.scene.groups:
        fresh = [one.check for one in group.breaches if one.check not in owned]
        incident = work.taken.get(group.key)
        if not fresh:
            continue
        if incident is not None:
            work.members[incident.id] += fresh
            _extend(work, incident, group)
        elif group.key not in wooed and not any(one.integration in work.scene.held for one in fresh):
            opened.append(_opened(work, group, fresh, new_id))
    return opened


def _extend(work: _Work, incident: Incident, group: Group) -> None:
    draft = work.drafts[incident.id]
    names = tuple(dict.fromkeys((*draft.integrations, *group.integrations)))
    work.drafts[incident.id] = replace(draft, integrations=names)


def _opened(work: _Work, group: Group, fresh: list[CheckId], new_id: Callable[[], str]) -> Decision:
    recent = work.scene.recent.get(group.key)
    if recent is not None and recent.resolved_at and work.now - recent.resolved_at > REOPENS_WITHIN:
        recent = None
    reopened = (*recent.reopened, work.now) if recent else ()
    incident = Incident(
        id=recent.id if recent else new_id(),
        key=group.key,
        hotel=work.scene.facts.hotel,
        integrations=group.integrations,
        breaches=tuple(work.breached[check] for check in fresh),
        diagnosis=group.diagnosis,
        severity=severity((), work.now, work.scene.policy, work.now),
        criteria=(),
        title=group.diagnosis.title,
        state=IncidentState.OPEN,
        opened_at=work.now,
        epoch=recent.epoch + 1 if recent else 1,
        thread_root=recent.thread_root if recent else None,
        reopened=tuple(at for at in reopened if work.now - at <= work.scene.policy.reopened_within),
        policy=work.scene.policy,
    )
    judged = _judged(work, incident, group)
    step = Step.REOPENED if recent else Step.OPENED
    return Decision(step, judged, Event(judged.id, work.now, step, f"{step}: {judged.title}"))


def _changed(work: _Work, before: Incident) -> Decision | None:
    """Return what is new about an open incident; its severity and criteria only rise."""
    draft = work.drafts[before.id]
    found = tuple(work.breached[check] for check in dict.fromkeys(work.members[before.id]))
    found = found or passing.quietly(before.breaches, work.now)
    after = _judged(work, replace(draft, breaches=found), work.groups.get(draft.key))
    if _essence(after) == _essence(before):
        return None
    worse = RANK[after.severity] > RANK[before.severity] or not set(after.criteria) <= set(before.criteria)
    step = Step.EXPLAINED if before.id in work.explained else Step.WORSENED if worse else Step.CHANGED
    said = passing.QUIET if passing.is_quiet(after) else difference(before, after)
    return Decision(step, after, Event(after.id, work.now, step, said))


def _judged(work: _Work, incident: Incident, group: Group | None) -> Incident:
    """Return the incident with its criteria and severity as they are now, never less than they were."""
    policy = incident.policy or work.scene.policy
    breaches = (*incident.breaches, *_explained_by(work, incident))
    limit = deadline(work.scene.facts, incident.diagnosis.cause, breaches)
    case = Case(
        incident.diagnosis.cause,
        breaches,
        work.scene.facts,
        policy,
        incident.opened_at,
        incident.reopened,
        group.touched if group else frozenset(),
        limit.graver_at if limit else None,
    )
    held = criteria(case, work.now)
    found = severity((*incident.criteria, *held), incident.opened_at, policy, work.now)
    return replace(
        incident,
        criteria=tuple(one for one in Criterion if one in {*incident.criteria, *held}),
        severity=found if RANK[found] > RANK[incident.severity] else incident.severity,
    )


def _explained_by(work: _Work, incident: Incident) -> tuple[Breach, ...]:
    """Return the breaches of incidents that this one is told of in place of: it is as bad as they are."""
    return tuple(
        work.breached[check]
        for one in work.drafts.values()
        if one.parent == incident.id
        for check in work.members[one.id]
    )


def _essence(incident: Incident) -> tuple[object, ...]:
    """Return what of an incident is news when it differs: numbers in messages are not."""
    return (
        frozenset((one.check, one.state, one.reason) for one in incident.breaches),
        incident.criteria,
        incident.severity,
        incident.diagnosis.cause,
        incident.key,
        incident.integrations,
        incident.parent,
        passing.marks(incident),
    )


def _ended(work: _Work, incident: Incident) -> Decision:
    watched = passing.watched(incident, work.scene.facts)
    outcome = "works again" if watched else "is no longer watched: the configuration changed"
    if watched and passing.passes(incident):
        outcome = passing.OVER
    elif any(one.check in work.breached for one in incident.breaches):
        outcome = "turned out to have another cause, which is told of by itself"
    return resolved(incident, outcome, work.now)


def resolved(incident: Incident, outcome: str, now: datetime, *, dismissed: bool = False) -> Decision:
    """Return the end of an incident; `dismissed` by a person, whatever its checks say."""
    after = replace(
        incident,
        state=IncidentState.RESOLVED,
        resolved_at=now,
        outcome=outcome,
        parent=None,
        next_step=None,
        standstill="",
        dismissed=dismissed,
    )
    return Decision(Step.RESOLVED, after, Event(after.id, now, Step.RESOLVED, f"resolved: {outcome}"))
