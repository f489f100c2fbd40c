"""What people ask the porter for, as buttons: reports, a drill, and what level 2 finds in the morning."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from alerts.message_text import clean
from daemon.clock import SystemClock
from daemon.demo import morning
from daemon.demo.catcher import Inbox
from daemon.demo.clocks import by_the_clock
from daemon.demo.configuration import HOTEL
from daemon.demo.witness import Witness

BY = "Somebody at the switchboard"
REMEMBERED = 3


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to ask the porter for: what is posted to which address of its API, and where it is seen.

    Without an address it is a mail that the porter would write at another time, written now.
    """

    name: str
    button: str
    sentence: str
    path: str
    seen: str
    said: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """An errand that was run, and what the porter said; `seen` is where to look."""

    at: str
    told: str
    well: bool
    seen: str


def _report(kind: str, what: str) -> Errand:
    return Errand(
        f"report-{kind}",
        f"Mail the {kind} report now",
        what,
        f"/api/v1/reports/{HOTEL}/{kind}",
        f"/reports/{HOTEL}/{kind}",
        {"by": BY},
    )


ERRANDS: Mapping[str, Errand] = MappingProxyType(
    {
        one.name: one
        for one in (
            _report("daily", "What broke, what is still open, what will break. By itself it comes at 06:00."),
            _report(
                "weekly", "Availability, worst hours, what stayed behind. By itself it comes on Mondays."
            ),
            _report("monthly", "Month against month, and what was changed. By itself it comes on the first."),
            Errand(
                "drill",
                "Hold a drill",
                "A marked test alert to level 1, by the way of real ones: acknowledge it from its mail.",
                "/api/v1/drills",
                "/drills",
                {"hotel": HOTEL, "level": "1", "by": BY, "note": "From the demo's switchboard"},
            ),
            Errand(
                "hand-over",
                "Show the hand-over",
                "What level 2 finds in the morning of what it missed at night. By itself it comes at 09:00.",
                "",
                "/incidents",
                {},
            ),
        )
    }
)


@dataclass(slots=True)
class Errands:
    """Runs errands, and remembers the last ones, the newest first."""

    done: deque[Done] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    async def run(self, errand: Errand, porter: Witness, inbox: Inbox) -> Done:
        """Ask the porter for it, and return what came of that."""
        if not errand.path:
            return self._write(errand, inbox)
        status, said = await porter.order(errand.path, errand.said)
        at, well = by_the_clock(SystemClock().now()), 200 <= status < 300
        found = Done(at, _words(said, errand) if well else _refusal(said), well, errand.seen)
        self.done.appendleft(found)
        return found

    def _write(self, errand: Errand, inbox: Inbox) -> Done:
        now = SystemClock().now()
        for letter in morning.letters(now):
            inbox.keep(letter.message, [letter.recipient])
        told = "The digest of a simulated night is in the inbox, as level 2 gets it."
        found = Done(by_the_clock(now), told, well=True, seen=errand.seen)
        self.done.appendleft(found)
        return found


def _words(said: Mapping[str, Any], errand: Errand) -> str:
    people = said.get("recipients")
    if people:
        what = errand.name.removeprefix("report-")
        return f"The {what} report was mailed to {', '.join(clean(str(one), 100) for one in people)}."
    return "The drill has begun: its mail is in the inbox."


def _refusal(said: Mapping[str, Any]) -> str:
    return clean(str(said.get("error", "The porter does not answer.")), 300)
