"""Hotels as an overview shows them: the worst first, one line each."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from alerts.incident import Incident, IncidentState
from alerts.message_text import clean
from daemon.board import WORST_FIRST, Board, IntegrationView, worst
from daemon.web.pages.layout import SYMBOLS, TONES, WORDS
from daemon.web.pages.saying import called

WELL = "healthy"
SLICE = 25
"""Hotels that are looked at without giving way to the event loop."""

MOST_NAMED = 8
"""Integrations of a hotel that are named."""

LONGEST = 100
"""Characters that a hotel can be looked for by."""

ALL = {"": "any", "unwell": "not well", **{status: WORDS[status] for status in WORST_FIRST}}
"""What can be chosen, and how it is called."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which hotels are asked for: by part of the name or id, and by how they are."""

    text: str = ""
    status: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """An integration that is not well."""

    name: str
    called: str
    word: str
    symbol: str
    tone: str


@dataclass(frozen=True, slots=True)
class Row:
    """A hotel as it is shown. `named` are integrations that are not well, `more` how many others are not."""

    id: str
    name: str
    status: str
    word: str
    symbol: str
    tone: str
    watched: int
    named: tuple[Named, ...]
    more: int
    incidents: int
    elsewhere: bool


def asked(parameters: Mapping[str, str]) -> Query:
    """Return what is asked for; what cannot be chosen is not."""
    status = parameters.get("status", "")
    return Query(clean(parameters.get("q", ""), LONGEST), status if status in ALL else "")


async def of_hotels(board: Board, here: Collection[str]) -> list[Row]:
    """Return all hotels, the worst first; `here` are those that are looked after here."""
    views: dict[str, list[IntegrationView]] = {hotel: [] for hotel in board.hotels}
    for view in board.integrations.values():
        views.setdefault(view.hotel, []).append(view)
    incidents = _count(board.incidents.values())
    rows = []
    for number, (hotel, some) in enumerate(views.items()):
        rows.append(
            _row(hotel, board.hotels.get(hotel, hotel), some, incidents[hotel], elsewhere=hotel not in here)
        )
        if number % SLICE == SLICE - 1:
            await asyncio.sleep(0)
    return sorted(rows, key=lambda row: (WORST_FIRST.index(row.status), -row.incidents, row.name.casefold()))


def select(rows: Iterable[Row], query: Query) -> Sequence[Row]:
    """Return the hotels asked for."""
    text = query.text.casefold()
    return [row for row in rows if _fits(row.status, query.status) and _found(row, text)]


def _fits(status: str, wanted: str) -> bool:
    return wanted in {"", status} or (wanted == "unwell" and status != WELL)


def _found(row: Row, text: str) -> bool:
    return text in row.name.casefold() or text in row.id


def _count(incidents: Iterable[Incident]) -> Counter[str]:
    return Counter(one.hotel for one in incidents if one.state is not IncidentState.RESOLVED)


def _row(hotel: str, name: str, views: Sequence[IntegrationView], incidents: int, *, elsewhere: bool) -> Row:
    known = [(view, view.status) for view in views]
    status = worst(one for _, one in known)
    bad = [pair for pair in known if pair[1] != WELL]
    bad.sort(key=lambda pair: WORST_FIRST.index(pair[1]))
    return Row(
        id=hotel,
        name=clean(name, 200),
        status=status,
        word=WORDS[status],
        symbol=SYMBOLS[status],
        tone=TONES[status],
        watched=len(views),
        named=tuple(_named(*pair) for pair in bad[:MOST_NAMED]),
        more=max(0, len(bad) - MOST_NAMED),
        incidents=incidents,
        elsewhere=elsewhere,
    )


def _named(view: IntegrationView, status: str) -> Named:
    return Named(view.name, called(view.name), WORDS[status], SYMBOLS[status], TONES[status])
