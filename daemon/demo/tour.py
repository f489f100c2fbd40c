"""The tour: some faults one after the other, each from its beginning to its end, and what came of it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from daemon.clock import SystemClock
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS, TOUR, WITHOUT_DATABASE
from daemon.demo.frame import INDENT, folded, say, show
from daemon.demo.lookout import told_by
from daemon.demo.scene import Play, Scene
from daemon.demo.story import HURRY, MAIL_WITHIN, Reader, in_a_line
from daemon.demo.switchboard import Episode, SwitchError
from daemon.demo.witness import Seen
from daemon.words.paint import table

UNDERSTOOD_WITHIN = 120.0
"""Seconds for a cause that shows in stages: an announced one changes after two looks, 45 seconds apart."""

HEAD = ("fault", "cause found", "", "mail after", "over after", "mails")


@dataclass(slots=True)
class Stop:
    """What came of one fault. Times are in seconds, None where no mail told of it."""

    fault: Fault
    causes: set[str] = field(default_factory=set)
    mailed: float | None = None
    over: float | None = None
    mails: int = 0

    @property
    def right(self) -> bool:
        """Whether the porter found the cause, told of it, and told of its end if an end can be seen."""
        told = self.mailed is not None and (self.over is not None or self.fault.lasting)
        return told and self.causes == {self.fault.cause}


def over(faults: Sequence[Fault]) -> Play:
    """Return the tour over these faults; over the usual ones when there are none."""
    return partial(_tour, tuple(faults))


async def _tour(faults: Sequence[Fault], scene: Scene) -> bool:
    wanted = faults or _usual(scene)
    say(f"All is well. The tour begins in {HURRY:.0f} seconds: {len(wanted)} faults, some 20 seconds each.")
    await asyncio.sleep(HURRY)
    began, reader, stops = SystemClock().monotonic(), Reader(scene.inbox), []
    for number, fault in enumerate(wanted, 1):
        say(f"── {number} of {len(wanted)}: {fault.name}")
        stop = Stop(fault)
        async with told_by(scene.witness, fault.checks):
            try:
                await _visit(scene, stop, reader)
            except SwitchError as error:
                say(str(error))
        stops.append(stop)
    right = sum(stop.right for stop in stops)
    took = SystemClock().monotonic() - began
    say(f"That was the tour, in {took:.0f} seconds: {right} of {len(stops)} right.")
    show(table(HEAD, [_row(stop) for stop in stops]))
    return right == len(stops)


def _usual(scene: Scene) -> Sequence[Fault]:
    names = TOUR if scene.hotel.database else [WITHOUT_DATABASE.get(name, name) for name in TOUR]
    return [FAULTS[name] for name in names]


async def _visit(scene: Scene, stop: Stop, reader: Reader) -> None:
    """Switch a fault on, wait for the mails about it, heal it, and wait for those that say so."""
    fault, before = stop.fault, reader.number
    episode = await scene.board.switch_on(fault.name)
    if await reader.until("problem", fault, in_a_line):
        stop.mailed = _since(scene, "problem", before, episode.since.timestamp())
    for seen in await _explained(scene, episode):
        stop.causes.add(seen.cause)
        await _explain(scene, seen, fault)
    await reader.catch_up(in_a_line)
    healed = SystemClock().now().timestamp()
    await scene.board.heal(fault.name)
    if stop.mailed is None:
        say(f"No mail told of it within {MAIL_WITHIN:.0f} seconds. The porter said:\n{scene.porter.said()}")
    elif not fault.lasting and await reader.until("resolved", fault, in_a_line, _patience(fault)):
        stop.over = _since(scene, "resolved", before, healed)
    stop.mails = reader.number - before


async def _explained(scene: Scene, episode: Episode) -> Sequence[Seen]:
    """Return the incidents that came of a fault; of one in stages once it is understood, or time is up."""
    deadline = SystemClock().monotonic() + (UNDERSTOOD_WITHIN if episode.fault.in_stages else 0)
    while True:
        found = [seen for seen in await scene.witness.incidents() if seen.came_of(episode)]
        understood = found and all(seen.cause == episode.fault.cause for seen in found)
        if understood or SystemClock().monotonic() >= deadline:
            return found
        await asyncio.sleep(1)


def _since(scene: Scene, kind: str, before: int, moment: float) -> float:
    """Return how many seconds after a moment the first mail of a kind came, of those after `before`."""
    came = [
        letter.came.timestamp()
        for letter in scene.inbox.letters()
        if letter.number > before and letter.kind == kind
    ]
    return min(at for at in came if at >= moment) - moment


def _patience(fault: Fault) -> float:
    """Return how long to wait for its end to be told: what came and went must stay away for a while."""
    return UNDERSTOOD_WITHIN if fault.in_stages else MAIL_WITHIN


async def _explain(scene: Scene, seen: Seen, fault: Fault) -> None:
    """Say what the porter makes of it."""
    story = await scene.witness.story(seen.id)
    diagnosis = story.get("diagnosis", {})
    verdict = "right" if seen.cause == fault.cause else f"not {fault.cause}"
    steps = diagnosis.get("steps") or ["nothing"]
    say(f"The porter's incident: {seen.title}")
    told = {
        "cause": f"{seen.cause} ({verdict}; {diagnosis.get('confidence')}, fault: {diagnosis.get('fault')})",
        "meaning": str(diagnosis.get("summary")),
        "to do": steps[0],
        "look": f"{scene.witness.url}/incidents/{seen.id}",
    }
    show("\n".join(f"{' ' * INDENT}{name:9}{folded(text, INDENT + 9)}" for name, text in told.items()))


def _row(stop: Stop) -> tuple[str, ...]:
    return (
        stop.fault.name,
        ", ".join(sorted(stop.causes)) or "none",
        "right" if stop.right else "WRONG",
        "no mail" if stop.mailed is None else f"{stop.mailed:.1f} s",
        "stays open" if stop.fault.lasting else "no mail" if stop.over is None else f"{stop.over:.1f} s",
        str(stop.mails),
    )
