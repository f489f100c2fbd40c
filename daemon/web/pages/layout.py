"""How every page is laid out: one style, one set of templates, one policy of what a browser may do."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, Final

from aiohttp import web
from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, meta, select_autoescape
from markupsafe import Markup

from alerts.message_code import pieces
from daemon.web.deps import DEPS
from daemon.web.visitor import NOBODY, VISITOR

SHEETS = (
    "base.css",
    "forms.css",
    "login.css",
    "status.css",
    "fields.css",
    "case.css",
    "maintenance.css",
    "report.css",
    "drills.css",
    "print.css",
)
"""The parts of the style, in the order in which they apply."""

SLICE = 500
"""Pieces of a page written without giving way to the event loop."""

SYMBOLS: Final[Mapping[str, str]] = {
    "healthy": "✓",
    "degraded": "▲",
    "unhealthy": "✕",
    "ok": "✓",
    "warning": "▲",
    "critical": "✕",
    "emergency": "✕",
    "unknown": "?",
}
TONES: Final[Mapping[str, str]] = {
    "healthy": "good",
    "degraded": "fair",
    "unhealthy": "bad",
    "ok": "good",
    "warning": "fair",
    "critical": "bad",
    "emergency": "worst",
    "unknown": "dim",
}
WORDS: Final[Mapping[str, str]] = {
    "healthy": "working",
    "degraded": "impaired",
    "unhealthy": "not working",
    "unknown": "not known",
}


class Layout:
    """Templates and style, read once.

    `policy` allows this style, our own script, forms that lead back here, and nothing from elsewhere; `bare`
    is for pages without a script, which anybody with a link may see. Other packages lay out their own pages
    the same way: their templates stand beside ours, and their `sheets` after ours.
    """

    def __init__(self, *others: str, sheets: Sequence[str] = ()) -> None:
        rooms = ("daemon.web", *others)
        ours, theirs = (files(room) / "templates" for room in (rooms[0], rooms[-1]))
        style = "".join((ours / sheet).read_text("utf-8") for sheet in SHEETS)
        style += "".join((theirs / sheet).read_text("utf-8") for sheet in sheets)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.bare = (
            f"default-src 'none'; style-src 'sha256-{digest}'; "
            "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
        )
        self.policy = f"{self.bare}; script-src 'self'; connect-src 'self'; img-src data:"
        self._loader = ChoiceLoader([PackageLoader(room) for room in rooms])
        self._loaded: set[str] = set()
        self._environment = Environment(
            loader=self._loader,
            autoescape=select_autoescape(enabled_extensions=("html.j2",)),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        # The style is our own file, and the policy's hash fits these very bytes only.
        self._environment.globals["style"] = Markup(style)  # noqa: S704 - our own stylesheet, read at the start
        self._environment.filters["pieces"] = pieces
        self._environment.globals.update(SYMBOLS=SYMBOLS, TONES=TONES, WORDS=WORDS)

    def _load(self, template: str) -> None:
        """Compile a template, and those that it extends or imports."""
        self._environment.get_template(template)
        source, _, _ = self._loader.get_source(self._environment, template)
        for other in meta.find_referenced_templates(self._environment.parse(source)):
            if other is not None and other not in self._loaded:
                self._load(other)
        self._loaded.add(template)

    async def render(self, template: str, **shown: Any) -> str:
        """Return a page, written in slices that give way to the event loop; everything shown is escaped."""
        if template not in self._loaded:
            # Compiling takes long enough for others to notice; once is enough.
            await asyncio.to_thread(self._load, template)
        written = []
        for number, piece in enumerate(self._environment.get_template(template).generate(**shown)):
            written.append(piece)
            if number % SLICE == SLICE - 1:
                await asyncio.sleep(0)
        return "".join(written)


LAYOUT = web.AppKey("layout", Layout)


async def html(
    request: web.Request,
    template: str,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    bare: bool = False,
    **shown: Any,
) -> web.Response:
    """Answer a page of the porter."""
    deps = request.app[DEPS]
    return await page(
        request,
        template,
        now=deps.clock.now(),
        version=deps.version,
        status=status,
        headers=headers,
        bare=bare,
        **shown,
    )


async def page(
    request: web.Request,
    template: str,
    *,
    now: datetime,
    version: str,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    bare: bool = False,
    **shown: Any,
) -> web.Response:
    """Answer a page. What cannot be encoded, such as half a character from a vendor, is replaced."""
    layout = request.app[LAYOUT]
    policy = layout.bare if bare else layout.policy
    # Forms say where they come from only if the page gives its own address away, to this host alone.
    referrer = {} if bare else {"Referrer-Policy": "same-origin"}
    written = await layout.render(
        template,
        **shown,
        visitor=request.get(VISITOR, NOBODY),
        now=f"{now.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC",
        version=version,
    )
    return web.Response(
        body=written.encode("utf-8", "replace"),
        status=status,
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": policy, **referrer, **(headers or {})},
    )
