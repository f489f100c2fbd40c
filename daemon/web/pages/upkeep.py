"""One line on the ledger of recurring tasks, where people look at how things are."""

from daemon.store.errors import StateError
from daemon.web.deps import Deps


async def upkeep(deps: Deps, hotel: str | None = None) -> str:
    """Return how much is overdue and due in a hotel, or in all; an empty text of nothing, or unknown."""
    try:
        overdue, due = await deps.maintenance.counts(hotel)
    except StateError:
        return ""
    if overdue:
        return f"{_tasks(overdue)} overdue" + (f", {due} due" if due else "")
    return f"{_tasks(due)} due" if due else ""


def _tasks(number: int) -> str:
    return "1 task is" if number == 1 else f"{number:,} tasks are"
