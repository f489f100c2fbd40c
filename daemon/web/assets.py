"""`/static/…`: the script of the pages."""

from importlib.resources import files

from aiohttp import web

from daemon.web.answer import RefusedError

SCRIPT = "porter.js"


class Assets:
    """The files that pages load, read once."""

    def __init__(self) -> None:
        self.script = (files("daemon.web") / "static" / SCRIPT).read_bytes()


ASSETS = web.AppKey("assets", Assets)


async def file(request: web.Request) -> web.Response:
    """Answer a file; a browser may keep it for a while."""
    if request.match_info["name"] != SCRIPT:
        raise RefusedError(404, "There is nothing at this address.")
    return web.Response(
        body=request.app[ASSETS].script, content_type="text/javascript", headers={"Cache-Control": "no-cache"}
    )
