"""`/` of the demo: the switchboard, a button per fault."""

from aiohttp import web

from daemon.demo import switchboard_view as view
from daemon.demo.errands import ERRANDS
from daemon.demo.faults import FAULTS
from daemon.demo.features import FEATURES
from daemon.demo.playing import PLAYED, answer
from daemon.demo.switchboard import SwitchError
from daemon.web import form
from daemon.web.answer import RefusedError
from daemon.web.door import see_other

BACK, ASKED = "/#on", "/#ask"


async def show(request: web.Request) -> web.Response:
    """Show every fault with its button, what is on, and what came of it."""
    return await _shown(request)


async def press(request: web.Request) -> web.Response:
    """Switch a fault on or off; pressing twice is pressing once."""
    name, turn = request.match_info["name"], (await form.read(request)).get("turn", "")
    if name not in FAULTS:
        raise RefusedError(404, "There is no fault with this name: `nightporter demo --list` names all.")
    if turn not in {"on", "off"}:
        raise RefusedError(400, "turn must be on or off.")
    board = request.app[PLAYED].board
    try:
        await (board.switch_on(name) if turn == "on" else board.heal(name))
    except SwitchError as error:
        return await _shown(request, 409, str(error))
    return see_other(BACK)


async def send(request: web.Request) -> web.Response:
    """Ask the porter for something, as people would."""
    name, played = request.match_info["name"], request.app[PLAYED]
    if name not in ERRANDS:
        raise RefusedError(404, "There is nothing of this name to ask the porter for.")
    done = await played.errands.run(ERRANDS[name], played.witness, played.inbox)
    return see_other(ASKED) if done.well else await _shown(request, 409, done.told)


async def heal(request: web.Request) -> web.Response:
    """Heal everything."""
    try:
        await request.app[PLAYED].board.heal_all()
    except SwitchError as error:
        return await _shown(request, 409, str(error))
    return see_other(BACK)


async def _shown(request: web.Request, status: int = 200, refused: str = "") -> web.Response:
    played = request.app[PLAYED]
    seen = await played.witness.incidents()
    shown, before = view.chapters(played.board, seen, played.inbox.letters())
    return await answer(
        request,
        "switchboard.html.j2",
        status=status,
        refused=refused,
        answers=played.witness.answers,
        shown=shown,
        before=before,
        errands=tuple(ERRANDS.values()),
        done=tuple(played.errands.done),
        features=FEATURES,
        first=view.first_steps(played.board),
        groups=tuple(view.groups(played.board)),
        count=len(FAULTS),
    )
