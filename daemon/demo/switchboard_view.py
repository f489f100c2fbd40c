"""The switchboard as it is shown: what is on and what came of it, and every fault in its group."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from alerts.incident import Cause
from alerts.message_text import lasting
from daemon.demo.clocks import by_the_clock
from daemon.demo.configuration import OTA
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS, TOUR
from daemon.demo.inbox_view import Line, line
from daemon.demo.letter import Letter
from daemon.demo.switchboard import Episode, Switchboard
from daemon.demo.witness import LATE, Seen

GROUPS = {
    "booking_engine": "Booking engine",
    OTA: "OTA (expedia)",
    "payment": "Payment gateway",
    "email": "The hotel's mail",
    "channel_manager": "Channel manager",
    "pms": "PMS, its database and its logs",
    "": "The network, and several at once",
}
"""The groups of faults by the one integration that shows them; the last one is of those that several show."""

AT_ONCE = "a mail within some 10 seconds"
IN_TIME = "a mail within some 30 seconds: the mean of several looks decides"
IN_STAGES = f"{AT_ONCE} of what is seen first, and this cause within two minutes"
FLAPS = "a mail within some 45 seconds: it takes three breaches to see that it comes and goes"
LASTING = f"{AT_ONCE}; no look can tell that it is over, so its incident stays open"


@dataclass(frozen=True, slots=True)
class Row:
    """A fault with its button. `blocked` says why it cannot be pressed now; `key` names it in a page."""

    key: str
    name: str
    sentence: str
    cause: str
    wait: str
    since: str
    blocked: str


@dataclass(frozen=True, slots=True)
class Group:
    """Faults that one integration shows; `on` is how many of them are."""

    key: str
    title: str
    rows: tuple[Row, ...]
    on: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """An incident that came of a fault; `right` says that its cause is the one to expect."""

    seen: Seen
    right: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """A fault that is on or was, and what came of it.

    `lasted` is empty while it is on, and `mailed`, when the first mail came, until one has.
    """

    number: int
    fault: Fault
    since: str
    lasted: str
    mailed: str
    outcomes: tuple[Outcome, ...]
    letters: tuple[Line, ...]


def first_steps(board: Switchboard) -> tuple[Row, ...]:
    """Return the faults to begin with."""
    return tuple(_row(FAULTS[name], board, "first") for name in TOUR)


def groups(board: Switchboard) -> Iterator[Group]:
    """Yield every group with its faults."""
    for place, (kind, title) in enumerate(GROUPS.items()):
        members = [fault for fault in FAULTS.values() if _group(fault) == kind]
        rows = tuple(_row(fault, board, "all") for fault in members)
        yield Group(f"group-{place}", title, rows, sum(fault.name in board.on for fault in members))


def chapters(
    board: Switchboard, seen: Sequence[Seen], letters: Sequence[Letter]
) -> tuple[Sequence[Chapter], Sequence[Chapter]]:
    """Return what is on and what was last, with all that came of each; then what was before."""
    every = [_chapter(episode, seen, letters) for episode in board.episodes()]
    recent = len(board.on) + 1
    return every[:recent], every[recent:]


def mails_of(episode: Episode, seen: Sequence[Seen], letters: Sequence[Letter]) -> tuple[Letter, ...]:
    """Return the mails about incidents of an episode, from its time."""
    ids = {one.id for one in seen if one.came_of(episode)}
    end = episode.until + LATE if episode.until else None
    return tuple(
        one
        for one in letters
        if one.incident in ids and one.came >= episode.since and (end is None or one.came <= end)
    )


def _group(fault: Fault) -> str:
    return next(iter(fault.integrations)) if len(fault.integrations) == 1 else ""


def _row(fault: Fault, board: Switchboard, place: str) -> Row:
    episode = board.on.get(fault.name)
    return Row(
        key=f"{place}-{fault.name.replace(':', '-')}",
        name=fault.name,
        sentence=fault.sentence,
        cause=fault.cause,
        wait=_expected(fault),
        since=by_the_clock(episode.since) if episode else "",
        blocked="" if episode else board.obstacle(fault),
    )


def _expected(fault: Fault) -> str:
    """Return what to wait for, and how long."""
    if fault.cause == Cause.FLAPPING:
        return FLAPS
    if fault.in_stages:
        return IN_STAGES
    if fault.lasting:
        return LASTING
    return IN_TIME if fault.in_time else AT_ONCE


def _chapter(episode: Episode, seen: Sequence[Seen], letters: Sequence[Letter]) -> Chapter:
    fault, mails = episode.fault, mails_of(episode, seen, letters)
    return Chapter(
        number=episode.number,
        fault=fault,
        since=by_the_clock(episode.since),
        lasted=lasting(episode.until - episode.since) if episode.until else "",
        mailed=_waited(mails[-1].came - episode.since) if mails else "",
        outcomes=tuple(Outcome(one, one.cause == fault.cause) for one in seen if one.came_of(episode)),
        letters=tuple(map(line, mails)),
    )


def _waited(time: timedelta) -> str:
    """Return how long somebody had to wait."""
    return f"after {lasting(time)}" if time >= timedelta(seconds=1) else "within a second"
