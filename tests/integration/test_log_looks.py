"""The built-in log checks: which file each reads, which lines, and when it is not content."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest

from checks.integrations import looks_logs
from checks.integrations.built_in import Look, Tuning
from checks.integrations.options import Pms, System
from checks.integrations.site import Bounds, Site
from checks.log_dirs import FOLDERS
from checks.memory import Memories
from checks.result import LAST, SYNC_DELAY, Reason, Result, State
from tests.support.probing import look

HOTEL = ZoneInfo("America/New_York")


class Case(NamedTuple):
    """A look, and what it is to read."""

    kind: str
    look: Look
    file: str
    words: str
    last: int


LOOKS = [
    Case("booking_engine", looks_logs.sync_log, "integrations/booking-engine.log", "availability sync", 20),
    Case("ota", looks_logs.rate_log, "integrations/ota.log", "rate update", 50),
    Case("ota", looks_logs.modification_log, "integrations/ota.log", "modification", 30),
    Case("payment", looks_logs.payment_log, "integrations/payment.log", "payment", 50),
    Case("booking_engine", looks_logs.webhook_log, "webhooks/booking-engine.log", "event", 50),
    Case("payment", looks_logs.webhook_log, "webhooks/payment.log", "event", 50),
    Case("email", looks_logs.email_log, "integrations/email.log", "SMTP", 50),
    Case("email", looks_logs.email_log, "integrations/email.log", "Email", 50),
    Case("channel_manager", looks_logs.channel_log, "integrations/channel-manager.log", "sync", 50),
]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """The PMS's log folders."""
    for name in FOLDERS:
        (tmp_path / name).mkdir()
    return tmp_path


def site(logs: Path, kind: str, name: str | None = None, **pms: Any) -> Site:
    """Return an integration of a hotel whose PMS logs there."""
    bounds = Bounds(queue_size=1000, sync_delay=1800, error_rate=0.05, rate_window=1800, min_samples=20)
    return Site("h", name or kind, kind, System(), Pms(log_dir=logs, **pms), (), bounds, HOTEL)


async def see(look_at: Look, where: Site, memories: Memories | None = None) -> Result:
    """Run the check that a look makes."""
    kind, options = look_at(where, Tuning())
    return await look(kind, memories=memories, **dict(options))


def write(path: Path, text: str, count: int = 1, ago: float = 0, level: str = "INFO") -> None:
    """Append lines so many seconds old."""
    time = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    with path.open("a") as file:
        file.write(f"{time} {level} [pms] {text}\n" * count)


@pytest.mark.parametrize("case", LOOKS)
async def test_each_reads_its_last_lines_in_its_file(logs: Path, case: Case) -> None:
    write(logs / case.file, f"{case.words} for room 101", case.last + 7)
    write(logs / case.file, "nothing of the kind", 0 if "webhooks" in case.file else 3, level="ERROR")
    result = await see(case.look, site(logs, case.kind))
    assert result.state is State.OK, result
    assert result.measurements["lines"] == case.last
    assert LAST in result.measurements


@pytest.mark.parametrize("case", LOOKS)
async def test_each_is_critical_past_the_error_rate(logs: Path, case: Case) -> None:
    write(logs / case.file, f"{case.words} done", case.last)
    write(logs / case.file, f"{case.words} rejected", 3)
    result = await see(case.look, site(logs, case.kind))
    assert (result.state, result.reason, result.decisive) == (State.CRITICAL, Reason.THRESHOLD, True)
    assert result.observed == pytest.approx(300 / case.last, abs=0.01)
    assert (result.limit, result.unit) == (5, "%")


async def test_too_few_lines_raise_nothing(logs: Path) -> None:
    write(logs / "integrations/payment.log", "payment failed", 19)
    assert (await see(looks_logs.payment_log, site(logs, "payment"))).state is State.OK
    write(logs / "integrations/payment.log", "payment failed")
    assert (await see(looks_logs.payment_log, site(logs, "payment"))).reason is Reason.THRESHOLD


@pytest.mark.parametrize("case", LOOKS)
async def test_only_syncs_and_rate_updates_may_not_be_silent(logs: Path, case: Case) -> None:
    write(logs / case.file, case.words, case.last, ago=1900)
    result = await see(case.look, site(logs, case.kind))
    if case.look in {looks_logs.sync_log, looks_logs.rate_log}:
        assert (result.reason, result.decisive) == (Reason.STALE, True)
        assert "for 32 min, one expected every 30 min" in result.message
        assert result.measurements[SYNC_DELAY] == pytest.approx(1900, abs=5)
    else:
        assert result.state is State.OK
        assert SYNC_DELAY not in result.measurements


async def test_an_integration_of_its_own_name_has_its_own_file_or_else_its_kinds(logs: Path) -> None:
    where = site(logs, "ota", "big_ota")
    write(logs / "integrations/ota.log", "rate update", 3)
    assert (await see(looks_logs.rate_log, where)).measurements["lines"] == 3
    write(logs / "integrations/big-ota.log", "rate update", 5)
    assert (await see(looks_logs.rate_log, where)).measurements["lines"] == 5


async def test_no_file_at_all_is_missing(logs: Path) -> None:
    result = await see(looks_logs.rate_log, site(logs, "ota", "expedia"))
    assert (result.state, result.reason) == (State.CRITICAL, Reason.MISSING)
    assert "integrations/ota.log does not exist" in result.message


@pytest.mark.parametrize("zone", [HOTEL, UTC, datetime.now(UTC).astimezone().tzinfo])
async def test_times_without_a_zone_are_read_in_the_one_that_fits(logs: Path, zone: Any) -> None:
    lines = [datetime.now(zone) - timedelta(seconds=ago) for ago in (600, 0)]
    texts = ("availability sync done", "cache refreshed")
    (logs / "integrations/booking-engine.log").write_text(
        "".join(f"{time:%Y-%m-%d %H:%M:%S} INFO {text}\n" for time, text in zip(lines, texts, strict=True))
    )
    result = await see(looks_logs.sync_log, site(logs, "booking_engine"))
    assert result.measurements["age_seconds"] == pytest.approx(600, abs=5)


async def test_our_forged_webhooks_are_not_the_vendors_failures(logs: Path) -> None:
    path = logs / "webhooks/payment.log"
    write(path, "accepted", 20)
    write(path, "signature rejected, X-Monitor-Probe: nightporter", 20, level="ERROR")
    result = await see(looks_logs.webhook_log, site(logs, "payment"))
    assert (result.state, result.measurements["failures_percent"]) == (State.OK, 0)


async def test_the_pms_s_own_looks_see_its_folders_trail_and_backups(logs: Path) -> None:
    (logs / "db.dump").write_bytes(b"x")
    where = site(logs, "pms", backup={"path": logs / "db.dump"})
    for look_at in (looks_logs.pms_logs, looks_logs.audit_log, looks_logs.backup):
        result = await see(look_at, where)
        assert result.state is State.OK, result
