"""From the address in the configuration to an open state of the present schema."""

from daemon.store.place import Place
from daemon.store.postgres_database import SCHEMES, open_database
from daemon.store.sqlite_file import open_file


async def open_place(url: str) -> Place:
    """Open the state at an address, creating or migrating it; raise StateError for one that is refused."""
    return await open_database(url) if url.startswith(SCHEMES) else await open_file(url)
