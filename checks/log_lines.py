"""Log lines of any format: how they are cut out, and what they say."""

import re
from collections.abc import Iterator, Sequence

from checks import log_cards
from checks.http_request import PROBE_HEADER, PROBE_NAME

MAX_LINE = 8192
"""Bytes of a line that are looked at."""
QUOTED = 120
"""Characters of a line that a message quotes at the most."""

_OURS = (PROBE_HEADER.lower(), PROBE_NAME)
_WORD = r"(?:errors?|fail(?:ed|ures?|s)?|exceptions?|refused|rejected)"
_SAYS = re.compile(r"error|fail|exception|refused|rejected", re.IGNORECASE)
_DENIES = re.compile(
    rf"(?<![\w.,])(?:0|no|zero|without(?: any)?)\s+(?:\w+\s+)?{_WORD}\b"
    rf"|{_WORD}(?:_?count)?[\"']?\s*[:=]\s*[\"']?(?:0(?![\w.,]*\d)|null|none|false|nil|\[\]|\{{\}}|[\"'](?=[\s,}}]|$))",
    re.IGNORECASE,
)
_LEVEL = re.compile(
    r"(?:^|[\s\[<|(=:])(?:FATAL|CRIT|CRITICAL|SEVERE|ALERT|EMERG|EMERGENCY|PANIC)(?=[\s\]>|):,]|$)"
    r"|\b(?:level|severity|lvl)[\"']?\s*[:=]\s*[\"']?"
    r"(?:fatal|crit|critical|severe|alert|emerg|emergency|panic|[56]0\b)",
)


def cut(raw: bytes) -> str:
    """Return a line's text: without what holes in a file read as, bounded, whatever its bytes are."""
    return raw.lstrip(b"\0")[:MAX_LINE].decode("utf-8", "replace").strip("\r\n")


def is_ours(text: str) -> bool:
    """Say whether the line shows the mark of our own probes."""
    low = text.lower()
    return any(mark in low for mark in _OURS)


def says_failure(text: str) -> bool:
    """Say whether the line is at level ERROR or worse, or tells of an error; "0 errors" tells of none."""
    if _LEVEL.search(text, 0, 200) or (_LEVEL.search(text) and text.startswith("{")):
        return True
    return _SAYS.search(text) is not None and _SAYS.search(without_denials(text)) is not None


def without_denials(text: str) -> str:
    """Return the text without what says that there was no failure, such as `0 errors` or `error=null`."""
    return _DENIES.sub(" ", text)


def quote(text: str) -> str:
    """Return the line as a message may show it: no card numbers, and not long."""
    shown = " ".join(log_cards.hide(text).split())
    return shown if len(shown) <= QUOTED else shown[: QUOTED - 1] + "…"


def newest_first(data: bytes, words: Sequence[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield where lines begin and what they are, last first: those with one of the words, or else all.

    The words are lower-case; case makes no difference.
    """
    low = data.lower() if words else data
    found = dict.fromkeys(words or (b"\n",), len(low))
    end = len(low)
    while end > 0:
        if words:
            for word, at in found.items():
                if at >= end:
                    found[word] = low.rfind(word, 0, end)
            at = max(found.values())
            if at < 0:
                return
        else:
            at = end - 1
        start = low.rfind(b"\n", 0, at) + 1
        stop = low.find(b"\n", at, end)
        line = data[start : end if stop < 0 else stop]
        if line.strip():
            yield start, line
        end = start
