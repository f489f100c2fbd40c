"""What holds of a hotel's incidents whatever happens, and in whatever order.

`NIGHTPORTER_HISTORIES=2000` looks at so many histories, other ones each time.
"""

import asyncio
import os
from collections import Counter
from dataclasses import replace
from datetime import time

from hypothesis import given, settings
from hypothesis import strategies as st

from alerts.calendar import EMERGENCY, OfficeHours
from alerts.criteria import RANK
from alerts.incident import Incident, IncidentState, Severity
from alerts.notification import Delivery, Kind, Notification
from alerts.policy import LevelPolicy, Policy
from checks.result import Reason, Result, Sign, failed, ok
from tests.support.histories import TYPES, ZONE, House, Wordless

ASKED = os.environ.get("NIGHTPORTER_HISTORIES")
HISTORIES = int(ASKED or 60)
OFFICE = OfficeHours(frozenset(range(5)), time(9), time(18), "PT", ZONE)
ONE = LevelPolicy("1", "Support", ("a@h.example", "b@h.example"))
TWO = LevelPolicy("2", "Lead", ("lead@h.example",), hours=OFFICE)
THREE = LevelPolicy("3", "CTO", ("cto@h.example",), hours=EMERGENCY)
WHOLE = Policy((ONE, TWO, THREE), ("desk@h.example",))
POLICIES = (
    WHOLE,
    replace(WHOLE, levels=(replace(ONE, addresses=("a@h.example",)), TWO, THREE)),
    replace(WHOLE, levels=(ONE, TWO), front_desk=()),
    replace(WHOLE, levels=(replace(ONE, addresses=("new@h.example",)), TWO, THREE)),
    Policy((ONE,)),
    replace(WHOLE, levels=(ONE, TWO, replace(THREE, channels=("sms",))), channels=("bridge", "prom")),
    Policy((replace(ONE, addresses=(), channels=("sms",)),), channels=("bridge",)),
)
"""As it is first; one less; no desk and no last level; a new team; one level; channels, and no mail."""

RESULTS: tuple[Result, ...] = (
    ok(),
    failed(Reason.TIMEOUT, "no answer within 10 s"),
    failed(Reason.SERVER_ERROR, "answered 503"),
    failed(Reason.CREDENTIALS, "our credentials are refused (401)"),
    failed(Reason.STALE, "nothing for 45 min"),
    failed(Reason.CONNECT, "no control target answers", signs={Sign.CONTROL_LOST}),
    failed(Reason.SECURITY, "a card number stands in the log", signs={Sign.CARD_NUMBER}),
    failed(Reason.RATE_LIMITED, "we are asked to slow down (429)"),
    failed(Reason.PERMISSION, "may not be read"),
    failed(Reason.QUERY, "is down", signs={Sign.DATABASE_DOWN}),
)
CUT_OFF = failed(Reason.CONNECT, "connection refused", signs={Sign.CONNECTION_REFUSED})
TELLING = frozenset({Kind.PROBLEM, Kind.UPDATE, Kind.ESCALATION, Kind.REMINDER})
WITHDRAWN = frozenset({Delivery.CANCELLED, Delivery.DEAD})
NAMES = st.sampled_from(list(TYPES))

Act = tuple[str, object, object]
NONE = st.none()
ACTS: st.SearchStrategy[Act] = st.one_of(
    st.tuples(st.just("see"), NAMES, st.sampled_from(RESULTS)),
    st.tuples(st.just("see"), NAMES, st.sampled_from(RESULTS[1:4])),
    st.tuples(st.just("pass"), st.sampled_from([1, 6, 60, 400, 1000, 2000, 4000, 30_000, 90_000]), NONE),
    st.tuples(st.just("rounds"), st.integers(1, 4), NONE),
    st.tuples(
        st.sampled_from(["cut off", "calm", "restart", "speak", "deliver", "refuse", "rest"]), NONE, NONE
    ),
    st.tuples(st.just("acknowledge"), st.integers(0, 3), st.sampled_from([5, 60, 900])),
    st.tuples(st.just("resolve"), st.integers(0, 3), NONE),
    st.tuples(st.just("silence"), st.sampled_from(["payment", "expedia", "*"]), st.sampled_from([10, 900])),
    st.tuples(st.just("policy"), st.sampled_from(POLICIES), NONE),
    st.tuples(st.just("watch"), st.sampled_from(["", "payment", "expedia", "network"]), NONE),
    st.tuples(st.just("jump"), st.sampled_from([-7200, 7200, -60, 300]), NONE),
    st.tuples(st.just("break"), st.integers(1, 3), NONE),
)


