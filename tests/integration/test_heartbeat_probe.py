"""Heartbeats: early, late, failed, never; over restarts and moved clocks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from alerts.standing import Standing
from alerts.thresholds import Rules, judge
from checks import heartbeat
from checks.context import Tools
from checks.memory import Memories
from checks.registry import CHECKS
from checks.result import CheckId, Reason, Result, State
from tests.support.probing import look

START = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
THIS = CheckId("h", "i", "c")
MINUTE, DAY = 60.0, 86_400.0


@dataclass
class Watch:
    """A porter with a clock that stands, a job that pings, and what is remembered."""

    options: dict[str, Any] = field(default_factory=lambda: {"interval": "60s"})
    memories: Memories = field(default_factory=Memories)
    at: datetime = START

    def __post_init__(self) -> None:
        self.tools = self.new()

    def new(self) -> Tools:
        return Tools.new(lambda: self.at)

    def ping(self, status: str = "ok", message: str = "") -> None:
        self.memories.of(THIS).keep(heartbeat.ping(self.at, status, message))

    async def after(self, seconds: float) -> Result:
        """Let time pass, and look."""
        self.at += timedelta(seconds=seconds)
        return await look("heartbeat", tools=self.tools, memories=self.memories, **self.options)

    async def stand(self, before: Standing | None) -> Standing:
        """Look a second later, and return how the check stands then."""
        result, rules = await self.after(1), Rules(failures=3, successes=2, response_limit=1.0)
        return judge(before, THIS, result, mean=None, rules=rules, now=self.at)[0]

    async def restart(self, away: float) -> None:
        """Be away for some time; what is remembered has been stored."""
        stored = {THIS: dict(self.memories.of(THIS).value)}
        self.at += timedelta(seconds=away)
        self.memories, self.tools = Memories(), self.new()
        self.memories.restore(stored)


async def test_a_ping_in_time_is_ok() -> None:
    watch = Watch()
    watch.ping()
    result = await watch.after(89)
    assert (result.state, result.message) == (State.OK, "the last ping came 89 s ago")
    assert result.measurements == {"age_seconds": 89.0}


async def test_a_late_ping_is_stale_at_once_and_a_new_one_heals() -> None:
    watch = Watch()
    watch.ping()
    result = await watch.after(91)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.STALE, True)
    assert result.message == "the last ping came 91 s ago; one is expected every 60 s, 30 s late at the most"
    assert (result.observed, result.limit, result.unit) == (91.0, 90.0, "s")
    watch.ping()
    assert (await watch.after(1)).state is State.OK


async def test_grace_may_be_given() -> None:
    watch = Watch({"interval": "24h", "grace": "2h"})
    watch.ping()
    for _ in range(26):
        assert (await watch.after(3599)).state is State.OK
    assert (await watch.after(60)).reason is Reason.STALE


async def test_before_the_first_ping_nothing_is_demanded_for_interval_and_grace() -> None:
    watch = Watch()
    for _ in range(3):
        result = await watch.after(30)
        assert (result.state, result.message) == (State.UNKNOWN, "no ping is known of yet")
        assert result.reason not in {Reason.QUERY, Reason.PERMISSION}, "these would be told of in the end"
    result = await watch.after(1)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.MISSING, True)
    assert result.message == "has never been pinged; a ping is expected every 60 s"
    watch.ping()
    assert (await watch.after(0)).state is State.OK


async def test_a_heartbeat_that_is_new_in_an_old_porter_has_its_time_too() -> None:
    watch = Watch()
    watch.at += timedelta(days=30)
    assert (await watch.after(0)).state is State.UNKNOWN
    assert (await watch.after(90)).state is State.UNKNOWN
    assert (await watch.after(1)).reason is Reason.MISSING


async def test_after_a_restart_without_any_ping_the_time_starts_anew() -> None:
    watch = Watch()
    await watch.after(91)
    await watch.restart(away=5)
    assert (await watch.after(0)).state is State.UNKNOWN
    assert (await watch.after(91)).reason is Reason.MISSING


@pytest.mark.parametrize(
    ("message", "says"), [("disk full", "disk full"), ("", "without saying why"), ("x\x1b[2J" * 9, "x [2Jx")]
)
async def test_a_job_that_says_it_failed_is_content_at_once(message: str, says: str) -> None:
    watch = Watch()
    watch.ping("failed", message)
    result = await watch.after(1)
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.CONTENT, True)
    assert result.message.startswith(f"the job says that it failed: {says}")
    assert result.measurements == {"age_seconds": 1.0}
    watch.ping()
    assert (await watch.after(1)).state is State.OK


async def test_a_job_that_failed_and_fell_silent_is_stale() -> None:
    watch = Watch()
    watch.ping("failed")
    assert (await watch.after(91)).reason is Reason.STALE


async def test_a_ping_is_remembered_over_a_restart() -> None:
    watch = Watch({"interval": "24h"})
    watch.ping()
    await watch.after(DAY)
    await watch.restart(away=MINUTE)
    result = await watch.after(MINUTE)
    assert (result.state, result.measurements["age_seconds"]) == (State.OK, DAY + 2 * MINUTE)


async def test_nobody_is_blamed_for_pings_that_the_porter_was_not_there_to_hear() -> None:
    watch = Watch()
    watch.ping()
    await watch.after(60)
    await watch.restart(away=600)
    result = await watch.after(10)
    assert result.state is State.OK
    assert result.message == "the last ping came 11 min ago; Night Porter was away and may have missed one"
    result = await watch.after(35)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.STALE)


async def test_what_was_wrong_before_a_good_ping_is_over_though_the_porter_was_away_since() -> None:
    watch = Watch()
    watch.ping("failed", "disk full")
    standing = await watch.stand(None)
    assert (standing.state, standing.message) == (State.CRITICAL, "the job says that it failed: disk full")
    watch.ping()
    await watch.restart(away=600)
    for _ in range(2):
        standing = await watch.stand(standing)
    assert (standing.state, standing.breached) == (State.OK, False)
    assert "disk full" not in standing.message


async def test_a_job_whose_last_word_was_of_a_failure_is_not_called_fine_after_an_absence() -> None:
    watch = Watch()
    watch.ping("failed", "disk full")
    standing = await watch.stand(None)
    await watch.restart(away=600)
    result = await watch.after(10)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.STALE)
    assert result.message.startswith("the last ping came 10 min ago and told of a failure; Night Porter was")
    assert (await watch.stand(standing)).message == "the job says that it failed: disk full"


async def test_restarts_do_not_hide_a_job_that_has_died() -> None:
    watch = Watch({"interval": "24h", "grace": "1h"})
    watch.ping()
    for _ in range(13):
        for _ in range(4):
            assert (await watch.after(1700)).state is State.OK
        await watch.restart(away=3)
    result = await watch.after(1800)
    assert (result.state, result.reason) == (State.CRITICAL, Reason.STALE)


async def test_a_clock_set_back_makes_a_ping_new_but_not_for_long() -> None:
    watch = Watch()
    watch.ping()
    result = await watch.after(-DAY)
    assert (result.state, result.measurements["age_seconds"]) == (State.OK, 0.0)
    assert (await watch.after(89)).state is State.OK
    assert (await watch.after(2)).state is State.CRITICAL


async def test_a_clock_set_back_does_not_excuse_a_job_that_never_pings() -> None:
    watch = Watch()
    assert (await watch.after(-DAY)).state is State.UNKNOWN
    assert (await watch.after(91)).reason is Reason.MISSING
    assert (await watch.after(1)).state is State.CRITICAL


@pytest.mark.parametrize(
    "value",
    [
        {"at": "yesterday"},
        {"at": None, "status": 7},
        {"at": True},
        {"at": START.timestamp(), "looked": "x", "away": [], "message": [1], "status": {}},
        {"since": "x"},
    ],
)
async def test_what_is_remembered_may_be_anything(value: dict[str, Any]) -> None:
    watch = Watch()
    watch.memories.of(THIS).keep(value)
    assert (await watch.after(1)).reason in {None, Reason.MISSING}


async def test_what_is_remembered_changes_once_a_minute_at_the_most() -> None:
    watch = Watch({"interval": "24h"})
    watch.ping()
    changes = 0
    for _ in range(60):
        await watch.after(10)
        changes += bool(watch.memories.take())
    assert changes <= 11


def test_a_heartbeat_is_looked_at_more_often_than_it_comes() -> None:
    assert CHECKS["heartbeat"].at_most == 30.0
    assert CHECKS["heartbeat"].measurement == "age_seconds"


@pytest.mark.parametrize("options", [{"interval": "0s"}, {"grace": 5}, {"url": "https://a.example"}])
def test_options_that_cannot_work_do_not_load(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        heartbeat.Options.model_validate(options)


@pytest.mark.parametrize(
    ("options", "hours"),
    [({"interval": "2h"}, 3), ({"interval": "24h"}, 36), ({"interval": "24h", "grace": "15m"}, 24.25)],
)
def test_grace_is_half_of_the_interval_unless_told(options: dict[str, Any], hours: float) -> None:
    assert heartbeat.Options.model_validate(options).allowed == hours * 3600
