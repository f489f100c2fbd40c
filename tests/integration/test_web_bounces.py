"""Bounces over the API, over a real store and engine."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from alerts.notification import Delivery
from tests.support.desk import ADDRESSES, TECH_LEAD
from tests.support.web import BOUNCES, Shift, on_shift

REPORT = {"action": "failed", "status": "5.1.1", "recipient": ADDRESSES[0], "diagnostic": "550 unknown"}


@pytest.fixture
async def shift(tmp_path: Path) -> AsyncIterator[Shift]:
    async with on_shift(tmp_path) as one:
        yield one


def token_of(letter: str) -> str:
    """Return what the envelope sender of a letter holds."""
    return BOUNCES.of(letter).partition("+")[2].partition("@")[0]


async def hand_in(shift: Shift, said: dict[str, Any]) -> tuple[int, dict[str, str]]:
    """Report something; return the status and the answer."""
    async with (
        ClientSession() as session,
        session.post(f"{shift.house.url}/api/v1/bounces", json=said) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_mail_that_came_back_is_a_dead_letter_and_the_next_level_is_told(shift: Shift) -> None:
    night = shift.night
    for letter in await night.letters():
        if letter.recipient in ADDRESSES:
            status, answer = await hand_in(shift, REPORT | {"token": token_of(letter.id)})
            assert (status, answer["outcome"]) == (200, "given-up")
            assert answer["message"].startswith(f"Letter {letter.id} to {letter.recipient} is given up: ")
    letters = {one.recipient: one for one in await night.letters()}
    assert {letters[one].state for one in ADDRESSES} == {Delivery.DEAD}
    assert letters[ADDRESSES[1]].last_error == f"bounced: {ADDRESSES[0]}: 5.1.1 550 unknown"
    assert {one.incident for one in shift.house.dead} == {"id1"}
    night.engine.reconsider("id1")
    await night.engine.tick()
    assert TECH_LEAD in {one.recipient for one in await night.letters()}
    dead = await night.store.dead_letters(night.clock.now())
    assert {one.recipient for one in dead} == set(ADDRESSES)


async def test_a_second_report_of_a_letter_changes_nothing(shift: Shift) -> None:
    letter = (await shift.night.letters())[0]
    said = REPORT | {"token": token_of(letter.id)}
    await hand_in(shift, said)
    assert await hand_in(shift, said | {"status": "5.9.9"}) == (
        200,
        {"outcome": "known", "message": f"Letter {letter.id} was given up before."},
    )
    assert "5.9.9" not in (await shift.night.letters())[0].last_error
    assert len(shift.house.dead) == 1


async def test_what_is_late_changes_nothing(shift: Shift) -> None:
    letter = (await shift.night.letters())[0]
    said = REPORT | {"token": token_of(letter.id), "action": "delayed", "status": "4.4.1"}
    assert (await hand_in(shift, said))[1]["outcome"] == "late"
    assert (await shift.night.letters())[0].state is Delivery.SENT


async def test_a_letter_that_was_never_sent_is_not_given_up(shift: Shift) -> None:
    shift.night.clock.advance(900)
    await shift.night.engine.tick()
    waiting = next(one for one in await shift.night.letters() if one.state is Delivery.PENDING)
    said = REPORT | {"token": token_of(waiting.id)}
    assert (await hand_in(shift, said))[1]["outcome"] == "unsent"
    assert waiting in await shift.night.letters()


@pytest.mark.parametrize("token", ["0123456789abcdef01.0000000000000000", "x", "../../etc", "ü", "."])
async def test_what_was_not_made_here_is_ignored(shift: Shift, token: str) -> None:
    assert (await hand_in(shift, REPORT | {"token": token}))[1]["outcome"] == "unknown"
    assert shift.house.dead == []


async def test_a_token_of_ours_for_no_letter_is_ignored(shift: Shift) -> None:
    said = REPORT | {"token": token_of("ffffffffffffffffff")}
    assert (await hand_in(shift, said))[1]["outcome"] == "unknown"


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"action": "exploded"}, "action must be failed or delayed."),
        ({"token": ""}, "token must be what the address of the letter holds behind its +."),
        ({"status": 511}, "status must be text."),
        ({"more": "x"}, "There is no field 'more'"),
    ],
)
async def test_what_makes_no_sense_is_refused(shift: Shift, said: dict[str, Any], sentence: str) -> None:
    status, answer = await hand_in(shift, REPORT | {"token": "x.y"} | said)
    assert status == 400
    assert sentence in answer["error"]


async def test_what_is_too_long_is_cut(shift: Shift) -> None:
    letter = (await shift.night.letters())[0]
    said = REPORT | {"token": token_of(letter.id), "diagnostic": "y" * 5000 + "\x1b[31m"}
    await hand_in(shift, said)
    assert len((await shift.night.letters())[0].last_error) < 300
