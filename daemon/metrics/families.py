"""The per-check and per-integration families: slices of the board -> lines of text.

Written with comprehensions over rows whose labels are ready: ten thousand checks are scraped every few
seconds, and prometheus_client's children cost ten times as much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from alerts.incident import Incident, IncidentState, Severity
from checks.result import State
from daemon.board import BUCKETS, IntegrationView, Tile
from daemon.metrics.text import labels, number

Of = TypeVar("Of")

SILENCED = "silenced"
_STATES = (*State, SILENCED)
_FLAGS = {state: tuple(int(one == state) for one in _STATES) for state in _STATES}
_BOUNDS = (*(repr(bound) for bound in BUCKETS), "+Inf")


class Row(NamedTuple):
    """A check, and its labels as they stand between the braces."""

    labels: str
    tile: Tile


@dataclass(slots=True)
class Sums:
    """What an integration's tiles add up to: ok and all runs of the window, the newest ok (Unix time)."""

    labels: str
    view: IntegrationView
    ok: int = 0
    runs: int = 0
    last_ok: float = 0.0


@dataclass(frozen=True, slots=True)
class Family(Generic[Of]):
    """A family of series. `name` is without `_total`; `render` turns a slice into lines.

    `absent` says when there is no series though what it is about is watched.
    """

    name: str
    kind: str
    documentation: str
    render: Callable[[Sequence[Of]], list[str]]
    absent: str = ""


def _success(rows: Sequence[Row]) -> list[str]:
    return [
        f"nightporter_check_success{{{labels}}} {1 if tile.result.state is State.OK else 0}\n"
        for labels, tile in rows
        if tile.result is not None
    ]


def _state(rows: Sequence[Row]) -> list[str]:
    lines = []
    name = "nightporter_check_state"
    for own, tile in rows:
        standing = tile.standing
        shown = SILENCED if tile.silenced else standing.state if standing is not None else State.UNKNOWN
        ok, warning, critical, unknown, silenced = _FLAGS[shown]
        lines.append(
            f'{name}{{{own},state="ok"}} {ok}\n{name}{{{own},state="warning"}} {warning}\n'
            f'{name}{{{own},state="critical"}} {critical}\n{name}{{{own},state="unknown"}} {unknown}\n'
            f'{name}{{{own},state="silenced"}} {silenced}\n'
        )
    return lines


def _duration(rows: Sequence[Row]) -> list[str]:
    return [
        f"nightporter_check_duration_seconds{{{labels}}} {tile.result.duration!r}\n"
        for labels, tile in rows
        if tile.result is not None
    ]


def _phases(rows: Sequence[Row]) -> list[str]:
    return [
        f'nightporter_check_phase_duration_seconds{{{labels},phase="{phase.value}"}} {seconds!r}\n'
        for labels, tile in rows
        if tile.result is not None
        for phase, seconds in tile.result.phases.items()
    ]


def _runs(rows: Sequence[Row]) -> list[str]:
    return [f"nightporter_check_runs_total{{{labels}}} {tile.runs}\n" for labels, tile in rows]


def _failures(rows: Sequence[Row]) -> list[str]:
    return [
        f'nightporter_check_failures_total{{{labels},reason="{reason.value}"}} {count}\n'
        for labels, tile in rows
        for reason, count in tile.failures.items()
    ]


def _last_run(rows: Sequence[Row]) -> list[str]:
    return [
        f"nightporter_check_last_run_timestamp_seconds{{{labels}}} {tile.standing.last_run.timestamp():.3f}\n"
        for labels, tile in rows
        if tile.standing is not None
    ]


def _expiry(rows: Sequence[Row]) -> list[str]:
    return [
        f"nightporter_tls_certificate_expiry_timestamp_seconds{{{labels}}} {number(expiry)}\n"
        for labels, tile in rows
        if tile.result is not None and (expiry := tile.result.certificate_expiry) is not None
    ]


def _measurement(rows: Sequence[Row]) -> list[str]:
    return [
        f'nightporter_measurement{{{labels},name="{name}"}} {number(value)}\n'
        for labels, tile in rows
        if tile.result is not None
        and (value := tile.result.measurements.get(name := tile.check.type.measurement)) is not None
    ]


