"""How much of a vendor's rate limit is used up, by the header fields of an answer we got anyway.

There is no one way to say it: `X-RateLimit-Limit` and `-Remaining` (with the window as a suffix at some),
`RateLimit-*` and the structured `RateLimit` of drafts of the IETF, and names of vendors' own.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from checks.result import NO_QUOTAS, Quota

API = "api"
"""The name of the quota."""

LONGEST = 1024
"""Characters of a field that are read at the most."""

MOST = 32
"""Windows of one answer that are looked at."""

Fields = Sequence[tuple[str, str]]
Left = tuple[float, float]
"""A limit, and what remains of it."""

_NUMBER = re.compile(r"\s*(\d{1,12})(?:\.\d{1,6})?\s*(?:$|[,;])", re.ASCII)
_ITEM = re.compile(
    r"\s*(?:\"([^\"\\]{0,64})\"|([A-Za-z*][\w:./*-]{0,63}))"
    r"((?:\s{0,8};\s{0,8}[a-z*][\w.*-]{0,15}(?:=(?:\"[^\"\\]{0,64}\"|[^;,\"]{0,64}))?)*)",
    re.ASCII,
)
_OLD = re.compile(r"\b(limit|remaining)\s{0,4}=\s{0,4}(\d{1,12})\b", re.ASCII)


def quotas(fields: Fields) -> Mapping[str, Quota]:
    """Return the quota nearest to its end, as `api`; nothing when no limit is told, or none makes sense."""
    told: dict[str, str] = {}
    for name, value in fields:
        if "limit" in name and len(told) < 2 * MOST:
            told.setdefault(name, value[:LONGEST])
    if not told:
        return NO_QUOTAS
    found = [(limit, left) for limit, left in _windows(told) if limit > 0 and left <= limit]
    if not found:
        return NO_QUOTAS
    limit, left = min(found, key=lambda one: one[1] / one[0])
    return {API: Quota(limit - left, limit)}


def _windows(told: Mapping[str, str]) -> Iterator[Left]:
    for name, value in told.items():
        if "remaining" in name:
            limit = next((_number(told[one]) for one in _partners(name) if one in told), None)
            left = _number(value)
            if limit is not None and left is not None:
                yield limit, left
    if "ratelimit" in told:
        yield from _structured(told["ratelimit"], told.get("ratelimit-policy", ""))


def _partners(name: str) -> tuple[str, str]:
    """Return the names under which the limit may stand that belongs to what remains."""
    return name.replace("remaining", "limit", 1), name.replace("-remaining", "", 1)


def _structured(state: str, policy: str) -> Iterator[Left]:
    old = dict(_OLD.findall(state))
    if old.keys() == {"limit", "remaining"}:
        yield float(old["limit"]), float(old["remaining"])
        return
    limits = {name: parameters.get("q") for name, parameters in _items(policy)}
    for name, parameters in _items(state):
        limit, left = _number(limits.get(name) or ""), _number(parameters.get("r", ""))
        if limit is not None and left is not None:
            yield limit, left


def _items(text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Return the items of a list as structured fields have it (RFC 9651): a name, and its parameters."""
    at = 0
    for _ in range(MOST):
        match = _ITEM.match(text, at)
        if match is None:
            return
        pairs = (one.strip().partition("=") for one in match[3].split(";")[1:])
        yield match[1] or match[2] or "", {key: value for key, _, value in pairs}
        at = text.find(",", match.end()) + 1
        if not at:
            return


def _number(text: str) -> float | None:
    match = _NUMBER.match(text)
    return float(match[1]) if match else None
