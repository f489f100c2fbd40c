"""What becomes overdue is told once for each due date; the letter is as the golden files show."""

import os
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.credentials import Credential, register
from alerts.maintenance import OWNERS, Entry, Task, standing
from alerts.message import Renderer
from alerts.overdue import Missed, newly_overdue, report_hour
from alerts.overdue_letter import MOST, Reminder, letter, render, subject
from alerts.recurrence import Due, Rhythm, turn
from tests.support.letters import HOSTILE

GOLDEN = Path(__file__).parent / "golden"
LISBON = ZoneInfo("Europe/Lisbon")
NOW = datetime(2026, 11, 30, 6, 5, tzinfo=UTC)
SIX = time(6)
BACKUPS = next(task for task in OWNERS if task.id == "test-backups")
FIRE = Task("fire-panel", Rhythm.WEEKLY, "Test the line to the fire panel", "Ask the duty manager.", own=True)
MISSED = (
    Missed(
        "credential:google",
        "App password of the mailbox",
        "Ada Pereira looks after it for email. new ones: IT",
        datetime(2026, 11, 29, tzinfo=UTC),
        date(2026, 11, 28),
    ),
    Missed(BACKUPS.id, BACKUPS.title, BACKUPS.what, datetime(2026, 11, 30, tzinfo=UTC), date(2026, 11, 29)),
    Missed(FIRE.id, FIRE.title, FIRE.what, datetime(2026, 11, 30, tzinfo=UTC), date(2026, 11, 29)),
)
REMINDER = Reminder(
    sender="Night Porter <nightporter@hotel.example>",
    recipient="support@hotel.example",
    message_id="<overdue.1@hotel.example>",
    date=NOW,
    level="1",
    hotel_id="grand-harbour",
    hotel_name="Grand Harbour Hotel",
    timezone=LISBON,
    missed=MISSED,
    command="nightporter",
    public_url="https://porter.hotel.example/",
)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def parse(found: bytes) -> EmailMessage:
    message = BytesParser(policy=policy.SMTP).parsebytes(found)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize(("kind", "suffix"), [("plain", "txt"), ("html", "html")])
def test_the_letter_looks_as_it_did(renderer: Renderer, kind: str, suffix: str) -> None:
    found, golden = part(parse(render(REMINDER, renderer)), kind), GOLDEN / f"overdue.{suffix}"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(found)
    assert found == golden.read_text()


def test_subject_and_headers_are_those_of_a_reminder(renderer: Renderer) -> None:
    message = parse(render(REMINDER, renderer))
    assert message["Subject"] == (
        "[WARNING] Grand Harbour Hotel: maintenance: 2 tasks and 1 credential are overdue"
    )
    assert (message["X-Nightporter-Kind"], message["X-Nightporter-Severity"]) == ("reminder", "warning")
    assert (message["X-Nightporter-Level"], message["X-Nightporter-Hotel"]) == ("1", "grand-harbour")
    assert "X-Nightporter-Incident" not in message
    assert subject(replace(REMINDER, missed=MISSED[1:])).endswith(": 2 tasks are overdue")
    assert subject(replace(REMINDER, missed=MISSED[1:2])).endswith(": 1 task is overdue")
    assert render(REMINDER, renderer) == render(REMINDER, renderer)


def test_hostile_words_and_many_tasks_do_no_harm(renderer: Renderer) -> None:
    bad = replace(MISSED[1], title=HOSTILE, what=HOSTILE)
    found = render(replace(REMINDER, hotel_name=HOSTILE, missed=(bad,) * 200, public_url=None), renderer)
    message = parse(found)
    assert "<script" not in part(message, "html")
    assert "Bcc" not in message
    assert f"{200 - MOST} more: see the ledger." in part(message, "plain")
    assert len(found) < 400_000
    assert not any(
        line.link for one in letter(replace(REMINDER, public_url=None)).sections for line in one.lines
    )


