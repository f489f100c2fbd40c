"""What the porter shows of itself becomes incidents and letters like all else, over a restart too."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from alerts.incident import Incident
from alerts.incidents import resolved
from checks.result import CheckId, Reason, Result, State, failed
from daemon import overload, undelivered
from daemon.own_facts import OwnFacts
from daemon.store import DeadLetter
from tests.support.clock import FakeClock
from tests.support.desk import ADDRESSES, Night, a_check, a_store

LATE = overload.verdict("it came up to 3.0 s late to what was due")
ON_TIME = overload.verdict("")
A = ADDRESSES[0]
NAMES = {"address": A, "answer": "550 no such user"}
REFUSED = failed(Reason.MISMATCH, f"messages do not get through to {A}: 550 no such user")
REACHED = undelivered.verdict([])[0]


@dataclass
class Porter:
    """A night, and what the porter shows of itself in it."""

    night: Night
    own: OwnFacts

    async def say(self, name: str, result: Result, **values: str) -> None:
        """Show something, and let the engine think of it for as long as a new breach waits."""
        self.own.say(name, "h", result, values)
        for _ in range(2):
            await self.night.wait(6)

    async def only(self) -> Incident:
        (one,) = await self.night.open()
        return one


@asynccontextmanager
async def on_duty(directory: Path) -> AsyncIterator[Porter]:
    clock = FakeClock()
    async with a_store(directory, clock) as store:
        night = Night(store, clock, [a_check()])
        yield Porter(night, OwnFacts(night.board, night.observer.observe, night.engine.forget))


@pytest.mark.parametrize(
    ("name", "bad", "good", "cause", "title"),
    [
        (
            "porter",
            LATE,
            ON_TIME,
            "monitor-overloaded",
            "Night Porter has too much to do, and looks too late",
        ),
        ("mail", REFUSED, REACHED, "monitor-misconfigured", f"Night Porter's messages do not reach {A}"),
    ],
)
async def test_it_opens_one_warning_and_ends_with_what_it_is_about(
    tmp_path: Path, name: str, *, bad: Result, good: Result, cause: str, title: str
) -> None:
    async with on_duty(tmp_path) as porter:
        for _ in range(3):
            await porter.say(name, bad, **NAMES)
        one = await porter.only()
        assert (one.diagnosis.cause, one.severity, one.integrations) == (cause, "warning", ("network",))
        assert one.title == title
        assert [row.recipient for row in await porter.night.letters()] == list(ADDRESSES)
        await porter.say(name, good)
        assert await porter.night.open() == []
        (ended,) = await porter.night.store.recent(porter.night.clock.now() - timedelta(hours=1))
        assert ended.outcome == "works again"


async def test_it_is_on_the_board_only_while_there_is_something_to_say(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        board = porter.night.board
        await porter.say("porter", ON_TIME)
        assert ("h", "network") not in board.integrations
        await porter.say("porter", LATE)
        assert board.integrations["h", "network"].status == "degraded"
        assert porter.own.breached("porter")
        assert not porter.own.breached("mail")
        await porter.say("porter", ON_TIME)
        await porter.say("porter", ON_TIME)
        assert ("h", "network") not in board.integrations
        assert await porter.night.store.standings() == []


async def test_a_reload_leaves_it_and_a_hotel_that_is_gone_takes_it_along(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.say("porter", LATE)
        porter.night.watch([a_check("other")])
        assert CheckId("h", "network", "porter") in porter.night.board.tiles
        porter.night.board.watch([], {})
        assert porter.night.board.tiles == {}
        assert not porter.own.breached("porter")


async def test_after_a_restart_it_goes_on_as_the_same_incident(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.say("mail", REFUSED, **NAMES)
        before = await porter.only()
    async with on_duty(tmp_path) as porter:
        porter.own.restore(await porter.night.store.standings())
        await porter.night.restore()
        await porter.say("mail", REFUSED, **NAMES)
        assert (await porter.only()).id == before.id
        assert len(await porter.night.letters(before.id)) == len(ADDRESSES)
        await porter.say("mail", REACHED)
        assert await porter.night.open() == []


async def test_what_a_person_has_resolved_hides_nobody_else_who_is_not_reached(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.say("mail", REFUSED, **NAMES)
        one = await porter.only()
        await porter.night.engine.act(one.id, lambda it, now: resolved(it, "known", now, dismissed=True))
        await porter.say("mail", REFUSED, **NAMES)
        assert await porter.night.open() == []
        verdict, values = undelivered.verdict([dead(ADDRESSES[1], 2), dead(A, 1)])
        await porter.say("mail", verdict, **values)
        assert ADDRESSES[1] in (await porter.only()).title


@pytest.mark.parametrize(("dead_ones", "told"), [(ADDRESSES[:1], ADDRESSES[1:]), (ADDRESSES, ADDRESSES)])
async def test_who_is_not_reached_is_not_told_that_by_mail_where_others_are(
    tmp_path: Path, dead_ones: tuple[str, ...], told: tuple[str, ...]
) -> None:
    async with on_duty(tmp_path) as porter:
        verdict, values = undelivered.verdict([dead(one, 1) for one in dead_ones])
        await porter.say("mail", verdict, **values)
        assert [row.recipient for row in await porter.night.letters()] == list(told)


async def test_an_overload_never_becomes_more_than_a_warning(tmp_path: Path) -> None:
    async with on_duty(tmp_path) as porter:
        await porter.say("porter", LATE)
        await porter.night.wait(7200)
        await porter.say("porter", LATE)
        assert (await porter.only()).severity == "warning"


def dead(recipient: str, minutes: int, *, hotel: str = "h", taken: bool = False) -> DeadLetter:
    at = FakeClock().now() + timedelta(minutes=minutes)
    return DeadLetter(hotel, "email", recipient, at, f"recipient_refused: 550 {minutes}", taken)


def test_only_those_who_are_configured_and_took_nothing_since_are_unreached() -> None:
    ours = [dead("a@x", 1), dead("gone@x", 1), dead("b@x", 2, taken=True), dead("c@x", 3)]
    letters = [*ours, dead("a@x", 1, hotel="i")]
    known = {"h": frozenset({"a@x", "b@x", "c@x"}), "i": frozenset({"d@x"})}
    found = undelivered.unreached(letters, known)
    assert {hotel: [one.recipient for one in some] for hotel, some in found.items()} == {
        "h": ["c@x", "a@x"],
        "i": [],
    }


def test_a_letter_of_no_hotel_is_the_first_ones() -> None:
    found = undelivered.unreached([dead("a@x", 1, hotel="")], {"h": frozenset({"a@x"})})
    assert [one.recipient for one in found["h"]] == ["a@x"]


def test_who_is_not_reached_is_named_on_one_line_with_the_latest_answer() -> None:
    hostile = DeadLetter("h", "email", "z\r\nBcc: all@x", FakeClock().now(), "550 \x1b[31mno\r\n", False)
    result, values = undelivered.verdict([hostile, *(dead(f"{one}@x", 1) for one in "abc")])
    recipients = "z\r\nBcc: all@x\na@x\nb@x\nc@x"
    assert values == {"address": "z Bcc: all@x, a@x and 2 more", "answer": "550 no", "recipients": recipients}
    assert (result.state, result.reason) == (State.WARNING, Reason.MISMATCH)
    assert result.message == f"messages do not get through to {values['address']}: 550 no"


def test_a_channel_is_not_taken_for_a_mailbox() -> None:
    refused = DeadLetter("h", "bridge", "bridge", FakeClock().now(), "refused: 422", taken_since=False)
    result, values = undelivered.verdict([refused, dead("a@x", 1)])
    assert values["address"] == "the channel bridge and a@x"
    assert result.message == "messages do not get through to the channel bridge and a@x: refused: 422"
