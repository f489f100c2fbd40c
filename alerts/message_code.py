"""Text with commands and SQL in it -> what is prose, and what is to be copied as it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SQL = r"(?:SELECT|UPDATE|INSERT INTO) (?:'[^']*'|[^';])+;"
_CODE = re.compile(rf"`(?P<word>[^`]+)`|(?P<sql>\b{_SQL})")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text: `code` is to be copied; a `statement` of SQL stands apart."""

    text: str
    code: bool = False
    statement: bool = False


def pieces(text: str) -> Iterator[Piece]:
    """Yield the parts of a text in their order: what stands between backticks, and statements, are code."""
    end = 0
    for found in _CODE.finditer(text):
        if found.start() > end:
            yield Piece(text[end : found.start()])
        word = found["word"]
        yield Piece(word or found["sql"], code=True, statement=word is None)
        end = found.end()
    if end < len(text):
        yield Piece(text[end:])


def plain(text: str) -> str:
    """Return a text without the backticks around what is code: a mail shows them as they are."""
    return "".join(piece.text for piece in pieces(text))
