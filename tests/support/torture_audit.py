"""Was the promise kept? What the relays kept is held against what the state committed."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from itertools import pairwise
from typing import NamedTuple

from tests.support.torture_relay import Kept
from tests.support.torture_state import Case, Letter, Picture

ENDS = {"sent", "superseded", "cancelled", "bundled", "dead"}
"""How a letter's story may end."""

RESOLVED, PROBLEM, WARNING = "resolved", "problem", "warning"
MOST_SAID = 20
"""Complaints of one kind that are worth reading."""


@dataclass(frozen=True, slots=True)
class Crash:
    """When a process died, and the Message-IDs of what was not marked then, and what may have gone out."""

    at: float
    unmarked: frozenset[str]
    handed_over: frozenset[str]


@dataclass(frozen=True, slots=True)
class Frozen:
    """From when to when a process was stopped in its tracks, while others could take over."""

    began: float
    ended: float


class First(NamedTuple):
    """Who is told at once, of what is a warning and of what is worse."""

    of_warnings: frozenset[str]
    of_worse: frozenset[str]


@dataclass(frozen=True, slots=True)
class Evidence:
    """All there is to judge by.

    `first` is by hotel, `refused` are addresses that no relay takes, and `lasting` the keys of incidents that
    may be open at the end.
    """

    picture: Picture
    kept: Sequence[Kept]
    crashes: Sequence[Crash]
    first: Mapping[str, First]
    refused: Collection[str] = ()
    lasting: Collection[str] = ()
    freezes: Sequence[Frozen] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an audit found: figures by name, and sentences about what is wrong."""

    figures: Mapping[str, int]
    wrong: Sequence[str]


def audit(evidence: Evidence) -> Verdict:
    """Hold everything against the promise."""
    kept = _by_message_id(evidence.kept)
    wrong = [
        *_lost(evidence, kept),
        *_strange(evidence, kept),
        *_repeated_without_cause(evidence, kept),
        *_out_of_order(evidence, kept),
        *_unfinished(evidence),
        *_two_at_once(evidence.picture.cases),
        *_told_wrongly(evidence),
    ]
    return Verdict(_figures(evidence, kept), wrong)


def _figures(evidence: Evidence, kept: Mapping[str, Sequence[Kept]]) -> dict[str, int]:
    states = Counter(one.state for one in evidence.picture.letters)
    return {
        "incidents": len(evidence.picture.cases),
        "openings": sum(one.epoch for one in evidence.picture.cases),
        "letters": len(evidence.picture.letters),
        **{state: states[state] for state in sorted(ENDS)},
        "kept by the relays": len(evidence.kept),
        "repeats": sum(len(times) - 1 for times in kept.values()),
        "repeats after a lost answer": sum(not one.answered for times in kept.values() for one in times[:-1]),
        "repeats that differ": sum(len({one.content for one in times}) - 1 for times in kept.values()),
        "lost": len(list(_lost(evidence, kept))),
    }


def message_id(content: bytes) -> str:
    """Return the Message-ID of a mail."""
    return header(content, "Message-ID")


def header(content: bytes, name: str) -> str:
    """Return a header of a mail."""
    return str(message_from_bytes(content.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")[name])


def _by_message_id(kept: Sequence[Kept]) -> dict[str, list[Kept]]:
    found: dict[str, list[Kept]] = defaultdict(list)
    for one in kept:
        found[message_id(one.content)].append(one)
    return found


def _lost(evidence: Evidence, kept: Mapping[str, Sequence[Kept]]) -> Iterator[str]:
    """Every letter that was committed is kept by a relay, or was not wanted, or could not be taken by any."""
    digests = {one.id: one for one in evidence.picture.letters if one.kind == "digest"}
    for one in evidence.picture.letters:
        if one.state not in ENDS:
            yield f"{_name(one)} is still {one.state}"
        elif one.state == "sent" and one.message_id not in kept:
            yield f"{_name(one)} is marked as sent, and no relay has it"
        elif one.state == "dead" and one.recipient not in evidence.refused:
            yield f"{_name(one)} was given up, and a relay would have taken it"
        elif one.state == "bundled" and (one.bundle not in digests or digests[one.bundle].state != "sent"):
            yield f"{_name(one)} was bundled, and its digest was not sent"


def _strange(evidence: Evidence, kept: Mapping[str, Sequence[Kept]]) -> Iterator[str]:
    """What relays have is what was committed: byte by byte, and for whom."""
    letters = {one.message_id: one for one in evidence.picture.letters}
    for name, times in kept.items():
        letter = letters.get(name)
        if letter is None:
            yield f"{name} was sent, and never committed"
            continue
        if any(one.content != letter.message for one in times):
            yield f"{_name(letter)} was sent as other bytes than were committed"
        if any(one.recipient != letter.recipient for one in times):
            yield f"{_name(letter)} was sent to {sorted({one.recipient for one in times})}"


def _repeated_without_cause(evidence: Evidence, kept: Mapping[str, Sequence[Kept]]) -> Iterator[str]:
    """A message goes out again only if our answer to it was lost, or a crash came before the mark."""
    crashes = sorted(evidence.crashes, key=lambda crash: crash.at)
    for name, times in kept.items():
        for first, again in pairwise(times):
            # What was marked by the next crash is not made undone by a later one.
            crash = next((one for one in crashes if one.at >= first.began), None)
            crashed = crash is not None and crash.at <= again.began and name in crash.unmarked
            if first.answered and not crashed and not _thawed(again, evidence.freezes):
                yield f"{name} to {first.recipient} was sent again though it had been answered, with no crash"
        for crash in crashes:
            out = any(one.at <= crash.at for one in times)
            if out and name in crash.unmarked and name not in crash.handed_over:
                yield f"{name} to {times[0].recipient} went out before the journal said so"


def _out_of_order(evidence: Evidence, kept: Mapping[str, Sequence[Kept]]) -> Iterator[str]:
    """To each recipient the letters about an incident come in the order in which they were written."""
    threads: dict[tuple[str, str], list[Letter]] = defaultdict(list)
    for one in sorted(evidence.picture.letters, key=lambda one: one.number):
        if one.incident and one.message_id in kept:
            threads[one.incident, one.recipient].append(one)
    for letters in threads.values():
        for before, after in pairwise(letters):
            times = [one for one in kept[before.message_id] if not _thawed(one, evidence.freezes)]
            if times and times[-1].at > kept[after.message_id][0].began:
                yield f"{_name(after)} overtook {_name(before)}"


def _thawed(one: Kept, freezes: Sequence[Frozen]) -> bool:
    """Say whether the process may have been stopped amidst the message, which nothing can call back then."""
    return any(one.began <= each.began and each.ended <= one.at for each in freezes)


def _unfinished(evidence: Evidence) -> Iterator[str]:
    for one in evidence.picture.cases:
        if one.state != RESOLVED and one.key not in evidence.lasting:
            yield f"incident {one.id} ({one.key}) is {one.state}"


def _two_at_once(cases: Sequence[Case]) -> Iterator[str]:
    """What comes back within a day is the same incident; one that was explained got its key only then."""
    counted = Counter(one.key for one in cases if not one.explained)
    yield from (f"{count} incidents have the key {key}" for key, count in counted.items() if count > 1)


def _told_wrongly(evidence: Evidence) -> Iterator[str]:
    """Each opening is told to all who are to know at once, and its end to exactly those who were told."""
    told: dict[tuple[str, int], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    worse: set[tuple[str, int]] = set()
    for one in evidence.picture.letters:
        told[one.incident, one.epoch][RESOLVED if one.kind == RESOLVED else PROBLEM].add(one.recipient)
        if header(one.message, "X-Nightporter-Severity") != WARNING:
            worse.add((one.incident, one.epoch))
    for case in evidence.picture.cases:
        for epoch in range(1, case.epoch + 1):
            known, ended = told[case.id, epoch][PROBLEM], told[case.id, epoch][RESOLVED]
            where = f"incident {case.id} ({case.key}), opening {epoch}"
            first = evidence.first[case.hotel]
            # One that has come back so often that it is critical was a warning at first.
            grave = (case.id, epoch) in worse or (epoch == case.epoch and case.severity != WARNING)
            due = first.of_worse if grave else first.of_warnings
            # Whose address it is about cannot be told of it.
            excused = evidence.refused if case.key in evidence.lasting else ()
            for missing in due - known - set(excused):
                yield f"{where}: {missing} was not told"
            over = epoch < case.epoch or case.state == RESOLVED
            for missing in known - ended - set(evidence.refused) if over else ():
                yield f"{where}: {missing} was told, and not of its end"
            for stranger in ended - known:
                yield f"{where}: {stranger} was told of its end alone"


def _name(one: Letter) -> str:
    return f"{one.kind} {one.message_id} to {one.recipient}"
