"""`/hotels/HOTEL`: a hotel's integrations, and what is wrong with them."""

import asyncio
from collections.abc import Mapping, Sequence

from aiohttp import web

from alerts.incident import Incident
from alerts.message_text import clean, moment
from daemon.board import Board
from daemon.web.deps import DEPS, Deps, Record
from daemon.web.pages import drills
from daemon.web.pages.cards import Card, card, worst_first
from daemon.web.pages.dismissed import still_failing
from daemon.web.pages.layout import html
from daemon.web.pages.lost import nothing_here
from daemon.web.pages.past import CARD, LATELY, young
from daemon.web.pages.record import record_of
from daemon.web.pages.troubles import MOST, Trouble, records, troubles, urgent
from daemon.web.pages.upkeep import upkeep
from daemon.web.pages.verdict import mail_trouble, verdict


async def hotel(request: web.Request) -> web.Response:
    """Answer the page of a hotel."""
    board = await request.app[DEPS].whole()
    name = request.match_info["hotel"]
    if name not in board.hotels:
        raise nothing_here()
    return await page(request, board, name)


async def page(request: web.Request, board: Board, hotel: str) -> web.Response:
    """Answer the page of a hotel that is on the board."""
    deps = request.app[DEPS]
    now, zone = deps.clock.now(), deps.directory.zone(hotel)
    incidents = urgent(one for one in board.incidents.values() if one.hotel == hotel)
    told = await records(deps, hotel) if incidents else {}
    return await html(
        request,
        "hotel.html.j2",
        hotel=hotel,
        name=clean(board.hotels[hotel], 200),
        several=len(board.hotels) > 1,
        elsewhere=hotel not in deps.board.hotels,
        verdict=verdict([view.status for view in board.hotel(hotel)], "integration"),
        post=mail_trouble(board.post, now),
        time=moment(now, now, zone),
        zone=str(zone),
        troubles=_troubles(deps, board, incidents, told),
        untold=told is None,
        ended=await still_failing(deps, board, hotel),
        left_out=max(0, len(incidents) - MOST),
        drilled=await drills.line(deps, hotel),
        cards=await _cards(deps, board, hotel, incidents),
        upkeep=await upkeep(deps, hotel),
    )


def _troubles(
    deps: Deps, board: Board, incidents: Sequence[Incident], told: Mapping[str, Record] | None
) -> list[Trouble]:
    now, zone_of = deps.clock.now(), deps.directory.zone
    return list(troubles(incidents[:MOST], board.hotels, zone_of, now, told, quiet=deps.desk.quiet))


async def _cards(deps: Deps, board: Board, hotel: str, incidents: Sequence[Incident]) -> list[Card]:
    """Return the integrations of a hotel, the worst first, with the record that says most of them."""
    now, zone = deps.clock.now(), deps.directory.zone(hotel)
    over, series = CARD, await record_of(deps, hotel, None, CARD, now)
    if series is not None and young(series, now):
        over, series = LATELY, await record_of(deps, hotel, None, LATELY, now)
    cards = []
    for view in worst_first(board.hotel(hotel)):
        cards.append(
            await card(
                view,
                incidents,
                board.own,
                series,
                over=over,
                monotonic=deps.clock.monotonic(),
                now=now,
                zone=zone,
            )
        )
        await asyncio.sleep(0)
    return cards
