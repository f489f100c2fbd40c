"""What goes wrong with the state, wherever it is kept."""

from collections.abc import Iterable

from alerts.attempt import QueueError


class StateError(QueueError):
    """The state cannot be used. The message names it and the remedy, and holds no secret."""


class ContradictionError(StateError):
    """A change contradicts what is stored: to write it again cannot help."""


class OutdatedError(StateError):
    """Another version has taken the state over: this process may end what it has begun, and nothing else."""


class LostTenureError(StateError):
    """Another replica may hold these hotels now; nothing was written."""

    def __init__(self, name: str, hotels: Iterable[str]) -> None:
        self.hotels = frozenset(hotels)
        some = ", ".join(sorted(self.hotels)[:5]) + (", …" if len(self.hotels) > 5 else "")
        super().__init__(f"state {name}: this replica does not hold {some}; nothing was written")


def unreadable(name: str, error: Exception) -> StateError:
    """Return what a row means that holds a word this version does not know."""
    return StateError(
        f"state {name}: holds a row that this version cannot read ({error!r:.100}); "
        "install the version that wrote it, or restore a backup"
    )
