"""What has become overdue -> the letter that says so, once: no incident, and nothing that wakes anybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from alerts.incident import Severity
from alerts.message import MISHAPS, SUBJECT_LENGTH, Renderer
from alerts.message_parts import Letter, Line, Section
from alerts.message_text import clean, full_time
from alerts.message_wire import Envelope, plain
from alerts.notification import Kind
from alerts.overdue import Missed

MOST = 40
"""What is told at length; the rest is counted."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One letter to a recipient about what has become overdue in a hotel; `command` is how we are called."""

    sender: str
    recipient: str
    message_id: str
    date: datetime
    level: str
    hotel_id: str
    hotel_name: str
    timezone: ZoneInfo
    missed: tuple[Missed, ...]
    command: str
    public_url: str | None = None


def render(reminder: Reminder, renderer: Renderer) -> bytes:
    """Return the message as it goes over the wire; a plain one when it cannot be laid out."""
    envelope = _envelope(reminder)
    try:
        return renderer.lay_out(envelope, letter(reminder))
    except MISHAPS as error:
        because = f"This mail is plain because the usual one could not be written: {type(error).__name__}"
        return plain(envelope, [*(f"- {one.title}: {_since(one)}" for one in reminder.missed), "", because])


def letter(reminder: Reminder) -> Letter:
    """Return what the letter says: the tasks, the credentials, and what to do about them."""
    told, rest = reminder.missed[:MOST], reminder.missed[MOST:]
    tasks = tuple(_told(reminder, one) for one in told if one.task)
    keys = tuple(_told(reminder, one) for one in told if not one.task)
    more = (Line(f"{len(rest)} more: see the ledger."),) if rest else ()
    sections = (
        Section("Overdue tasks", tasks),
        Section("Overdue credentials", keys),
        Section("And", more),
        Section("What to do", tuple(_steps(reminder)), numbered=True),
    )
    return Letter(
        tag=Severity.WARNING.upper(),
        tone=str(Severity.WARNING),
        headline=f"In the maintenance ledger {_counted(reminder)}.",
        facts=clean(reminder.hotel_name, 200),
        sections=tuple(section for section in sections if section.lines),
        closing=f"Night Porter, {full_time(reminder.date, reminder.timezone)}",
        reason="This is told once. What stays overdue is in the daily report and on the page.",
    )


def subject(reminder: Reminder) -> str:
    """Return the subject, such as `[WARNING] Grand Harbour Hotel: maintenance: 2 tasks are overdue`."""
    said = f"[WARNING] {clean(reminder.hotel_name, 100)}: maintenance: {_counted(reminder)}"
    return clean(said, SUBJECT_LENGTH)


def _envelope(reminder: Reminder) -> Envelope:
    facts = {
        "Hotel": reminder.hotel_id,
        "Severity": str(Severity.WARNING),
        "Level": reminder.level,
        "Kind": str(Kind.REMINDER),
    }
    return Envelope(
        reminder.sender,
        reminder.recipient,
        subject(reminder),
        reminder.date,
        reminder.message_id,
        facts,
    )


def _counted(reminder: Reminder) -> str:
    tasks = sum(bool(one.task) for one in reminder.missed)
    keys = len(reminder.missed) - tasks
    counts = ((tasks, "task"), (keys, "credential"))
    some = [f"{number} {what}{'' if number == 1 else 's'}" for number, what in counts if number]
    return f"{' and '.join(some)} {'is' if len(reminder.missed) == 1 else 'are'} overdue"


def _told(reminder: Reminder, one: Missed) -> Line:
    page = _page(reminder, f"/{quote(one.task, safe='')}" if one.task else "#credentials")
    details = [_since(one)]
    if one.what:
        details.append(clean(one.what, 500))
    if one.task:
        details.append(f"{_command(reminder)} done {one.task} --by NAME --note TEXT")
    return Line(clean(one.title, 200), page, tuple(details))


def _since(one: Missed) -> str:
    return f"It was due by the end of {one.day:%a} {one.day.day} {one.day:%b %Y}."


def _steps(reminder: Reminder) -> Iterator[Line]:
    page = _page(reminder, "")
    if any(one.task for one in reminder.missed):
        yield Line("Do each task, or decide that it is not needed this time.")
        yield Line(f"Tick it{' on its page' if page else ''}, or with the command under it.", page)
    if any(not one.task for one in reminder.missed):
        yield Line("Change each credential, and write its new day into `credentials` of the configuration.")
    yield Line(f"See what else is due: {_command(reminder)}")


def _command(reminder: Reminder) -> str:
    return f"{reminder.command} maintenance"


def _page(reminder: Reminder, rest: str) -> str | None:
    if not reminder.public_url:
        return None
    return f"{reminder.public_url.rstrip('/')}/maintenance/{quote(reminder.hotel_id, safe='')}{rest}"
