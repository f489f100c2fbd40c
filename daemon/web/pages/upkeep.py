"""One line on the ledger of recurring tasks, where people look at how things are."""

from daemon.store.errors import StateError
from daemon.web.deps import Deps


async def upkeep(deps: Deps, hotel: str | None = None) -> str:
    """Return how much is overdue and due in a hotel, or in all; an empty text of nothing, or unknown."""
    try:
        overdue, due, keys = await deps.maintenance.counts(hotel)
    except StateError:
        return ""
    parts = [f"{_many(keys, 'credential')} overdue"] if keys else []
    if overdue:
        parts.append(f"{_many(overdue, 'task')} overdue" + (f", {due} due" if due else ""))
    elif due:
        parts.append(f"{_many(due, 'task')} due")
    return ", ".join(parts)


def _many(number: int, what: str) -> str:
    return f"1 {what} is" if number == 1 else f"{number:,} {what}s are"
