"""What a weekly report says of data: failed updates, what the checks of consistency found, backups."""

from alerts.message_text import clean
from alerts.reports.facts import Facts, Failed, Stand
from alerts.reports.flows import as_minutes
from alerts.reports.report import Cell, Point, Section, Tone
from alerts.reports.words import NOTHING, count, figure, minutes, section, table, text, watched
from checks.result import State

LOOKS = {
    "room_mapping": "room types without a mapping, or with several",
    "rate_mapping": "rate plans without a mapping",
    "availability": "nights that are overbooked or missing",
    "rates": "rates that are missing or impossible",
    "modification_orphans": "changes of reservations that are not there",
    "import_errors": "reservations that failed to import",
    "reservations": "silence of new reservations",
}
"""The checks that hold data against each other, and what each of them looks for."""

COUNTING = frozenset({"availability", "modification_orphans", "import_errors", "rates"})
"""Those of them whose main number counts what is wrong."""

NO_DATABASE = "no database of the PMS is configured (`pms.dsn`)"
BACKUP = "backup"
_WORDS = {
    State.OK: ("nothing found", Tone.GOOD),
    State.WARNING: ("warning", Tone.FAIR),
    State.CRITICAL: ("wrong", Tone.BAD),
    State.UNKNOWN: ("could not look", Tone.FAIR),
}


def failed_updates(facts: Facts) -> Section:
    """Return what failed and was not repaired, by age and reason; or why nobody could be asked."""
    heading = "Failed updates"
    if facts.not_asked == NO_DATABASE or not (facts.not_asked or facts.failed):
        return watched(heading, (), "failed updates")
    if facts.not_asked:
        return Section(heading, (Point(f"They could not be asked for: {facts.not_asked}", Tone.FAIR),))
    head = ("What", "Failed", "Under a day old", "1 to 7 days", "Older", "The oldest")
    rows = (_failed(one) for one in facts.failed if one.many)
    reasons = (
        (text(one.said), text(reason), figure(_at_least(one, count(number))))
        for one in facts.failed
        for reason, number in sorted(one.reasons.items(), key=lambda found: (-found[1], found[0]))
    )
    blocks = (
        *table("Failed updates by age", head, rows),
        *table("Failed updates by reason", ("What", "Reason", "Failed"), reasons),
    )
    return section(heading, blocks, "No failed update is left in the PMS.", Tone.GOOD)


def data(facts: Facts) -> Section:
    """Return what the checks of consistency say: mappings, orphans, duplicates, negative availability."""
    rows = (_look(one) for one in facts.standings if one.check in LOOKS)
    head = ("Integration", "Looked for", "Now", "At the most")
    return watched("Data consistency", table("Data consistency", head, rows), "consistency of data")


def backups(facts: Facts) -> Section:
    """Return how old the newest backup is, and how old it got."""
    points = []
    for one in facts.standings:
        if one.check == BACKUP:
            said, tone = _WORDS[one.state]
            state = "young enough" if one.state is State.OK else said
            oldest = minutes(as_minutes(one.most))
            age = "" if one.most is None else f", at the most {oldest} old this week"
            why = (clean(one.message),) if one.message and one.state is not State.OK else ()
            points.append(Point(f"Backup: {state}{age}.", tone, why))
    return watched("Backups", points, "backups")


def _failed(one: Failed) -> tuple[Cell, ...]:
    return (
        text(one.said),
        figure(_at_least(one, count(one.many)), Tone.FAIR),
        *(figure(_at_least(one, count(number))) for number in (one.recent, one.days, one.older)),
        figure(_at_least(one, minutes(as_minutes(one.oldest)))),
    )


def _at_least(one: Failed, number: str) -> str:
    """Return a number, which is no more than the least of what there is where not all was counted."""
    return f"{number} or more" if one.capped else number


def _look(one: Stand) -> tuple[Cell, ...]:
    most = count(one.most) if one.check in COUNTING else NOTHING
    return text(one.integration), text(LOOKS[one.check]), text(*_WORDS[one.state]), figure(most)
