"""What a target calls its answer: the ids by which its support finds our request again."""

import re
from collections.abc import Iterable, Iterator

NAMES = (
    "x-request-id",
    "request-id",
    "x-amzn-requestid",
    "x-amz-request-id",
    "x-ms-request-id",
    "x-correlation-id",
    "correlation-id",
    "x-trace-id",
    "cf-ray",
    "x-amz-cf-id",
)
"""Header fields that hold one, those of the target itself before those of what stands before it."""

ECHO = "EchoToken"
LENGTH = 100
MOST = 2

_BEYOND_IDS = re.compile(r"[^A-Za-z0-9._:/+=@-]")


def of_headers(headers: Iterable[tuple[str, str]]) -> str:
    """Return the ids in the header of an answer, such as `x-request-id: 7f3a`; `headers` in lower case."""
    found: dict[str, str] = {}
    for name, value in headers:
        if name in NAMES:
            found.setdefault(name, value)
    return joined(*_told(found))


def of_message(token: str | None) -> str:
    """Return the id in an OpenTravel message."""
    kept = cleaned(token or "")
    return f"{ECHO}: {kept}"[:LENGTH] if kept else ""


def cleaned(value: str) -> str:
    """Return of a value what an id is made of; it comes from a stranger."""
    return _BEYOND_IDS.sub("", value[: 4 * LENGTH])[:LENGTH]


def joined(*ids: str) -> str:
    """Return ids as one text, as many of them as fit as a whole; the first is cut if it must be."""
    said = ""
    for one in ids:
        longer = f"{said}, {one}" if said and one else said or one
        if said and len(longer) > LENGTH:
            break
        said = longer[:LENGTH]
    return said


def _told(found: dict[str, str]) -> Iterator[str]:
    told = [(name, cleaned(found[name])) for name in NAMES if name in found]
    yield from [f"{name}: {value}" for name, value in told if value][:MOST]
