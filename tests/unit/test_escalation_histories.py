"""What holds of every incident, whatever happens to it and in whatever order."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.incident import Cause, IncidentState, Severity
from alerts.notification import Delivery, Kind
from alerts.outlook import step_of
from alerts.roster import TOLD
from tests.support.story import Story
from tests.support.zones import at

Said = list[tuple[str, str, str]]
RISE = {Severity.WARNING: Severity.CRITICAL, Severity.CRITICAL: Severity.EMERGENCY}

ACTS = st.one_of(
    st.tuples(st.just("pass"), st.sampled_from([1, 10, 16, 31, 61, 240, 700, 1500, 4000])),
    st.tuples(st.just("acknowledge"), st.sampled_from([5, 60, 900])),
    st.tuples(st.just("silence"), st.sampled_from([10, 120, 900])),
    st.tuples(
        st.sampled_from(["rise", "explain", "suppress", "release", "speak", "resolve", "wait", "deliver"]),
        st.just(0),
    ),
)


def act(story: Story, what: str, minutes: int) -> Said:
    """Let something happen to an incident; what cannot happen to it does not."""
    span = timedelta(minutes=minutes)
    if story.incident.state is IncidentState.RESOLVED:
        return comes_back(story) if what == "resolve" else []
    if what == "pass":
        return passes(story, span)
    if what == "acknowledge":
        return story.acknowledged(story.now + span)
    if what == "rise":
        return story.becomes(RISE.get(story.incident.severity, Severity.EMERGENCY))
    if what == "explain":
        return story.is_caused_by(Cause.RATE_LIMITED)
    return changes(story, what, span)


def comes_back(story: Story) -> Said:
    story.silenced = None
    story.now += timedelta(minutes=7)
    return story.reopens(Severity.WARNING)


def changes(story: Story, what: str, span: timedelta) -> Said:
    if what == "resolve":
        story.incident = replace(story.incident, parent=None)
        return story.resolves()
    if what == "silence":
        story.silenced = story.now + span
    elif what == "speak":
        story.silenced = None
    elif what in {"suppress", "release"}:
        story.incident = replace(story.incident, parent="9" if what == "suppress" else None)
    else:
        story.delivers = Delivery.PENDING if what == "wait" else Delivery.SENT
    return story.tell()


def passes(story: Story, span: timedelta) -> Said:
    if story.silenced is not None and story.silenced <= story.now + span:
        story.silenced = None
    return story.after(minutes=span.total_seconds() / 60)


@settings(max_examples=150, deadline=None)
@given(
    st.integers(0, 7 * 24 * 4),
    st.sampled_from(list(Severity)),
    st.lists(ACTS, min_size=1, max_size=25),
)
def test_every_history_keeps_the_promises(
    quarter: int, severity: Severity, acts: list[tuple[str, int]]
) -> None:
    story = Story(at("2026-03-26 00:00") + timedelta(minutes=15 * quarter), severity)
    told, done = set[str](), set[tuple[int, str, str]]()
    for what, minutes in [("open", 0), *acts]:
        epoch = story.incident.epoch
        messages = story.opens() if what == "open" else act(story, what, minutes)
        if story.incident.epoch != epoch:
            told = set()
        holds(story, messages, told)
        for step, _, name in messages:
            assert (story.incident.epoch, step, name) not in done
            done.add((story.incident.epoch, step, name))
        assert len({name for _, _, name in messages}) == len(messages)
        told |= {name for _, _, name in messages}
        told &= heard_of(story)
        done -= {(story.incident.epoch, step, name) for step, name in withdrawn(story)}
        if story.incident.state is IncidentState.RESOLVED:
            told = set()


def heard_of(story: Story) -> set[str]:
    """Return who has been told in this epoch, or is about to be."""
    return {row.recipient.partition("@")[0] for row in story.rows if row.state in TOLD}


def withdrawn(story: Story) -> set[tuple[str, str]]:
    """Return the steps that were taken back before a message had gone out, and of whom."""
    latest = {
        (step_of(row.level), row.recipient.partition("@")[0]): row.state
        for row in story.rows
        if row.kind is Kind.ESCALATION
    }
    return {one for one, state in latest.items() if state is Delivery.CANCELLED}


def holds(story: Story, messages: Said, told: set[str]) -> None:
    """Check one plan: who is told of the end, who of an emergency, and that somebody or nobody is next."""
    incident = story.incident
    ended = {name for _, kind, name in messages if kind == "resolved"}
    if incident.state is IncidentState.RESOLVED:
        assert ended == told
        assert all(kind == "resolved" for _, kind, _ in messages)
    else:
        assert not ended
        assert (incident.next_step is None) == bool(incident.standstill)
        assert incident.next_step is None or incident.next_step.at > story.now
    assert len(set(incident.steps)) == len(incident.steps)
    if incident.severity is not Severity.EMERGENCY:
        assert "three" not in {name for _, _, name in messages}
    if incident.severity is Severity.WARNING:
        assert {"two", "desk"}.isdisjoint({name for _, _, name in messages})
    if story.silenced is not None or incident.parent is not None:
        assert all(kind == "resolved" for _, kind, _ in messages)
