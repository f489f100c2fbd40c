"""Gives the simulated hotel a past: five weeks that nobody lived through, written before the porter comes."""

import asyncio
from datetime import datetime, timedelta
from functools import partial

from alerts.change import Change
from alerts.drill import Copy, Drill, Receipt
from alerts.maintenance import BY_ITSELF, OWNERS, PORTER, Entry, Evidence, Task
from alerts.notification import MAIL, Delivery, Kind, Notification
from alerts.recurrence import Rhythm, turn
from checks.result import CheckId
from daemon.clock import SystemClock
from daemon.demo import past_incidents
from daemon.demo.clocks import ZONE
from daemon.demo.name_server import DMARC, DMARC_NAME
from daemon.demo.past_history import rows
from daemon.recorder import minute_of
from daemon.store import Store
from daemon.store.drills import add, end
from daemon.store.histories import Ends
from daemon.store.maintenance import enter_told
from daemon.store.sightings import Sighting
from daemon.tally import DAY, HOUR

SUPPORT, ADDRESS = "Integration Support Team", "integration-support@grand-harbour.demo"
OVERDUE = "test-backups"
OVERDUE_FOR = timedelta(days=18)
DONE = {
    Rhythm.DAILY: timedelta(hours=1),
    Rhythm.WEEKLY: timedelta(hours=26),
    Rhythm.MONTHLY: timedelta(hours=50),
}
"""How long ago the tasks of each rhythm were done last."""
SEEN = {
    "review-logs": "0 new kinds of error, 3 error lines in all",
    "check-queues": "at the most 60 waiting, 5 s behind",
    "response-times": "8 integrations timed; the slowest was expedia, p95 584 ms",
    "webhook-deliveries": "171 events came, 0 of them refused",
    "review-metrics": "availability of 8 integrations; the least was payment, 99.86 %",
    "failed-updates": "0 failed updates left",
    "data-consistency": "7 comparisons of data, 0 with something wrong",
    "test-backups": "the newest backup was at the most 1 d old; nobody restored it yet",
    "audit-configurations": "1 setting changed in the month",
    "review-credentials": "2 credentials in the register, 0 overdue",
    "review-performance": "8 integrations compared with the month before",
}
"""What was seen of the tasks by itself: invented, in the words in which reports say it."""

NOTES = {
    "test-backups": "Restored into a scratch database, row counts compared. (simulated)",
    "review-credentials": "Went through the register; Expedia's password is due in December. (simulated)",
    "update-documentation": "Put the right process name into the runbook. (simulated)",
}
"""What people said of those that are theirs."""

DRILL = timedelta(days=12)
CHANGED = timedelta(days=9)
"""How long ago a DNS record was changed."""
NOW = f"{DMARC_NAME}: {DMARC}"
BEFORE = NOW.replace("p=quarantine", "p=none")
"""The record as the check tells of it."""


async def write(state: str, hotel: str) -> None:
    """Write the past into a new state; raise StateError where that does not work."""
    clock = SystemClock()
    now = clock.now()
    store = await Store.open(state, clock)
    try:
        await store.tenure("the-past", "0", [hotel])
        await store.commit(past_incidents.change(hotel, now))
        await _history(store, hotel, now)
        await store.commit_with(Change(), _ticked(hotel, now))
        await _drill(store, hotel, now - DRILL)
        await store.sightings.add(_sightings(hotel, now))
        await store.leave("the-past")
    finally:
        await store.close()


async def _history(store: Store, hotel: str, now: datetime) -> None:
    minute = minute_of(now)
    found = await asyncio.to_thread(lambda: list(rows(hotel, minute, past_incidents.outages(now))))
    await store.history.add(found, {hotel: Ends(0, 0)}, minute)
    await store.history.settle(hotel, minute - minute % HOUR, minute, forget=False)


def _ticked(hotel: str, now: datetime) -> partial[None]:
    """Return what ticks all tasks, one of them long ago, of which people were told."""
    found = [_entry(hotel, task, now) for task in OWNERS if task.every in DONE]
    (late,) = (one for one in OWNERS if one.id == OVERDUE)
    done = now - OVERDUE_FOR
    due_by = turn(late.every, ZONE, since=done, done=done, now=now).due_by
    return partial(enter_told, found=found, hotel=hotel, told={OVERDUE: due_by}, now=now)


def _entry(hotel: str, task: Task, now: datetime) -> Entry:
    """Return who did a task last: the porter where it sees all there is, else a person."""
    ago = OVERDUE_FOR if task.id == OVERDUE else DONE[task.every]
    seen = f"{SEEN[task.id]} (simulated)" if task.id in SEEN else ""
    if task.evidence is Evidence.WHOLE:
        return Entry(f"{BY_ITSELF}past-{task.id}", hotel, task.id, now - ago, PORTER, evidence=seen)
    note = NOTES[task.id]
    return Entry(f"past-{task.id}", hotel, task.id, now - ago, past_incidents.BY, note, seen)


async def _drill(store: Store, hotel: str, at: datetime) -> None:
    """Have a drill been held, of which level 1 said after four minutes that it arrived."""
    letter = Notification(
        id="past-drill-letter",
        key="past-drill/1",
        incident="",
        epoch=1,
        kind=Kind.DRILL,
        level="1",
        channel=MAIL,
        recipient=ADDRESS,
        message=b"",
        message_id="<past-drill@grand-harbour.demo>",
        created_at=at,
        due_at=at,
        state=Delivery.SENT,
        attempts=1,
        sent_at=at + timedelta(seconds=1),
        hotel=hotel,
    )
    copy = Copy(letter.id, MAIL, ADDRESS, letter.message_id)
    drill = Drill(
        id="d-past",
        hotel=hotel,
        level="1",
        role=SUPPORT,
        asked_at=at,
        by=past_incidents.BY,
        note="Simulated: held in the demo's invented past.",
        plan=(f"{SUPPORT} is told at once, by mail.",),
        copies=(copy,),
    )
    await store.commit_with(Change(notifications=(letter,)), partial(add, drill=drill))
    await store.drills.stored(drill.id, at + timedelta(milliseconds=20))
    await store.drills.acknowledge(drill.id, Receipt(at + timedelta(minutes=4), past_incidents.BY, "Seen."))
    over = partial(end, name=drill.id, at=at + timedelta(minutes=5))
    await store.commit_with(Change(), over)


def _sightings(hotel: str, now: datetime) -> list[Sighting]:
    """Return a mail record that was made stricter."""
    check = CheckId(hotel, "email", "dmarc")
    begun = now - timedelta(minutes=5 * 7 * DAY)
    return [Sighting(check, "record", begun, BEFORE), Sighting(check, "record", now - CHANGED, NOW)]
