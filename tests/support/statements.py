"""What is asked of a state, as its database hears it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from daemon.store.sqlite_file import SqliteFile
from daemon.store.transactions import Transactions


@contextmanager
def statements(transactions: Transactions) -> Iterator[list[tuple[str, Any]]]:
    """Collect what is asked of a state in a file while the context lasts."""
    said: list[tuple[str, Any]] = []
    place = transactions.place
    assert isinstance(place, SqliteFile)

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        said.append((statement, parameters))

    engines = [place.writer.engine, place.reader.engine]
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
