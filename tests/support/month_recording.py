"""What the real probes see of the simulated hotel, in good health and under each fault, recorded once.

`python -m tests.support.month_recording` records it anew. Of a fault only the checks are kept that see it.
Moments are kept as seconds from the recording, so that they can be replayed at any other time.
"""

import asyncio
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from checks.result import (
    QUEUE_OLDEST,
    RESPONSE_TIME,
    STARTED,
    Phase,
    Quota,
    Reason,
    Result,
    Sign,
    State,
)
from daemon.clock import SystemClock
from daemon.demo.fault import Fault
from daemon.demo.faults import FAULTS
from daemon.demo.postgres import Postgres, postgres
from tests.support.open_hotel import Visitor, open_hotel

FILE = Path(__file__).with_name("recorded_faults.json")
MOMENT = "_timestamp_seconds"
A_MINUTE = 60.0
SLOW = 500.0
"""Milliseconds beyond which an answer shows a fault."""

Seen = Mapping[str, Result]
Rows = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one check saw. Moments among the measurements are seconds from now."""

    result: Result

    def at(self, moment: datetime) -> Result:
        """Return the result as if it had been seen at a moment."""
        return _moved(self.result, moment.timestamp())


def recorded() -> tuple[dict[str, Recorded], dict[str, dict[str, Recorded]]]:
    """Return what each check of a healthy hotel saw, and by fault what those saw that noticed it."""
    found = json.loads(FILE.read_text())
    faults = {name: _read(rows) for name, rows in found["faults"].items()}
    return _read(found["healthy"]), faults


def _read(rows: Rows) -> dict[str, Recorded]:
    return {check: Recorded(_result(row)) for check, row in rows.items()}


def _moved(result: Result, seconds: float) -> Result:
    moments = [name for name in result.measurements if name.endswith(MOMENT)]
    if not moments:
        return result
    moved = {name: result.measurements[name] + seconds for name in moments}
    return replace(result, measurements={**result.measurements, **moved})


def _result(row: Mapping[str, Any]) -> Result:
    return Result(
        State(row["state"]),
        Reason(row["reason"]) if row.get("reason") else None,
        row.get("message", ""),
        row.get("measurements", {}),
        {Phase(phase): seconds for phase, seconds in row.get("phases", {}).items()},
        Phase(row["failed_phase"]) if row.get("failed_phase") else None,
        retry_after=row.get("retry_after"),
        decisive=row.get("decisive", False),
        observed=row.get("observed"),
        limit=row.get("limit"),
        unit=row.get("unit", ""),
        quotas={name: Quota(*quota) for name, quota in row.get("quotas", {}).items()},
        signs=frozenset(Sign(sign) for sign in row.get("signs", ())),
    )


def _row(result: Result, now: float, clean: Callable[[str], str]) -> dict[str, Any]:
    found = {
        "state": result.state,
        "reason": result.reason,
        "message": clean(result.message),
        "measurements": {
            name: round(value - now if name.endswith(MOMENT) else value, 3)
            for name, value in result.measurements.items()
        },
        "phases": {phase: round(seconds, 5) for phase, seconds in result.phases.items()},
        "failed_phase": result.failed_phase,
        "retry_after": result.retry_after,
        "decisive": result.decisive,
        "observed": result.observed,
        "limit": result.limit,
        "unit": result.unit,
        "quotas": result.quotas,
        "signs": sorted(result.signs - {Sign.QUEUE_MOVING}),
    }
    return {name: value for name, value in found.items() if value not in (None, "", {}, [], False)}


def _tells(result: Result, usual: Result, *, slow: bool) -> bool:
    """Say whether a check sees a fault: it fails, or shows a sign, is `slow`, or something was restarted."""
    if result.state is not State.OK or result.signs - {Sign.QUEUE_MOVING}:
        return True
    if slow and result.measurements.get(RESPONSE_TIME, 0.0) > SLOW:
        return True
    started = result.measurements.get(STARTED, 0.0)
    return started - usual.measurements.get(STARTED, started) > A_MINUTE


async def _record(directory: Path, pg: Postgres) -> dict[str, Any]:
    (directory / "hotel").mkdir()
    async with open_hotel(directory / "hotel", pg) as hotel:
        clean = _cleaner(hotel.directory)
        visitor = Visitor(hotel)
        usual = await visitor.look()
        now = SystemClock().now().timestamp()
        healthy = {check: _row(one, now, clean) for check, one in sorted(usual.items())}
        faults: dict[str, Rows] = {}
        for fault in FAULTS.values():
            if not fault.lasting:
                usual = await visitor.look()
                await fault.on(hotel)
                seen = await (Visitor(hotel) if fault.in_time else visitor).look()
                faults[fault.name] = _rows(fault, seen, usual, clean)
                await fault.off(hotel)
                print(f"{fault.name}: {', '.join(faults[fault.name])}")  # noqa: T201 - a script
    for fault in (one for one in FAULTS.values() if one.lasting):
        faults[fault.name] = await _lasting(directory / fault.name, pg, fault)
    return {"healthy": healthy, "faults": faults}


async def _lasting(directory: Path, pg: Postgres, fault: Fault) -> Rows:
    directory.mkdir()
    async with open_hotel(directory, pg) as hotel:
        visitor = Visitor(hotel)
        usual = await visitor.look()
        await fault.on(hotel)
        return _rows(fault, await visitor.look(), usual, _cleaner(directory))


def _rows(fault: Fault, seen: Seen, usual: Seen, clean: Callable[[str], str]) -> Rows:
    now, slow = SystemClock().now().timestamp(), fault.in_time
    return {
        check: _row(one, now, clean)
        for check, one in sorted(seen.items())
        if _tells(one, usual[check], slow=slow)
    }


def _cleaner(directory: Path) -> Callable[[str], str]:
    return lambda text: text.replace(str(directory), "/srv/hotel")


async def main() -> None:
    """Record everything, and write it down."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        async with postgres(Path(place)) as pg:
            found = await _record(Path(place), pg)
    lines = [f'"{check}": {json.dumps(row)}' for check, row in found["healthy"].items()]
    faults = [
        f'"{name}": {{\n  '
        + ",\n  ".join(f'"{check}": {json.dumps(row)}' for check, row in rows.items())
        + "}"
        for name, rows in sorted(found["faults"].items())
    ]
    joined = ",\n "
    FILE.write_text(f'{{"healthy": {{\n {joined.join(lines)}}},\n"faults": {{\n {joined.join(faults)}}}}}\n')
    assert json.loads(FILE.read_text()) == json.loads(json.dumps(found))
    assert QUEUE_OLDEST.endswith(MOMENT)


if __name__ == "__main__":
    asyncio.run(main())
