"""A state that comes and goes changes nothing of what is decided, and of who is told what.

`NIGHTPORTER_HISTORIES=2000` looks at so many histories, other ones each time.
"""

import asyncio
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.notification import MAIL, Delivery
from daemon.crier import Crier
from tests.support.away import Moody
from tests.support.histories import House, Wordless
from tests.support.month_ledger import MemoryLedger
from tests.unit.test_invariants import ACTS, ASKED, HISTORIES, WHOLE, Act, Watch, act

IN_STEP = frozenset({"see", "pass", "rounds", "cut off", "calm", "policy", "watch", "jump"})
"""What happens whatever the state does. People are refused while it is away."""

PEOPLE = (IN_STEP - {"policy"}) | {"acknowledge", "resolve", "silence", "speak"}
MOODS = st.sampled_from(["fine", "fine", "away", "read only", "lost", "once refused", "once lost"])
History = list[tuple[Act, str]]


def histories(kinds: frozenset[str]) -> st.SearchStrategy[History]:
    """Return histories of acts of some kinds, each with the mood that the state is in."""
    return st.lists(st.tuples(ACTS.filter(lambda one: one[0] in kinds), MOODS), min_size=1, max_size=20)


class Tried:
    """A house whose state is in different moods, and beside it one whose state always works."""

    def __init__(self) -> None:
        self.sound = House(WHOLE, Wordless())
        self.moods: list[Moody] = []
        self.tried = House(WHOLE, Wordless(), self._moody)
        self.crier = Crier(self.tried.engine.beliefs.books.backlog, self.tried.clock.now)
        self.mailed: list[str] = []

    def _moody(self, ledger: MemoryLedger) -> Moody:
        self.moods.append(Moody(ledger))
        return self.moods[0]

    def turn(self, mood: str) -> None:
        """Put the state into a mood."""
        state = self.moods[0]
        state.away, state.read_only = mood == "away", mood == "read only"
        state.lost = {"lost": 1000, "once lost": 1}.get(mood, 0)
        self.tried.ledger.broken = 1 if mood == "once refused" else 0

    async def happens(self, what: Act) -> None:
        """Let the same happen in both houses."""
        for house in (self.sound, self.tried):
            await act(house, *what)

    async def cry(self) -> None:
        """Send what is to be sent from memory."""
        for claim in await self.crier.claim(1000, only=MAIL):
            assert await self.crier.journal(claim, "data")
            assert await self.crier.sent(claim)
            self.mailed.append(claim.notification.id)

    async def send(self) -> None:
        """Send what is stored, but for what is sent from memory, and rest."""
        crying = self.tried.engine.beliefs.books.backlog.crying()
        for letter in self.tried.ledger.waiting():
            if letter.id not in crying:
                self.tried.ledger.deliver(letter, self.tried.clock.now())
                self.tried.engine.beliefs.books.backlog.delivered(letter)
                self.mailed.append(letter.id)

    async def rests(self) -> None:
        """Let the state work, and nothing more happen."""
        self.turn("fine")
        for house in (self.sound, self.tried):
            await house.rests()


async def lives(history: History) -> None:
    """Live through a history, nobody sending anything, and hold both states against each other."""
    both = Tried()
    for what, mood in history:
        both.turn(mood)
        await both.happens(what)
    await both.rests()
    sound, tried = both.sound.ledger, both.tried.ledger
    assert tried.incidents == sound.incidents
    assert _written(tried) == _written(sound)
    assert Counter(tried.events) == Counter(sound.events)
    assert {one.check: (one.state, one.breached) for one in tried.stood.values()} == {
        one.check: (one.state, one.breached) for one in sound.stood.values()
    }


def _written(ledger: MemoryLedger) -> dict[str, tuple[str, str, bytes]]:
    """Return the letters there are; what is withdrawn in memory is not kept in full."""
    return {
        one.key: (one.state, one.message_id, one.message if one.state is Delivery.PENDING else b"")
        for one in ledger.letters.values()
    }


async def speaks(history: History) -> None:
    """Live through a history with letters going out wherever they can, and look whom they reach."""
    both = Tried()
    watch = Watch(both.tried)
    for number, (what, mood) in enumerate(history):
        both.turn(mood)
        await both.happens(what)
        await both.cry()
        if number % 2 and mood != "away":
            await both.send()
    await both.rests()
    await both.send()
    ledger = both.tried.ledger
    assert max(Counter(both.mailed).values(), default=0) <= 1, "a letter was sent twice"
    assert {ledger.letters[name].state for name in both.mailed} <= {Delivery.SENT}
    assert ledger.waiting() == []
    ledger.repeated.clear()
    watch.settled()


@settings(max_examples=HISTORIES // 2, deadline=None, derandomize=ASKED is None)
@given(histories(IN_STEP))
def test_a_state_that_comes_and_goes_ends_as_one_that_always_worked(history: History) -> None:
    asyncio.run(lives(history))


@settings(max_examples=HISTORIES // 2, deadline=None, derandomize=ASKED is None)
@given(histories(PEOPLE))
def test_every_letter_goes_out_once_from_memory_or_from_the_state(history: History) -> None:
    asyncio.run(speaks(history))
