"""The record of a hotel or an integration, read for a page that is shown whether it can be read or not."""

from datetime import datetime

from daemon.store import StateError
from daemon.web.deps import Deps
from daemon.web.pages.past import Series, View


async def record_of(
    deps: Deps, hotel: str, integration: str | None, view: View, now: datetime
) -> Series | None:
    """Return what is on record of a span, by check; None while the state is away."""
    marks = view.marks(view.edges(now, deps.directory.zone(hotel)))
    try:
        return await deps.history.between(hotel, integration, edges=marks)
    except StateError:
        return None
