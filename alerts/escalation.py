"""Who is told of an incident now, and who is next: from its state alone, whatever happened in between.

What is due and not among the steps that were done is done; so neither a restart nor an outage nor a silence
loses a step, and none is taken twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from alerts.acknowledgement import acknowledge, held_until, lapse
from alerts.change import Event
from alerts.decision import Addressee, Order, Plan, Step
from alerts.foresight import later
from alerts.incident import Incident, IncidentState, Severity
from alerts.message_mail import FRONT_DESK
from alerts.notification import Delivery, Kind, Notification
from alerts.outlook import Later, Outlook, heard, mark, news, outlook, severity_of, step_of
from alerts.policy import Policy
from alerts.roster import TOLD, Roster
from alerts.schedule import FIRST, SECOND, Times, Turn, turns

__all__ = ["acknowledge", "lapse", "plan"]

DEFERRED, RESOLVED = "deferred-2", "resolved"
ANNOUNCED = "problem-channels"
"""The step by which the channels that hear of everything are told first."""

_TELLING = frozenset({Kind.PROBLEM, Kind.UPDATE, Kind.ESCALATION, Kind.REMINDER})
_REMINDER_OF_WARNING = timedelta(days=1)


@dataclass(slots=True)
class _Draft:
    """A plan in the making."""

    incident: Incident
    policy: Policy
    roster: Roster
    now: datetime
    steps: list[str]
    orders: list[Order] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    busy: set[str] = field(default_factory=set)
    """Those who get a message by this plan already: one at a time is enough."""

    def order(self, kind: Kind, step: str, people: Sequence[Addressee], reason: str) -> None:
        """Take a step, and tell those of its people who are still there and not told otherwise."""
        self.note_removed(people)
        free = tuple(one for one in people if one.address not in self.busy and self.roster.stays(one.address))
        self.steps.append(step)
        self.busy.update(one.address for one in free)
        if free:
            self.orders.append(Order(kind, step, free, reason))

    def note_removed(self, people: Sequence[Addressee]) -> None:
        """Write down, once, that somebody is not told since they are no longer configured."""
        for one in people:
            step = f"removed-{one.address}"
            if not self.roster.stays(one.address) and step not in self.steps:
                self.steps.append(step)
                self.say("skipped", f"{one.address} is not told: no longer configured for this hotel")

    def say(self, kind: str, text: str) -> None:
        """Add a line to the timeline."""
        self.events.append(Event(self.incident.id, self.now, kind, text))

    def waiting(self, *kinds: Kind) -> list[str]:
        """Return the ids of messages of these kinds that nobody has begun to deliver."""
        return [row.id for row in self.roster.rows if row.state is Delivery.PENDING and row.kind in kinds]


def plan(
    incident: Incident,
    step: Step | None,
    told: Sequence[Notification],
    *,
    silenced: datetime | None,
    staff: frozenset[str] | None,
    now: datetime,
    graver_at: datetime | None = None,
    unreached: frozenset[str] = frozenset(),
) -> Plan:
    """Return what is to be told of an incident now, and the incident with what comes next.

    `step` is what was just decided, None for the mere passing of time; `told` are the notifications of the
    epoch. `silenced` is the end of a silence that covers it, if one does. `staff` are all addresses of the
    hotel's configuration, None when that is not known: who is in the policy and not there is skipped.
    `graver_at` is when data are at risk unless it ends. `unreached` are those whom the incident is about:
    who does not get messages.
    """
    policy = incident.policy or Policy()
    done = () if step in {Step.OPENED, Step.REOPENED} else incident.steps
    draft = _Draft(incident, policy, Roster(policy, told, staff, unreached), now, list(done))
    if incident.state is IncidentState.RESOLVED:
        _resolve(draft)
        return _planned(draft, Outlook())
    quiet = silenced if silenced is not None and silenced > now else None
    found = _go_on(draft, quiet, graver_at)
    return _planned(draft, found)


def _go_on(draft: _Draft, quiet: datetime | None, graver_at: datetime | None) -> Outlook:
    """Do what is due about an open incident, and return what comes next."""
    incident, policy, now = draft.incident, draft.policy, draft.now
    earliest = quiet or now
    held = max(earliest, held_until(incident) or earliest)
    times = Times(incident.opened_at, earliest, held)
    coming = turns(policy, incident.severity, incident.criteria, times, draft.roster.manned)
    rising = later(incident, policy, times, draft.roster.manned, graver_at=graver_at, now=now)
    promised = held_until(incident)
    if promised is not None and promised > now:
        _take_back(draft)
    if quiet is None and incident.parent is None:
        if policy.channels and ANNOUNCED not in draft.steps:
            draft.order(Kind.PROBLEM, ANNOUNCED, draft.roster.listeners(FIRST), "")
        _take_turns(draft, coming, rising)
        _tell_news(draft)
        _remind(draft, held)
    if quiet is not None or incident.parent is not None or held > now:
        draft.cancelled += draft.waiting(Kind.REMINDER)
    return outlook(
        replace(incident, steps=tuple(draft.steps)),
        coming,
        rising,
        draft.roster,
        silenced=quiet,
        aware=_first_aware(draft),
        reminder=_next_reminder(draft, held),
    )


def _planned(draft: _Draft, found: Outlook) -> Plan:
    after = replace(
        draft.incident, steps=tuple(draft.steps), next_step=found.next_step, standstill=found.standstill
    )
    return Plan(
        after,
        tuple(draft.orders),
        tuple(draft.superseded),
        tuple(draft.cancelled),
        tuple(draft.events),
    )


def _resolve(draft: _Draft) -> None:
    """Tell exactly those who were told; what still waits would be pointless."""
    if RESOLVED in draft.steps:
        return
    if DEFERRED in draft.steps and not any(one.startswith("escalation-") for one in draft.steps):
        draft.say("skipped", "level 2 is not told: it was over before the hours began that it waited for")
    draft.order(Kind.RESOLVED, RESOLVED, draft.roster.told(), "")
    draft.superseded += draft.waiting(*_TELLING)


def _take_back(draft: _Draft) -> None:
    """Withdraw what has not gone out to further levels: it is looked after, and their turn comes again."""
    untold = [
        row for row in draft.roster.rows if row.state is Delivery.PENDING and row.kind is Kind.ESCALATION
    ]
    draft.cancelled += [row.id for row in untold]
    for level in sorted({row.level for row in untold}):
        if step_of(level) in draft.steps:
            draft.steps.remove(step_of(level))
            draft.say("withdrawn", f"the message to level {level} had not gone out yet, and waits")


def _take_turns(draft: _Draft, coming: Sequence[Turn], rising: Sequence[Later]) -> None:
    for turn in coming:
        name = step_of(turn.level)
        if name in draft.steps or turn.due is None or turn.due > draft.now:
            continue
        people = draft.roster.people(turn.level)
        if turn.at is None:
            draft.note_removed(people)
        elif turn.at <= draft.now:
            if turn.level in {FIRST, FRONT_DESK}:
                draft.order(Kind.PROBLEM, name, people, "")
                continue
            everybody = (*people, *draft.roster.listeners(turn.level))
            untold = [one for one in everybody if not draft.roster.escalated_to(one)]
            draft.order(Kind.ESCALATION, name, untold, _why(turn))
            if draft.incident.severity is Severity.CRITICAL:
                _skip_word(draft, turn)
    for turn in coming:
        if turn.waits and turn.at is not None and turn.due is not None and turn.due <= draft.now:
            _defer(draft, turn, turn.at, rising)


def _why(turn: Turn) -> str:
    """Say why a level's turn has come."""
    if turn.waits:
        return f"the hours of level {turn.level} have begun, and nobody has acknowledged it"
    return turn.why


