"""Who is told in a drill, and why, by the hotel's policy; and when a real alarm would reach them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from alerts.calendar import When
from alerts.decision import Addressee
from alerts.message_text import clean, hotel_time, lasting
from alerts.notification import MAIL
from alerts.policy import LevelPolicy, Policy
from alerts.schedule import FIRST, SECOND

READ_BACK = "the mailbox that the porter reads back"
"""The role of who is no person."""


class NobodyError(Exception):
    """There is nobody whom a drill could tell. The message is for the person who asked for it."""


@dataclass(frozen=True, slots=True)
class DrillPlan:
    """Who is told, and the sentences that say why; `read_back` is the address the porter looks for itself."""

    role: str
    people: tuple[Addressee, ...]
    why: tuple[str, ...]
    read_back: str | None = None


def planned(
    policy: Policy,
    level: str,
    *,
    ways: Collection[str],
    mailbox: str | None,
    now: datetime,
    zone: ZoneInfo,
) -> DrillPlan:
    """Return who is told when a level is drilled at a moment, or raise NobodyError.

    `ways` are the channels that can carry a drill, mail among them if there is any; `mailbox` is read back.
    """
    found = policy.level(level)
    if found is None:
        there = ", ".join(one.level for one in policy.levels) or "none"
        raise NobodyError(f"This hotel has no level {level}; there are: {there}.")
    people = tuple(_people(found, ways))
    if not people:
        raise NobodyError(f"Nobody of level {level} can be told in a drill: it has no address to write to.")
    read_back = mailbox if MAIL in ways else None
    if read_back is not None and read_back not in {one.address for one in people}:
        people = (*people, Addressee(level, READ_BACK, read_back))
    first = f"Level {level}, {clean(found.role, 200)}, is told now, whatever its hours."
    why = (f"{first} {_in_earnest(policy, found, now, zone)}", *_besides(policy, found, ways, read_back))
    return DrillPlan(found.role, people, why, read_back)


def _people(level: LevelPolicy, ways: Collection[str]) -> Iterator[Addressee]:
    if MAIL in ways:
        for address in level.addresses:
            yield Addressee(level.level, level.role, address)
    for name in level.channels:
        if name in ways:
            yield Addressee(level.level, level.role, name, channel=name)


def _besides(
    policy: Policy, level: LevelPolicy, ways: Collection[str], read_back: str | None
) -> Iterator[str]:
    """Say who is not told, and who else is."""
    left = [name for name in level.channels if name not in ways]
    if left:
        yield (
            f"Not told: {', '.join(left)}. What an Alertmanager is told pages by its own routes, "
            "which know nothing of drills."
        )
    if policy.front_desk:
        yield "The front desk is not told."
    if read_back is not None:
        yield f"A copy goes to {clean(read_back, 254)}, where the porter looks whether it arrives."


def _in_earnest(policy: Policy, level: LevelPolicy, now: datetime, zone: ZoneInfo) -> str:
    """Say when a real alarm would reach a level that is drilled now."""
    if level.level == FIRST:
        return "So it is of every real alarm."
    if level.level != SECOND:
        return (
            "A real alarm reaches it only if it is an emergency: a security incident at once, any other "
            f"after {lasting(policy.after_level_3)} without an acknowledgement."
        )
    if level.hours.when is When.EMERGENCY:
        return "A real alarm reaches it only if it is an emergency, and then at once."
    delay = f"after {lasting(policy.after_level_2)} without an acknowledgement"
    due = now + policy.after_level_2
    opens = level.hours.next_opening(due)
    if opens is None:
        return "Its hours never begin: a real alarm reaches it only if it is an emergency."
    if opens <= due:
        return f"A real alarm reaches it {delay}, an emergency at once."
    when = hotel_time(opens, now, zone)
    return f"It is outside its hours: a real alarm of now waits for {when} hotel time, an emergency does not."
