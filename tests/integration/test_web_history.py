"""`/api/v1/history` tells how checks did, of a real state as of one that is away."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession

from checks.result import Reason, failed
from daemon.buckets import Bucket
from daemon.web.api.history import MOST, PLACES, TOGETHER
from tests.support.boards import answered, check, timed_out
from tests.support.clock import START
from tests.support.conforming import Description
from tests.support.past import a_past
from tests.support.polling import until
from tests.support.web import House, serving

HEALTH, CERTIFICATE = check("payment", "health"), check("payment", "certificate")
GATEWAY = check("door_locks", "gateway")
DESCRIPTION = Description()
UNSEEN = failed(Reason.QUERY, "no such table")

REFUSED = [
    (
        "colour=red",
        400,
        "Unknown parameter 'colour': there are hotel, integration, check, from, to, width and by.",
    ),
    ("check=health&check=health", 400, "Each parameter may be given once."),
    ("hotel=", 400, "hotel must be an id: 1 to 64 of"),
    ("integration=%00", 400, "integration must be an id: 1 to 64 of"),
    ("hotel=elsewhere", 404, "There is no hotel with this id."),
    ("integration=elsewhere", 404, "This hotel has no integration with this name."),
    ("check=elsewhere", 404, "There is no check with this name there."),
    ("integration=door_locks&check=health", 404, "There is no check with this name there."),
    ("from=yesterday", 400, "from must be a time with its offset"),
    ("to=2026-11-25T08:00:00", 400, "to must be a time with its offset"),
    ("from=2026-11-25T08:00:00Z", 400, "from must be before to."),
    ("from=2026-11-25T09:00:00Z&to=2026-11-25T10:00:00Z", 400, "from must be in the past."),
    ("from=2026-11-25T07:00:00Z&to=2026-11-25T06:00:00Z", 400, "from must be before to."),
    ("from=2025-10-01T08:00:00Z", 400, "from must be at most 400 days ago: nothing older is kept."),
    ("to=0001-01-01T00:00:00Z", 400, "to must be within the last 400 days: nothing older is kept."),
    ("width=2m", 400, "width must be 1m, 5m, 1h or 1d."),
    ("by=hotel", 400, "by must be check or integration."),
    ("by=integration&check=health", 400, "by=integration tells of all checks together: leave check out."),
]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    async with serving() as one:
        yield one


async def ask(house: House, query: str, status: int = 200) -> dict[str, Any]:
    async with ClientSession() as session, session.get(f"{house.url}/api/v1/history?{query}") as answer:
        assert answer.status == status, await answer.text()
        assert answer.content_type == "application/json"
        found: dict[str, Any] = await answer.json()
    assert DESCRIPTION.unfit("GET", "/api/v1/history", status, found) == ""
    return found


@pytest.mark.parametrize(("query", "status", "sentence"), REFUSED)
async def test_what_cannot_be_told_is_refused_with_a_sentence(
    house: House, query: str, status: int, sentence: str
) -> None:
    assert sentence in (await ask(house, query, status))["error"]


async def test_a_bucket_tells_all_that_is_known_of_its_time(house: House) -> None:
    house.past.checks[HEALTH.id] = [
        Bucket(START - timedelta(minutes=10), 300, 10, 1, 2, 2, 0.1234, 0.5, 0.5, {"queue_pending": 7.0}),
        Bucket(START - timedelta(minutes=5), 300),
    ]
    found = await ask(house, "integration=payment&check=health")
    assert found == {
        "from": "2026-11-24T08:00:00.000Z",
        "to": "2026-11-25T08:00:00.000Z",
        "width_seconds": 300,
        "series": [
            {
                "hotel": "grand-harbour",
                "integration": "payment",
                "check": "health",
                "buckets": [
                    {
                        "start": "2026-11-25T07:50:00.000Z",
                        "seconds": 300,
                        "runs": 10,
                        "failures": 2,
                        "warnings": 1,
                        "unknowns": 2,
                        "success_rate": 75.0,
                        "mean_ms": 123.4,
                        "p50_ms": 500.0,
                        "p95_ms": 500.0,
                        "peaks": {"queue_pending": 7.0},
                    }
                ],
            }
        ],
    }


async def test_every_check_is_told_of_though_it_never_ran(house: House) -> None:
    series = (await ask(house, ""))["series"]
    assert [(one["integration"], one["check"], one["buckets"]) for one in series] == [
        ("door_locks", "gateway", []),
        ("expedia", "health", []),
        ("payment", "certificate", []),
        ("payment", "health", []),
    ]


async def test_runs_that_could_not_look_have_no_success_rate(house: House) -> None:
    house.past.checks[HEALTH.id] = [Bucket(START - timedelta(minutes=10), 300, 3, unknowns=3)]
    (bucket,) = (await ask(house, "integration=payment&check=health"))["series"][0]["buckets"]
    assert (bucket["success_rate"], bucket["mean_ms"], bucket["p95_ms"]) == (None, None, None)


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        ("from=2026-11-25T06:00:00Z", 60),
        ("from=2026-11-25T06:00:00Z&width=1h", 3600),
        ("from=2026-11-24T08:00:00Z", 300),
        ("from=2026-11-18T08:00:00Z", 3600),
        ("from=2026-10-26T08:00:00Z", 86400),
        ("from=2025-10-22T08:00:00Z", 86400),
        ("from=2026-11-25T07:00:00+01:00&to=2026-11-25T08:00:00%2B01:00", 60),
        ("to=2026-12-25T08:00:00Z", 300),
    ],
)
async def test_buckets_are_as_wide_as_the_time_is_long(house: House, query: str, seconds: int) -> None:
    assert (await ask(house, query))["width_seconds"] == seconds


async def test_too_many_buckets_are_refused(house: House) -> None:
    said = (await ask(house, "from=2026-11-23T08:00:00Z&width=1m", 400))["error"]
    assert f"2882 buckets of each of 4 checks: at most {MOST} of one and {TOGETHER} in all" in said


async def test_buckets_are_as_wide_as_what_is_kept(house: House) -> None:
    house.past.widest = timedelta(hours=1)
    assert (await ask(house, "from=2026-11-23T08:00:00Z&width=1m"))["width_seconds"] == 3600


async def test_several_hotels_must_be_told_apart(house: House) -> None:
    board = house.deps.board
    board.watch([HEALTH, check("payment", "health", hotel="other")], {"grand-harbour": "G", "other": "O"})
    assert "hotel must be given" in (await ask(house, "", 400))["error"]
    assert len((await ask(house, "hotel=other"))["series"]) == 1


async def test_an_integration_is_told_of_as_a_whole(house: House) -> None:
    house.past.whole["payment"] = [Bucket(START - timedelta(minutes=10), 300, 10, failures=5)]
    series = (await ask(house, "by=integration"))["series"]
    assert [(one["integration"], one["check"], len(one["buckets"])) for one in series] == [
        ("door_locks", None, 0),
        ("expedia", None, 0),
        ("payment", None, 1),
    ]


async def test_what_is_told_is_what_was_seen(tmp_path: Path) -> None:
    async with (
        a_past(tmp_path, held=["grand-harbour"]) as past,
        serving(clock=past.clock, history=past.history) as house,
    ):
        past.run(answered(100), answered(300), timed_out(), UNSEEN, one=HEALTH)
        past.run(UNSEEN, one=CERTIFICATE)
        house.clock.advance(1)
        for _ in range(2):
            found = await ask(house, "integration=payment")
            (alone,) = [one["buckets"] for one in found["series"] if one["check"] == "health"]
            assert [(one["runs"], one["failures"], one["success_rate"], one["mean_ms"]) for one in alone] == [
                (4, 1, 66.667, 200.0)
            ]
            (whole,) = (await ask(house, "integration=payment&by=integration"))["series"]
            assert [(one["runs"], one["unknowns"], one["mean_ms"]) for one in whole["buckets"]] == [
                (5, 2, 200.0)
            ]
            house.clock.advance(60)
            await past.history.tick()
            assert not past.history.recorder.waiting(9)


async def test_a_long_answer_lets_others_have_their_turn(house: House) -> None:
    row = [Bucket(START - timedelta(minutes=number), 60, 1) for number in range(1400)]
    house.past.checks = dict.fromkeys(house.deps.board.tiles, row)
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    found = await ask(house, "from=2026-11-24T08:40:00Z&width=1m")
    counting.cancel()
    assert sum(len(one["buckets"]) for one in found["series"]) == 4 * 1400
    assert turns > 28


async def test_so_many_are_told_at_once_and_others_wait_for_a_place(house: House) -> None:
    past = house.past
    past.opens = asyncio.Event()
    told = [asyncio.create_task(ask(house, "width=1h")) for _ in range(PLACES)]
    await until(lambda: past.asked == PLACES, 10)
    assert "Too many ask for the history" in (await ask(house, "width=1h", 503))["error"]
    late = asyncio.create_task(ask(house, "width=1h"))
    past.opens.set()
    assert all(one["series"] for one in await asyncio.gather(*told, late))
    assert past.asked == PLACES + 1
