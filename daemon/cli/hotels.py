"""Which hotel a command is about."""

from collections.abc import Iterable

from daemon.cli.command import CommandError
from daemon.settings import Hotel, Settings


def hotel_of(configuration: Settings, wanted: str | None, code: int) -> Hotel:
    """Return the hotel that is asked for, or the only one; fail with this exit code."""
    hotels = {hotel.id: hotel for hotel in configuration.hotels}
    if wanted is None and len(hotels) == 1:
        return configuration.hotels[0]
    if wanted is None:
        raise CommandError(f"say which hotel: --hotel ID; there are {named(hotels)}", code)
    if wanted not in hotels:
        raise CommandError(f"there is no hotel {wanted[:64]!r}; there are {named(hotels)}", code)
    return hotels[wanted]


def named(names: Iterable[str], most: int = 20) -> str:
    """Return names in a sentence, not too many of them."""
    every = sorted(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return (", ".join(every[:most]) or "none") + more
