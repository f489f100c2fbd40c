"""What people do about the integrations again and again: the owner's tasks, and who did what when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from hashlib import blake2b

from alerts.recurrence import Due, Rhythm, turn
from alerts.reports.report import Report

PORTER = "Night Porter"
"""Who ticks what the porter has seen by itself."""

UNSEEN = "Not seen by itself: "
"""What the evidence of a task begins with that could not be collected; why follows."""

MISSING = "watched.hours_missing"
"""The figure of a report that says in how many hours nothing was watched."""

BY_ITSELF = "porter-"
"""What the ids of entries begin with that the porter ticked."""


class Evidence(StrEnum):
    """How much of what a task needs the porter has seen by itself: all, a part, or nothing of it."""

    WHOLE = "whole"
    PART = "part"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Task:
    """Something that is to be done once in every day, week or month. `own` are those the hotel added."""

    id: str
    every: Rhythm
    title: str
    what: str = ""
    evidence: Evidence = Evidence.NONE
    own: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger: who did a task, when, what they say of it, and what was seen by itself."""

    id: str
    hotel: str
    task: str
    at: datetime
    by: str
    note: str = ""
    evidence: str = ""

    @property
    def by_itself(self) -> bool:
        """Whether the porter ticked it, and nobody else."""
        return self.id.startswith(BY_ITSELF)


OWNERS = (
    Task(
        "review-logs",
        Rhythm.DAILY,
        "Review integration logs for errors",
        "Read the errors that are new since yesterday, and decide which of them need somebody.",
        Evidence.WHOLE,
    ),
    Task(
        "check-queues",
        Rhythm.DAILY,
        "Check sync queue status",
        "See how far the queues grew, how late they ran, and that they came down again.",
        Evidence.WHOLE,
    ),
    Task(
        "response-times",
        Rhythm.DAILY,
        "Monitor API response times",
        "Compare the response times of each integration with those of the days before.",
        Evidence.WHOLE,
    ),
    Task(
        "webhook-deliveries",
        Rhythm.DAILY,
        "Verify webhook deliveries",
        "See when the last event of each sender came, and that a forged one was refused.",
        Evidence.WHOLE,
    ),
    Task(
        "review-metrics",
        Rhythm.WEEKLY,
        "Review integration metrics",
        "Look at the availability of each integration, and at its worst hour.",
        Evidence.WHOLE,
    ),
    Task(
        "failed-updates",
        Rhythm.WEEKLY,
        "Check for failed updates",
        "Go through the updates that failed, the oldest first, and have each repeated or written off.",
        Evidence.WHOLE,
    ),
    Task(
        "data-consistency",
        Rhythm.WEEKLY,
        "Verify data consistency",
        "Mappings, orphans, duplicates, negative availability: mend what the checks found.",
        Evidence.WHOLE,
    ),
    Task(
        "test-backups",
        Rhythm.WEEKLY,
        "Test backup procedures",
        "Restore a backup somewhere else and look into it; its age and size alone prove little.",
        Evidence.PART,
    ),
    Task(
        "audit-configurations",
        Rhythm.MONTHLY,
        "Audit integration configurations",
        "Compare mappings, DNS records, webhook subscriptions and certificates with those of last month.",
        Evidence.WHOLE,
    ),
    Task(
        "review-credentials",
        Rhythm.MONTHLY,
        "Review and update credentials",
        "Go through keys, passwords and tokens: whose they are, how old, and which are due to be changed.",
        Evidence.PART,
    ),
    Task(
        "review-performance",
        Rhythm.MONTHLY,
        "Performance optimization review",
        "Month against month: response times, queues, and how much of each quota is left.",
        Evidence.WHOLE,
    ),
    Task(
        "update-documentation",
        Rhythm.MONTHLY,
        "Update integration documentation",
        "Begin with the incidents whose notes say that the instructions were wrong.",
    ),
)
"""The tasks of the owner's document, in its order and words; `what` says what each comes to here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a task stands: by when it is to be done next, and who did it last."""

    task: Task
    state: Due
    due_by: datetime
    last: Entry | None


def standing(task: Task, zone: tzinfo, *, since: datetime, last: Entry | None, now: datetime) -> Standing:
    """Return how a task stands that is asked for since then, by the clocks of a hotel."""
    found = turn(task.every, zone, since=since, done=last.at if last else None, now=now)
    return Standing(task, found.state, found.due_by, last)


def ticks(report: Report, tasks: Iterable[Task]) -> tuple[Entry, ...]:
    """Return what the porter ticks by a report: the tasks of its rhythm of which it has seen all there is.

    They are the same whenever they are made. What could not be collected stays for a person, and so does
    everything where nothing is known of the time, or of a part of it.
    """
    if report.known_from is None or report.known_from > report.begins or report.figures.get(MISSING):
        return ()
    rhythm = Rhythm(report.kind.value)
    return tuple(
        Entry(_named(report, task), report.hotel, task.id, report.made_at, PORTER, evidence=seen)
        for task in tasks
        if task.every is rhythm
        and task.evidence is Evidence.WHOLE
        and (seen := report.evidence.get(task.id, ""))
        and not seen.startswith(UNSEEN)
    )


def _named(report: Report, task: Task) -> str:
    key = f"{report.hotel}:{task.id}:{report.kind}:{report.ends.isoformat()}"
    return BY_ITSELF + blake2b(key.encode(), digest_size=12).hexdigest()
