"""How the checks of a hotel stand, what ends soon, and what was seen of webhooks: from state and board."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from alerts.reports.facts import Coming, Stand
from alerts.reports.flows import FORGED
from alerts.standing import Standing
from checks.result import LAST, CheckId
from daemon.board import Board, Tile
from daemon.store.sightings import Sighting
from daemon.tally import Peak, Tally

CERTIFICATE_ENDS = "certificate.ends"
DISK_FREE = "disk_free_percent"
SOON = timedelta(days=21)
"""How long before its end a certificate is told of."""

QUOTA_SOON = timedelta(days=7)


def stands(
    standings: Iterable[Standing],
    board: Board,
    checks: Mapping[CheckId, Tally],
    seen: Sequence[Sighting],
) -> tuple[Stand, ...]:
    """Return how the checks of a hotel stand, by name; the board knows it where it is fresher."""
    forgeries: dict[CheckId, dict[str, str]] = {}
    for one in seen:
        if one.name.startswith(FORGED):
            forgeries.setdefault(one.check, {})[one.name] = one.value
    found = {one.check: one for one in standings}
    return tuple(
        _stand(_fresher(standing, board.tiles.get(check)), board, checks.get(check), forgeries.get(check, {}))
        for check, standing in sorted(found.items())
    )


def coming(hotel: str, seen: Iterable[Sighting], board: Board, now: datetime) -> tuple[Coming, ...]:
    """Return which certificates end soon, each once, and which quotas will be used up."""
    ends = {one.check: _end_of(one.value) for one in seen if one.name == CERTIFICATE_ENDS}
    for check, tile in board.tiles.items():
        expiry = tile.result.certificate_expiry if tile.result else None
        if check.hotel == hotel and expiry is not None:
            ends[check] = datetime.fromtimestamp(expiry, UTC)
    told: set[tuple[str, date]] = set()
    found = []
    for check, at in sorted(ends.items()):
        if at is None or at - now > SOON or (check.integration, at.date()) in told:
            continue
        told.add((check.integration, at.date()))
        name = f"certificate.{check.integration}.{check.check}"
        found.append(Coming(name, f"The certificate of {check.integration} ends", at))
    return (*found, *_quotas(hotel, board, now))


def disk_free(hotel: str, board: Board) -> float | None:
    """Return how many percent of the disk of the logs are free, as far as it was looked at."""
    results = (tile.result for check, tile in board.tiles.items() if check.hotel == hotel)
    free = [one.measurements[DISK_FREE] for one in results if one and DISK_FREE in one.measurements]
    return min(free, default=None)


def _quotas(hotel: str, board: Board, now: datetime) -> Iterator[Coming]:
    for check, tile in sorted(board.tiles.items()):
        quotas = tile.result.quotas if tile.result and check.hotel == hotel else {}
        for name, quota in sorted(quotas.items()):
            if quota.exhausted_at is not None:
                at = datetime.fromtimestamp(quota.exhausted_at, UTC)
                if at - now <= QUOTA_SOON:
                    said = f"The quota {name} of {check.integration} will be used up"
                    yield Coming(f"quota.{check.integration}.{name}", said, at)


def _fresher(stored: Standing, tile: Tile | None) -> Standing:
    known = tile.standing if tile else None
    return known if known is not None and known.last_run >= stored.last_run else stored


def _stand(standing: Standing, board: Board, tally: Tally | None, forgeries: Mapping[str, str]) -> Stand:
    check = standing.check
    tile = board.tiles.get(check)
    last = tile.result.measurements.get(LAST) if tile and tile.result else None
    found = Stand(
        integration=check.integration,
        check=check.check,
        state=standing.state,
        since=standing.since,
        message=standing.message,
        forgeries=forgeries,
        last_event=datetime.fromtimestamp(last, UTC) if last is not None else None,
    )
    if tally is None:
        return found
    return replace(
        found,
        most=_peak(tally, Peak.VALUE),
        least=_peak(tally, Peak.VALUE_LOWEST),
        runs=tally.runs,
        unknowns=tally.unknowns,
        failures=tally.failures,
    )


def _peak(tally: Tally, peak: Peak) -> float | None:
    return float(f"{tally.peaks[peak]:.7g}") if peak in tally.peaks else None


def _end_of(value: str) -> datetime | None:
    """Return the end of the day that a certificate ends on, as probes write it."""
    try:
        return datetime.combine(date.fromisoformat(value), time.max, UTC)
    except ValueError:
        return None