def _defer(draft: _Draft, turn: Turn, opening: datetime, rising: Sequence[Later]) -> None:
    """Tell level 1, once, that the next level waits for its hours."""
    second = draft.policy.level(SECOND)
    if DEFERRED in draft.steps or step_of(turn.level) in draft.steps or second is None:
        return
    local = opening.astimezone(second.hours.zone)
    when = f"{local:%H:%M} on {local:%A}, {local.day} {local:%B}"
    sooner = _before(turn, opening, rising)
    if sooner is not None:
        when += f", or at {sooner.astimezone(second.hours.zone):%H:%M} when it becomes an emergency"
    reason = f"level {turn.level} ({turn.role}) is outside its hours, and is told at {when}"
    first = [one for one in draft.roster.told() if one.level == FIRST]
    draft.order(Kind.UPDATE, DEFERRED, first, reason)


def _before(turn: Turn, opening: datetime, rising: Sequence[Later]) -> datetime | None:
    """Return when a level that waits for its hours is told before them, since time makes it graver."""
    same = (one.at for each in rising for one in each.coming if one.level == turn.level)
    return min((at for at in same if at is not None and at < opening), default=None)


def _skip_word(draft: _Draft, turn: Turn) -> None:
    """Write down that level 1 was not told of a wait that is over: nobody was there to tell it in time."""
    waited, second = draft.incident.next_step, draft.policy.level(SECOND)
    if DEFERRED in draft.steps or waited is None or second is None or waited.level != turn.level:
        return
    due = draft.incident.opened_at + draft.policy.after_level_2
    if due < waited.at <= draft.now and not second.hours.is_open(waited.at - timedelta.resolution):
        draft.steps.append(DEFERRED)
        draft.say("skipped", f"level 1 was not told that level {turn.level} waits: it is told now")


def _tell_news(draft: _Draft) -> None:
    """Tell those who know of the incident when it is graver, or has another cause, than they last heard.

    The front desk has been promised to hear of nothing else but a rise and the end.
    """
    last, current = heard(draft.steps), mark(draft.incident)
    told = draft.roster.told()
    if last is None:
        if draft.orders or told:
            draft.steps.append(f"announced-{current}")
        return
    step = f"update-{current}"
    if last != current and step not in draft.steps:
        risen = severity_of(last) != draft.incident.severity
        people = [one for one in told if risen or one.level != FRONT_DESK]
        draft.order(Kind.UPDATE, step, people, news(last, draft.incident))


def _remind(draft: _Draft, held: datetime) -> None:
    at = _next_reminder(draft, held)
    if at is None or at > draft.now:
        return
    number = sum(one.startswith("reminder-") for one in draft.steps) + 1
    draft.superseded += draft.waiting(Kind.REMINDER)
    draft.order(Kind.REMINDER, f"reminder-{number}", draft.roster.reached(), "")


def _next_reminder(draft: _Draft, held: datetime) -> datetime | None:
    """Return when those who were told are reminded, if there are any."""
    every = draft.policy.remind_every
    if draft.incident.severity is Severity.WARNING:
        every = max(every, _REMINDER_OF_WARNING)
    if _first_aware(draft) is None:
        return None
    sent = (row.created_at for row in draft.roster.rows if row.state in TOLD)
    last = draft.now if draft.orders else max(sent)
    return max(last + every, held)


def _first_aware(draft: _Draft) -> str | None:
    """Return the first level of which somebody knows, by this plan or an earlier one."""
    ordered = (one for order in draft.orders for one in order.people if draft.roster.is_of_a_level(one))
    return min((one.level for one in (*ordered, *draft.roster.reached())), default=None)
