"""The owner's figures, and what fills up."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from alerts.standing import Standing
from alerts.window import Window
from checks.check import Check, CheckType
from checks.findings import Budget, Findings
from checks.result import QUEUE_FAILED, QUEUE_PENDING, SYNC_DELAY, Quota, Result, State, ok
from checks.tables import queues
from daemon.board import Tile, rules_of
from daemon.web.pages.figures import figures
from daemon.web.pages.meters import Meter, meters
from tests.support.boards import check
from tests.support.clock import START

LISBON = ZoneInfo("Europe/Lisbon")
PLAIN: dict[str, Any] = {
    "success_rate": 99.5,
    "avg_response_time_ms": 180.0,
    "p95_response_time_ms": 240.0,
    "last_sync": "2026-11-25T07:30:00.000Z",
    "delivery_rate": None,
    "bounce_rate": None,
}


def shown(fields: Mapping[str, Any], kind: str = "ota") -> dict[str, tuple[str, str]]:
    return {one.label: (one.value, one.note) for one in figures(kind, fields, 1000.0, START, LISBON)}


def test_the_owners_figures_stand_with_what_they_are_held_against() -> None:
    assert shown(PLAIN) == {
        "Success rate": ("99.5 %", ""),
        "Mean response": ("180 ms", "p95 240 ms, limit 1 s"),
        "Last sync": ("30 min ago", "07:30"),
    }


def test_of_mail_the_delivery_is_what_counts() -> None:
    mail = {**PLAIN, "success_rate": None, "delivery_rate": 98.5, "bounce_rate": 1.5, "last_sent": None}
    del mail["last_sync"]
    assert list(shown(mail, "email")) == [
        "Success rate",
        "Delivered",
        "Bounced",
        "Mean response",
        "Last mail sent",
    ]
    assert shown(mail, "email")["Last mail sent"] == ("not known", "")


def test_what_is_not_known_is_said_to_be() -> None:
    nothing = {**PLAIN, "success_rate": None, "avg_response_time_ms": None, "p95_response_time_ms": None}
    assert shown(nothing)["Success rate"] == ("not known", "")
    assert shown(nothing)["Mean response"] == ("not known", "")
    assert shown({**PLAIN, "success_rate": math.nan})["Success rate"] == ("not known", "")


def test_of_others_only_what_is_known_is_shown() -> None:
    assert list(shown({**PLAIN, "last_sync": None}, "generic")) == ["Success rate", "Mean response"]


def test_a_mean_past_its_limit_stands_out() -> None:
    tones = {one.label: one.tone for one in figures("ota", PLAIN, 150.0, START, LISBON)}
    assert tones["Mean response"] == "fair"
    assert tones["Success rate"] == ""


def test_a_sync_of_the_future_is_no_sync_ago() -> None:
    assert shown({**PLAIN, "last_sync": "2026-11-25T09:00:00.000Z"})["Last sync"] == (
        "09:00",
        "in the future",
    )


QUEUE = CheckType("queue", queues.Options, QUEUE_PENDING, check("x", "y").type.probe)


def queue(pending: float, arrived: float = 0.0, drained: float = 0.0, **more: float) -> Tile:
    options = queues.Options.model_construct(query="", of="updates", limit=1000, delay=1800.0)
    one = replace(check("channel_manager", "queue"), type=QUEUE, options=options)
    numbers = {QUEUE_PENDING: pending, "arrivals_per_minute": arrived, "drained_per_minute": drained, **more}
    return _tile(one, ok("", numbers))


def _tile(one: Check, result: Result) -> Tile:
    return Tile(one, Window(one.window), rules_of(one), result=result)


def meter(tile: Tile) -> Meter:
    return next(iter(meters([tile], START, LISBON)))


def test_a_queue_is_held_against_its_limit() -> None:
    found = meter(queue(412, **{QUEUE_FAILED: 3.0}))
    assert (found.label, found.said) == ("Queue of updates", "412 of 1,000 waiting, 3 failed in 24 h")
    assert (found.share, found.filled, found.tone) == (0.412, 41.2, "good")
    assert meter(queue(850)).tone == "fair"
    past = meter(queue(1001))
    assert (past.tone, past.filled) == ("bad", 100.0)


def test_at_this_pace_a_queue_will_be_full_or_empty() -> None:
    assert meter(queue(400, arrived=5.0, drained=1.7)).forecast == "full in about 3 h"
    assert meter(queue(400, arrived=1.0, drained=21.0)).forecast == "empty in about 20 min"
    assert meter(queue(400, arrived=5.0, drained=5.0)).forecast == ""
    assert meter(queue(400, arrived=0.1, drained=0.0)).forecast == "", "too far ahead to be said"
    assert meter(queue(0)).forecast == ""


@pytest.mark.parametrize("hostile", [math.nan, math.inf, -math.inf, 1e300, -5.0])
def test_no_number_breaks_a_meter(hostile: float) -> None:
    for found in meters([queue(hostile, hostile, hostile, **{SYNC_DELAY: hostile})], START, LISBON):
        assert 0 <= found.filled <= 100
        assert found.tone in {"good", "fair", "bad", "dim"}
    mail = Result(State.OK, quotas={"messages": Quota(hostile, hostile, hostile)})
    assert 0 <= meter(_tile(check("email", "quota"), mail)).filled <= 100


def test_lag_is_held_against_what_is_allowed() -> None:
    found = list(meters([queue(1, **{SYNC_DELAY: 240.0})], START, LISBON))[1]
    assert (found.label, found.said) == ("Lag of queue", "4 min behind, at most 30 min")
    cache = replace(ok("", {SYNC_DELAY: 90.0}), observed=90.0, limit=60.0, unit="s")
    late = meter(_tile(check("booking_engine", "cache"), cache))
    assert (late.said, late.tone) == ("1 min 30 s behind, at most 1 min", "bad")


def test_a_quota_says_when_it_is_used_up() -> None:
    ends = (START + timedelta(hours=3)).timestamp()
    mail = Result(State.OK, quotas={"messages": Quota(1800.0, 2000.0, ends)})
    found = meter(_tile(check("email", "quota"), mail))
    assert (found.label, found.said) == ("Quota of messages", "1,800 of 2,000 used")
    assert (found.tone, found.forecast) == ("fair", "used up in about 3 h (11:00)")
    gone = Result(
        State.OK, quotas={"messages": Quota(10.0, 2000.0, (START - timedelta(hours=1)).timestamp())}
    )
    assert meter(_tile(check("email", "quota"), gone)).forecast == ""


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (2000, "room for 120 from 09:00, 300 from 10:00 if nothing is sent until then"),
        (1601, "room for 519 from 09:00, 699 from 10:00 if nothing is sent until then"),
        (1600, ""),
    ],
)
def test_a_quota_with_little_left_says_when_more_comes_back(used: int, said: str) -> None:
    budget = Budget("messages", used, 2000, 0, (120, 180, *[100] * 22))
    quotas = {"messages": Quota(float(used), 2000.0)}
    mail = Result(State.OK, quotas=quotas, findings=Findings(budgets=(budget,)))
    tile = _tile(check("email", "quota"), mail)
    tile.standing = Standing(tile.check.id, State.OK, None, "", START, START)
    assert meter(tile).forecast == said


def test_what_was_not_seen_has_no_meter() -> None:
    unseen = queue(1)
    unseen.result = None
    assert list(meters([unseen], START, LISBON)) == []


def test_a_quota_that_several_checks_see_is_shown_once() -> None:
    seen = [
        _tile(check("expedia", name), Result(State.OK, quotas={"api": Quota(used, 1000.0, None)}))
        for name, used in (("health", 129.0), ("auth", 131.0), ("rates", 130.0))
    ]
    assert [one.said for one in meters(seen, START, LISBON)] == ["131 of 1,000 used"]