CHECKS: tuple[Family[Row], ...] = (
    Family(
        "nightporter_check_success", "gauge", "Whether the last run was ok.", _success, "before the first run"
    ),
    Family("nightporter_check_state", "gauge", "How the check stands: one of the states is 1.", _state),
    Family(
        "nightporter_check_duration_seconds",
        "gauge",
        "How long the last run took.",
        _duration,
        "before the first run",
    ),
    Family(
        "nightporter_check_phase_duration_seconds",
        "gauge",
        "How long each phase of the last run took.",
        _phases,
        "for phases that the last run did not come to",
    ),
    Family("nightporter_check_runs", "counter", "Runs made.", _runs),
    Family(
        "nightporter_check_failures",
        "counter",
        "Runs that were not ok, by reason.",
        _failures,
        "for reasons that it has not failed for",
    ),
    Family(
        "nightporter_check_last_run_timestamp_seconds",
        "gauge",
        "When the last run ended.",
        _last_run,
        "before the first verdict",
    ),
    Family(
        "nightporter_tls_certificate_expiry_timestamp_seconds",
        "gauge",
        "When the certificate that the last run saw expires.",
        _expiry,
        "where the last run saw no certificate",
    ),
    Family(
        "nightporter_measurement",
        "gauge",
        "The check's main value, in the unit it is measured in.",
        _measurement,
        "where the last run measured nothing",
    ),
)


def _up(rows: Sequence[Sums]) -> list[str]:
    return [
        f"nightporter_integration_up{{{row.labels}}} {0 if row.view.status == 'unhealthy' else 1}\n"
        for row in rows
    ]


def _responses(rows: Sequence[Sums]) -> list[str]:
    lines = []
    name = "nightporter_integration_response_seconds"
    for row in rows:
        total = 0
        for bound, count in zip(_BOUNDS, row.view.responses.counts, strict=True):
            total += count
            lines.append(f'{name}_bucket{{{row.labels},le="{bound}"}} {total}\n')
        lines.append(
            f"{name}_sum{{{row.labels}}} {row.view.responses.total!r}\n{name}_count{{{row.labels}}} {total}\n"
        )
    return lines


def _ratio(rows: Sequence[Sums]) -> list[str]:
    return [
        f"nightporter_integration_success_ratio{{{row.labels}}} {row.ok / row.runs!r}\n"
        for row in rows
        if row.runs
    ]


def _last_success(rows: Sequence[Sums]) -> list[str]:
    return [
        f"nightporter_integration_last_success_timestamp_seconds{{{row.labels}}} {row.last_ok:.3f}\n"
        for row in rows
        if row.last_ok
    ]


INTEGRATIONS: tuple[Family[Sums], ...] = (
    Family("nightporter_integration_up", "gauge", "0 while a check of the integration is critical.", _up),
    Family(
        "nightporter_integration_response_seconds", "histogram", "How long answers took to come.", _responses
    ),
    Family(
        "nightporter_integration_success_ratio",
        "gauge",
        "The share of runs that were ok, lately.",
        _ratio,
        "where nothing ran within `window`",
    ),
    Family(
        "nightporter_integration_last_success_timestamp_seconds",
        "gauge",
        "When a run of the integration was last ok.",
        _last_success,
        "before the first success",
    ),
)


def _info(rows: Sequence[Incident]) -> list[str]:
    lines = []
    for one in rows:
        named = labels(
            {
                "hotel": one.hotel,
                "integration": ",".join(one.integrations),
                "id": one.id,
                "severity": one.severity,
                "cause": one.diagnosis.cause,
                "state": one.state,
            }
        )
        lines.append(f"nightporter_incident_info{{{named}}} 1\n")
    return lines


def open_incidents(hotels: Sequence[str], incidents: Sequence[Incident]) -> list[str]:
    """Return how many incidents are not resolved, for every hotel and severity."""
    counts = {(hotel, severity): 0 for hotel in hotels for severity in Severity}
    for one in incidents:
        if one.state is not IncidentState.RESOLVED:
            key = (one.hotel, one.severity)
            counts[key] = counts.get(key, 0) + 1
    return [
        f"nightporter_incidents_open{{{labels({'hotel': hotel, 'severity': severity})}}} {count}\n"
        for (hotel, severity), count in counts.items()
    ]


INCIDENT = Family("nightporter_incident_info", "gauge", "An incident that is not resolved.", _info)
