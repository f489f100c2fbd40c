"""What a report says of what people look after: new errors, changes, credentials, tasks and drills."""

from collections.abc import Iterator
from datetime import date

from alerts.message_text import clean, lasting
from alerts.reports.drift import Change
from alerts.reports.facts import Credential, Facts, Held
from alerts.reports.flows import error_lines, reads_errors
from alerts.reports.report import Block, Cell, Kind, Point, Section, Tone
from alerts.reports.words import NOTHING, SPAN, count, day, figure, many, section, table, text, watched, when

MOST = 20
STEPS = 5
"""Values that are told of what changed again and again: the last ones."""

SOON = 30
"""Days before its day on which a credential is said to be due."""


def new_errors(facts: Facts) -> Section:
    """Return the kinds of error that were never seen before, and how many lines told of errors at all."""
    blocks: list[Block] = [
        Point(
            clean(one.text),
            Tone.FAIR,
            (f"{clean(one.integration, 100)}, first seen {when(one.at, facts.zone)}",),
        )
        for one in facts.news[:MOST]
    ]
    if len(facts.news) > MOST:
        blocks.append(Point(f"And {len(facts.news) - MOST} more new kinds of error."))
    told = list(error_lines(facts))
    rows = [(text(name), figure(count(lines))) for name, lines in told if lines]
    known = reads_errors(facts)
    nothing = "No new kind of error was seen" + (", and no line told of an error." if told else ".")
    if rows and not blocks and known:
        blocks.append(Point("No new kind of error was seen.", Tone.GOOD))
    blocks += table("Lines that tell of an error", ("Integration", "Error lines"), rows)
    if not known:
        return watched("Errors", blocks, "new kinds of error")
    return section("Errors", blocks, nothing, Tone.GOOD)


def drift(facts: Facts) -> Section:
    """Return what is set up otherwise than before."""
    shown = facts.drift[:MOST]
    blocks: list[Block] = [Point(_changed(one), Tone.FAIR, tuple(_values(facts, one))) for one in shown]
    if len(facts.drift) > MOST:
        blocks.append(Point(f"And {len(facts.drift) - MOST} more changes."))
    heading, nothing = "What is set up otherwise", "Nothing that is watched was set up otherwise."
    if not facts.settings:
        return watched(heading, blocks, "settings")
    return section(heading, blocks, nothing, Tone.GOOD)


def credentials(facts: Facts) -> Section:
    """Return the register of credentials: whose each is, how old, and when it is to be changed."""
    today = facts.period.ends.astimezone(facts.zone).date()
    head = ("Credential", "Owner", "Age", "To be changed", "Left")
    rows = (_credential(one, today) for one in facts.credentials or ())
    return watched("Credentials", table("Credentials", head, rows), "credentials")


def upkeep(facts: Facts) -> Section:
    """Return which tasks are overdue, and how the last drill went."""
    blocks: list[Block] = []
    for one in facts.overdue[:MOST]:
        late = (facts.period.ends - one.due_by).days
        said = f"Overdue: {clean(one.title)}, since {day(one.due_by, facts.zone)}"
        blocks.append(Point(f"{said}, {many(late, 'day')}" if late > 0 else said, Tone.FAIR))
    if len(facts.overdue) > MOST:
        blocks.append(Point(f"And {len(facts.overdue) - MOST} more tasks are overdue."))
    if not facts.overdue:
        blocks.append(Point("No task is overdue.", Tone.GOOD))
    # A month has a section about its drills.
    if facts.kind is Kind.MONTHLY:
        return Section("Tasks", tuple(blocks))
    return Section("Tasks and drills", (*blocks, _last_drill(facts)))


def drills(facts: Facts) -> Section:
    """Return the drills of the time."""
    held = [one for one in facts.drills if facts.period.begins <= one.at < facts.period.ends]
    blocks = [Point(f"{when(one.at, facts.zone)}: {_went(one)}", _tone(one)) for one in held[:MOST]]
    nothing = f"No drill was held this {SPAN[facts.kind]}."
    if facts.drills:
        nothing += f" {_last_drill(facts).text}"
    return section("Drills", blocks, nothing, Tone.FAIR)


def _last_drill(facts: Facts) -> Point:
    last = max(facts.drills, key=lambda one: one.at, default=None)
    if last is None:
        return Point("No drill was held yet.")
    ago = (facts.period.ends - last.at).days
    days = f"{many(ago, 'day')} ago" if ago > 0 else f"at {when(last.at, facts.zone)}"
    return Point(f"Last drill {days}: {_went(last)}", _tone(last))


def _went(one: Held) -> str:
    if one.acknowledged_after is None:
        return f"level {clean(one.level, 20)}, nobody acknowledged it"
    return f"level {clean(one.level, 20)} acknowledged in {lasting(one.acknowledged_after)}"


def _tone(one: Held) -> Tone:
    return Tone.FAIR if one.acknowledged_after is None else Tone.GOOD


def _changed(one: Change) -> str:
    often = "" if one.times == 1 else f" {one.times} times"
    return f"{clean(one.integration, 100)}: {clean(one.said, 100)} changed{often}"


def _values(facts: Facts, one: Change) -> Iterator[str]:
    yield f"Before: {clean(one.before) or NOTHING}"
    steps = one.steps or ((one.at, one.after),)
    for at, value in steps[-STEPS:]:
        yield f"Since {when(at, facts.zone)}: {clean(value) or NOTHING}"
    if len(steps) > STEPS:
        yield "Those are the last of its changes."
    yield f"Seen by {clean(', '.join(one.checks[:5]))}"


def _credential(one: Credential, today: date) -> tuple[Cell, ...]:
    age = NOTHING if one.since is None else many(max(0, (today - one.since).days), "day")
    if one.due is None:
        return text(one.name), text(one.owner or NOTHING), figure(age), text(NOTHING), text("no day is set")
    left = (one.due - today).days
    due = one.due.strftime("%d %b %Y").lstrip("0")
    if left < 0:
        said, tone = f"{many(-left, 'day')} overdue", Tone.BAD
    else:
        said, tone = f"in {many(left, 'day')}", Tone.FAIR if left <= SOON else Tone.PLAIN
    return text(one.name), text(one.owner or NOTHING), figure(age), text(due), text(said, tone)
