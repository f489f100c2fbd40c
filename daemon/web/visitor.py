"""Who asks: what a page may know of them, and the mark that their forms must carry."""

from dataclasses import dataclass

from aiohttp import web


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks at a page. `name` is empty where nobody has said it; `csrf` stands in every form.

    `leaves` says that they have logged in here, and so may log out.
    """

    name: str = ""
    csrf: str = ""
    leaves: bool = False


VISITOR = web.RequestKey("visitor", Visitor)
NOBODY = Visitor()
