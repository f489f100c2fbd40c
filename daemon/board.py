"""The board behind the porter's desk: how everything stands right now, in memory.

The runner's results are put up here; metrics, status page and API only read it.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from alerts.facts import NO_VALUES, Failure
from alerts.incident import Incident
from alerts.rates import Rate, Row, Tally
from alerts.standing import Standing
from alerts.thresholds import Rules
from alerts.window import Window
from checks.check import Check
from checks.result import RESPONSE_TIME, CheckId, Reason, Result, State

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds, in seconds, of the response-time histogram."""


MOST_FAILURES = 5
"""Runs of a check that were not ok and are remembered."""


@dataclass(slots=True)
class Tile:
    """One check on the board.

    `result` is what the last run saw, its limits and mean judged; `standing` is the decided state.
    `row` are runs that do not count towards the error rate yet. `skipped` counts runs that were due but not
    made, `void` the latest ones in a row of which nothing is known because the porter was late. `slow_since`
    is the monotonic time since which the mean response time is past its limit. `values` are names for what
    the porter shows of itself. `lately` are the last runs that were not ok.
    """

    check: Check
    window: Window
    rules: Rules
    row: Row = field(default_factory=Row)
    standing: Standing | None = None
    result: Result | None = None
    runs: int = 0
    skipped: int = 0
    void: int = 0
    failures: Counter[Reason] = field(default_factory=Counter)
    last_ok: datetime | None = None
    silenced: bool = False
    slow_since: float | None = None
    values: Mapping[str, str] = field(default_factory=lambda: NO_VALUES)
    lately: tuple[Failure, ...] = ()


