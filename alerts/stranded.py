"""Incidents whose plan cannot be carried out: all people have gone, or there is no way to write to them."""

from dataclasses import replace
from datetime import datetime

from alerts.change import Change, Event
from alerts.decision import Plan
from alerts.incident import Incident, IncidentState
from alerts.message_mail import FRONT_DESK
from alerts.outlook import step_of
from alerts.policy import Policy

NO_MAIL = "no mail is configured: nobody can be told"
NO_STATE = "the state cannot be used: who is due is told when it can be"
MOVED = "nobody whom it was to be told to is configured any more: those who are now are told in their place"


def under_policy(incident: Incident, present: Policy, now: datetime) -> tuple[Incident, tuple[Event, ...]]:
    """Return an incident with the policy it goes by, and the line of its timeline when that is another one.

    It is the one of the opening as long as anybody of its levels is among those of the `present` one: a team
    that got new addresses must not leave an incident that nobody hears of.
    """
    if incident.policy is None:
        return replace(incident, policy=present), ()
    before, people = _people(incident.policy), _people(present)
    if before & people or not people or incident.state is IncidentState.RESOLVED:
        return incident, ()
    kept = tuple(step for step in incident.steps if step == step_of(FRONT_DESK))
    return replace(incident, policy=present, steps=kept), (Event(incident.id, now, "policy", MOVED),)


def untold(made: Plan, steps: tuple[str, ...], why: str = NO_MAIL) -> Change:
    """Return the change of a plan that cannot be carried out, for want of mail for one.

    No step counts as taken but `steps`, those that were before: what is due is told once that is over.
    """
    after = made.incident
    if after.state is IncidentState.RESOLVED:
        return Change(incidents=(after,), superseded=made.superseded, events=made.events)
    standstill = after.standstill if after.parent else why
    return Change(incidents=(replace(after, steps=steps, next_step=None, standstill=standstill),))


def _people(policy: Policy) -> set[str]:
    """Return whom a policy reaches: its people, and only where there are none, its channels."""
    people = {one for level in policy.levels for one in level.addresses}
    return people or {one for level in policy.levels for one in level.channels} or set(policy.channels)
