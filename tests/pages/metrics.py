"""A whole exposition -> `docs/metrics.md`: every family with its labels, and what these may say."""

import asyncio
from itertools import groupby

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families

from alerts.incident import Cause, IncidentState, Severity
from alerts.notification import DeliveryReason
from checks.result import (
    BOUNCED_RATIO,
    DELIVERED_RATIO,
    QUEUE_FAILED,
    QUEUE_OLDEST,
    QUEUE_PENDING,
    QUEUE_PROCESSING,
    SYNC_DELAY,
    Phase,
    Quota,
    Reason,
    Result,
    State,
)
from daemon.board import Board
from daemon.metrics import Metrics
from daemon.metrics.business import BUSINESS
from daemon.metrics.families import CHECKS, INCIDENT, INTEGRATIONS, SILENCED
from daemon.metrics.process import LEVELS
from tests.pages.markdown import code, codes, table
from tests.support.boards import HOTELS, answered, check, put, shown, timed_out
from tests.support.clock import START, FakeClock
from tests.support.letters import incident

COLUMNS = ("metric", "type", "what it says", "further labels")
UNITS = {
    "_timestamp_seconds": "Unix time",
    "_start_time_seconds": "Unix time",
    "_seconds": "seconds",
    "_ratio": "0 to 1",
    "_bytes": "bytes",
}
INNER = frozenset({"le"})
"""Labels that belong to a type of metric."""

SETS: dict[str, str] = {
    "hotel": "the hotel's `id`",
    "integration": "the integration's name; `pms` and `network` are the hotel's own side. Of an incident: "
    "all that it touches, with commas between them",
    "check": "the check's name within its integration",
    "state": f"of a check {codes((*State, SILENCED))}; of an incident {codes(IncidentState)}",
    "phase": codes(Phase),
    "reason": f"of a check {codes(Reason)}; of a notification {codes(DeliveryReason)}",
    "queue": "the name of the check that counts it, so that several queues of an integration stay apart",
    "quota": "`messages`, and `recipients` where the provider limits them, too",
    "name": "what is measured, such as `response_time_ms`",
    "severity": codes(Severity),
    "cause": f"one of the {len(Cause)} [causes](causes.md)",
    "id": "the incident's id, as in mails and in `nightporter incidents`",
    "channel": "`email`, and the names of the configured `channels`",
    "level": codes(LEVELS),
    "version": "the version running",
}
"""What the values of a label may be: closed sets come from the code that holds them."""


def tables() -> str:
    """Return a table for each kind of thing that is measured."""
    found = sorted(families(), key=_rank)
    return "\n\n".join(_group(heading, list(some)) for heading, some in groupby(found, key=_heading))


def _group(heading: str, some: list[Metric]) -> str:
    absent = declared()
    first = _labels(some[0])
    shared = [name for name in first if all(name in _labels(one) for one in some)]
    intro = f"\n\nLabels of all: {codes(shared)}." if shared else ""
    rows = table(COLUMNS, (_row(one, absent.get(one.name, ""), shared) for one in some))
    return f"### {heading}{intro}\n\n{rows}"


def labels() -> str:
    """Return what each label may say."""
    used = {name for one in families() for name in _labels(one)}
    return table(("label", "values"), ((code(name), SETS[name]) for name in SETS if name in used))


def families() -> list[Metric]:
    """Return every family there is, from an exposition in which nothing is missing."""
    found = list(text_string_to_metric_families(asyncio.run(_exposition())))
    missing = declared().keys() - {one.name for one in found}
    if missing:
        raise ValueError(f"nothing on the full board shows {', '.join(sorted(missing))}: put something there")
    return found


def declared() -> dict[str, str]:
    """Return the families that are rendered from the board, and where each has no series."""
    of_checks = {one.name: one.absent for one in (*CHECKS, *BUSINESS)}
    return of_checks | {one.name: one.absent for one in INTEGRATIONS} | {INCIDENT.name: INCIDENT.absent}


def conditional() -> set[str]:
    """Return the families that not every porter shows: for want of a PMS, of TLS, of anything that waits."""
    other = {"notification_oldest_timestamp_seconds", "tls_certificate_expiry_timestamp_seconds"}
    return {one.name for one in BUSINESS} | {f"nightporter_{name}" for name in other}


def shown_name(family: Metric) -> str:
    """Return a family's name as queries write it."""
    return f"{family.name}_total" if family.type == "counter" else str(family.name)


async def _exposition() -> str:
    metrics = Metrics(CollectorRegistry(), "1.0", FakeClock().now)
    metrics.waiting(1, START)
    metrics.reloaded(ok=True, at=START)
    metrics.unreached({"grand-harbour": 0})
    pieces = metrics.expose(_board(), 0.0, openmetrics=False)
    return "".join([piece async for piece in pieces])


def _board() -> Board:
    clock, board = FakeClock(), Board()
    health, queue, mails = check("payment", "health"), check("payment", "queue"), check("email", "delivery")
    board.watch([health, queue, mails], HOTELS)
    put(board, health, timed_out(), clock)
    put(board, health, answered(), clock)
    rows = (QUEUE_PENDING, QUEUE_PROCESSING, QUEUE_FAILED, QUEUE_OLDEST, SYNC_DELAY)
    put(board, queue, Result(State.OK, measurements=dict.fromkeys(rows, 1.0)), clock)
    shares = {DELIVERED_RATIO: 0.9, BOUNCED_RATIO: 0.1}
    put(board, mails, Result(State.OK, measurements=shares, quotas={"messages": Quota(1, 2, 3.0)}), clock)
    shown(incident(), board)
    return board


def _heading(family: Metric) -> str:
    named = {
        "Checks": {one.name for one in CHECKS},
        "Integrations": {one.name for one in INTEGRATIONS},
        "Queues, delays, quotas and mails": {one.name for one in BUSINESS},
    }
    for heading, group in named.items():
        if family.name in group:
            return heading
    if family.name.startswith("nightporter_incident"):
        return "Incidents"
    return "The porter itself" if family.name.startswith("nightporter_") else "Its process"


def _rank(family: Metric) -> int:
    order = ("Checks", "Integrations", "Queues, delays, quotas and mails", "Incidents", "The porter itself")
    heading = _heading(family)
    return order.index(heading) if heading in order else len(order)


def _row(family: Metric, absent: str, shared: list[str]) -> tuple[str, ...]:
    unit = next((f", {unit}" for ending, unit in UNITS.items() if family.name.endswith(ending)), "")
    missing = f" Not there {absent}." if absent else ""
    further = codes(one for one in _labels(family) if one not in shared)
    return code(shown_name(family)), f"{family.type}{unit}", f"{family.documentation}{missing}", further


def _labels(family: Metric) -> list[str]:
    names = {name: None for sample in family.samples for name in sample.labels}
    return [name for name in names if name not in INNER]