def test_the_report_hour_is_the_one_that_clocks_showed_last() -> None:
    zone = LISBON
    assert report_hour(datetime(2026, 11, 30, 6, tzinfo=UTC), zone, SIX) == datetime(
        2026, 11, 30, 6, tzinfo=UTC
    )
    assert report_hour(datetime(2026, 11, 30, 5, 59, tzinfo=UTC), zone, SIX).day == 29
    # In spring 01:30 does not exist in Lisbon: the moment after the gap counts.
    spring = report_hour(datetime(2026, 3, 29, 12, tzinfo=UTC), zone, time(1, 30))
    assert spring == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_what_was_overdue_before_somebody_looked_is_history_and_what_was_told_is_not_told_again() -> None:
    since = NOW - timedelta(days=100)
    stands = [standing(BACKUPS, LISBON, since=since, last=None, now=NOW)]
    key = register([Credential("k", "Key", "Ada", expires=date(2026, 11, 28))], LISBON, NOW)
    found = newly_overdue(stands, key, LISBON, warned={}, since=since)
    assert [(one.name, one.task) for one in found] == [("test-backups", "test-backups"), ("credential:k", "")]
    assert newly_overdue(stands, key, LISBON, warned={}, since=NOW) == ()
    told = {one.name: one.due_by for one in found}
    assert newly_overdue(stands, key, LISBON, warned=told, since=since) == ()
    renewed = register([Credential("k", "Key", "Ada", expires=date(2026, 11, 29))], LISBON, NOW)
    assert [one.name for one in newly_overdue(stands, renewed, LISBON, warned=told, since=since)] == [
        "credential:k"
    ]


@dataclass
class World:
    """A ledger of one task, what is told of it, and the clock people see."""

    rhythm: Rhythm
    now: datetime
    since: datetime
    done: Entry | None = None
    warned: dict[str, datetime] = field(default_factory=dict)
    told: list[datetime] = field(default_factory=list)
    hour: datetime | None = None

    @property
    def task(self) -> Task:
        return Task("t", self.rhythm, "Task")

    def look(self) -> None:
        """Do what a porter does, be it a new one: all it knows is what is written."""
        due = report_hour(self.now, LISBON, SIX)
        if due <= self.since or due == self.hour:
            return
        last = self.done if self.done and self.done.at <= self.now else None
        stands = standing(self.task, LISBON, since=min(self.since, self.now), last=last, now=self.now)
        for one in newly_overdue([stands], (), LISBON, warned=self.warned, since=self.since):
            self.told.append(one.due_by)
            self.warned[one.name] = one.due_by
        self.hour = due


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), st.integers(1, 45 * 24)),
        st.tuples(st.just("jump"), st.integers(-90 * 24, 90 * 24)),
        st.tuples(st.just("tick"), st.just(0)),
        st.tuples(st.just("restart"), st.just(0)),
    ),
    max_size=40,
)
RHYTHMS = st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY, Rhythm.MONTHLY])


@given(RHYTHMS, STEPS)
def test_nothing_is_told_twice_whatever_is_ticked_restarted_and_however_clocks_jump(
    rhythm: Rhythm, steps: list[tuple[str, int]]
) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    world = World(rhythm, start, start)
    for what, hours in steps:
        if what in {"wait", "jump"}:
            world.now += timedelta(hours=hours)
        elif what == "tick":
            world.done = Entry("e", "h", "t", world.now, "Ada")
        else:
            world.hour = None
        world.look()
        world.look()
    assert len(set(world.told)) == len(world.told)
    assert world.told == sorted(world.told)
    assert all(due > start for due in world.told)


@given(RHYTHMS, st.lists(st.integers(1, 24), max_size=120))
def test_what_stays_undone_is_told_of_at_the_next_report_hour(rhythm: Rhythm, waits: list[int]) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    world = World(rhythm, start, start)
    for hours in waits:
        world.now += timedelta(hours=hours)
        world.look()
    found = turn(rhythm, LISBON, since=start, done=None, now=world.now)
    past = found.state is Due.OVERDUE and report_hour(world.now, LISBON, SIX) > found.due_by
    if past:
        assert world.told == [found.due_by]
    assert set(world.told) <= {found.due_by}
