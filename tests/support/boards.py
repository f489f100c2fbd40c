"""A board with a few checks on it, as the runner would have put them up."""

from datetime import timedelta

from alerts.incident import Breach, Incident
from alerts.standing import Standing
from checks.check import Check, CheckType
from checks.result import RESPONSE_TIME, CheckId, Phase, Reason, Result, State
from checks.values import Options
from daemon.board import Board
from tests.support.clock import START, FakeClock


async def _nothing(_options: Options, _context: object) -> Result:
    return Result(State.OK)


HTTP = CheckType("http", Options, RESPONSE_TIME, _nothing)
HOTELS = {"grand-harbour": "Grand Harbour Hotel"}


def check(integration: str, name: str, kind: str = "generic", hotel: str = "grand-harbour") -> Check:
    """Return a check that looks at nothing."""
    return Check(CheckId(hotel, integration, name), kind, HTTP, Options(), interval=30.0, timeout=10.0)


def answered(milliseconds: float = 120.0) -> Result:
    """Return an ok result with phases and a certificate."""
    return Result(
        State.OK,
        measurements={RESPONSE_TIME: milliseconds},
        phases={Phase.RESOLVE: 0.001, Phase.CONNECT: 0.002, Phase.TLS: 0.003, Phase.PROCESSING: 0.1},
        duration=milliseconds / 1000,
        certificate_expiry=1_800_000_000.0,
    )


def timed_out(message: str = "no answer within 10 s") -> Result:
    """Return a result without an answer."""
    return Result(State.CRITICAL, Reason.TIMEOUT, message, phases={Phase.CONNECT: 10.0}, duration=10.0)


def put(board: Board, one: Check, result: Result, clock: FakeClock) -> None:
    """Put a result up, decided at once."""
    tile = board.tiles[one.id]
    board.sample(tile, result, clock.monotonic())
    now = clock.now()
    standing = Standing(
        one.id, result.state, result.reason, result.message, since=now, last_run=now, breached=not _ok(result)
    )
    board.record(tile, result, standing, now)


def _ok(result: Result) -> bool:
    return result.state is State.OK


def ordinary(clock: FakeClock) -> Board:
    """Return a board with a healthy, a broken and a silent integration."""
    board = Board()
    checks = [
        check("payment", "health", "payment"),
        check("payment", "certificate", "payment"),
        check("expedia", "health", "ota"),
        check("door_locks", "gateway"),
    ]
    board.watch(checks, HOTELS)
    put(board, checks[0], answered(), clock)
    put(board, checks[1], answered(80.0), clock)
    put(board, checks[2], timed_out(), clock)
    return board


def shown(incident: Incident, board: Board) -> Incident:
    """Put an incident on the board."""
    board.incidents[incident.id] = incident
    return incident


def breach(one: Check, message: str = "no answer within 10 s") -> Breach:
    """Return what a timed-out check amounts to."""
    return Breach(
        one.id, State.CRITICAL, Reason.TIMEOUT, message, since=START, last_ok=START - timedelta(minutes=1)
    )