class Watch:
    """Holds a house to its promises, act by act."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._worst: dict[tuple[str, int], Severity] = {}
        self._ended: set[tuple[str, int]] = set()
        self._judged: set[str] = set()

    def holds(self) -> None:
        """Check what must hold at any moment."""
        ledger = self.house.ledger
        assert ledger.repeated == []
        for incident in ledger.incidents.values():
            self._of_any(incident)
            if incident.state is IncidentState.RESOLVED:
                self._of_ended(incident)
            else:
                self._of_open(incident)
        for letter in ledger.letters.values():
            if letter.id not in self._judged:
                self._judged.add(letter.id)
                self._of_letter(letter)

    def _of_any(self, incident: Incident) -> None:
        worst = self._worst.get((incident.id, incident.epoch), incident.severity)
        assert RANK[incident.severity] >= RANK[worst], "its severity fell"
        self._worst[incident.id, incident.epoch] = incident.severity
        assert len(set(incident.steps)) == len(incident.steps), "a step was taken twice"

    def _of_open(self, incident: Incident) -> None:
        assert (incident.next_step is None) == bool(incident.standstill), "neither a next step nor a reason"
        assert not any(one.kind is Kind.RESOLVED for one in self.house.letters(incident))

    def _of_ended(self, incident: Incident) -> None:
        """Check, once, that of the end exactly those are told who were told before, and are still there."""
        if (incident.id, incident.epoch) in self._ended:
            return
        self._ended.add((incident.id, incident.epoch))
        letters = self.house.letters(incident)
        told = {one.recipient for one in letters if one.kind in TELLING and one.state not in WITHDRAWN}
        ended = [one.recipient for one in letters if one.kind is Kind.RESOLVED]
        assert Counter(ended) == Counter(told & self.house.staff)

    def _of_letter(self, letter: Notification) -> None:
        """Check that the last level hears of emergencies only, unless nobody is left on those below."""
        if letter.level != "3" or not letter.incident:
            return
        incident = self.house.ledger.incidents[letter.incident]
        assert incident.policy is not None
        second = incident.policy.level("2")
        manned = second is not None and bool(set(second.addresses) & self.house.staff)
        assert incident.severity is Severity.EMERGENCY or not manned

    def settled(self) -> None:
        """Check what must hold once all is quiet: every breach is in one incident, and none is without."""
        self.holds()
        house = self.house
        facts = house.facts()
        broken = {fact.check for fact in facts if fact.breach is not None and not fact.clearing}
        clearing = {fact.check for fact in facts if fact.clearing}
        owned = [breach.check for one in house.open() for breach in one.breaches]
        assert max(Counter(owned).values(), default=0) <= 1, "two incidents have the same breach"
        assert broken <= set(owned) <= broken | clearing
        assert all(one.breaches for one in house.open())
        known = {one.id for one in house.open()}
        assert all(one.parent in known for one in house.open() if one.parent is not None)
        assert known == set(house.board.incidents)
        now = house.clock.now()
        assert all(one.next_step.at > now for one in house.open() if one.next_step is not None)


async def act(house: House, what: str, first: object, second: object) -> None:
    """Let something happen."""
    match what, first, second:
        case "see", str(name), Result() as result:
            house.see(name, result)
        case "pass", int(seconds), _:
            await house.passes(seconds)
        case "rounds", int(times), _:
            for _ in range(times):
                await house.passes(60, looks=True)
        case "acknowledge", int(which), int(minutes):
            await house.acknowledges(which, minutes)
        case "resolve", int(which), _:
            await house.resolves(which)
        case "silence", str(integration), int(minutes):
            await house.silences(integration, minutes)
        case _:
            await happens(house, what, first)
    await house.passes(6)


async def happens(house: House, what: str, first: object) -> None:
    """Let something happen that people do not do to an incident."""
    match what, first:
        case "policy", Policy() as policy:
            house.employ(policy)
        case "watch", str(without):
            house.watch(without)
        case "jump", int(seconds):
            house.clock.jump(seconds)
        case "break", int(times):
            house.ledger.broken = times
        case "restart", _:
            await house.restart()
        case "speak", _:
            await house.speaks()
        case (("deliver" | "refuse"), _):
            house.delivers(refused=what == "refuse")
        case "rest", _:
            await house.rests()
        case _:
            everything(house, CUT_OFF if what == "cut off" else ok())


def everything(house: House, result: Result) -> None:
    """Let all checks see the same twice; the control targets what they see when all is lost."""
    for _ in range(2):
        for name in TYPES:
            lost = name == "network/control" and result is CUT_OFF
            house.see(name, RESULTS[5] if lost else result)


async def lives(first: Policy, acts: list[Act]) -> None:
    """Live through a history, and hold the house to its promises after each act, and at rest."""
    house = House(first, Wordless())
    watch = Watch(house)
    for what, about, second in acts:
        if what == "policy":
            # What has ended is looked at while those are there who were there when it did.
            house.ledger.broken = 0
            await house.tick()
            watch.holds()
        await act(house, what, about, second)
        watch.holds()
        if what == "rest":
            watch.settled()
    await house.rests()
    watch.settled()
    everything(house, ok())
    await house.rests()
    watch.settled()


@settings(max_examples=HISTORIES, deadline=None, derandomize=ASKED is None)
@given(st.sampled_from((WHOLE, *POLICIES[-2:])), st.lists(ACTS, min_size=1, max_size=25))
def test_every_history_keeps_the_promises(first: Policy, acts: list[Act]) -> None:
    asyncio.run(lives(first, acts))