@dataclass(slots=True)
class Responses:
    """A response-time histogram: counts per bucket (not cumulated), with the last beyond all bounds."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    total: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one answer."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.total += seconds


@dataclass(slots=True)
class IntegrationView:
    """What is known of one integration: its tiles, its error rate and its response times."""

    hotel: str
    name: str
    kind: str
    rate: Rate
    tiles: list[Tile] = field(default_factory=list)
    responses: Responses = field(default_factory=Responses)

    @property
    def status(self) -> str:
        """Say how the integration is."""
        return status_of(self.tiles)

    def answers(self, tile: Tile, monotonic: float) -> bool:
        """Say whether a tile answers for the error rate: the one that does, else one whose runs failed."""
        lately = monotonic - tile.row.failed_at <= self.rate.span
        if not lately and not (tile.standing is not None and tile.standing.erring):
            return False
        for other in self.tiles:
            if other.standing is not None and other.standing.erring:
                return other is tile
        return lately


def status_of(tiles: Iterable[Tile]) -> str:
    """Say how an integration with these tiles is: by the worst of them that is known."""
    states = [tile.standing.state for tile in tiles if tile.standing is not None]
    if State.CRITICAL in states:
        return "unhealthy"
    if State.WARNING in states:
        return "degraded"
    return "healthy" if State.OK in states else "unknown"


@dataclass(frozen=True, slots=True)
class Post:
    """The letters that have not gone out: how many, since when, and what the last attempt failed at.

    `relays` says of each that is out of order why; `held` are how many wait for a bundle.
    """

    waiting: int = 0
    oldest: datetime | None = None
    trouble: str = ""
    relays: tuple[str, ...] = ()
    held: int = 0


def rules_of(check: Check) -> Rules:
    """Return what the runs of a check are judged by."""
    return Rules(
        failures=check.failures,
        successes=check.successes,
        response_limit=check.response_limit,
        error_limit=1.0 if check.error_limit is None else check.error_limit,
        min_samples=check.min_samples,
        window=check.window,
        rate_window=check.rate_window,
    )


def _view(key: tuple[str, str], check: Check, old: IntegrationView | None) -> IntegrationView:
    """Return an integration without tiles, with what was counted of it before."""
    if old is None:
        return IntegrationView(*key, check.kind, Rate(check.rate_window))
    rate = old.rate if old.rate.span == check.rate_window else Rate(check.rate_window)
    return IntegrationView(*key, check.kind, rate, responses=old.responses)


class Board:
    """Everything that stands: tiles by check, integrations, and incidents by id.

    `own` are the checks that the porter shows of itself, beside those that are watched. `edition` counts how
    often it was said what is watched.
    """

    def __init__(self) -> None:
        self.edition = 0
        self.own: dict[CheckId, Check] = {}
        self.tiles: dict[CheckId, Tile] = {}
        self.integrations: dict[tuple[str, str], IntegrationView] = {}
        self._of_hotel: dict[str, list[IntegrationView]] = {}
        self._rules: dict[Rules, Rules] = {}
        self.hotels: dict[str, str] = {}
        self.incidents: dict[str, Incident] = {}
        self.post = Post()

    def watch(self, checks: Iterable[Check], hotels: dict[str, str]) -> None:
        """Show exactly `checks`; a check that stays keeps what is known of it. `hotels` maps ids to names."""
        self.edition += 1
        self.hotels = dict(hotels)
        self.own = {one: check for one, check in self.own.items() if one.hotel in hotels}
        tiles, self.tiles = self.tiles, {}
        views, self.integrations, self._of_hotel = self.integrations, {}, {}
        self._rules = {}
        for check in (*checks, *self.own.values()):
            self._put_up(check, tiles, views)

    def show(self, checks: Iterable[Check]) -> None:
        """Show these as well from now on, whatever is watched: the porter's own."""
        for check in checks:
            if check.id not in self.tiles:
                self._put_up(check, {}, {})
            self.own[check.id] = check

    def hide(self, check: CheckId) -> None:
        """Show one of the porter's own no more."""
        del self.own[check]
        tile = self.tiles.pop(check)
        view = self.integrations[check.hotel, check.integration]
        view.tiles = [one for one in view.tiles if one is not tile]
        if not view.tiles:
            del self.integrations[view.hotel, view.name]
            self._of_hotel[view.hotel].remove(view)

    def _put_up(
        self,
        check: Check,
        tiles: Mapping[CheckId, Tile],
        views: Mapping[tuple[str, str], IntegrationView],
    ) -> None:
        """Show a check, with what `tiles` and `views` know of it."""
        rules = rules_of(check)
        rules = self._rules.setdefault(rules, rules)
        tile = tiles.get(check.id) or Tile(check, Window(check.window), rules)
        tile.check, tile.window.span, tile.rules = check, check.window, rules
        self.tiles[check.id] = tile
        key = (check.id.hotel, check.id.integration)
        view = self.integrations.get(key)
        if view is None:
            view = _view(key, check, views.get(key))
            self.integrations[key] = view
            self._of_hotel.setdefault(view.hotel, []).append(view)
        view.tiles.append(tile)

    def sample(self, tile: Tile, result: Result, monotonic: float) -> None:
        """Count a run: its outcome, and its response time if it was answered."""
        tile.runs += 1
        response = result.measurements.get(RESPONSE_TIME)
        seconds = None if response is None else response / 1000
        tile.window.add(monotonic, ok=result.state is State.OK, response=seconds)
        if seconds is not None:
            view = self.integrations[tile.check.id.hotel, tile.check.id.integration]
            view.responses.add(seconds)

    def rate(self, tile: Tile, result: Result, monotonic: float) -> Tally | None:
        """Count a run towards the error rate of its integration; return the rate that the check answers for.

        Runs that are not ok count once it is known that they are no breach: when the check is ok again. Of
        the checks with such runs one answers for the rate, until it is within its limit again.
        """
        if tile.check.error_limit is None or result.state is State.UNKNOWN:
            return None
        down = tile.standing is not None and tile.standing.down
        if result.state is not State.OK:
            if not down:
                tile.row.add(result)
            return None
        view = self.integrations[tile.check.id.hotel, tile.check.id.integration]
        if not down:
            tile.row.end(view.rate, monotonic)
        tally = view.rate.tally(monotonic)
        return tally if tally.failed == 0 or view.answers(tile, monotonic) else None

    def record(self, tile: Tile, verdict: Result, standing: Standing, now: datetime) -> None:
        """Put up the verdict of a run and how the check stands after it."""
        tile.result, tile.standing = verdict, standing
        if standing.down:
            tile.row.drop()
        if verdict.reason is not None:
            tile.failures[verdict.reason] += 1
            latest = Failure(now, verdict.reason, verdict.message, verdict.findings.request)
            tile.lately = (*tile.lately[1 - MOST_FAILURES :], latest)
        else:
            tile.last_ok = now

    def tiles_of(self, key: str) -> list[Tile]:
        """Return the tiles of an integration, by its key `hotel/integration`."""
        hotel, _, integration = key.partition("/")
        view = self.integrations.get((hotel, integration))
        return view.tiles if view else []

    def hotel(self, hotel: str) -> Iterator[IntegrationView]:
        """Return the integrations of one hotel."""
        return iter(self._of_hotel.get(hotel, ()))

    def size(self, hotel: str) -> int:
        """Return how many checks a hotel has."""
        return sum(len(view.tiles) for view in self.hotel(hotel))

    def statuses(self, hotel: str) -> dict[str, str]:
        """Return how a hotel's integrations are; what the porter shows of itself is not theirs."""
        found = (
            (view.name, [tile for tile in view.tiles if tile.check.id not in self.own])
            for view in self.hotel(hotel)
        )
        return {name: status_of(tiles) for name, tiles in found if tiles}


WORST_FIRST = ("unhealthy", "unknown", "degraded", "healthy")


def worst(statuses: Iterable[str]) -> str:
    """Return the worst of several statuses; critical outranks unknown outranks warning."""
    found = set(statuses)
    return next((status for status in WORST_FIRST if status in found), "unknown")
